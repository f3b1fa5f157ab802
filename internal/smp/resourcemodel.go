package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
)

// The resource model lists images where the deployment service does not: it is missing
// or refused, or its answers mean nothing. GetResourcesOfType takes the GUID of a type
// (C, W), by SOAP alone (I); the GUIDs of the types are N, so they are settings. The
// fields of its answers are N as well: what ends in Guid or Name is read (readResources).
//
// A resource tells neither a location nor whether it is a backup.

// model is the block resource_model; empty where there is none.
func (p *Platform) model() (m struct{ image, pct, packages, association estate.GUID }) {
	if set := p.set.Model; set != nil {
		m.image, m.pct, m.packages, m.association = set.ImageType, set.PCTType, set.PackageType, set.Association
	}
	return m
}

// standsIn reports whether the resource model takes the place of a list that failed: not
// where the same list may be answered next time.
func (p *Platform) standsIn(what *resource, err error) bool {
	if err == nil || what == &preboots || p.model().image.IsZero() {
		return false
	}
	var e *platform.Error
	return errors.Is(err, errSoft) || errors.Is(err, errMeaningless) || unlessUntold(err) == nil || errors.As(err, &e) && e.Kind == platform.KindBadInput
}

// listByModel lists the resources of a type in place of a list that failed for a reason.
// PCT packages of which no type is named are left out, with a note.
func (r *reading) listByModel(ctx context.Context, what *resource, why error) ([]record, error) {
	r.mu.Lock()
	if r.instead == nil {
		r.instead = map[string]error{}
	}
	r.instead[what.kind] = why
	r.mu.Unlock()
	kind, setting := r.p.model().image, "image_type"
	if what == &pcts {
		if kind, setting = r.p.model().pct, "pct_type"; kind.IsZero() {
			return nil, nil
		}
	}
	op := "list the " + what.title
	found, err := r.p.resourcesOf(ctx, what, kind)
	switch {
	case err != nil:
		return nil, instead(op, why, err, "Look at "+setting+" of resource_model; pslan doctor lists the types that may be meant. Or bring the "+what.title+" by rows \"images\".")
	case len(found) == 0 && what == &images:
		err = fmt.Errorf("the resource model knows no resource of the type %s", kind)
		return nil, instead(op, why, &platform.Error{Op: op, Kind: platform.KindBadInput, Err: err}, "An installation without images has nothing to plan, so "+setting+" is more likely the GUID of another type; or this account may not see them. pslan doctor lists the types that may be meant.")
	}
	for i := range found {
		found[i].placeless = true
	}
	return found, nil
}

// instead is the failure of what should have stood in for something that failed.
func instead(op string, why, err error, hint string) error {
	e := &platform.Error{Op: op, Kind: platform.KindOther, Hint: hint, Err: fmt.Errorf("%w; and what stands in for it: %w", why, err)}
	var own *platform.Error
	if errors.As(err, &own) {
		e.Kind = own.Kind
	}
	return e
}

func (p *Platform) resourcesOf(ctx context.Context, what *resource, kind estate.GUID) ([]record, error) {
	op := "list the " + what.title + " by the resource model"
	node, err := p.services.Call(ctx, wire.Call{Service: resourceService, Method: "GetResourcesOfType", Class: wire.ClassSlow, Object: what.title,
		Params: []wire.Param{{Name: "resourceTypeGUID", Value: kind.String()}}})
	if err != nil {
		return nil, readError(op, "", err)
	}
	found, err := readResources(node, kind, p.dialect(dialectResources))
	if err != nil {
		return nil, &platform.Error{Op: op, Kind: platform.KindBadInput, Err: fmt.Errorf("the answer cannot be understood: %w", err), Hint: hintResources}
	}
	return found, nil
}

const (
	dialectResources = "resources"
	hintResources    = "The names in this answer are not publicly documented. Say what they are: dialect \"resources\" { name = \"…\", guid = \"…\" }; pslan doctor -bundle shows the answer."
)

// dialect are the names that the connection sets for a kind of record.
func (p *Platform) dialect(kind string) map[string]string {
	for i := range p.set.Dialect {
		if p.set.Dialect[i].Kind == kind {
			return p.set.Dialect[i].Fields
		}
	}
	return nil
}

// naming is how fields may be called that identify a thing: the likelier names, and what
// in a longer one says that it identifies something else.
type naming struct{ guids, names, others []string }

var resourceNaming = naming{[]string{"ResourceGuid", "Guid", "ItemGuid"}, []string{"ResourceName", "Name", "ItemName"},
	[]string{"type", "class", "parent", "child", "folder", "owner", "domain", "user", "created", "modified"}}

// readResources reads a list of resources. kind is the type that was asked for, which a
// field may repeat.
func readResources(list *wire.Node, kind estate.GUID, set map[string]string) ([]record, error) {
	return readModel(list, resourceNaming, kind, set)
}

// readModel reads a list of the resource model: each element of it is a thing with a GUID
// and a name, in fields whose names end so. set are names that the connection sets. No
// answer, and an empty one, are an empty list.
func readModel(list *wire.Node, by naming, kind estate.GUID, set map[string]string) ([]record, error) {
	var found []record
	var misfit *wire.Node
	for _, n := range modelElements(list, set["record"]) {
		fields := fieldsOf(n)
		name, named := by.identity(fields, by.names, "name", set["name"], func(string) bool { return true })
		guid, hasGUID := by.identity(fields, by.guids, "guid", set["guid"], func(v string) bool {
			g, err := estate.ParseGUID(strings.TrimSpace(v))
			return err == nil && !g.IsZero() && g != kind
		})
		switch {
		case !named || !hasGUID:
			misfit = n
			continue
		case len(found) >= maxRecords:
			return nil, fmt.Errorf("it has more than %d records", maxRecords)
		}
		rec := record{name: strings.TrimSpace(name), fields: fields}
		rec.guid = rec.parse("GUID", guid)
		found = append(found, rec)
	}
	if misfit != nil {
		// One that is left out would be one that nothing guards.
		return nil, fmt.Errorf("%w; such an element is %s with %s", errNoRecords, misfit.Name, strings.Join(namesOf(misfit), ", "))
	}
	return found, nil
}

// modelElements are the elements of a list; those of a name wherever they lie, if one is
// set.
func modelElements(list *wire.Node, name string) (out []*wire.Node) {
	switch {
	case list == nil || list.Nil:
		return nil
	case name == "":
		return slices.DeleteFunc(slices.Clone(list.Children), func(n *wire.Node) bool { return n.Nil })
	}
	list.Walk(func(n *wire.Node) bool {
		if strings.EqualFold(n.Name, name) {
			out = append(out, n)
		}
		return true
	})
	return out
}

// identity is the value of the field that identifies a thing: of the name that is set, of
// a likely name, or of the only one that ends so and does not speak of something else.
func (by *naming) identity(fields []field, likely []string, ending, set string, fits func(string) bool) (string, bool) {
	if set != "" {
		likely = []string{set}
	}
	for _, name := range likely {
		if i := slices.IndexFunc(fields, func(f field) bool { return strings.EqualFold(f.name, name) }); i >= 0 {
			return fields[i].value, true
		}
	}
	if set != "" {
		return "", false
	}
	value, count := "", 0
	for _, f := range fields {
		name := estate.Fold(f.name)
		if !strings.HasSuffix(name, ending) || slices.ContainsFunc(by.others, func(word string) bool { return strings.Contains(name, word) }) || !fits(f.value) {
			continue
		}
		if count == 0 || f.value != value {
			value, count = f.value, count+1
		}
	}
	return value, count == 1
}

// locate finds the location of images that a list without locations named: the source of
// the package (D, H SoftwarePackageDetails: PackageLocation), where it is a folder on a
// share; else what the field of the item's XML says, if one is set (N).
func (r *reading) locate(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.p.limit())
	for i := range r.found {
		c := &r.found[i]
		if !c.placeless || c.Location != "" {
			continue
		}
		if host(c.where.location) != "" {
			c.Location = c.where.location
			continue
		}
		if r.p.set.Model == nil || r.p.set.Model.LocationField == "" {
			continue
		}
		g.Go(func() error {
			it, err := r.p.item(ctx, c.GUID, c.Name)
			if err == nil {
				c.Location = it.location(r.p.set.Model.LocationField)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i := range r.found {
		if c := &r.found[i]; c.placeless && c.Location == "" {
			r.notes.add(noteLocations, c.Name, "")
		}
	}
	return nil
}

// noteModel notes which lists the resource model stood in for.
func (r *reading) noteModel() {
	said := false
	for _, what := range []*resource{&images, &pcts} {
		why, stood := r.instead[what.kind]
		if e := (*platform.Error)(nil); errors.As(why, &e) {
			why = e.Err
		}
		title, detail := what.title, fmt.Sprint(why)
		if len(r.lists[what.kind]) == 0 {
			title = "no " + title
		}
		if said {
			detail = "" // it is the same service
		}
		switch {
		case !stood:
		case what == &pcts && r.p.model().pct.IsZero():
			r.notes.add(noteNoPCT, "", "%v", why)
		default:
			r.notes.add(noteModel, title, "%s", detail)
			said = true
		}
	}
}

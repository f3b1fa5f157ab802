package smp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/rows"
	"pslan/internal/smp/wire"
	"pslan/internal/wording"
)

const areaFallbacks = "fall-backs"

// fallbacks tries what stands in for missing sources, as far as the connection asks for
// it, on the chosen image; and lists what the settings of resource_model may be.
func (d *Diagnosis) fallbacks(ctx context.Context) {
	if d.locked {
		return
	}
	m := d.p.model()
	for _, t := range []struct {
		name string
		what *resource
		kind estate.GUID
	}{{"image_type", &images, m.image}, {"pct_type", &pcts, m.pct}} {
		if !t.kind.IsZero() {
			found, err := d.p.resourcesOf(ctx, t.what, t.kind)
			d.try(areaFallbacks, "GetResourcesOfType of "+t.name, err, "%s", wording.Count(len(found), "resource", "resources"))
		}
	}
	d.types(ctx)
	d.lookups(ctx)
	if d.image == nil {
		if m.association != (estate.GUID{}) || d.p.set.Packages.ItemPage || d.p.set.Owner.ExportField != "" {
			d.untried(areaFallbacks, "those on an image", "no image was chosen", "Name one that has a package: pslan doctor -image=NAME.")
		}
		return
	}
	d.association(ctx)
	d.exports(ctx)
}

// The names in the lists of types and associations are N, as those of resources are.
var (
	typeNaming = naming{[]string{"ResourceTypeGuid", "TypeGuid", "Guid"}, []string{"ResourceTypeName", "TypeName", "Name"},
		[]string{"class", "parent", "base", "child", "folder", "owner"}}
	relationNaming = naming{[]string{"RelationshipTypeGuid", "RelationshipGuid", "ResourceAssociationTypeGuid", "AssociationTypeGuid", "Guid"},
		[]string{"RelationshipTypeName", "RelationshipName", "ResourceAssociationTypeName", "AssociationTypeName", "Name"}, []string{"class", "parent", "child", "folder", "owner"}}
)

// asked asks the resource model for one of its lists, and keeps the answer.
func (d *Diagnosis) asked(ctx context.Context, by naming, method string, params ...wire.Param) ([]record, error) {
	node, err := d.p.services.Call(ctx, wire.Call{Service: resourceService, Method: method, Params: params})
	if err != nil {
		return nil, err
	}
	d.samples[resourceService+" "+method+".xml"] = dump(node)
	return readModel(node, by, estate.GUID{}, nil)
}

// types lists the types of resources that the settings may mean, and the associations of
// the one that is that of images. That they cannot be listed is no fault of what works.
func (d *Diagnosis) types(ctx context.Context) {
	const name = "types that resource_model may name"
	found, err := d.asked(ctx, typeNaming, "GetResourceStructureList")
	found = slices.DeleteFunc(found, func(r record) bool {
		return !slices.ContainsFunc([]string{"image", "package", "personality", "pct"}, func(word string) bool { return strings.Contains(estate.Fold(r.name), word) })
	})
	switch {
	case err != nil:
		d.untried(areaFallbacks, name, "they cannot be listed: "+err.Error(), "They are needed only where other sources are missing.")
		return
	case len(found) == 0:
		d.untried(areaFallbacks, name, "no type is called an image, a PCT package or a package", "")
		return
	}
	d.works(areaFallbacks, name, "%s", candidates(found))
	kind := d.p.model().image
	if of := slices.DeleteFunc(slices.Clone(found), func(r record) bool { return !strings.Contains(estate.Fold(r.name), "image") }); kind.IsZero() && len(of) == 1 {
		kind = of[0].guid
	}
	if kind.IsZero() {
		return
	}
	for _, side := range []struct{ is, packages string }{{"true", "children"}, {"false", "parents"}} {
		name := fmt.Sprintf("associations of images with packages_are = %q", side.packages)
		found, err := d.asked(ctx, relationNaming, "GetRelationshipsForResourceType",
			wire.Param{Name: "resourceTypeGUID", Value: kind.String()}, wire.Param{Name: "asParent", Value: side.is})
		switch {
		case err != nil:
			d.untried(areaFallbacks, name, "they cannot be listed: "+err.Error(), "")
		case len(found) == 0:
			d.untried(areaFallbacks, name, "there is none", "")
		default:
			d.works(areaFallbacks, name, "%s", candidates(found))
		}
	}
}

// candidates are names with their GUIDs, for a setting.
func candidates(found []record) string {
	var parts []string
	for _, r := range found[:min(len(found), maxGUIDs)] {
		parts = append(parts, r.name+" "+r.guid.String())
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// lookups looks one package server up by its host.
func (d *Diagnosis) lookups(ctx context.Context) {
	if d.p.set.Servers.GUIDs != guidsByLookup || d.read == nil {
		return
	}
	s := &d.read.Servers[0] // a reading without a package server fails
	name := "GetComputerByNameAndDomain of " + s.Host
	found, err := d.p.askComputer(ctx, plainHost(s.Host))
	switch {
	case err != nil:
		d.failed(areaFallbacks, name, err)
	case found.guid.IsZero():
		d.add(Check{Area: areaFallbacks, Name: name, Verdict: Fails, Found: found.why,
			Help: "Set the domains of package_servers, as NetBIOS or DNS names, or bring the column guid in rows \"package_servers\"."})
	default:
		d.p.mu.Lock()
		proven := d.p.lookupsProven
		d.p.mu.Unlock()
		c := Check{Area: areaFallbacks, Name: name, Verdict: Works, Found: found.guid.String() + "; an assignment names a server by such a GUID"}
		if !proven {
			c.Found, c.Help = found.guid.String()+"; no assignment that was read names a server by such a GUID", hintProven
		}
		d.add(c)
	}
}

// association looks for the package of the image along the association.
func (d *Diagnosis) association(ctx context.Context) {
	if d.p.model().association.IsZero() {
		return
	}
	name := "the package associated with " + d.image.Name
	r := &reading{p: d.p, tables: map[declared.RowKind]*rows.Reader{}}
	t, err := d.p.table(ctx, declared.RowsPackages)
	if err == nil && t != nil {
		r.tables[declared.RowsPackages] = t
	}
	r.packs = r.packsOfRows()
	pack, why, err := r.linked(ctx, &candidate{Image: *d.image})
	switch {
	case err != nil:
		d.failed(areaFallbacks, name, err)
	case pack.IsZero():
		d.add(Check{Area: areaFallbacks, Name: name, Verdict: Fails, Found: why, Help: "Look at association, package_type and packages_are of resource_model."})
	default:
		d.works(areaFallbacks, name, "%s", pack)
	}
}

// exports reads the XML of items in each way that the connection asks for.
func (d *Diagnosis) exports(ctx context.Context) {
	report := func(name string, it *item, err error, help string, found string) {
		switch {
		case err != nil:
			d.failed(areaFallbacks, name, err)
		case it.why != "":
			d.add(Check{Area: areaFallbacks, Name: name, Verdict: Fails, Found: it.why})
		case found == "":
			d.add(Check{Area: areaFallbacks, Name: name, Verdict: Fails, Found: help})
		default:
			d.works(areaFallbacks, name, "%s", found)
		}
	}
	img := d.image
	if d.p.set.Packages.ItemPage {
		it, err := d.p.itemPage(ctx, img.GUID, img.Name)
		report("the page "+itemPageName+" of "+img.Name, &it, err, "", fmt.Sprintf("%d bytes with %d GUIDs", len(it.text), len(guidsOf(it.text))))
	}
	if m := d.p.set.Model; m != nil && m.LocationField != "" {
		it, err := d.p.item(ctx, img.GUID, img.Name)
		report("location_field of "+img.Name, &it, err, "it holds no folder on a share, or several", it.location(m.LocationField))
	}
	if img.Package.IsZero() || d.read == nil {
		return
	}
	it, err := d.p.item(ctx, img.Package, img.Name)
	if err == nil && it.text != "" {
		d.samples["export of a package.xml"] = it.text
	}
	if field := d.p.set.Owner.ExportField; field != "" {
		d.p.mu.Lock()
		r := &reading{p: d.p, e: d.read, dir: d.p.last}
		d.p.mu.Unlock()
		var names []string
		for _, id := range it.named(field, r.dir, r.wholeHosts()) {
			names = append(names, d.read.ServerName(id))
		}
		found := strings.Join(names, ", ")
		if len(names) > 1 {
			it.why = "it names " + found + ", so it claims nothing"
		}
		report("export_field of the package of "+img.Name, &it, err, "it names no known server by GUID or whole host name", found)
	}
}

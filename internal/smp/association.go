package smp

import (
	"context"
	"fmt"
	"slices"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
	"pslan/internal/wording"
)

// linkAssociations looks for the package of an image along an association (C, W:
// GetAssociatedChildResources, GetAssociatedParentResources). Its GUID, the type of
// packages and which of the two is the parent are N, so they are settings; that the type
// which these methods take is that of the associated resources is I.
const linkAssociations = "associations"

func (p *Platform) associates() bool {
	return p.linksBy(linkAssociations) && !p.model().association.IsZero()
}

const packagesAreParents = "parents"

// associated are the resources that the association leads to from an image.
func (p *Platform) associated(ctx context.Context, image estate.GUID, name string) ([]record, error) {
	const op = "look for the package associated with"
	m, method := p.model(), "GetAssociatedChildResources"
	if p.set.Model.PackagesAre == packagesAreParents {
		method = "GetAssociatedParentResources"
	}
	node, err := p.services.Call(ctx, wire.Call{Service: resourceService, Method: method, Object: name, Params: []wire.Param{
		{Name: "resourceTypeGUID", Value: m.packages.String()}, {Name: "resourceGUID", Value: image.String()}, {Name: "associationType", Value: m.association.String()},
	}})
	if err != nil {
		return nil, readError(op, name, err)
	}
	found, err := readResources(node, m.packages, p.dialect(dialectResources))
	if err != nil {
		return nil, &platform.Error{Op: op, Object: name, Kind: platform.KindBadInput, Err: fmt.Errorf("the answer cannot be understood: %w", err), Hint: hintResources}
	}
	return found, nil
}

// linked is the package that the association leads to: the only associated resource that
// a package service or the rows know as a package. Else why it is none.
func (r *reading) linked(ctx context.Context, c *candidate) (pack estate.GUID, why string, err error) {
	found, err := r.p.associated(ctx, c.GUID, c.Name)
	if err != nil {
		if err := unlessUntold(err); err != nil {
			return pack, "", err
		}
		k, _ := kindOf(err)
		return pack, "associations: " + k.String(), nil
	}
	var hits []estate.GUID
	for _, rec := range found[:min(len(found), maxGUIDs)] {
		if rec.guid.IsZero() || rec.guid == c.GUID || slices.Contains(hits, rec.guid) {
			continue
		}
		known := r.packs[rec.guid]
		if !known {
			a, err := r.p.assignmentOf(ctx, rec.guid, rec.name)
			if err != nil {
				return pack, "", err
			}
			known = a.via != ""
		}
		if known {
			hits = append(hits, rec.guid)
		}
	}
	switch {
	case len(found) > maxGUIDs:
		return pack, fmt.Sprintf("%d resources are associated", len(found)), nil
	case len(hits) == 1:
		return hits[0], "", nil
	case len(found) == 0:
		return pack, "nothing is associated", nil
	case len(hits) == 0:
		return pack, "none of the associated resources is known as a package", nil
	}
	return pack, wording.Count(len(hits), "associated resource is a package", "associated resources are packages"), nil
}

// packsOfRows are the packages that rows tell of.
func (r *reading) packsOfRows() map[estate.GUID]bool {
	out := map[estate.GUID]bool{}
	if t := r.tables[declared.RowsPackages]; t != nil {
		for i := range t.Rows {
			if g := t.GUID(i, "package"); !g.IsZero() {
				out[g] = true
			}
		}
	}
	return out
}

package smp

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/wire"
)

// Where the package of an image is looked for (I: where the platform keeps the link is
// N). The rows go first: they alone can say that there is none.
const (
	linkRows     = "rows"     // rows "packages": package and image
	linkRecord   = "record"   // a package GUID in the record of the image itself
	linkLocation = "location" // the GUID of a folder in its location, if a package has it
	linkExport   = "export"   // the item's own XML: a GUID in it that is a package's
)

func (p *Platform) linksBy(source string) bool {
	return len(p.set.Packages.Links) == 0 || slices.Contains(p.set.Packages.Links, source)
}

// link finds the package of every image that has one.
func (r *reading) link(ctx context.Context) error {
	if !r.p.linksBy(linkRecord) {
		for i := range r.found {
			if c := &r.found[i]; r.tables[declared.RowsImages] == nil {
				c.Package, c.told = estate.GUID{}, false
			}
		}
	}
	if t := r.tables[declared.RowsPackages]; t != nil && r.p.linksBy(linkRows) {
		for i := range t.Rows {
			at, ok := r.byGUID[t.GUID(i, "image")]
			if !ok {
				continue
			}
			c := &r.found[at]
			if g := t.GUID(i, "package"); !g.IsZero() {
				c.Package = g
			}
			c.told = true
			r.kindOf(c, t, i)
		}
	}
	r.remembered()
	r.packs = r.packsOfRows()
	if err := r.searchLinks(ctx); err != nil {
		return err
	}
	for i := range r.found {
		r.settleFormat(&r.found[i])
		if g := r.found[i].Package; !g.IsZero() {
			r.byPack[g] = i
		}
	}
	return nil
}

// remembered takes the links that earlier readings found: an image keeps its package.
func (r *reading) remembered() {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	for i := range r.found {
		c := &r.found[i]
		if g := r.p.links[c.GUID]; c.Package.IsZero() && !c.told && !g.IsZero() {
			c.Package, c.told = g, true
		}
	}
}

// searchLinks asks for the packages that nothing has told yet, image by image.
func (r *reading) searchLinks(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.p.limit())
	packs := make([]estate.GUID, len(r.found))
	for i := range r.found {
		c := &r.found[i]
		if c.told || !c.Package.IsZero() {
			continue
		}
		g.Go(func() (err error) {
			packs[i], err = r.searchLink(ctx, c)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, pack := range packs {
		if !pack.IsZero() {
			r.found[i].Package, r.found[i].told = pack, true
		}
	}
	return nil
}

// searchLink looks for the package of one image. It may note on the candidate why there
// is none.
func (r *reading) searchLink(ctx context.Context, c *candidate) (estate.GUID, error) {
	p := r.p
	if p.linksBy(linkLocation) {
		// A folder in the location may be called like the package (D, KB 179677, for images
		// below Package Delivery). It is one only if a package has that GUID.
		for _, g := range guidsOf(c.Location) {
			if ok, err := p.isPackage(ctx, g); ok || err != nil {
				return g, err
			}
		}
	}
	if p.associates() {
		pack, why, err := r.linked(ctx, c)
		if err != nil || !pack.IsZero() {
			return pack, err
		}
		c.unlinked = why
	}
	if !p.linksBy(linkExport) {
		return estate.GUID{}, nil
	}
	it, err := p.item(ctx, c.GUID, c.Name)
	if err != nil {
		return estate.GUID{}, err
	}
	var hit []estate.GUID
	for _, g := range guidsOf(it.text) {
		if g == c.GUID {
			continue
		}
		ok, err := p.isPackage(ctx, g)
		if err != nil {
			return estate.GUID{}, err
		}
		if ok {
			hit = append(hit, g)
		}
	}
	if len(hit) != 1 {
		return estate.GUID{}, nil // none, or nobody says which
	}
	return hit[0], nil
}

const itemService = "ItemManagementService"

// maxGUIDs bounds what is asked about one text.
const maxGUIDs = 20

// guidsOf are the GUIDs that stand in a text, each once, in order.
func guidsOf(text string) []estate.GUID {
	const length = 36
	var out []estate.GUID
	for i := 0; i+length <= len(text) && len(out) < maxGUIDs; i++ {
		if text[i+8] != '-' {
			continue
		}
		g, err := estate.ParseGUID(text[i : i+length])
		if err != nil || g.IsZero() || slices.Contains(out, g) {
			continue
		}
		out = append(out, g)
		i += length - 1
	}
	return out
}

// isPackage reports whether a GUID is that of a package: the package services know it,
// or its item is of a type that is called one (D, H ItemDetails; the name of the type
// is N, so any that holds the word counts).
func (p *Platform) isPackage(ctx context.Context, g estate.GUID) (bool, error) {
	a, err := p.assignmentOf(ctx, g, g.String())
	if err != nil {
		return false, err
	}
	if a.via != "" {
		return true, nil
	}
	// What GetItemByGuid does with a GUID that nothing has is N, so that is asked first (D).
	node, err := p.services.Call(ctx, wire.Call{Service: itemService, Method: "ItemExists", Object: g.String(),
		Params: []wire.Param{{Name: "itemGuid", Value: g.String()}}})
	if err := unlessUntold(readError("look up the item", g.String(), err)); err != nil {
		return false, err
	}
	if there, err := node.Bool(); err == nil && !there {
		return false, nil
	}
	node, err = p.services.Call(ctx, wire.Call{Service: itemService, Method: "GetItemByGuid", Object: g.String(),
		Params: []wire.Param{{Name: "itemGuid", Value: g.String()}}})
	if err != nil {
		return false, unlessUntold(readError("look up the item", g.String(), err))
	}
	name, _ := node.Value("TypeName")
	return strings.Contains(estate.Fold(name), "package"), nil
}

// settleFormat decides what an image without a package is. Only a source that says so
// makes it a legacy or a backup image.
func (r *reading) settleFormat(c *candidate) {
	switch {
	case !c.Package.IsZero():
		if c.backup {
			r.notes.add(noteKinds, c.Name, "")
		}
		c.Format = estate.Managed
	case c.backup:
		c.Kind = estate.KindBackup
	case c.formatTold && c.Format == estate.Legacy || c.told && !c.formatTold:
		c.Format = estate.Legacy
	default:
		c.Format, c.told = estate.Managed, false
		r.notes.add(noteLink, c.Name, "%s", c.unlinked)
	}
}

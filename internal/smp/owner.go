package smp

import (
	"cmp"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// claim is what one source says of who owns an image. No field is documented to tell it
// (N); the vendor's own way is to look at the icon in the package server's window, and
// at the host in the package location (D, KB 227791).
type claim struct {
	source string
	said   string          // as the source says it
	id     estate.ServerID // NoServer: nobody that is listed
}

// The sources that are no rows of their own.
const (
	fromLocation = "location"
	fromIcons    = "copies" // the one server whose copy is locally managed
)

func (r *reading) asksOwner(source string) bool {
	list := r.p.set.Owner.Sources
	return len(list) == 0 || slices.Contains(list, source)
}

// owners decides who owns each image, and adds the copies that follow from it.
func (r *reading) owners() {
	r.claimRows()
	r.claimOriginators()
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	for i := range r.found {
		c := &r.found[i]
		r.claimSelf(i)
		switch {
		case !c.Package.IsZero():
			r.decide(i)
		case c.Format == estate.Legacy || c.Kind == estate.KindBackup:
			// An image without a package has no copies: it lies where its location says, and
			// that is all that owning it means.
			c.Owner = r.dir.find(host(c.Location))
			if c.Owner == estate.NoServer && c.Kind != estate.KindBackup {
				r.notes.add(noteOwner, c.Name, "its location is %q", c.Location)
			}
		}
		r.addAssigned(c)
	}
}

func (r *reading) claim(at int, source, said string) {
	if said = strings.TrimSpace(said); said != "" {
		r.claimAs(at, source, said, r.dir.find(said))
	}
}

// claimAs takes what a source says and whom it means.
func (r *reading) claimAs(at int, source, said string, id estate.ServerID) {
	for _, have := range r.claims[at] {
		if have.source == source && have.said == said {
			return
		}
	}
	r.claims[at] = append(r.claims[at], claim{source, said, id})
}

// claimRows takes the claims of tables.
func (r *reading) claimRows() {
	if t := r.tables[declared.RowsPackages]; t != nil && r.asksOwner("packages") {
		for i := range t.Rows {
			if at, ours := r.byPack[t.GUID(i, "package")]; ours {
				r.claim(at, "packages", t.Word(i, "owner"))
			}
		}
	}
	if t := r.tables[declared.RowsOwners]; t != nil && r.asksOwner("owners") {
		for i := range t.Rows {
			at, ours := r.byPack[t.GUID(i, "package")]
			if !ours {
				continue
			}
			source := estate.Fold(t.Text(i, "source"))
			if source == "" {
				source = "owners"
			}
			r.claim(at, source, t.Word(i, "owner"))
		}
	}
}

// claimSelf takes the claims that stand with the image: its location's host, its row,
// and the one copy that the platform says is locally managed. Two such copies are a
// move under way and claim nothing.
func (r *reading) claimSelf(at int) {
	c := &r.found[at]
	if c.Package.IsZero() {
		return
	}
	if r.asksOwner(fromLocation) {
		location := c.Location
		if location == "" {
			location = c.where.location
		}
		r.claim(at, fromLocation, host(location))
	}
	if r.asksOwner("images") {
		r.claim(at, "images", c.owner)
	}
	if !r.asksOwner(fromIcons) {
		return
	}
	local := estate.NoServer
	for i := range c.Copies {
		if c.Copies[i].Managed != estate.ManagedLocal {
			continue
		}
		if local != estate.NoServer {
			return
		}
		local = c.Copies[i].Server
	}
	if local != estate.NoServer {
		r.claims[at] = append(r.claims[at], claim{fromIcons, r.e.ServerName(local), local})
	}
}

// decide names the owner where at least two sources name the same one and none
// contradicts. While a take that was asked for is under way, sources that name the one
// or the other server are no contradiction: the old one owns it until all name the new
// one, but for the icons.
func (r *reading) decide(at int) {
	c, claims := &r.found[at], r.claims[at]
	var ids []estate.ServerID
	var sources []string
	for _, cl := range claims {
		if !slices.Contains(ids, cl.id) {
			ids = append(ids, cl.id)
		}
		if !slices.Contains(sources, cl.source) {
			sources = append(sources, cl.source)
		}
	}
	t, moving := r.p.taking[c.Package]
	moving = moving && t.concerns(r.number)
	from, to := r.dir.find(t.from), r.dir.find(t.to)
	switch {
	case len(ids) == 1 && ids[0] != estate.NoServer && len(sources) > 1:
		c.Owner = ids[0]
		if moving && c.Owner == to && t.settled == 0 && !c.unheard {
			t.settled = r.p.readings
			r.p.taking[c.Package] = t
		}
		return
	case !moving || from == estate.NoServer || to == estate.NoServer || len(ids) == 0 || !amongTwo(ids, from, to):
	case takenButForIcons(claims, to):
		c.Owner = to
		return
	default:
		c.Owner = from
		r.notes.add(noteTaking, c.Name, "%s -> %s: %s", t.from, t.to, r.said(claims))
		return
	}
	c.Claims = r.claimed(claims)
	r.notes.add(noteOwner, c.Name, "%s", r.said(claims))
}

// claimed are claims as an estate holds them.
func (r *reading) claimed(claims []claim) []estate.OwnerClaim {
	var out []estate.OwnerClaim
	for _, cl := range claims {
		out = append(out, estate.OwnerClaim{Source: cl.source, Owner: cmp.Or(r.e.ServerName(cl.id), cl.said)})
	}
	slices.SortFunc(out, func(a, b estate.OwnerClaim) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Owner, b.Owner))
	})
	return out
}

// takenButForIcons reports whether all sources name the new owner, apart from those that
// package servers themselves bring: the icons change places after the membership update
// and the refreshes that follow a take (D, KB 227791: they are looked at after them), and
// so may what agents hold for the originator (I).
func takenButForIcons(claims []claim, to estate.ServerID) bool {
	others := 0
	for _, cl := range claims {
		switch {
		case cl.source == fromIcons, cl.source == fromOriginator && cl.id != to:
		case cl.id != to:
			return false
		default:
			others++
		}
	}
	return others > 0
}

// amongTwo reports whether nobody is named but these two.
func amongTwo(ids []estate.ServerID, from, to estate.ServerID) bool {
	return !slices.ContainsFunc(ids, func(id estate.ServerID) bool { return id != from && id != to })
}

func (r *reading) said(claims []claim) string {
	if len(claims) == 0 {
		return "no source says anything"
	}
	var parts []string
	for _, c := range r.claimed(claims) {
		parts = append(parts, c.Source+" says "+c.Owner)
	}
	return strings.Join(parts, ", ")
}

package diff

import (
	"cmp"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

// merged collects what an image's own block and the groups that match it say,
// attribute by attribute: the block's word holds; groups must agree.
type merged struct {
	r *resolver

	owner      *declared.ServerRef
	ownerIn    string
	assignment *declared.Assignment
	assignIn   string
	location   string
	locationAt diag.Range
	locationIn string
	onLost     declared.OnLost
	onLostAt   diag.Range
	minCopies  int
	minAt      diag.Range
	reference  *declared.ServerRef
	refIn      string
	own        ownSet
	acks       []finding.Acknowledgement
}

// ownSet says which attributes the image's own block gives: groups cannot change those.
type ownSet struct{ owner, assignment, location, onLost, minCopies, reference bool }

func (m *merged) take(a *declared.Attrs, in string, own bool) {
	m.acks = append(m.acks, a.Acks...)
	if a.Owner != nil && !m.own.owner {
		if m.owner != nil && !sameRef(m.owner, a.Owner) {
			m.r.disagree("owner", m.owner.Range, a.Owner.Range, m.ownerIn, in)
		}
		m.owner, m.ownerIn, m.own.owner = a.Owner, in, own
	}
	if a.Assignment != nil && !m.own.assignment {
		if m.assignment != nil && !sameAssignment(m.assignment, a.Assignment) {
			m.r.disagree("assignment", m.assignment.Range, a.Assignment.Range, m.assignIn, in)
		}
		m.assignment, m.assignIn, m.own.assignment = a.Assignment, in, own
	}
	if !a.LocationRange.IsZero() && !m.own.location {
		if !m.locationAt.IsZero() && m.location != a.Location {
			m.r.disagree("location", m.locationAt, a.LocationRange, m.locationIn, in)
		}
		m.location, m.locationAt, m.locationIn, m.own.location = a.Location, a.LocationRange, in, own
	}
	if !a.OnLostRange.IsZero() && !m.own.onLost {
		if !m.onLostAt.IsZero() && m.onLost != a.OnLost {
			m.r.disagree("on_lost", m.onLostAt, a.OnLostRange, "", in)
		}
		m.onLost, m.onLostAt, m.own.onLost = a.OnLost, a.OnLostRange, own
	}
	if a.MinCopies > 0 && !m.own.minCopies {
		if m.minCopies > 0 && m.minCopies != a.MinCopies {
			m.r.disagree("min_copies", m.minAt, a.MinCopiesRange, "", in)
		}
		m.minCopies, m.minAt, m.own.minCopies = a.MinCopies, a.MinCopiesRange, own
	}
	if a.Reference != nil && !m.own.reference {
		if m.reference != nil && !sameRef(m.reference, a.Reference) {
			m.r.disagree("reference", m.reference.Range, a.Reference.Range, m.refIn, in)
		}
		m.reference, m.refIn, m.own.reference = a.Reference, in, own
	}
}

func sameRef(a, b *declared.ServerRef) bool {
	return estate.Fold(a.Host) == estate.Fold(b.Host)
}

func sameAssignment(a, b *declared.Assignment) bool {
	hosts := func(refs []declared.ServerRef) []string {
		l := make([]string, len(refs))
		for i := range refs {
			l[i] = estate.Fold(refs[i].Host)
		}
		slices.Sort(l)
		return slices.Compact(l)
	}
	sites := func(names []string) []string {
		l := make([]string, len(names))
		for i, n := range names {
			l[i] = estate.Fold(n)
		}
		slices.Sort(l)
		return slices.Compact(l)
	}
	return a == b || a.Mode == b.Mode && slices.Equal(hosts(a.Servers), hosts(b.Servers)) && slices.Equal(sites(a.Sites), sites(b.Sites))
}

// quarrel is two groups that want different values for one attribute; it is
// reported once, with an example, however many images they share.
type quarrel struct {
	key     quarrelKey
	in, say string
	images  int
	example string
}

type quarrelKey struct {
	attribute string
	a, b      diag.Range
}

func (r *resolver) disagree(attribute string, a, b diag.Range, firstIn, in string) {
	if r.quarrel == nil {
		r.quarrel = map[quarrelKey]*quarrel{}
	}
	k := quarrelKey{attribute, a, b}
	q := r.quarrel[k]
	if q == nil {
		q = &quarrel{key: k, in: in, say: firstIn}
		r.quarrel[k] = q
	}
	q.images++
	if q.example == "" && r.current >= 0 {
		q.example = r.e.Images[r.current].Name
	}
}

func (r *resolver) reportQuarrels() {
	for k, q := range r.quarrel { // sorted with all other diagnostics afterwards
		first := q.say
		if first == "" {
			first = "another group"
		}
		r.errorf(k.b, q.in, "Groups disagree",
			"%s at %s gives a different %s, and both match %d of the same images (%q for one). Which one holds would be chance: narrow one group with match or except, or give the image a block of its own, whose word holds.",
			first, k.a, k.attribute, q.images, q.example)
	}
}

// finishDeclared turns the merged attributes into Desired values.
func (r *resolver) finishDeclared() {
	r.reportQuarrels()
	shared := map[*declared.Assignment]*estate.Assignment{}
	for i := range r.out.Desired {
		d, m := &r.out.Desired[i], r.attrs[i]
		d.Acks = m.acks
		d.MinCopies, d.MinCopiesRange = max(r.d.Policy.MinCopies, m.minCopies), m.minAt
		d.Abandon = m.onLost == declared.LostAbandon
		if m.owner != nil {
			r.setOwner(d, m)
		}
		if m.assignment != nil {
			a, done := shared[m.assignment]
			if !done {
				a = r.assignment(m.assignment, m.assignIn)
				shared[m.assignment] = a
			}
			d.Assignment, d.AssignmentRange = a, m.assignment.Range
		}
		if m.reference != nil {
			if id, ok := r.server(m.reference, m.refIn); ok {
				d.Reference, d.ReferenceRange = id, m.reference.Range
			}
		}
		if !m.locationAt.IsZero() {
			d.Location, d.LocationRange = m.location, m.locationAt
		}
		r.checkNature(d, m)
	}
	r.attrs = nil
}

func (r *resolver) setOwner(d *Desired, m *merged) {
	id, ok := r.server(m.owner, m.ownerIn)
	if !ok {
		return
	}
	if r.out.Leaving(id) {
		b := r.out.Servers[id].Block
		r.errorf(m.owner.Range, m.ownerIn, "Owner is leaving",
			"%s is %s (%s), so it shall own nothing in the end. Name a server that stays.", r.e.ServerName(id), b.Lifecycle, b.LifecycleRange)
		return
	}
	d.Owner, d.OwnerSource, d.OwnerRange = id, OwnerDeclared, m.owner.Range
}

// assignment resolves an assignment block; nil after a problem.
func (r *resolver) assignment(a *declared.Assignment, in string) *estate.Assignment {
	switch a.Mode {
	case estate.AssignServers:
		ids := make([]estate.ServerID, 0, len(a.Servers))
		fine := true
		for i := range a.Servers {
			id, ok := r.server(&a.Servers[i], in)
			if ok && r.out.Retired(id) {
				r.errorf(a.Servers[i].Range, in, "Assigned to a retired server",
					"%s is retired (%s), so nothing can be assigned to it. Take it out of the list.", r.e.ServerName(id), r.out.Servers[id].Block.LifecycleRange)
				ok = false
			}
			fine = fine && ok
			ids = append(ids, id)
		}
		if !fine {
			return nil
		}
		out := estate.ServersOf(ids...)
		return &out
	case estate.AssignSites, estate.AssignAutomatic:
		fine := true
		for _, s := range a.Sites {
			fine = r.checkSite(s, a.Range, in) && fine
		}
		if !fine {
			return nil
		}
		out := estate.SitesOf(a.Sites...)
		out.Mode = a.Mode
		return &out
	default:
		return &estate.Assignment{Mode: a.Mode}
	}
}

func (r *resolver) checkSite(site string, at diag.Range, in string) bool {
	if len(r.ix.SiteServers(site)) > 0 {
		return true
	}
	if !slices.ContainsFunc(r.e.Sites, func(s string) bool { return strings.EqualFold(s, site) }) {
		r.errorf(at, in, "Unknown site", "The platform has no site %q.%s It has %s.", site, wording.DidYouMean(site, r.e.Sites), wording.List(r.e.Sites, 8))
		return false
	}
	r.errorf(at, in, "Site without a package server", "No package server belongs to the site %q, so nothing would hold the image there. Add a server to the site on the platform, or choose another site.", site)
	return false
}

// checkNature refuses what the platform has no way to do to this kind of image.
func (r *resolver) checkNature(d *Desired, m *merged) {
	img := &r.e.Images[d.Image]
	onSMP := img.Owner == estate.SMP
	switch {
	case onSMP && m.owner != nil:
		r.errorf(m.owner.Range, m.ownerIn, "The image is kept on the SMP",
			"%q is stored on the SMP itself, which is not a package server; no interface moves an image from there to one. "+
				"What exists: change where it is kept with `location`, or import its files by hand on the package server, which makes a new image with a new GUID.", img.Name)
	case !onSMP && !m.locationAt.IsZero():
		r.errorf(m.locationAt, d.In, "The image is not kept on the SMP",
			"%q belongs to %s. A location can be declared only for an image that is stored on the SMP itself; where a package server's image lies follows from its owner. Use owner instead.",
			img.Name, orDoubt(r.e.ServerName(img.Owner)))
	case img.Kind == estate.KindBackup && (m.owner != nil || m.assignment != nil):
		r.errorf(cmp.Or(rangeOf(m), d.Range), d.In, "A backup image has no package",
			"%q is a backup image of one machine: it has no package, is never replicated (KB 179677), and can neither be assigned nor change its owner. Copy its file by hand where it matters, and take this attribute out.", img.Name)
	}
}

func rangeOf(m *merged) diag.Range {
	if m.owner != nil {
		return m.owner.Range
	}
	return m.assignment.Range
}

func orDoubt(name string) string {
	if name == "" {
		return "a server that is in doubt"
	}
	return name
}

func (r *resolver) sortDesired() {
	slices.SortFunc(r.out.Desired, func(a, b Desired) int { return int(a.Image) - int(b.Image) })
	for i := range r.out.Desired {
		r.out.byImage[r.out.Desired[i].Image] = int32(i)
	}
	named := 0
	for i := range r.out.Desired {
		if r.out.Desired[i].Declared {
			named++
		}
	}
	r.out.Undeclared = len(r.e.Images) - named
}

package smp

import (
	"context"
	"math"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// With packages { assignments = "rows" } a reading of all images takes assignments from
// rows "assignments" where the caller lets it (platform.Scope.Secondhand), so that it
// costs a dozen calls and not one for each package. The rows are second-hand: they may
// lag behind, and a column or a word in them may mean something else than it is taken
// for. The package services are first-hand, and nothing is written on anything else. So
// a package is asked for
//
//   - where its rows say nothing, or nothing that is understood;
//   - where a request of this process concerned it, until rows and service agree again;
//   - where the rows assign a server whose copy is marked for deletion: they alone would
//     say that a refresh does not delete it;
//   - where its location is needed to tell the owner, and no list tells it;
//   - of each mode, the first few, as a sample;
//   - before a plan that concerns it counts (Confirm).
//
// Where one of them says something else than its rows, the service counts, a note names
// both, and no rows are believed in this process any more: every package is asked for,
// as without the setting.

// secondhand is what a connection knows of how far rows can be believed.
type secondhand struct {
	// told are the assignments that the newest reading of everything took from rows alone,
	// by image.
	told map[estate.GUID]*told
	// written are the packages that requests of this process concern: by how many readings
	// had begun when the request was over, as the rows of an earlier one may be older.
	written map[estate.GUID]int
	// against are the contradictions that were found, by the name of the image.
	against []contradiction
}

// told is an assignment that rows told, with the directory that its servers are of.
type told struct {
	name      string
	pack      estate.GUID
	is        estate.Assignment
	dir       *directory
	confirmed bool // the service says the same
}

type contradiction struct{ name, rows, service string }

const (
	assignmentsByRows = "rows" // packages { assignments = … }
	// sampled is how many packages of each mode are asked for although their rows tell.
	sampled = 3
	// underWay is the reading after which a request that runs is over.
	underWay = math.MaxInt
)

// believesRows reports whether the connection is set to take assignments from rows.
func (p *Platform) believesRows() bool {
	return p.set.Packages.Assignments == assignmentsByRows && p.set.Packages.Interface != viaRows && p.rowsOf(declared.RowsAssignments) != nil
}

// trusting reports whether this reading may take assignments from rows.
func (r *reading) trusting() bool {
	if !r.scope.Secondhand || r.wanted != nil || !r.p.believesRows() {
		return false
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	return len(r.p.secondhand.against) == 0
}

// assignmentsAndLists are the readings of assignments and of the lists that package
// servers print, in their order. Which lists a reading of a few images needs is told by
// assignments; one of everything needs all of them, and holds rows against the marks in
// them.
func (r *reading) assignmentsAndLists() []func(context.Context) error {
	if r.trusting() {
		return []func(context.Context) error{r.printedCopies, r.assignments}
	}
	return []func(context.Context) error{r.assignments, r.printedCopies}
}

// requested notes that a request concerns a package; the function returned, that it is over.
func (p *Platform) requested(pack estate.GUID) (over func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secondhand.written == nil {
		p.secondhand.written = map[estate.GUID]int{}
	}
	p.secondhand.written[pack] = underWay
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.secondhand.written[pack] = p.readings
	}
}

// isWritten reports whether the rows of a package may be older than a request.
func (p *Platform) isWritten(pack estate.GUID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.secondhand.written[pack]
	return ok
}

// tellByRows has rows tell the assignments that they may tell, asks for some of these
// all the same, and returns the places of the others: those to be asked for. Where rows
// contradict the services that is everything.
func (r *reading) tellByRows(ctx context.Context, all []int) ([]int, error) {
	if err := r.readMembers(ctx); err != nil {
		return nil, err
	}
	var unsaid, doubtful, believed []int // places
	said := map[int]assignment{}
	samples := map[estate.AssignmentMode]int{}
	for _, i := range all {
		c := &r.found[i]
		a := fromRows(r.members[c.Package])
		is, understood := r.understood(&a)
		if !understood {
			unsaid = append(unsaid, i)
			continue
		}
		said[i] = a
		switch {
		case r.p.isWritten(c.Package), r.saves(c, &is), c.Location == "" && r.asksOwner(fromLocation):
			doubtful = append(doubtful, i)
		case samples[a.mode] < sampled:
			samples[a.mode]++
			doubtful = append(doubtful, i)
		default:
			believed = append(believed, i)
		}
	}
	if err := r.ask(ctx, doubtful); err != nil {
		return nil, err
	}
	for _, i := range doubtful {
		a := said[i]
		r.compare(&r.found[i], &a)
	}
	if !r.trusting() {
		return append(unsaid, believed...), nil
	}
	r.told = make(map[estate.GUID]*told, len(believed))
	for _, i := range believed {
		c := &r.found[i]
		c.where = said[i]
		is, _ := r.dir.resolve(&c.where)
		r.told[c.GUID] = &told{name: c.Name, pack: c.Package, is: is, dir: r.dir}
	}
	return unsaid, nil
}

// understood resolves what rows tell. A list without a member, or members of a mode that
// has none, are more likely a wrong join than an assignment.
func (r *reading) understood(a *assignment) (estate.Assignment, bool) {
	is, strangers := r.dir.resolve(a)
	switch {
	case is.Mode == estate.AssignUnknown || len(strangers) > 0:
		return is, false
	case is.Mode == estate.AssignAll:
		return is, len(a.names) == 0
	case is.Mode == estate.AssignServers || is.Mode == estate.AssignSites:
		return is, len(a.names) > 0
	}
	return is, true
}

// saves reports whether an assignment says of a copy that is marked for deletion that
// its server is assigned again: then a refresh takes the mark away.
func (r *reading) saves(c *candidate, is *estate.Assignment) bool {
	return slices.ContainsFunc(c.Copies, func(have estate.Copy) bool { return !have.DeleteAfter.IsZero() && r.e.Covers(is, have.Server) })
}

// compare holds what rows tell against what a service told. Of a package that a request
// of this process concerned, rows may be older; once they say the same they are not.
func (r *reading) compare(c *candidate, byRows *assignment) {
	was, _ := r.dir.resolve(byRows)
	same, against := r.dir.sameWord(c.Name, &was, &c.where)
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	switch over, written := r.p.secondhand.written[c.Package]; {
	case written && same && over < r.number:
		delete(r.p.secondhand.written, c.Package)
	case !written && !same:
		r.p.secondhand.against = append(r.p.secondhand.against, against)
	}
}

// sameWord reports whether a service says what rows told; it does not contradict where
// it says nothing.
func (d *directory) sameWord(name string, rows *estate.Assignment, service *assignment) (bool, contradiction) {
	if service.via == "" || service.mode == estate.AssignUnknown {
		return true, contradiction{}
	}
	is, strangers := d.resolve(service)
	if estate.SameAssignment(rows, &is) {
		return true, contradiction{}
	}
	return false, contradiction{name, d.words(rows, nil), d.words(&is, strangers)}
}

// words are an assignment for people.
func (d *directory) words(a *estate.Assignment, strangers []string) string {
	names := slices.Concat(a.Sites, strangers)
	for _, id := range a.Servers {
		names = append(names, d.names[id])
	}
	if len(names) == 0 {
		return a.Mode.String()
	}
	const shown = 5
	more := ""
	if len(names) > shown {
		names, more = names[:shown], ", …"
	}
	return a.Mode.String() + " " + strings.Join(names, ", ") + more
}

// Confirm implements platform.Confirmer.
func (p *Platform) Confirm(ctx context.Context, images []estate.GUID) (bool, error) {
	p.mu.Lock()
	var check []*told
	for _, g := range images {
		if t := p.secondhand.told[g]; t != nil && !t.confirmed {
			check = append(check, t)
		}
	}
	p.mu.Unlock()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(p.limit())
	for _, t := range check {
		g.Go(func() error {
			a, err := p.assignmentOf(ctx, t.pack, t.name)
			if err != nil {
				return err
			}
			same, against := t.dir.sameWord(t.name, &t.is, &a)
			p.mu.Lock()
			defer p.mu.Unlock()
			t.confirmed = same
			if _, written := p.secondhand.written[t.pack]; !same && !written {
				p.secondhand.against = append(p.secondhand.against, against)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.secondhand.told) == 0 || len(p.secondhand.against) == 0, nil
}

var _ platform.Confirmer = (*Platform)(nil)

// noteAgainst notes the contradictions that keep rows from being believed.
func (r *reading) noteAgainst() {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	for _, c := range r.p.secondhand.against {
		r.notes.add(noteRows, c.name, "the rows say %s, the package service says %s", c.rows, c.service)
	}
}

package plan

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// DrainOptions are what the files say about a server's retirement.
type DrainOptions struct {
	// Retired reports servers that go as well: their copies and their places in sites do not count.
	Retired func(estate.ServerID) bool
	// MinCopies tells how many good copies of an image must stay; nil: one.
	MinCopies func(image int32) int
	// Abandoned reports images that were given up: law 15 ignores them once they are lost.
	Abandoned func(image int32) bool
	// Reference names the server whose copy counts by a person's word; nil: nobody's.
	Reference func(image int32) estate.ServerID
	// Accepted are codes that an acknowledgement accepts.
	Accepted []finding.Code
	// after is the state after a plan; nil: as observed.
	after *afterPlan
}

// afterPlan is what a plan changes of what law 15 asks for.
type afterPlan struct {
	owner      map[int32]estate.ServerID
	coming     map[int32][]estate.ServerID // copies that will be good
	assignment map[int32]*estate.Assignment
	location   map[int32]string
	connectsTo map[int32]string // by preboot configuration
}

// DrainPoint is one point of law 15: a server may be switched off when all hold.
type DrainPoint struct {
	Code  finding.Code // of the finding when it does not hold
	Title string
	OK    bool
	// Holds names what holds the server back, at most maxHolds of them; Count is how many there are.
	Holds []string
	Count int
	// Accepted: it does not hold, and somebody acknowledged that.
	Accepted bool
}

// DrainOptionsOf takes the options from the files, resolved against the estate
// that Drained will be asked about.
func DrainOptionsOf(r *diff.Resolved) DrainOptions {
	return DrainOptions{
		Retired: r.Retired,
		MinCopies: func(n int32) int {
			if d := r.Of(n); d != nil {
				return d.MinCopies
			}
			return r.MinCopies
		},
		Abandoned: func(n int32) bool { d := r.Of(n); return d != nil && d.Abandon },
		Reference: func(n int32) estate.ServerID {
			if d := r.Of(n); d != nil {
				return d.Reference
			}
			return estate.NoServer
		},
	}
}

const maxHolds = 20

func (p *DrainPoint) add(format string, args ...any) {
	p.OK = false
	p.Count++
	if len(p.Holds) < maxHolds {
		p.Holds = append(p.Holds, fmt.Sprintf(format, args...))
	}
}

// Safe reports whether every point holds or is accepted.
func Safe(points []DrainPoint) bool {
	return !slices.ContainsFunc(points, func(p DrainPoint) bool { return !p.OK && !p.Accepted })
}

// Drained holds an estate against law 15 for one server, point by point, in the
// law's order. The estate must be a whole one, with evidence.
func Drained(ix *estate.Index, id estate.ServerID, opt DrainOptions) []DrainPoint {
	d := &drain{e: ix.Estate(), ix: ix, id: id, opt: opt}
	if d.opt.Retired == nil {
		d.opt.Retired = func(estate.ServerID) bool { return false }
	}
	if d.opt.after == nil {
		d.opt.after = &afterPlan{}
	}
	points := []DrainPoint{d.ownsNothing(), d.noLastCopy(), d.noLocation(), d.sitesServed(), d.noPreboot(), d.noBackup()}
	for i := range points {
		points[i].Accepted = !points[i].OK && slices.Contains(opt.Accepted, points[i].Code)
	}
	return points
}

type drain struct {
	e   *estate.Estate
	ix  *estate.Index
	id  estate.ServerID
	opt DrainOptions
}

func (d *drain) ownerOf(n int32) estate.ServerID {
	if to, ok := d.opt.after.owner[n]; ok {
		return to
	}
	return d.e.Images[n].Owner
}

func (d *drain) judge(n int32) estate.Judgement {
	word := estate.NoServer
	if d.opt.Reference != nil {
		word = d.opt.Reference(n)
	}
	return d.e.Judge(&d.e.Images[n], word)
}

// givenUp reports whether an image is lost and was abandoned. By the person's word
// what lies on a server that is off is lost too, for nobody can look; on one that is
// up, what may be a good copy is not.
func (d *drain) givenUp(n int32, j *estate.Judgement) bool {
	if d.opt.Abandoned == nil || !d.opt.Abandoned(n) || !j.Lost() {
		return false
	}
	c := d.e.Images[n].Copy(d.id)
	bare := c == nil || c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0
	return bare || !d.e.Reachable(d.id) || j.Class(d.id) != estate.ClassUnknown
}

func (d *drain) ownsNothing() DrainPoint {
	p := DrainPoint{Code: codeRetiredOwns, Title: "It owns nothing", OK: true}
	for n := range d.e.Images {
		img := &d.e.Images[n]
		doubt := d.ownerOf(int32(n)) == estate.NoServer && d.mayOwn(img)
		if img.Kind == estate.KindBackup || d.ownerOf(int32(n)) != d.id && !doubt {
			continue
		}
		if j := d.judge(int32(n)); d.givenUp(int32(n), &j) {
			continue
		}
		if doubt {
			p.add("%s: who owns it is in doubt", img.Name)
		} else {
			p.add("%s", img.Name)
		}
	}
	return p
}

// mayOwn reports whether an image whose owner is in doubt may be this server's: unless
// its location names another host, nothing says that it is not.
func (d *drain) mayOwn(img *estate.Image) bool {
	host := UNCHost(img.Location)
	if host == "" {
		return true
	}
	ids := d.ix.HostMatches(host)
	return len(ids) == 0 && !img.Package.IsZero() || slices.Contains(ids, d.id) || img.Copy(d.id) != nil
}

// noLastCopy: as many good copies as min_copies asks for stay elsewhere, the
// owner's among them, of every image that has files here, or may have.
func (d *drain) noLastCopy() DrainPoint {
	p := DrainPoint{Code: codeLastCopy, Title: "It holds no last copy of anything", OK: true}
	for n := range d.e.Images {
		img := &d.e.Images[n]
		c := img.Copy(d.id)
		if img.Kind == estate.KindBackup || c == nil || c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0 {
			continue
		}
		j := d.judge(int32(n))
		here := j.Class(d.id)
		if d.givenUp(int32(n), &j) || here != estate.Good && here != estate.ClassUnknown {
			continue
		}
		need := 1
		if d.opt.MinCopies != nil {
			need = max(1, d.opt.MinCopies(int32(n)))
		}
		stay, ownerStays := d.staying(int32(n), &j)
		if stay < need || !ownerStays && d.ownerOf(int32(n)) != d.id {
			p.add("%s: %d good and assigned %s elsewhere, %d needed%s", img.Name, stay, plural(stay, "copy", "copies"), need, d.whyNot(int32(n), ownerStays, here))
		}
	}
	return p
}

func (d *drain) whyNot(n int32, ownerStays bool, here estate.Class) string {
	switch {
	case !ownerStays && d.ownerOf(n) != d.id:
		return ", and the owner's own copy was not seen good"
	case here == estate.ClassUnknown:
		return "; what lies here cannot be seen"
	}
	return ""
}

// Stays reports whether a copy can carry min_copies: it is the SMP's, or its server
// keeps its role and is known to be assigned.
func (o *DrainOptions) Stays(e *estate.Estate, a *estate.Assignment, id estate.ServerID) bool {
	return id == estate.SMP || id.IsServer() && !o.Retired(id) && e.Covers(a, id)
}

// staying counts the good copies on other servers that stay, and tells whether
// the owner's is one of them. A copy that is not known to be assigned does not stay.
func (d *drain) staying(n int32, j *estate.Judgement) (count int, owner bool) {
	assigned, moves := d.opt.after.assignment[n]
	if !moves {
		assigned = &d.e.Images[n].Assignment
	}
	note := func(id estate.ServerID) {
		if id != d.id && d.opt.Stays(d.e, assigned, id) {
			count++
			owner = owner || id == d.ownerOf(n)
		}
	}
	coming := d.opt.after.coming[n]
	for c := range j.GoodCopies {
		if c.DeleteAfter == 0 && !slices.Contains(coming, c.Server) {
			note(c.Server)
		}
	}
	for _, id := range coming {
		note(id)
	}
	return count, owner
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (d *drain) noLocation() DrainPoint {
	p := DrainPoint{Code: codeLocation, Title: "No image's location names it", OK: true}
	for n := range d.e.Images {
		img := &d.e.Images[n]
		location, moved := d.opt.after.location[int32(n)]
		if !moved {
			location = img.Location
		}
		host := UNCHost(location)
		if host == "" || !slices.Contains(d.ix.HostMatches(host), d.id) || img.Kind == estate.KindBackup {
			continue
		}
		// A package's location follows its owner, so it is the owner that has to change.
		if to, ok := d.opt.after.owner[int32(n)]; ok && to != d.id {
			continue
		}
		if j := d.judge(int32(n)); d.givenUp(int32(n), &j) {
			continue
		}
		p.add("%s: %s", img.Name, location)
	}
	return p
}

// UNCHost returns the host of a UNC path (\\host\share\…), "" for anything else.
func UNCHost(path string) string {
	p := strings.ReplaceAll(path, "/", `\`)
	rest, ok := strings.CutPrefix(p, `\\`)
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, `\`)
	return host
}

func (d *drain) sitesServed() DrainPoint {
	p := DrainPoint{Code: codeSiteBare, Title: "Its sites have another package server", OK: true}
	for _, site := range d.e.Servers[d.id].Sites {
		a := estate.SitesOf(site)
		served := false
		for i := range d.e.Servers {
			other := estate.ServerID(i)
			served = served || other != d.id && !d.opt.Retired(other) && d.e.Covers(&a, other)
		}
		if !served {
			p.add("%s", site)
		}
	}
	return p
}

func (d *drain) noPreboot() DrainPoint {
	p := DrainPoint{Code: codePreboot, Title: "No preboot configuration needs it", OK: true}
	for n := range d.e.Preboots {
		to, moved := d.opt.after.connectsTo[int32(n)]
		if !moved {
			to = d.e.Preboots[n].ConnectsTo
		}
		if slices.Contains(d.ix.HostMatches(to), d.id) {
			p.add("%s connects to %s", d.e.Preboots[n].Name, to)
		}
	}
	return p
}

func (d *drain) noBackup() DrainPoint {
	p := DrainPoint{Code: codeBackup, Title: "No backup image is left behind", OK: true}
	for n := range d.e.Images {
		img := &d.e.Images[n]
		if img.Kind != estate.KindBackup {
			continue
		}
		if img.Owner == d.id || slices.Contains(d.ix.HostMatches(UNCHost(img.Location)), d.id) {
			p.add("%s", img.Name)
		}
	}
	return p
}

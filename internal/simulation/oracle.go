package simulation

import (
	"fmt"
	"slices"
	"time"

	"pslan/internal/apply"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Violation is a promise that was broken.
type Violation struct {
	Promise string // P1 … P9, intent, lease
	What    string
	Call    int // after which call
	At      time.Time
}

// String returns one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s broken at call %d (%s): %s", v.Promise, v.Call, v.At.Format("01-02 15:04:05"), v.What)
}

// oracle judges by the truth. It is told of every request before it is made, of
// every reading, and of everything that happened.
//
// A request is judged by what was so when pslan could last look: within one moment
// of the lab's clock pslan reads, decides and asks, and somebody else may act
// between the reading and the request. So a condition holds if it held at the last
// reading of the image in this moment; where nobody else acted since, that is what is
// so now.
type oracle struct {
	scenario *Scenario
	reader   *reader
	st       *stage
	log      *log
	counts   map[string]int
	broken   []Violation

	now    []*truth
	server *servers
	// facts and files are the truths of this moment since pslan last read the platform's
	// facts of an image, and since it last looked at its files.
	facts, files [][]*truth
	readings     int         // in this moment
	lookedAt     []time.Time // when a copy of each image was looked at last in this moment; zero: not in it

	content   []estate.Digest          // what counts as good now
	listing   []estate.Digest          // its paths and sizes
	allowed   []map[estate.Digest]bool // contents that were the reference in this round
	hashed    map[[2]int]proof         // the last time a copy was hashed
	given     []map[int]bool           // servers that lost the assignment by pslan's word
	givenUp   map[[2]int]bool          // copies that were not good when their server's role was asked to go, or given up unseen by a person's word
	led       []map[int]asked          // good copies that pslan had follow an owner that was not good
	touched   []int                    // the moment in which somebody else last touched an image, -1: never
	touchedAt []time.Time              // and when that was
	moment    int                      // how often time has passed, whichever way the clock went
	strays    bool                     // somebody put files on a server that is not assigned
	meddling  int                      // how often somebody else touched one
	asked     map[string]asked         // refreshes, clears and retirements that pslan asked for
	concerned []bool                   // images that pslan may touch
	loading   map[[2]int32]bool        // downloads under way, by image and server
	steps     *stepOracle
	issued    map[string]*issue
	went      int // files that went, marks, and downloads by an old policy, by whatever doing
	skipped   int // servers that a sync did without
}

// proof is what a copy truly was when it was hashed, each file at its time.
type proof struct {
	held
	at   time.Time // the first of them
	when []time.Time
}

// asked is when pslan asked for something, and, of files to be cleared, what they were.
type asked struct {
	at     time.Time
	moment int
	digest estate.Digest
}

// issue is the last time that a request was made.
type issue struct{ looks int }

func newOracle(s *Scenario, r *reader, l *log) *oracle {
	n := len(s.Images)
	o := &oracle{scenario: s, reader: r, log: l, counts: map[string]int{}, now: make([]*truth, n), facts: make([][]*truth, n), files: make([][]*truth, n),
		content: make([]estate.Digest, n), listing: make([]estate.Digest, n), allowed: make([]map[estate.Digest]bool, n),
		hashed: map[[2]int]proof{}, lookedAt: make([]time.Time, n), givenUp: map[[2]int]bool{}, given: make([]map[int]bool, n), led: make([]map[int]asked, n), touched: make([]int, n), touchedAt: make([]time.Time, n),
		asked: map[string]asked{}, concerned: make([]bool, n), issued: map[string]*issue{}, loading: map[[2]int32]bool{}}
	for i := range n {
		o.touched[i] = -1
		o.given[i], o.led[i], o.allowed[i] = map[int]bool{}, map[int]asked{}, map[estate.Digest]bool{}
		o.now[i], o.server = r.read(i)
	}
	o.references()
	return o
}

func (o *oracle) count(what string) { o.counts[what]++ }

func (o *oracle) fail(promise, format string, args ...any) {
	v := Violation{Promise: promise, What: fmt.Sprintf(format, args...), At: o.reader.lab.Now()}
	if o.st != nil {
		v.Call = o.st.calls
	}
	o.broken = append(o.broken, v)
	o.log.add("BROKEN %s", v)
}

// holds checks a promise.
func (o *oracle) holds(promise string, ok bool, format string, args ...any) {
	o.count("checked " + promise)
	if !ok {
		o.fail(promise, format, args...)
	}
}

func (o *oracle) name(i int) string { return o.scenario.Images[i].Name }

// standing are the servers whose copy is good, stays as far as pslan has asked, and
// is not on a server whose role was removed.
func (o *oracle) standing(i int, t *truth) []int {
	var out []int
	for k := range t.copies {
		if k < len(o.server.listed) && (!o.server.listed[k] || o.given[i][k]) {
			continue
		}
		if o.good(i, &t.copies[k]) {
			out = append(out, k)
		}
	}
	return out
}

// heldIn reports whether a condition holds in what pslan could last read: in the
// present truth, or in the one before somebody else acted behind its back. Else it
// says why it does not hold.
func (o *oracle) heldIn(i int, cond func(*truth) string) string {
	why := cond(o.now[i])
	if why == "" {
		return ""
	}
	for _, f := range slices.Concat(o.facts[i], o.before(i), []*truth{o.now[i]}) {
		for _, c := range append(slices.Clone(o.files[i]), o.now[i]) {
			if o.then(i, f.with(c), cond) == "" {
				o.count("excused by a race")
				return ""
			}
		}
	}
	return why
}

// then judges an earlier truth by what counted as good in it.
func (o *oracle) then(i int, t *truth, cond func(*truth) string) string {
	content, listing := o.content[i], o.listing[i]
	defer func() { o.content[i], o.listing[i] = content, listing }()
	if h, ok := o.reference(i, t); ok {
		o.content[i], o.listing[i] = h.digest, h.listing
	}
	return cond(t)
}

// with is a truth with the files of another one.
func (t *truth) with(files *truth) *truth {
	out := *t
	out.copies = slices.Clone(t.copies)
	for k := range out.copies {
		h, f := &out.copies[k], &files.copies[k]
		h.folder, h.files, h.digest, h.listing, h.stamp = f.folder, f.files, f.digest, f.listing, f.stamp
	}
	return &out
}

// looked: pslan reads the platform's facts.
func (o *oracle) looked(scope platform.Scope) {
	o.readings++
	for _, is := range o.issued {
		is.looks++
	}
	for i := range o.facts {
		if scope.Images == nil || slices.Contains(scope.Images, guidOf(imageNumber(o.name(i)), false)) {
			o.facts[i] = nil
		}
	}
}

func (o *oracle) lookedAtSync() {
	o.readings++
	for _, is := range o.issued {
		is.looks++
	}
}

// saw: pslan looks at a copy; where it hashes, that proves the copy as it is now.
func (o *oracle) saw(l *platform.Look) {
	o.readings++
	i := o.st.number(l.Image)
	if i < 0 {
		return
	}
	o.lookedAt[i] = o.reader.lab.Now()
	k := int(o.scenario.number(l.Server))
	if l.Location != "" || k < 0 {
		k = len(o.scenario.Servers)
	}
	o.forget([2]int{i, k})
	o.seenAgain(i, k)
	if !l.Hash {
		return
	}
	o.hashed[[2]int{i, k}] = o.proof([2]int{i, k}, l)
	o.remembered(i, o.now[i])
}

// seenAgain: what was seen of a copy before counts no more; what was seen of the others
// is still what a reading goes by, and several are taken at once.
func (o *oracle) seenAgain(i, k int) {
	for n, t := range o.files[i] {
		was := *t
		was.copies = slices.Clone(t.copies)
		was.copies[k] = o.now[i].copies[k]
		o.files[i][n] = &was
	}
}

// forget drops what was proved of files that pslan has seen to be gone or changed: what
// comes back later is something else.
func (o *oracle) forget(of [2]int) {
	p, ok := o.hashed[of]
	is := &o.now[of[0]].copies[of[1]]
	if !ok || p.stamp == is.stamp {
		return
	}
	var each []file
	var when []time.Time
	for i := range p.each {
		if slices.ContainsFunc(is.each, func(f file) bool { return f.same(&p.each[i]) }) {
			each, when = append(each, p.each[i]), append(when, p.when[i])
		}
	}
	o.hashed[of] = proof{held: held{each: each}, when: when}
}

// proof is what pslan holds a copy for once it has hashed it: files that list as they
// did when they were hashed before keep their hashes, if it says so.
func (o *oracle) proof(of [2]int, l *platform.Look) proof {
	now := o.reader.lab.Now()
	p := proof{held: o.now[of[0]].copies[of[1]], at: now}
	p.each, p.when = slices.Clone(p.each), make([]time.Time, len(p.each))
	before, known := o.hashed[of]
	for i := range p.each {
		f := &p.each[i]
		p.when[i] = now
		keeps := known && slices.ContainsFunc(l.Known, func(k platform.File) bool { return k.Path == f.path })
		if n := slices.IndexFunc(before.each, func(b file) bool { return b.same(f) }); keeps && n >= 0 {
			f.sum, p.when[i] = before.each[n].sum, before.when[n]
		}
		if p.when[i].Before(p.at) {
			p.at = p.when[i]
		}
	}
	if p.files > 0 {
		p.digest = digestOf(p.each)
	}
	return p
}

// begin starts a round: what was proved in an earlier process counts no more than
// the hashes that are remembered. What concerned a plan concerns it still where it is
// carried out again: a move that it began is to be finished.
func (o *oracle) begin(concerned []bool) {
	for i := range o.allowed {
		o.allowed[i] = map[estate.Digest]bool{}
		o.facts[i], o.files[i], o.lookedAt[i] = nil, nil, time.Time{}
	}
	o.references()
	o.readings = 0
	for i := range o.scenario.Images {
		for _, t := range o.before(i) {
			if h, ok := o.reference(i, t.with(o.now[i])); ok {
				o.allow(i, &h)
			}
		}
		o.concerned[i] = concerned != nil && concerned[i] || o.mayTouch(i)
	}
}

// mayTouch reports whether an image is declared, or a lifecycle concerns it (P9).
func (o *oracle) mayTouch(i int) bool {
	m := &o.scenario.Images[i]
	if m.Declared || m.Group {
		return true
	}
	return o.leaves(o.now[i]) || slices.ContainsFunc(o.before(i), func(t *truth) bool { return o.leaves(t) })
}

// leaves reports whether a lifecycle concerns an image.
func (o *oracle) leaves(t *truth) bool {
	for k := range o.scenario.Servers {
		v := &o.scenario.Servers[k]
		if v.Lifecycle == declared.Active || !o.server.listed[k] {
			continue
		}
		if t.owner == v.Name || v.Lifecycle == declared.Retired && t.mode == estate.AssignServers && t.assigned[k] {
			return true
		}
	}
	return false
}

// stepOracle checks what is said of steps.
type stepOracle struct {
	plan     planOf
	intended map[string]bool
}

// planOf finds the steps of the plan that is carried out.
type planOf interface {
	intends(req *request) []string
}

// journal is told of every record before it is durable.
func (o *oracle) journal(records []apply.Record) {
	if o.steps == nil {
		return
	}
	for i := range records {
		if records[i].Kind == apply.RecordIntended {
			o.steps.intended[records[i].Step] = true
		}
	}
}

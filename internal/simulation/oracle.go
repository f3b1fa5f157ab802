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
	readings     int       // in this moment
	lookedAt     time.Time // when a copy was looked at last

	content   []estate.Digest          // what counts as good now
	listing   []estate.Digest          // its paths and sizes
	allowed   []map[estate.Digest]bool // contents that were the reference in this round
	hashed    map[[2]int]proof         // the last time a copy was hashed
	given     []map[int]bool           // servers that lost the assignment by pslan's word
	led       []map[int]time.Time      // good copies that pslan had follow an owner that was not good
	touched   []time.Time              // when somebody else last touched an image
	strays    bool                     // somebody put files on a server that is not assigned
	meddling  int                      // how often somebody else touched one
	asked     map[string]time.Time     // refreshes, clears and retirements that pslan asked for
	concerned []bool                   // images that pslan may touch
	loading   map[[2]int32]bool        // downloads under way, by image and server
	steps     *stepOracle
	issued    map[string]*issue
	went      int // files that went, and marks, by whatever doing
	skipped   int // servers that a sync did without
}

// proof is what a copy truly was when it was hashed.
type proof struct {
	held
	at time.Time
}

// issue is the last time that a request was made.
type issue struct{ looks int }

func newOracle(s *Scenario, r *reader, l *log) *oracle {
	n := len(s.Images)
	o := &oracle{scenario: s, reader: r, log: l, counts: map[string]int{}, now: make([]*truth, n), facts: make([][]*truth, n), files: make([][]*truth, n),
		content: make([]estate.Digest, n), listing: make([]estate.Digest, n), allowed: make([]map[estate.Digest]bool, n),
		hashed: map[[2]int]proof{}, given: make([]map[int]bool, n), led: make([]map[int]time.Time, n), touched: make([]time.Time, n),
		asked: map[string]time.Time{}, concerned: make([]bool, n), issued: map[string]*issue{}, loading: map[[2]int32]bool{}}
	for i := range n {
		o.given[i], o.led[i], o.allowed[i] = map[int]bool{}, map[int]time.Time{}, map[estate.Digest]bool{}
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

// owner returns the copy of the owner, nil where there is none.
func (o *oracle) owner(t *truth) *held {
	switch {
	case t.owner == "":
		return nil
	case t.owner == "smp" || !t.managed:
		return &t.copies[len(t.copies)-1]
	}
	return &t.copies[o.scenario.number(t.owner)]
}

// up reports whether a server could be reached.
func (o *oracle) up(t *truth, name string) bool {
	if name == "smp" {
		return true
	}
	k := o.scenario.number(name)
	return k.IsServer() && t.servers.listed[k] && t.servers.up[k]
}

// reference returns what a good copy holds by the contract, judged on the truth: a
// person's word; the owner's files, unless they are none, less than its own snapshot
// lists, or not what was recorded for this version; what was recorded; the newest
// snapshot, which knows no hashes. ok is false where there is none.
func (o *oracle) reference(i int, t *truth) (h held, ok bool) {
	if word := o.scenario.Images[i].Reference; word != "" && o.scenario.Images[i].Declared {
		h = t.copies[o.scenario.number(word)]
		return h, h.files > 0 && o.up(t, word)
	}
	own := o.owner(t)
	rec := t.record
	if own != nil && own.files > 0 && o.up(t, t.owner) && !own.short() && (rec == nil || own.digest == rec.Digest || own.age() > rec.Version) {
		return *own, true
	}
	if rec != nil {
		return held{digest: rec.Digest, listing: rec.Listing, files: int(rec.Files)}, true
	}
	return o.newestSnapshot(t)
}

// short reports whether less lies there than the server's own snapshot lists, if that
// is of the version that the platform names.
func (h *held) short() bool {
	l := &h.lists
	if l.files == 0 || h.version != 0 && l.version != 0 && h.version != l.version || h.listing == l.listing {
		return false
	}
	return h.files < l.files || h.files == l.files && h.bytes < l.bytes
}

// age is the version of a copy: the platform's word, else its snapshot's.
func (h *held) age() int64 {
	if h.version == 0 {
		return h.lists.version
	}
	return h.version
}

// newestSnapshot is what the snapshot of the highest version lists, of all servers that
// are up. Where several list different files, the owner's counts; without it none does.
func (o *oracle) newestSnapshot(t *truth) (h held, ok bool) {
	newest := int64(-1)
	for k := range o.scenario.Servers {
		l := &t.copies[k].lists
		if l.files == 0 || !o.up(t, o.scenario.Servers[k].Name) || l.version < newest {
			continue
		}
		is := held{files: l.files, bytes: l.bytes, listing: l.listing}
		switch {
		case l.version > newest:
			h, ok, newest = is, true, l.version
		case o.scenario.Servers[k].Name == t.owner:
			h, ok = is, true
		case t.owner == "" || !o.ownerLists(t, newest):
			ok = ok && l.listing == h.listing
		}
	}
	return h, ok
}

// ownerLists reports whether the owner is up and has a snapshot of a version.
func (o *oracle) ownerLists(t *truth, version int64) bool {
	k := int(o.scenario.number(t.owner))
	return k >= 0 && o.up(t, t.owner) && t.copies[k].lists.files > 0 && t.copies[k].lists.version == version
}

// references notes what counts as good now.
func (o *oracle) references() {
	for i, t := range o.now {
		if h, ok := o.reference(i, t); ok {
			o.content[i], o.listing[i] = h.digest, h.listing
			o.allow(i, &h)
			o.remembered(i, t)
		}
	}
}

// remembered allows what the copies that can be the reference held when they were
// hashed, where they list as they did: bytes that changed under the same names, sizes
// and times are seen when the hash is too old, not before (law 6).
func (o *oracle) remembered(i int, t *truth) {
	for _, name := range []string{o.scenario.Images[i].Reference, t.owner} {
		k := int(o.scenario.number(name))
		if name == "smp" || !t.managed {
			k = len(t.copies) - 1
		}
		if k < 0 {
			continue
		}
		if p, ok := o.hashed[[2]int{i, k}]; ok && p.files > 0 && o.fresh(&p, &t.copies[k]) {
			o.allow(i, &p.held)
		}
	}
}

func (o *oracle) allow(i int, h *held) {
	if !h.digest.IsZero() {
		o.allowed[i][h.digest] = true
	}
	if o.scenario.SizeOnly {
		o.allowed[i][h.listing] = true
	}
}

// hidesWrong reports whether a copy lists as a good one does and has other bytes: a
// plan that was made by listings does not know it.
func (o *oracle) hidesWrong() bool {
	for i, t := range o.now {
		for k := range t.copies {
			if h := &t.copies[k]; h.files > 0 && h.listing == o.listing[i] && h.digest != o.content[i] {
				return true
			}
		}
	}
	return false
}

// good reports whether a copy holds what counts as good now.
func (o *oracle) good(i int, h *held) bool {
	if h.files == 0 {
		return false
	}
	return h.digest == o.content[i] || (o.scenario.SizeOnly || o.content[i].IsZero()) && h.listing == o.listing[i]
}

// right reports whether a copy holds what counts as good now, or did when it was
// hashed, not too long ago, and lists as it did then.
func (o *oracle) right(i, k int, h *held) bool {
	if o.good(i, h) {
		return true
	}
	p, ok := o.hashed[[2]int{i, k}]
	return ok && h.files > 0 && p.digest == o.content[i] && o.fresh(&p, h)
}

// fresh reports whether a proof still counts: the copy lists as it did when it was
// hashed, and that is not too long ago.
func (o *oracle) fresh(p *proof, h *held) bool {
	return p.stamp == h.stamp && o.reader.lab.Now().Sub(p.at) <= o.scenario.Policy.HashMaxAge
}

// proved reports whether a copy is one that pslan may rely on: it holds a content
// that was the reference in this round, or it held one when it was hashed, not too
// long ago, and lists as it did then.
func (o *oracle) proved(i, k int, h *held) bool {
	if h.files == 0 {
		return false
	}
	if o.allowed[i][h.digest] || o.scenario.SizeOnly && o.allowed[i][h.listing] {
		return true
	}
	p, ok := o.hashed[[2]int{i, k}]
	return ok && o.allowed[i][p.digest] && o.fresh(&p, h)
}

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
	for _, f := range append(slices.Clone(o.facts[i]), o.now[i]) {
		for _, c := range append(slices.Clone(o.files[i]), o.now[i]) {
			if cond(f.with(c)) == "" {
				o.count("excused by a race")
				return ""
			}
		}
	}
	return why
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
	o.files[i], o.lookedAt = nil, o.reader.lab.Now()
	if !l.Hash {
		return
	}
	k := int(o.scenario.number(l.Server))
	if l.Location != "" || k < 0 {
		k = len(o.scenario.Servers)
	}
	o.hashed[[2]int{i, k}] = proof{o.now[i].copies[k], o.reader.lab.Now()}
}

// begin starts a round: what was proved in an earlier process counts no more than
// the hashes that are remembered.
func (o *oracle) begin() {
	for i := range o.allowed {
		o.allowed[i] = map[estate.Digest]bool{}
		o.facts[i], o.files[i] = nil, nil
	}
	o.references()
	o.readings = 0
	for i := range o.scenario.Images {
		o.concerned[i] = o.mayTouch(i)
	}
}

// mayTouch reports whether an image is declared, or a lifecycle concerns it (P9).
func (o *oracle) mayTouch(i int) bool {
	m, t := &o.scenario.Images[i], o.now[i]
	if m.Declared || m.Group {
		return true
	}
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

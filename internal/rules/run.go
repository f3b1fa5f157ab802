package rules

import (
	"cmp"
	"slices"

	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

// Run checks everything and returns the findings, sorted by code, address and
// server, with severities and acknowledgements settled; and warnings and notes that
// have no code: acknowledgements that match nothing, rooms that are not known.
func Run(in *Input) ([]finding.Finding, diag.Diagnostics) {
	r := newRun(in)
	r.images()
	for _, r.rule = range r.all {
		if r.rule.check != nil {
			r.rule.check(r)
		}
	}
	r.mergeBlocks()
	acks := newAcks(in)
	out := make([]finding.Finding, len(r.hits))
	for i := range r.hits {
		h := &r.hits[i]
		r.settle(h)
		acks.apply(h)
		h.Blocks = h.Blocks || h.Stands() && r.nothingRuns(h)
		out[i] = h.Finding
	}
	slices.SortStableFunc(out, order)
	return out, append(r.notes, acks.unused()...).Sort()
}

func order(a, b finding.Finding) int {
	return cmp.Or(
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Address, b.Address),
		cmp.Compare(estate.Fold(a.Server), estate.Fold(b.Server)),
		cmp.Compare(a.Range.Filename, b.Range.Filename),
		cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte),
		cmp.Compare(a.In, b.In),
	)
}

// Blocking returns the findings that shall keep steps of their address from
// running although the plan does not yet know it: errors by the policy's word or by
// their own, which nobody acknowledged. Not among them are errors about the run as a
// whole, which stop it before the first write, and those that are always errors: where
// they hold something back, the planner has blocked it already.
func Blocking(findings []finding.Finding) []finding.Finding {
	var out []finding.Finding
	all := All()
	for i := range findings {
		f := &findings[i]
		if !f.Stands() || f.Blocks || f.Address == "" {
			continue
		}
		if r, ok := lookup(all, f.Code); ok && r.Scope != OfRun && r.Floor < finding.Error {
			out = append(out, *f)
		}
	}
	return out
}

// hit is a finding on its way: with what it is about, for blocks and acknowledgements.
type hit struct {
	finding.Finding
	image    int32           // -1: not about one image
	server   estate.ServerID // whose package_server block may acknowledge it
	declared *diff.Desired
	floor    finding.Severity // of this one finding, over its rule's
}

// run is one call of Run: the input, what was worked out once for all rules, and
// what was found so far.
type run struct {
	*Input
	e     *estate.Estate
	all   []*Rule
	rule  *Rule // the one that is looking
	hits  []hit
	notes diag.Diagnostics

	moveOf    []int32 // image -> index in Plan.Moves, -1; nil where there is no move
	desiredOf []int32 // image -> index in Resolved.Desired, -1
	retired   []estate.ServerID
	folders   map[string][]int32 // PSL505: images by location; nil until asked for

	asked   *estate.Assignment // of which members were asked last
	covered []estate.ServerID  // and those
}

func newRun(in *Input) *run {
	r := &run{Input: in, e: in.Estate, all: All(), retired: in.Resolved.RetiredServers()}
	r.desiredOf = nowhere(len(r.e.Images))
	for i := range in.Resolved.Desired {
		r.desiredOf[in.Resolved.Desired[i].Image] = int32(i)
	}
	if len(in.Plan.Moves) > 0 {
		r.moveOf = nowhere(len(r.e.Images))
		for i := range in.Plan.Moves {
			r.moveOf[in.Plan.Moves[i].Image] = int32(i)
		}
	}
	return r
}

func nowhere(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

// desired returns what is declared for an image, nil if nothing is.
func (r *run) desired(image int32) *diff.Desired {
	if n := r.desiredOf[image]; n >= 0 {
		return &r.Resolved.Desired[n]
	}
	return nil
}

// images shows every image that the plan concerns to every rule about images.
func (r *run) images() {
	var checks []*Rule
	for _, rule := range r.all {
		if rule.image != nil {
			checks = append(checks, rule)
		}
	}
	var room []estate.Class
	s := subject{run: r}
	for i := range r.Resolved.Desired {
		s.look(&r.Resolved.Desired[i], &room)
		for _, r.rule = range checks {
			r.rule.image(&s)
		}
	}
}

// byLifecycleOf returns the server whose lifecycle concerns an image that no block
// names: its package_server block may acknowledge what is found. NoServer for others.
func (r *run) byLifecycleOf(d *diff.Desired) estate.ServerID {
	img := &r.e.Images[d.Image]
	if d.Declared {
		return estate.NoServer
	}
	if r.Resolved.Leaving(img.Owner) {
		return img.Owner
	}
	for _, id := range img.Assignment.Servers {
		if r.Resolved.Retired(id) {
			return id
		}
	}
	return estate.NoServer
}

// move returns the move of an image, nil where the plan has none.
func (r *run) move(image int32) *plan.Move {
	if r.moveOf == nil || r.moveOf[image] < 0 {
		return nil
	}
	return &r.Plan.Moves[r.moveOf[image]]
}

// report takes a finding about the run as a whole.
func (r *run) report(f finding.Finding) {
	r.add(hit{Finding: f, image: -1, server: estate.NoServer})
}

// reportServer takes a finding about a package server: its address, name and
// block are filled in.
func (r *run) reportServer(id estate.ServerID, f finding.Finding, floor finding.Severity) {
	s := &r.Resolved.Servers[id]
	f.Address, f.Server = s.Address, r.e.ServerName(id)
	if s.Block != nil {
		f.In = s.Block.In
		if f.Range.IsZero() {
			f.Range = s.Block.Range
			if s.Block.Lifecycle != 0 && !s.Block.LifecycleRange.IsZero() {
				f.Range = s.Block.LifecycleRange
			}
		}
	}
	r.add(hit{Finding: f, image: -1, server: id, floor: floor})
}

func (r *run) add(h hit) {
	h.Code, h.Title = r.rule.Code, r.rule.Title
	r.hits = append(r.hits, h)
}

// nothingRuns reports whether nothing of what a finding is about is done anyway: then
// an error has nothing more to block.
func (r *run) nothingRuns(h *hit) bool {
	switch {
	case h.image >= 0:
		m := r.move(h.image)
		return m != nil && slices.ContainsFunc(m.Blocks, func(n int32) bool { return r.Plan.Blocks[n].Whole })
	case h.server.IsServer():
		return r.heldBack(h.server)
	}
	return false
}

// settle decides the severity: the check's word, else the default; over it the
// policy's; under it the floor.
func (r *run) settle(h *hit) {
	rule, ok := lookup(r.all, h.Code)
	if !ok {
		panic("rules: no rule " + string(h.Code))
	}
	if word, ok := r.Declared.Policy.Severities[h.Code]; ok {
		h.Severity = word
	}
	h.Finding = rule.complete(h.Finding)
	h.Severity = max(h.Severity, h.floor)
	if h.Blocks {
		h.Severity = finding.Error
	}
	h.Detail = sentence(h.Detail)
}

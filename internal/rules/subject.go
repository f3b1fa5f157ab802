package rules

import (
	"slices"

	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

// subject is one image as the rules see it. There is one subject for all images,
// filled anew for each: rules decide from it before they build any text, because
// most of 100,000 images have nothing to say.
type subject struct {
	*run
	d   *diff.Desired
	img *estate.Image
	m   *plan.Move // nil: nothing about the image changes
	j   estate.Judgement
	// classes of the copies, parallel to img.Copies.
	classes []estate.Class
	// taker is the server that becomes owner in the end, NoServer where none does.
	taker estate.ServerID
}

// look fills the subject. room is memory for the classes, used again and again.
func (s *subject) look(d *diff.Desired, room *[]estate.Class) {
	s.d, s.img, s.m = d, &s.e.Images[d.Image], s.move(d.Image)
	if s.m != nil {
		s.j = s.m.Judged
		s.classes = s.j.Classes()
	}
	if s.m == nil || len(s.classes) != len(s.img.Copies) {
		s.j = s.e.JudgeInto(s.img, d.Reference, *room)
		s.classes = s.j.Classes()
		*room = s.classes
	}
	s.taker = estate.NoServer
	switch {
	case s.m == nil:
	case s.m.OwnerMoves():
		s.taker = s.m.Target()
	case d.OwnerSource != diff.OwnerUndeclared && d.Owner != s.img.Owner:
		s.taker = d.Owner // blocked: the path ends before it
	}
}

// copyOn returns the copy on a server with its class; nil where nothing is known of one.
func (s *subject) copyOn(id estate.ServerID) (*estate.Copy, estate.Class) {
	i, ok := slices.BinarySearchFunc(s.img.Copies, id, func(c estate.Copy, id estate.ServerID) int { return int(c.Server) - int(id) })
	if !ok {
		return nil, estate.ClassUnknown
	}
	return &s.img.Copies[i], s.classes[i]
}

// asks reports whether the plan shall change owner, assignment, location or format
// of the image, be it blocked or not.
func (s *subject) asks() bool {
	if s.m == nil {
		return false
	}
	return s.taker != estate.NoServer || s.reassigned() ||
		s.d.Location != "" && estate.Fold(s.d.Location) != estate.Fold(s.img.Location)
}

// reassigned reports whether the assignment shall be another one.
func (s *subject) reassigned() bool {
	return s.d.Assignment != nil && !estate.SameAssignment(s.d.Assignment, &s.img.Assignment) ||
		s.m != nil && len(s.m.Loses) > 0
}

// blocked reports whether the plan has a block with the running rule's code.
func (s *subject) blocked() bool { return s.block() != nil }

// block returns the first block with the running rule's code, nil if there is none.
func (s *subject) block() *plan.Block {
	if s.m == nil {
		return nil
	}
	for _, n := range s.m.Blocks {
		if b := &s.Plan.Blocks[n]; b.Code == s.rule.Code {
			return b
		}
	}
	return nil
}

// blockedBy reports whether the plan has a block with a code.
func (s *subject) blockedBy(code finding.Code) bool {
	if s.m == nil {
		return false
	}
	return slices.ContainsFunc(s.m.Blocks, func(n int32) bool { return s.Plan.Blocks[n].Code == code })
}

// report takes a finding about the image; at is its place in the files, the
// block's header where that is not known.
func (s *subject) report(id estate.ServerID, at diag.Range, f finding.Finding) {
	f.Address, f.Image, f.In, f.Range = s.d.Address, s.img.Name, s.d.In, at
	f.Server = s.e.ServerName(id)
	if at.IsZero() {
		f.Range = s.d.Range
	}
	s.add(hit{Finding: f, image: s.d.Image, server: s.byLifecycleOf(s.d), declared: s.d})
}

// takeAndVerify returns the numbers, as printed, of the take by a server and of the
// verify before it; 0 where the plan has none.
func (s *subject) takeAndVerify(id estate.ServerID) (take, verify int) {
	name := s.e.ServerName(id)
	for _, n := range s.m.Steps {
		switch st := &s.Plan.Steps[n]; {
		case st.Server != name:
		case st.Op == plan.TakeOwnership:
			take = int(n) + 1
		case st.Op == plan.VerifyCopy && take == 0:
			verify = int(n) + 1
		}
	}
	return take, verify
}

// step returns the number, as printed, of the move's first step with an operation
// that concerns a server; 0 if there is none.
func (s *subject) step(op plan.Op, id estate.ServerID) int {
	if s.m == nil {
		return 0
	}
	name := s.e.ServerName(id)
	for _, n := range s.m.Steps {
		st := &s.Plan.Steps[n]
		if st.Op == op && (st.Server == name || slices.Contains(st.Servers, name)) {
			return int(n) + 1
		}
	}
	return 0
}

// members are the servers that an assignment is known to cover. The slice is shared. The
// last answer is kept, because rules ask about one assignment for copy after copy.
func (r *run) members(a *estate.Assignment) []estate.ServerID {
	if r.asked != a {
		r.asked = a
		r.covered, _ = r.Index.Members(a)
	}
	return r.covered
}

// covers is Estate.Covers by looking sites up instead of comparing their names.
func (r *run) covers(a *estate.Assignment, id estate.ServerID) bool {
	_, ok := slices.BinarySearch(r.members(a), id)
	return ok
}

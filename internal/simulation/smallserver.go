package simulation

import (
	"fmt"
	"slices"

	"pslan/internal/plan"
)

func (w *smallWalk) serverStep(s smallState, st *plan.Step) (smallState, bool) {
	k := w.number(st.Server)
	switch st.Op {
	case plan.Sync:
		return w.sync(s, st), true
	case plan.VerifyOwnership:
		for i := range w.c.Images {
			if int(s.images[i].owner) == k && w.anyGood(&s, i) {
				return s, false
			}
		}
	case plan.VerifyDrained:
		return s, w.drained(&s, k)
	case plan.RetireServer:
		if w.hostile && !w.drained(&s, k) {
			return s, false
		}
		w.retire(&s, k, st)
	}
	return s, true
}

// anyGood reports whether a good copy of an image lies anywhere.
func (w *smallWalk) anyGood(s *smallState, i int) bool {
	for k := range w.c.Servers {
		if s.images[i].copies[k] == good && !s.gone.has(k) {
			return true
		}
	}
	return false
}

// drained is law 15, as far as the model goes.
func (w *smallWalk) drained(s *smallState, k int) bool {
	for i := range w.c.Images {
		n := &s.images[i]
		if int(n.owner) == k {
			return false
		}
		if o := int(n.owner); n.copies[k] == good && (o < 0 || n.copies[o] != good || w.c.Off.has(o) || !n.assigned.has(o) || n.marked.has(o)) {
			return false
		}
	}
	return true
}

// retire is P3 for all images at once.
func (w *smallWalk) retire(s *smallState, k int, st *plan.Step) {
	for i := range w.c.Images {
		n := &s.images[i]
		if int(n.owner) == k && w.anyGood(s, i) {
			w.fail(st, "P3: the server still owns I%d", i)
		}
		if n.copies[k] != good {
			continue
		}
		stay := 0
		for o := range w.c.Servers {
			if o != k && n.copies[o] == good && n.assigned.has(o) && !n.marked.has(o) && !s.gone.has(o) {
				stay++
			}
		}
		if stay == 0 {
			w.fail(st, "P3: no good copy of I%d stays assigned", i)
		}
	}
	s.gone |= bit(k)
	for i := range w.c.Images {
		n := &s.images[i]
		n.copies[k], n.assigned, n.known, n.policy = absent, n.assigned&^bit(k), n.known&^bit(k), n.policy&^bit(k)
		n.marked, n.overdue, n.local = n.marked&^bit(k), n.overdue&^bit(k), n.local&^bit(k)
	}
}

// ended: where all steps are done and nothing is blocked, what was declared is so, and
// a fresh plan finds nothing to do (P8).
func (w *smallWalk) ended(s *smallState) {
	last := len(w.plan.Steps)
	switch {
	case w.hostile || len(w.plan.Blocks) > 0 || last == 0:
		return
	case s.done != 1<<last-1:
		if next := w.settled(*s); next != *s {
			w.visit(next)
		} else {
			w.stuck = w.stuck || w.refused == 0
		}
		return
	}
	st := &w.plan.Steps[last-1]
	for i := range w.c.Images {
		m, n := &w.c.Images[i], &s.images[i]
		if m.WantOwner >= 0 && n.owner != m.WantOwner {
			w.fail(st, "P8: all is done, and the owner of I%d is another one", i)
		}
		want := m.WantServer
		if m.WantAll {
			want = bit(w.c.Servers) - 1
		}
		if want != 0 && n.assigned != want&^s.gone {
			w.fail(st, "P8: all is done, and the assignment of I%d is another one", i)
		}
	}
	if s.gone != 0 || w.refused > 0 || len(w.broken) > 0 { // a removed server is not there to be planned with
		return
	}
	if p := w.now(s).plan(); p == nil || slices.ContainsFunc(p.Steps, asks) {
		w.fail(st, "P8: all is done, and a fresh plan asks for more")
	}
}

// asks reports whether a step changes something. What is looked at, and the refresh of a
// server whose copy only has to go, may come again: such a refresh is spared while it
// would harm another image.
func asks(st plan.Step) bool { return !st.Waits() && st.Op != plan.Sync }

// settled is where the platform comes to if it is left alone for a day.
func (w *smallWalk) settled(s smallState) smallState {
	s = w.update(s)
	for range w.c.Servers { // from an owner's owner
		for k := range w.c.Servers {
			if !w.c.Off.has(k) && !s.gone.has(k) {
				s = w.refresh(s, k, false)
			}
		}
	}
	return s
}

// stepsOf lists steps, a line each.
func stepsOf(steps []plan.Step) string {
	text := ""
	for i := range steps {
		text += fmt.Sprintf("\n  %d %s needs %v", i, steps[i].ID, steps[i].Needs)
	}
	return text
}

// now is the case that a fresh reading would find.
func (w *smallWalk) now(s *smallState) *Small {
	c := *w.c
	c.Images = slices.Clone(w.c.Images)
	for i := range c.Images {
		m, n := &c.Images[i], &s.images[i]
		m.Owner, m.All, m.Assigned, m.Copies, m.Marked, m.Overdue = n.owner, n.all, n.assigned, n.copies, n.marked, n.overdue != 0
		m.Unaware = n.owner >= 0 && !n.local.has(int(n.owner))
	}
	return &c
}

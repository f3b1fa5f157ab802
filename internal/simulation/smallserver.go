package simulation

import (
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
		n.copies[k], n.assigned, n.known, n.policy, n.marked = absent, n.assigned&^bit(k), n.known&^bit(k), n.policy&^bit(k), n.marked&^bit(k)
	}
}

// ended: where all steps are done and nothing is blocked, what was declared is so (P8).
func (w *smallWalk) ended(s *smallState) {
	if w.hostile || len(w.plan.Blocks) > 0 || s.done != 1<<len(w.plan.Steps)-1 || len(w.plan.Steps) == 0 {
		return
	}
	for i := range w.c.Images {
		m, n := &w.c.Images[i], &s.images[i]
		if m.WantOwner >= 0 && n.owner != m.WantOwner {
			w.fail(&w.plan.Steps[0], "P8: all is done, and the owner of I%d is another one", i)
		}
		want := m.WantServer
		if m.WantAll {
			want = bit(w.c.Servers) - 1
		}
		if want != 0 && n.assigned != want&^s.gone {
			w.fail(&w.plan.Steps[0], "P8: all is done, and the assignment of I%d is another one", i)
		}
	}
}

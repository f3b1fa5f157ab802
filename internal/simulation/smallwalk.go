package simulation

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// smallState is a state of the model. It can be compared, and so be remembered.
type smallState struct {
	done   uint64 // steps
	gone   set    // servers whose role was removed
	images [2]smallNow
}

// smallNow is what is so of one image.
type smallNow struct {
	owner    int8
	all      bool // the assignment's mode
	assigned set
	known    set // what the last membership update worked out
	policy   set // servers that hold the package in their policy
	marked   set
	overdue  set // marks that are due
	local    set // servers that take themselves for the owner
	given    set // servers whose copy goes by pslan's word
	copies   [3]class
}

// smallWalk tries every legal order of a plan's steps on the model.
type smallWalk struct {
	c       *Small
	plan    *plan.Plan
	hostile bool // the platform makes moves of its own, and a step's facts are read again before it writes
	seen    map[smallState]struct{}
	doomed  doomed
	broken  []string
	most    int // states
	cut     bool
	stuck   bool // a legal order came to a point where no step that is left can be done
	refused int  // writes that a reading right before them forbids
}

// walkSmall walks a case; d is what is known of its frame.
func walkSmall(c *Small, p *plan.Plan, hostile bool, d doomed, most int) *smallWalk {
	w := &smallWalk{c: c, plan: p, hostile: hostile, doomed: d, seen: map[smallState]struct{}{}, most: most}
	if len(p.Steps) > 64 {
		w.cut = true
		return w
	}
	w.visit(c.state())
	return w
}

func (c *Small) state() smallState {
	var s smallState
	for i := range c.Images {
		m := &c.Images[i]
		n := smallNow{owner: m.Owner, assigned: m.Assigned, all: m.All, marked: m.Marked, copies: m.Copies}
		if m.All {
			n.assigned = bit(c.Servers) - 1
		}
		if m.Overdue {
			n.overdue = m.Marked
		}
		if m.Owner >= 0 && !m.Unaware {
			n.local = bit(int(m.Owner))
		}
		n.known = n.assigned
		for k := range c.Servers {
			if !n.marked.has(k) && (n.assigned.has(k) || n.copies[k] != absent) {
				n.policy |= bit(k)
			}
		}
		s.images[i] = n
	}
	return s
}

func (w *smallWalk) visit(s smallState) {
	if _, twice := w.seen[s]; twice || len(w.broken) > 0 || w.cut {
		return
	}
	if len(w.seen) >= w.most {
		w.cut = true
		return
	}
	w.seen[s] = struct{}{}
	ended := true
	for n := range w.plan.Steps {
		if w.ready(&s, n) {
			if next, ok := w.step(s, &w.plan.Steps[n]); ok {
				ended = false
				next.done |= 1 << n
				w.visit(next)
			}
		}
	}
	if ended {
		w.ended(&s)
	}
	if w.hostile {
		w.visit(w.update(s))
		for k := range w.c.Servers {
			if !w.c.Off.has(k) && !s.gone.has(k) {
				w.visit(w.refresh(s, k, false))
				w.visit(w.refresh(s, k, true))
			}
		}
	}
}

func (w *smallWalk) ready(s *smallState, n int) bool {
	if s.done>>n&1 != 0 {
		return false
	}
	for _, need := range w.plan.Steps[n].Needs {
		if s.done>>need&1 == 0 {
			return false
		}
	}
	return true
}

func (w *smallWalk) fail(st *plan.Step, format string, args ...any) {
	w.broken = append(w.broken, fmt.Sprintf(format, args...)+" ("+st.ID+")")
}

// update is a membership update: every assignment is worked out as it is now.
func (w *smallWalk) update(s smallState) smallState {
	for i := range w.c.Images {
		s.images[i].known = s.images[i].assigned
	}
	return s
}

// refresh is a server's policy refresh. late: what is marked is overdue.
func (w *smallWalk) refresh(s smallState, k int, late bool) smallState {
	for i := range w.c.Images {
		s.images[i] = w.refreshed(s.images[i], s.gone, k, late)
	}
	return s
}

func (w *smallWalk) refreshed(n smallNow, gone set, k int, late bool) smallNow {
	if int(n.owner) == k {
		n.local |= bit(k)
	} else {
		n.local &^= bit(k)
	}
	switch {
	case n.known.has(k):
		n.policy |= bit(k)
		n.marked &^= bit(k)
		w.follow(&n, gone, k)
	case n.policy.has(k):
		n.policy &^= bit(k)
		n.marked |= bit(k)
	case n.marked.has(k) && (late || n.overdue.has(k)):
		n.marked &^= bit(k)
		n.copies[k] = absent
	}
	n.overdue &= n.marked
	return n
}

// follow brings a copy to what the owner holds: at once into emptiness (law 4) and to
// a part, to all of its files with the next refresh.
func (w *smallWalk) follow(n *smallNow, gone set, k int) {
	o := int(n.owner)
	if o < 0 || o == k || w.c.Off.has(o) || gone.has(o) {
		return
	}
	if to := max(n.copies[o], empty); to == good && n.copies[k] < partial {
		n.copies[k] = partial
	} else {
		n.copies[k] = to
	}
}

// standing counts the good copies that stay, as far as pslan has asked.
func (w *smallWalk) standing(s *smallState, i int) int {
	count := 0
	for k := range w.c.Servers {
		if n := &s.images[i]; n.copies[k] == good && !n.given.has(k) && !s.gone.has(k) {
			count++
		}
	}
	return count
}

// step carries out one step; ok is false where it waits, or would not be asked for.
func (w *smallWalk) step(s smallState, st *plan.Step) (next smallState, ok bool) {
	before := s
	i := w.imageOf(st)
	if i < 0 {
		s, ok = w.serverStep(s, st)
	} else {
		if w.hostile && !w.facts(&s, &s.images[i], st) {
			return s, false
		}
		s, ok = w.imageStep(s, i, st)
	}
	if ok {
		w.lost(st, &before, &s)
	}
	return s, ok
}

func (w *smallWalk) imageOf(st *plan.Step) int {
	for i := range w.c.Images {
		if guidOf(i, false) == st.Image {
			return i
		}
	}
	return -1
}

func (w *smallWalk) number(name string) int {
	for k := range w.c.Servers {
		if smallNames[k] == name {
			return k
		}
	}
	return -1
}

func (w *smallWalk) setOf(a *estate.AssignmentNames) set {
	if a.Mode != estate.AssignServers {
		return bit(w.c.Servers) - 1
	}
	var out set
	for _, name := range a.Servers {
		out |= bit(w.number(name))
	}
	return out
}

// facts reads a step's own facts again, as is done before every write.
func (w *smallWalk) facts(s *smallState, n *smallNow, st *plan.Step) bool {
	switch st.Op {
	case plan.Assign, plan.Unassign, plan.TakeOwnership, plan.ClearCopy:
	default:
		return true
	}
	if st.Before.Owner != nil && w.number(*st.Before.Owner) != int(n.owner) {
		return false
	}
	if a := st.Before.Assignment; a != nil && st.Op != plan.TakeOwnership && w.setOf(a) != n.assigned {
		return false
	}
	for _, name := range st.Before.Verified {
		k := w.number(name)
		if k < 0 || n.copies[k] != good || n.marked.has(k) || w.c.Off.has(k) || s.gone.has(k) {
			return false
		}
	}
	return true
}

func (w *smallWalk) imageStep(s smallState, i int, st *plan.Step) (smallState, bool) {
	n := &s.images[i]
	k := w.number(st.Server)
	if m := &w.c.Images[i]; w.c.Retired == 0 && !m.declared() && !st.Waits() {
		w.fail(st, "P9: I%d is not declared", i)
	}
	switch st.Op {
	case plan.Assign:
		return w.assign(s, i, st)
	case plan.Unassign:
		return w.unassign(s, i, st)
	case plan.Sync:
		return w.sync(s, st), true
	case plan.ClearCopy:
		if int(n.owner) == k {
			w.fail(st, "P1: files of the owner would be cleared")
		}
		n.copies[k] = empty
	case plan.WaitCopy, plan.VerifyCopy:
		return s, n.copies[k] == good && !w.c.Off.has(k)
	case plan.TakeOwnership:
		switch {
		case n.copies[k] != good:
			w.fail(st, "P2: ownership is taken of a copy that is not good")
		case !n.assigned.has(k):
			w.fail(st, "P2: the taker is not assigned")
		case n.marked.has(k): // read again right before, whatever the plan knew
			w.refused++
			return s, false
		}
		n.owner = int8(k)
	case plan.VerifyOwnership:
		from := w.number(st.From)
		return s, int(n.owner) == k && n.local.has(k) && (from < 0 || w.c.Off.has(from) || !n.local.has(from))
	}
	return s, true
}

// assign only adds (P4). It is not asked for where the last good copies would come to
// follow an owner that has none.
func (w *smallWalk) assign(s smallState, i int, st *plan.Step) (smallState, bool) {
	n := &s.images[i]
	to := w.setOf(st.After.Assignment)
	if n.assigned&^to != 0 {
		w.fail(st, "P4: an assignment that may only grow shrinks")
	}
	o := int(n.owner)
	if o >= 0 && !w.c.Off.has(o) && n.copies[o] != good {
		stays := w.standing(&s, i)
		for k := range w.c.Servers {
			if to.has(k) && !n.assigned.has(k) && k != o && n.copies[k] == good && !n.given.has(k) && !n.known.has(k) {
				stays--
			}
		}
		if stays == 0 && w.standing(&s, i) > 0 { // read again right before, whatever the plan knew
			w.refused++
			return s, false
		}
	}
	n.assigned, n.all = to, st.After.Assignment.Mode == estate.AssignAll
	n.given &^= to
	return s, true
}

// unassign is P3 and P4: another server is owner, knows it, holds a good copy, and
// min_copies good copies stay assigned.
func (w *smallWalk) unassign(s smallState, i int, st *plan.Step) (smallState, bool) {
	n := &s.images[i]
	to := w.setOf(st.After.Assignment)
	losers := n.assigned &^ to
	if losers != 0 && w.standing(&s, i) > 0 {
		o := int(n.owner)
		stay := false
		for k := range w.c.Servers {
			// A mark goes at the next refresh of a server that is in its policy again.
			stay = stay || to.has(k) && n.copies[k] == good && (!n.marked.has(k) || n.known.has(k)) && !s.gone.has(k)
		}
		switch {
		case o < 0 || losers.has(o) || !to.has(o):
			w.fail(st, "P3: the owner would not stay assigned")
		case n.copies[o] != good || w.c.Off.has(o):
			w.fail(st, "P3: the owner has no good copy that can be seen")
		case !n.local.has(o):
			w.fail(st, "P4: the owner does not take itself for it")
		case !stay:
			w.fail(st, "P3: no good copy would stay assigned")
		}
	}
	n.given |= losers
	n.assigned, n.all = to, st.After.Assignment.Mode == estate.AssignAll
	return s, true
}

// sync is a membership update, and then the refreshes. One that would destroy the last
// good copy of any image is left out: that is read right before each of them.
func (w *smallWalk) sync(s smallState, st *plan.Step) smallState {
	s = w.update(s)
	for _, name := range st.Servers {
		k := w.number(name)
		if k < 0 || w.c.Off.has(k) || s.gone.has(k) {
			continue
		}
		next := w.refresh(s, k, w.hostile)
		if w.harms(&s, &next) {
			w.refused++
			continue
		}
		s = next
	}
	return s
}

func (w *smallWalk) harms(before, after *smallState) bool {
	for i := range w.c.Images {
		if w.standing(before, i) > 0 && w.standing(after, i) == 0 {
			return true
		}
	}
	return false
}

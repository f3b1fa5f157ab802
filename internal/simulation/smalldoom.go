package simulation

import "pslan/internal/plan"

// What the platform can come to by itself: P1 does not only say that no step takes the
// last good copy, but that none asks for something by which it goes later.

// smallAlone is one image without what concerns the others.
type smallAlone struct {
	now  smallNow
	gone set
}

// doomed remembers of states of one image whether the platform's own moves, in any
// order, can bring it to no good copy. It goes for one frame.
type doomed map[smallAlone]bool

// is tells it of a state.
func (d doomed) is(w *smallWalk, n smallNow, gone set) bool {
	n.given = 0
	first := smallAlone{n, gone}
	if known, have := d[first]; have {
		return known
	}
	reached := map[smallAlone]struct{}{first: {}}
	open := []smallAlone{first}
	meet := func(next smallNow) {
		a := smallAlone{next, gone}
		if _, twice := reached[a]; !twice {
			reached[a] = struct{}{}
			open = append(open, a)
		}
	}
	for len(open) > 0 {
		a := open[len(open)-1]
		open = open[:len(open)-1]
		if known, have := d[a]; have && !known {
			continue
		} else if known || !a.now.hasGood() {
			d[first] = true
			return true
		}
		next := a.now
		next.known = next.assigned
		meet(next)
		for k := range w.c.Servers {
			if !w.c.Off.has(k) && !gone.has(k) {
				meet(w.refreshed(a.now, gone, k, false))
				meet(w.refreshed(a.now, gone, k, true))
			}
		}
	}
	for a := range reached {
		d[a] = false
	}
	return false
}

// hasGood: a removed server holds nothing, so where does not matter.
func (n *smallNow) hasGood() bool {
	for _, c := range n.copies {
		if c == good {
			return true
		}
	}
	return false
}

// lost is P1: a step takes no image's last good copy, and leaves none to a platform
// that may take it where it could not before.
func (w *smallWalk) lost(st *plan.Step, before, after *smallState) {
	for i := range w.c.Images {
		b, a := &before.images[i], &after.images[i]
		switch {
		case *a == *b && before.gone == after.gone, !b.hasGood():
		case !a.hasGood():
			w.fail(st, "P1: the last good copy of I%d is gone", i)
		case w.doomed.is(w, *a, after.gone) && !w.doomed.is(w, *b, before.gone):
			w.fail(st, "P1: the platform may take the last good copy of I%d from now on", i)
		}
	}
}

package simulation

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"
)

// gate lets the calls of pslan's workers through one at a time, in an order drawn
// from the seed. Whoever calls waits at the gate; when nobody in the simulation can
// go on otherwise (settle returns), one of those who wait is let through. So the
// same seed gives the same order, and other seeds give other ones.
type gate struct {
	settle func() // returns when all others wait
	draw   *rand.Rand

	mu      sync.Mutex
	waiting []*ticket
	wake    chan struct{}
	closed  bool
	done    chan struct{}
}

// ticket is one call that waits. Its key is its place among equals.
type ticket struct {
	key  string
	turn chan struct{}
}

func newGate(seed uint64, settle func()) *gate {
	g := &gate{settle: settle, draw: rand.New(rand.NewPCG(seed, 7)), wake: make(chan struct{}, 1), done: make(chan struct{})}
	go g.keep()
	return g
}

// pass waits until the call may go on.
func (g *gate) pass(key string) {
	t := &ticket{key, make(chan struct{})}
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return
	}
	g.waiting = append(g.waiting, t)
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
	<-t.turn
}

// lastOfAll is the key of who goes only when nobody else waits.
const lastOfAll = "\xff"

// quiet waits until nobody else waits or runs.
func (g *gate) quiet() { g.pass(lastOfAll) }

// open lets everybody through from now on, and ends the keeper.
func (g *gate) open() {
	g.mu.Lock()
	g.closed = true
	for _, t := range g.waiting {
		close(t.turn)
	}
	g.waiting = nil
	g.mu.Unlock()
	close(g.wake)
	<-g.done
}

func (g *gate) keep() {
	defer close(g.done)
	for range g.wake {
		for {
			g.settle()
			t := g.next()
			if t == nil {
				break
			}
			close(t.turn)
		}
	}
}

// next takes one of those who wait.
func (g *gate) next() *ticket {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || len(g.waiting) == 0 {
		return nil
	}
	slices.SortFunc(g.waiting, func(a, b *ticket) int { return cmp.Compare(a.key, b.key) })
	n, many := 0, len(g.waiting)
	if g.waiting[many-1].key == lastOfAll {
		many--
	}
	if many > 1 {
		n = g.draw.IntN(many)
	}
	t := g.waiting[n]
	g.waiting = slices.Delete(g.waiting, n, n+1)
	return t
}

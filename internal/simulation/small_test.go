package simulation

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pslan/internal/plan"
)

var smallCases = flag.Uint64("cases", 0, "model checking: try about so many cases of each size, evenly spread; 0: a few")

// TestSmall tries installations of up to three servers and two images with all that
// can be declared, in all legal orders: all of them, or an even sample.
func TestSmall(t *testing.T) {
	for _, size := range []struct {
		servers, images int
		few             uint64
	}{{1, 1, 1 << 20}, {2, 1, 1 << 20}, {3, 1, 1 << 20}, {2, 2, 1 << 20}, {3, 2, 1 << 20}} {
		t.Run(fmt.Sprintf("%dx%d", size.servers, size.images), func(t *testing.T) {
			total := space(size.servers, size.images)
			want := size.few
			if *smallCases > 0 {
				want = *smallCases
			}
			r := tour{t: t, servers: size.servers, images: size.images, failures: map[string]int{}}
			if want >= total {
				for n := range total {
					r.try(n)
				}
			} else {
				// Steps of an odd size that shares no factor with the space reach every digit.
				stride := total/want | 1
				for stride%3 == 0 || stride%5 == 0 || stride%7 == 0 {
					stride += 2
				}
				for n := uint64(0); n < total; n += stride {
					r.try(n)
				}
			}
			for _, what := range slices.Sorted(maps.Keys(r.failures)) {
				t.Errorf("%d times: %s", r.failures[what], what)
			}
			t.Logf("%d servers, %d images: %d numbers in the space, %d tried, %d of them cases up to renaming, %d with steps; %d plans walked by order alone (%d states, %d cut short), %d with the platform's own moves (%d states, %d cut short); %d writes refused by the reading before them",
				size.servers, size.images, total, r.tried, r.cases, r.plans, r.walks[0], r.states[0], r.cut[0], r.walks[1], r.states[1], r.cut[1], r.refused)
		})
	}
}

// TestSmallSees takes what a step needs away from it: the model must see a broken promise.
func TestSmallSees(t *testing.T) {
	for _, op := range []plan.Op{plan.TakeOwnership, plan.Unassign, plan.RetireServer} {
		t.Run(op.String(), func(t *testing.T) {
			for n := range space(2, 1) {
				c, ok := smallCase(2, 1, n)
				if !ok {
					continue
				}
				p := c.plan()
				if p == nil || len(walkSmall(&c, p, false, 20_000).broken) > 0 {
					continue
				}
				for i := range p.Steps {
					if p.Steps[i].Op == op {
						p.Steps[i].Needs = nil
					}
				}
				if w := walkSmall(&c, p, false, 20_000); len(w.broken) > 0 {
					t.Logf("seen in case %d: %s", n, w.broken[0])
					return
				}
			}
			t.Error("nobody sees in any case that the order is lost")
		})
	}
}

// tour counts what was tried.
type tour struct {
	t                   *testing.T
	servers, images     int
	tried, cases, plans int
	walks, states, cut  [2]int
	refused             int
	failures            map[string]int
}

func (r *tour) try(n uint64) {
	r.tried++
	c, ok := smallCase(r.servers, r.images, n)
	if !ok {
		return
	}
	r.cases++
	p := c.plan()
	if p == nil || len(p.Steps) == 0 {
		return
	}
	r.plans++
	for mode, hostile := range []bool{false, true} {
		w := walkSmall(&c, p, hostile, 20_000)
		r.walks[mode]++
		r.states[mode] += len(w.seen)
		r.refused += w.refused
		if w.cut {
			r.cut[mode]++
		}
		if len(w.broken) == 0 {
			continue
		}
		what, _, _ := strings.Cut(w.broken[0], " (")
		if r.failures[what]++; r.failures[what] <= 2 {
			r.t.Errorf("case %d, hostile %t: %s\n%+v\nsteps: %s", n, hostile, w.broken[0], c, stepsOf(p.Steps))
		}
	}
}

func stepsOf(steps []plan.Step) string {
	text := ""
	for i := range steps {
		text += fmt.Sprintf("\n  %d %s needs %v", i, steps[i].ID, steps[i].Needs)
	}
	return text
}

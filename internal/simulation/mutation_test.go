package simulation

import (
	"slices"
	"testing"

	"pslan/internal/apply"
)

// mutations are the guards of the promises, each with what is seen when it is gone.
var mutations = []struct {
	name     string
	promises []string
	from     uint64 // the first seed to try
	options  Options
}{
	{"LastCopy", []string{"P1"}, 1, Options{Weaken: apply.Guards{LastCopy: true}}},
	{"Proof", []string{"P2"}, 1000, Options{Weaken: apply.Guards{Proof: true}}},
	{"Staying", []string{"P3"}, 850, Options{Weaken: apply.Guards{Staying: true}}},
	{"OwnerKeeps", []string{"P3", "P4"}, 1500, Options{Weaken: apply.Guards{OwnerKeeps: true}}},
	{"Seen", []string{"P5"}, 1, Options{Weaken: apply.Guards{Seen: true}}},
	{"PlanningWrites", []string{"P6"}, 1, Options{Sabotage: PlanningWrites}},
	{"LookFirst", []string{"P7"}, 1, Options{Weaken: apply.Guards{LookFirst: true}}},
	{"StepsForgotten", []string{"P8"}, 1, Options{Sabotage: StepsForgotten}},
	{"StrangerTouched", []string{"P9"}, 1, Options{Sabotage: StrangerTouched}},
	{"Evidence", []string{"P2"}, 1, Options{Weaken: apply.Guards{Evidence: true}}},
	{"Intent", []string{"intent"}, 1, Options{Weaken: apply.Guards{Intent: true}}},
}

// TestEveryGuardIsMissed takes away one guard after the other: the simulation must
// see a broken promise that it does not see with the guard in its place.
func TestEveryGuardIsMissed(t *testing.T) {
	const most = 2000
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			for n := range uint64(most) {
				seed := m.from + n
				if broke := breaks(t, seed, m.options, m.promises); broke != "" && breaks(t, seed, Options{}, m.promises) == "" {
					t.Logf("seen after %d seeds: seed %d: %s", n+1, seed, broke)
					return
				}
			}
			t.Errorf("nobody sees in %d seeds that this guard is gone", most)
		})
	}
}

// breaks simulates a seed and tells how one of some promises was broken.
func breaks(t *testing.T, seed uint64, o Options, promises []string) string {
	for _, v := range simulate(t, Generate(seed), o).Broken {
		if slices.Contains(promises, v.Promise) {
			return v.String()
		}
	}
	return ""
}

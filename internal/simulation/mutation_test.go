package simulation

import (
	"slices"
	"testing"
	"time"

	"pslan/internal/apply"
	"pslan/internal/estate"
)

// mutation is a guard that is taken away.
type mutation struct {
	name     string
	promise  string // that is broken without it
	scenario func(n uint64) *Scenario
	options  Options
}

var mutations = []mutation{
	{"LastCopy", "P1", Generate, Options{Weaken: apply.Guards{LastCopy: true}}},
	{"Proof", "P2", Generate, Options{Weaken: apply.Guards{Proof: true}}},
	{"Evidence", "P2", Generate, Options{Weaken: apply.Guards{Evidence: true}}},
	{"Staying", "P3", fewerStay, Options{Weaken: apply.Guards{Staying: true}}},
	{"OwnerKeeps", "P4", ownerMoved, Options{Weaken: apply.Guards{OwnerKeeps: true}}},
	{"Seen", "P5", Generate, Options{Weaken: apply.Guards{Seen: true}}},
	{"PlanningWrites", "P6", Generate, Options{Sabotage: PlanningWrites}},
	{"LookFirst", "P7", Generate, Options{Weaken: apply.Guards{LookFirst: true}}},
	{"Intent", "intent", Generate, Options{Weaken: apply.Guards{Intent: true}}},
	{"StepsForgotten", "P8", Generate, Options{Sabotage: StepsForgotten}},
	{"StrangerTouched", "P9", Generate, Options{Sabotage: StrangerTouched}},
}

// TestEveryGuardIsMissed takes away one guard after the other: the simulation must
// see a broken promise that it does not see with the guard in its place.
func TestEveryGuardIsMissed(t *testing.T) {
	const most = 2000
	for _, m := range mutations {
		t.Run(m.promise+" "+m.name, func(t *testing.T) {
			for n := range uint64(most) {
				broke := breaks(t, m.scenario(n), m.options, m.promise)
				if broke != "" && breaks(t, m.scenario(n), Options{}, m.promise) == "" {
					t.Logf("seen after %d scenarios: %s", n+1, broke)
					return
				}
			}
			t.Errorf("nobody sees in %d scenarios that this guard is gone", most)
		})
	}
}

// TestGuardsAreMissedOnALatePlatform: what readings show late excuses pslan of less than
// its guards stand for. Of P4, and of what a fresh plan shows (P8), it excuses all that
// these scenarios do: somebody else acts in the moment of the request.
func TestGuardsAreMissedOnALatePlatform(t *testing.T) {
	const most = 1000
	for _, m := range mutations {
		if !slices.Contains([]string{"LastCopy", "Evidence", "Staying", "Seen", "LookFirst", "StrangerTouched"}, m.name) {
			continue
		}
		t.Run(m.promise+" "+m.name, func(t *testing.T) {
			for n := range uint64(most) {
				s := m.scenario(n)
				s.Lag = 5 * time.Minute
				if broke := breaks(t, s, m.options, m.promise); broke != "" {
					t.Logf("seen after %d scenarios: %s", n+1, broke)
					return
				}
			}
			t.Errorf("nobody sees in %d scenarios that this guard is gone", most)
		})
	}
}

// TestEveryPromiseHasAGuard: each of the nine is in the table.
func TestEveryPromiseHasAGuard(t *testing.T) {
	for _, promise := range []string{"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9"} {
		if !slices.ContainsFunc(mutations, func(m mutation) bool { return m.promise == promise }) {
			t.Errorf("no guard of %s is taken away", promise)
		}
	}
}

// narrowing is an image that loses one of three servers, with something that somebody
// else does at the n-th call: between the proof and the request, for some n.
func narrowing(n uint64, act string) *Scenario {
	all := Assigned{Mode: estate.AssignServers, Servers: []string{"PS1", "PS2", "PS3"}}
	s := &Scenario{
		Seed: n,
		Policy: Policy{MinCopies: 2, HashMaxAge: 7 * 24 * time.Hour, EvidenceMaxAge: time.Hour,
			Download: 48 * time.Hour, Ownership: 4 * time.Hour, Sync: 30 * time.Minute, Operator: 36 * time.Hour},
		Rules:  Rules{RefreshEvery: 4 * time.Hour, UpdateEvery: 12 * time.Hour, DeleteUnused: 48 * time.Hour},
		Images: []Image{{Name: "I0", Owner: "PS1", Assigned: all, Recorded: true, Files: 2, Bytes: 600, Declared: true, WantOwner: "PS1"}},
		Rounds: []Round{{Parallelism: 1}},
		Acts:   []Act{{When: BeforeCall, At: int(n) + 1, Break: act}},
	}
	s.Images[0].Want = &Assigned{Mode: estate.AssignServers, Servers: []string{"PS1", "PS2"}}
	for _, name := range all.Servers {
		s.Servers = append(s.Servers, Server{Name: name, Sites: []string{"A"}, Free: estate.Unknown})
		s.Images[0].Copies = append(s.Images[0].Copies, Copy{Server: name, Content: 'A'})
	}
	return s
}

// fewerStay: one of the two copies that stay vanishes.
func fewerStay(n uint64) *Scenario { return narrowing(n, "PS2 missing I0") }

// ownerMoved: another server becomes the owner and does not know it yet.
func ownerMoved(n uint64) *Scenario { return narrowing(n, "owner I0 PS2") }

// breaks simulates a scenario and tells how a promise was broken.
func breaks(t *testing.T, s *Scenario, o Options, promise string) string {
	for _, v := range simulate(t, s, o).Broken {
		if v.Promise == promise {
			return v.String()
		}
	}
	return ""
}

package apply

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// TestTransitions holds the table of states against itself: what is settled stays
// so, everything else can still end, and nothing is asked for without a reading.
func TestTransitions(t *testing.T) {
	for from := range states {
		if from.settled() != (len(legal[from]) == 0) {
			t.Errorf("%s: settled %v, and it can go to %v", from, from.settled(), legal[from])
		}
		seen := map[state]bool{from: true}
		for queue := []state{from}; len(queue) > 0; queue = queue[1:] {
			for _, to := range legal[queue[0]] {
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
		if !seen[done] && !from.settled() {
			t.Errorf("%s can never be done", from)
		}
		if slices.Contains(legal[from], asking) && from != queued && from != grouped {
			t.Errorf("%s goes to %s without a reading", from, asking)
		}
		if slices.Contains(legal[from], queued) && from != looking {
			t.Errorf("%s goes to %s without a reading", from, queued)
		}
	}
}

func TestIllegalTransitionPanics(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "step x cannot go from waiting to done") {
			t.Errorf("the panic says %q", p)
		}
	}()
	mustBeLegal("x", waiting, done)
}

func TestStepHeap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.Int32()).Draw(t, "steps")
		var h stepHeap
		for _, n := range in {
			h.push(plan.StepNo(n))
		}
		slices.Sort(in)
		for i, want := range in {
			if got := h.pop(); got != plan.StepNo(want) {
				t.Fatalf("pop %d gave %d, want %d", i, got, want)
			}
		}
	})
}

// TestChain: the reason of a step that is not run names the chain, its middle left
// out where it is long.
func TestChain(t *testing.T) {
	p := &plan.Plan{}
	for i := range 6 {
		s := plan.Step{ID: string(rune('a' + i))}
		if i > 0 {
			s.Needs = []plan.StepNo{plan.StepNo(i - 1)}
		}
		p.Steps = append(p.Steps, s)
	}
	m := newMachine(p, settings{})
	m.take(time.Time{})
	m.settle(0, failed, "", fmt.Errorf("refused"))
	var got []string
	for _, n := range m.told() {
		got = append(got, p.Steps[n.no].ID+": "+n.text)
	}
	want := []string{
		"a: ",
		"b: it needs a, which failed",
		"c: it needs b, which needs a, which failed",
		"d: it needs c, which needs b, which needs a, which failed",
		"e: it needs d, which needs c, which needs b, which needs a, which failed",
		"f: it needs e, which needs d, which needs c, …, which needs a, which failed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if m.open != 0 {
		t.Errorf("%d steps are still open", m.open)
	}
}

// TestGrowing: what one assignment covers of another, and whom it would drop.
func TestGrowing(t *testing.T) {
	w := newFakeWorld()
	for name, site := range map[string]string{"PS008": "HQ", "PS009": "BRANCH", "PS010": "HQ"} {
		w.servers = append(w.servers, &fakeServer{name: name, sites: []string{site}})
	}
	e, _ := w.estate(nil)
	v := &view{Observation: &Observation{Estate: e, Index: estate.NewIndex(e)}}
	for _, c := range []struct {
		have, want string
		covered    bool
		dropped    string
	}{
		{"all", "PS008", true, "PS009, PS010"},
		{"all", "site:HQ", true, "PS009"},
		{"all", "all", true, ""},
		{"PS008", "all", false, ""},
		{"PS008+PS010", "PS010", true, "PS008"},
		{"PS008", "PS008+PS010", false, ""},
		{"ps008", "PS008", true, ""},
		{"site:HQ", "PS008+PS010", true, ""},
		{"site:HQ", "PS008", true, "PS010"},
		{"site:HQ+BRANCH", "site:hq", true, "PS009"},
		{"PS008+PS010", "site:HQ", false, ""},
	} {
		haveNames, wantNames := assignmentOf(c.have), assignmentOf(c.want)
		have, _ := v.resolve(&haveNames)
		want, _ := v.resolve(&wantNames)
		if got := v.covered(&have, &want); got != c.covered {
			t.Errorf("%s covers %s: %v, want %v", c.have, c.want, got, c.covered)
		}
		if got := v.dropped(&have, &want, false); got != c.dropped {
			t.Errorf("from %s to %s drops %q, want %q", c.have, c.want, got, c.dropped)
		}
	}
	automatic := estate.Assignment{Mode: estate.AssignAutomatic, Sites: []string{"HQ"}}
	individual := estate.ServersOf(0, 2)
	if got := v.dropped(&automatic, &individual, false); got != "servers that the platform does not tell" {
		t.Errorf("members that are not known: dropped %q", got)
	}
	if got := v.dropped(&automatic, &individual, true); got != "" {
		t.Errorf("members that are not known, and the plan was made for that: dropped %q", got)
	}
	if v.covered(&automatic, &individual) {
		t.Error("an assignment whose members are not known is taken for one by name")
	}
}

// TestHold: a step that is held is not run, with the reason, and so is what needs it.
func TestHold(t *testing.T) {
	w, p := branch(2, "PS010")
	r := runner(w, p)
	r.Options.Hold = func(s *plan.Step, o *Observation) string {
		if s.Op == plan.TakeOwnership && o.Index.ImageByGUID(s.Image) != nil {
			return "held: it moves the origin"
		}
		return ""
	}
	report := r.Run(t.Context())
	if w.count("TakeOwnership") != 0 {
		t.Error("a held step was asked for")
	}
	held := 0
	for i := range report.Outcomes {
		if o := report.Outcomes[i]; o.Outcome == OutcomeNotRun && strings.Contains(o.Reason, "held: it moves the origin") {
			held++
		}
	}
	if held != 2*3 {
		t.Errorf("%d steps name the reason, want 6", held)
	}
}

// TestRoundSeesItsUpdate: which membership updates count as the one that was asked for.
func TestRoundSeesItsUpdate(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.Parse("15:04:05.0", s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	type state = platformSync
	for name, c := range map[string]struct {
		base, now state
		seen      bool
	}{
		"the one before":             {state{at("09:00:00.0"), at("09:01:00.0"), false}, state{at("09:00:00.0"), at("09:01:00.0"), false}, false},
		"a new one":                  {state{at("09:00:00.0"), at("09:01:00.0"), false}, state{at("10:00:01.0"), at("10:01:00.0"), false}, true},
		"told in seconds":            {state{at("09:00:00.0"), at("09:01:00.0"), false}, state{at("10:00:00.0"), at("10:01:00.0"), false}, true},
		"one that ran already":       {state{at("09:00:00.0"), at("09:01:00.0"), true}, state{at("10:00:00.0"), at("10:01:00.0"), false}, false},
		"one that ran, begun then":   {state{at("10:00:00.7"), at("09:01:00.0"), true}, state{at("10:00:00.7"), at("10:01:00.0"), false}, false},
		"one that ran, told late":    {state{at("09:00:00.0"), at("09:01:00.0"), true}, state{at("10:00:00.7"), at("10:01:00.0"), false}, false},
		"begun before, seen after":   {state{at("09:00:00.0"), at("09:01:00.0"), false}, state{at("09:59:58.0"), at("10:01:00.0"), false}, false},
		"the next one still running": {state{at("09:00:00.0"), at("09:01:00.0"), false}, state{at("09:00:00.0"), at("09:01:00.0"), true}, false},
	} {
		r := &round{attempts: 1, answered: true, asked: at("10:00:00.7"), base: c.base.platform()}
		r.updateSeen(c.now.platform())
		if r.updated != c.seen {
			t.Errorf("%s: seen %v, want %v", name, r.updated, c.seen)
		}
	}
}

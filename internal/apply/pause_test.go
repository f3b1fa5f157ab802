package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// goOn carries a paused voyage on to its end, and holds the end against that of a run
// that nothing disturbs.
func goOn(t *testing.T, name string, w *fakeWorld, p *plan.Plan, records []Record, want string) {
	t.Helper()
	report, _ := sail(w, p, records, never, false)
	if report.Err != nil || report.Remaining != 0 || report.Paused {
		t.Fatalf("%s: the next run did not come to its end: %+v", name, report)
	}
	if got := ashore(w); got != want {
		t.Fatalf("%s: it ends as\n%s, and undisturbed as\n%s", name, got, want)
	}
	once(prefixed{t, name + ": "}, w)
}

// TestDeadlineAtEverySecond: wherever the deadline falls, the run ends in time, with
// nothing asked for that is not seen but syncs and, for a hop that took longer than
// estimated, no longer than that; and the next run goes on from there.
func TestDeadlineAtEverySecond(t *testing.T) {
	w, p := voyage()
	whole, _ := sail(w, p, nil, never, false)
	want := ashore(w)
	step := time.Second
	if testing.Short() {
		step = 17 * time.Second
	}
	for d := time.Duration(0); d <= whole.Elapsed; d += step {
		w, p := voyage()
		r := runner(w, p)
		journal := &MemoryJournal{}
		r.Journal, r.Options.Deadline = journal, dayOne.Add(d)
		late := false
		w.before = func(call string) {
			late = late || !w.now.Before(r.Options.Deadline) && !strings.HasPrefix(call, "UpdateMembership") && !strings.HasPrefix(call, "RefreshServer")
		}
		report := r.Run(t.Context())
		if report.Err != nil || report.Count(OutcomeFailed)+report.Count(OutcomeUnknown) > 0 {
			t.Fatalf("deadline %s: %v", d, report)
		}
		if late {
			t.Fatalf("deadline %s: something was begun after it: %v", d, w.calls)
		}
		if report.Elapsed > d {
			t.Fatalf("deadline %s: the run took %s", d, report.Elapsed)
		}
		if report.Paused != (report.Remaining > 0) {
			t.Fatalf("deadline %s: paused %v with %d steps left", d, report.Paused, report.Remaining)
		}
		for i, o := range report.Outcomes {
			if o.Outcome == OutcomeAsked && p.Steps[i].Op != plan.Sync {
				t.Fatalf("deadline %s: %s was left without having been seen", d, p.Steps[i].ID)
			}
			if s := &p.Steps[i]; s.Op == plan.TakeOwnership && o.Outcome == OutcomeDone && report.Outcomes[i+2].Outcome != OutcomeDone {
				t.Fatalf("deadline %s: the hop of %s was left half way", d, s.ID)
			}
		}
		w.before = nil
		goOn(t, d.String(), w, p, journal.Records(), want)
	}
}

// TestSlowHopPastTheDeadline: takes that last longer than estimated are followed past
// the deadline, and no longer than twice as long as they were estimated to take.
func TestSlowHopPastTheDeadline(t *testing.T) {
	for _, takes := range []time.Duration{3 * time.Minute, 10 * time.Minute, 3 * time.Hour} {
		w, p := branch(1, "PS010")
		w.took["take"] = takes
		r := runner(w, p)
		r.Options.Deadline = dayOne.Add(22 * time.Minute)
		report := r.Run(t.Context())
		if over := report.Elapsed - 22*time.Minute; over > 8*time.Minute {
			t.Errorf("takes last %s: the run went on for %s past its deadline", takes, over)
		}
		if takes == 3*time.Minute && report.Outcomes[6].Outcome != OutcomeDone {
			t.Errorf("the hop was left half way: %+v", report.Outcomes)
		}
		if takes == 3*time.Hour && (report.Outcomes[4].Outcome != OutcomeAsked || !report.Paused) {
			t.Errorf("the take ended as %+v, paused %v", report.Outcomes[4], report.Paused)
		}
	}
}

// TestDeadlineLearns: a sync that takes long makes the run expect that of the next one.
func TestDeadlineLearns(t *testing.T) {
	w, p := branch(1, "PS010")
	w.took["update"] = 20 * time.Minute
	r := runner(w, p)
	r.Options.Deadline = dayOne.Add(45 * time.Minute) // the take would be begun after 31 m
	report := r.Run(t.Context())
	if report.Outcomes[3].Outcome != OutcomeDone || report.Outcomes[4].Outcome != OutcomeNotRun || w.count("TakeOwnership") > 0 {
		t.Errorf("the take was begun although its sync takes 20 minutes: %+v", report.Outcomes)
	}
}

// TestDeadlineOnARunningClock: the run ends at its deadline also while files are hashed.
func TestDeadlineOnARunningClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := branch(1, "PS010")
		atNow(w)
		real := &realWorld{fakeWorld: w, slow: func(call string) time.Duration {
			if call == "observe hash=true" {
				return 10 * time.Hour
			}
			return 0
		}}
		r := runner(real, p)
		r.Options.Deadline = time.Now().Add(time.Hour)
		report := r.Run(t.Context())
		if !report.Paused || report.Err != nil || report.Elapsed != time.Hour {
			t.Fatalf("paused %v after %s, err %v", report.Paused, report.Elapsed, report.Err)
		}
	})
}

// slowAssign is a platform that takes a while to answer a change of assignment.
type slowAssign struct{ *realWorld }

func (w *slowAssign) SetAssignment(ctx context.Context, r platform.ImageRef, to estate.AssignmentNames) error {
	<-time.After(10 * time.Second)
	return w.realWorld.SetAssignment(ctx, r, to)
}

// TestReadBackPastTheDeadline: an assignment whose answer comes after the deadline is
// still read back, and nothing else is begun.
func TestReadBackPastTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := branch(1, "PS010")
		atNow(w)
		p.Steps[0].Seconds = 1
		r := runner(&slowAssign{&realWorld{fakeWorld: w, slow: func(string) time.Duration { return 0 }}}, p)
		r.Options.Deadline = time.Now().Add(5 * time.Second)
		report := r.Run(t.Context())
		if report.Outcomes[0].Outcome != OutcomeDone || !report.Paused || report.Remaining != len(p.Steps)-1 || len(w.calls) != 1 {
			t.Fatalf("after %s: %+v, %v", report.Elapsed, report.Outcomes, w.calls)
		}
	})
}

// TestStopAtEveryEvent: wherever an interrupt comes, nothing is begun after it, what
// was asked for is no failure, and the next run goes on from there.
func TestStopAtEveryEvent(t *testing.T) {
	w, p := voyage()
	events := 0
	r := runner(w, p)
	r.Emit = func(Event) { events++ }
	allDone(t, r.Run(t.Context()))
	want := ashore(w)
	for n := range events {
		w, p := voyage()
		r := runner(w, p)
		journal, stop := &MemoryJournal{}, make(chan struct{})
		r.Journal, r.Options.Stop, r.Options.Parallelism = journal, stop, 3
		seen, calls := 0, 0
		r.Emit = func(e Event) {
			if seen == n {
				close(stop)
				calls = len(w.calls)
			}
			switch e.(type) {
			case Failed, Unknown:
				t.Fatalf("event %d: %s", n, eventLine(e))
			}
			seen++
		}
		report := r.Run(t.Context())
		if report.Err != nil || report.Paused != (report.Remaining > 0) || report.Stopped != report.Paused {
			t.Fatalf("event %d: %+v", n, report)
		}
		if more := len(w.calls) - calls; more > 3 {
			t.Fatalf("event %d: %d writes were made after the interrupt", n, more)
		}
		checkJournal(t, journal.Records(), p)
		goOn(t, fmt.Sprintf("event %d", n), w, p, journal.Records(), want)
	}
}

// TestApproveSafe: nothing that carries a risk is asked for, the rest is done, and
// approval brings it to its end.
func TestApproveSafe(t *testing.T) {
	w, p := voyage()
	r := runner(w, p)
	journal := &MemoryJournal{}
	r.Journal, r.Options.ApproveSafe = journal, true
	report := r.Run(t.Context())
	if w.count("TakeOwnership") > 0 || w.count("SetAssignment") != 2 {
		t.Errorf("without approval: %v", w.calls)
	}
	if !report.Paused || report.Stopped || !strings.Contains(report.Why, "approval is missing for 2 steps") || report.Remaining != len(p.Steps)-9 {
		t.Errorf("paused %v, %d left: %s", report.Paused, report.Remaining, report.Why)
	}
	undisturbed, q := voyage()
	sail(undisturbed, q, nil, never, false)
	goOn(t, "approved", w, p, journal.Records(), ashore(undisturbed))
}

// TestAskIsLeft: a person who does not answer does not hold up an interrupt.
func TestAskIsLeft(t *testing.T) {
	w, p := voyage()
	p.Steps = p.Steps[len(p.Steps)-1:]
	r := runner(w, p)
	stop, answer := make(chan struct{}), make(chan struct{})
	r.Options.Stop = stop
	r.Options.History = map[string]StepHistory{"rebuild_preboot:winpe": {State: RecordRequested, At: dayOne}}
	r.Options.Ask = func(*plan.Step, string) Answer {
		close(stop)
		<-answer
		return AnswerDone
	}
	report := r.Run(context.Background())
	close(answer)
	if !report.Paused || report.Outcomes[0].Outcome != OutcomeNotRun || len(w.calls) > 0 {
		t.Errorf("it ended as %+v after %v", report, w.calls)
	}
}

// TestOperatorsTasks: what waits for an operator is told in plan order, with until
// when it may be done, and the rest is finished.
func TestOperatorsTasks(t *testing.T) {
	w, p := branch(3, "PS010")
	w.desc.OperatorPresent = false
	for i := range p.Steps {
		if p.Steps[i].Op == plan.TakeOwnership {
			p.Steps[i].By = plan.ByOperator
		}
	}
	report := runner(w, p).Run(t.Context())
	if !report.Waiting || !report.Paused || len(report.Operator) != 3 || len(w.calls) != 5 {
		t.Fatalf("%+v after %v", report, w.calls)
	}
	var names []string
	for _, n := range report.Operator {
		names = append(names, n.Step.Name)
		if left := n.ValidUntil.Sub(w.now); left <= 59*time.Minute || left > time.Hour || n.Check == "" {
			t.Errorf("%s is valid for %s; look: %s", n.Step.Name, left, n.Check)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("not in plan order: %v", names)
	}
}

package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// voyage is a world with a plan in which everything occurs that a crash could harm:
// two hops, an assignment taken away, and a rebuild that nobody can see.
func voyage() (*fakeWorld, *plan.Plan) {
	w, p := branch(2, "PS009", "PS010")
	for _, img := range w.images {
		addUnassign(p, img.name)
	}
	w.boots = []estate.Preboot{{Name: "winpe", GUID: guidOf("winpe"), ConnectsTo: "smp02"}}
	to := "smp02"
	p.Steps = append(p.Steps, plan.Step{ID: "rebuild_preboot:winpe", Op: plan.RebuildPreboot, Name: "winpe", Preboot: guidOf("winpe"), After: plan.Facts{ConnectsTo: &to}})
	return w, p
}

// addUnassign lets the plan take an image's assignment from PS008 at its end.
func addUnassign(p *plan.Plan, name string) {
	last := noStep
	for no := range p.Steps {
		if p.Steps[no].Name == name {
			last = plan.StepNo(no)
		}
	}
	before, after, owner := assignmentOf("PS008+PS009+PS010"), assignmentOf("PS009+PS010"), "PS010"
	p.Steps = append(p.Steps,
		plan.Step{ID: "unassign:" + name, Op: plan.Unassign, Image: guidOf(name), Name: name, Servers: []string{"PS008"}, Needs: []plan.StepNo{last},
			Address: estate.BlockAddress("image", name, nil),
			Before:  plan.Facts{Owner: &owner, Assignment: &before, Verified: []string{"PS010", "PS009"}}, After: plan.Facts{Assignment: &after}},
		plan.Step{ID: "sync:" + name + ":last", Op: plan.Sync, Image: guidOf(name), Name: name, Servers: []string{"PS008"},
			Address: estate.BlockAddress("image", name, nil), Needs: []plan.StepNo{plan.StepNo(len(p.Steps))}})
}

// ashore is how a voyage ends, crashes or not.
func ashore(w *fakeWorld) string {
	var b strings.Builder
	for _, i := range w.images {
		fmt.Fprintf(&b, "%s owner %s, assigned %s;", i.name, i.owner, assigned(i.assigned))
		for _, s := range w.servers {
			c := i.copies[s.name]
			fmt.Fprintf(&b, " %s good %v marked %v;", s.name, sameSizes(c.files, i.content), !c.deleteAfter.IsZero())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// once holds the requests of all runs together: what moves or takes away is asked for
// as often as in one run that nothing disturbs.
func once(t interface{ Fatalf(string, ...any) }, w *fakeWorld) {
	for _, call := range []string{"SetAssignment image00000", "SetAssignment image00001"} {
		if n := w.count(call); n != 3 {
			t.Fatalf("%s was asked for %d times, want 3: %v", call, n, w.calls)
		}
	}
	for _, call := range []string{"TakeOwnership image00000", "TakeOwnership image00001"} {
		if n := w.count(call); n != 2 {
			t.Fatalf("%s was asked for %d times, want 2: %v", call, n, w.calls)
		}
	}
	if n := w.count("RebuildPreboot"); n != 1 {
		t.Fatalf("the rebuild was asked for %d times", n)
	}
}

// crashing is a journal that ends the run at one record, as a crash would: what it
// holds then is all that is left of the run.
type crashing struct {
	records []Record
	left    int  // records until the crash
	early   bool // it crashes as soon as the last of them is durable, not at the next one
	crash   func()
}

var errCrash = errors.New("crash")

func (j *crashing) Append(records ...Record) error {
	for _, r := range records {
		if j.left == 0 {
			j.crash()
			return errCrash
		}
		j.records = append(j.records, r)
		if j.left--; j.left == 0 && j.early {
			j.crash()
			return errCrash
		}
	}
	return nil
}

// sail runs the plan until it is done or crashes at a record, with the journal of the
// runs before.
func sail(w *fakeWorld, p *plan.Plan, before []Record, crashAt int, early bool) (*Report, []Record) {
	j := &crashing{left: crashAt, early: early}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	j.crash = cancel
	r := runner(w, p)
	r.Journal = j
	r.Options.Parallelism = 3
	r.Options.History = HistoryOf(before)
	r.Options.Ask = w.knows
	report := r.Run(ctx)
	return report, append(slices.Clone(before), j.records...)
}

// knows answers as a person who was there.
func (w *fakeWorld) knows(*plan.Step, string) Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count("RebuildPreboot") > 0 {
		return AnswerDone
	}
	return AnswerNotDone
}

const never = 1 << 30

// TestCrashAtEveryRecord: a run that crashed at any record, before or after the
// request that followed it, comes to the same end, and nothing that moves or takes
// away is asked for twice.
func TestCrashAtEveryRecord(t *testing.T) {
	w, p := voyage()
	report, whole := sail(w, p, nil, never, false)
	allDone(t, report)
	once(t, w)
	want := ashore(w)
	for _, early := range []bool{false, true} {
		for k := range len(whole) {
			w, p := voyage()
			report, left := sail(w, p, nil, k, early && k > 0)
			if !errors.Is(report.Err, errCrash) && !errors.Is(report.Err, context.Canceled) {
				t.Fatalf("record %d: the run did not crash: %v", k, report.Err)
			}
			again, _ := sail(w, p, left, never, false)
			name := fmt.Sprintf("record %d, early %v: ", k, early)
			if again.Err != nil || again.Count(OutcomeDone)+again.Count(OutcomeSkipped) != len(p.Steps) {
				t.Fatalf("%sthe second run did not come to its end: %v", name, again)
			}
			if got := ashore(w); got != want {
				t.Fatalf("%sit ends as\n%s, and without a crash as\n%s", name, got, want)
			}
			once(prefixed{t, name}, w)
		}
	}
}

type prefixed struct {
	t    *testing.T
	name string
}

func (p prefixed) Fatalf(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf(p.name+format, args...)
}

// TestCrashAgainAndAgain: several crashes in a row, with time between them.
func TestCrashAgainAndAgain(t *testing.T) {
	w, p := voyage()
	_, whole := sail(w, p, nil, never, false)
	want := ashore(w)
	rapid.Check(t, func(t *rapid.T) {
		w, p := voyage()
		var records []Record
		for range rapid.IntRange(1, 5).Draw(t, "crashes") {
			_, records = sail(w, p, records, rapid.IntRange(0, len(whole)).Draw(t, "record"), rapid.Bool().Draw(t, "early"))
			pass(w, time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds"))*time.Second)
		}
		report, _ := sail(w, p, records, never, false)
		if report.Err != nil || report.Count(OutcomeDone)+report.Count(OutcomeSkipped) != len(p.Steps) {
			t.Fatalf("the last run did not come to its end: %v", report)
		}
		if got := ashore(w); got != want {
			t.Fatalf("it ends as\n%s, and without a crash as\n%s", got, want)
		}
		once(t, w)
	})
}

// pass lets time pass while no run is there.
func pass(w *fakeWorld, d time.Duration) {
	for until := w.Now().Add(d); w.Now().Before(until); {
		_ = w.Pause(context.Background(), 0, until)
	}
}

// TestVanishedBetweenRuns: whatever copy vanishes while no run is there, ownership is
// never taken of what is not proved, and the image keeps its files.
func TestVanishedBetweenRuns(t *testing.T) {
	w, p := voyage()
	_, whole := sail(w, p, nil, never, false)
	for k := range len(whole) {
		for _, server := range []string{"PS009", "PS010"} {
			w, p := voyage()
			_, left := sail(w, p, nil, k, false)
			img := w.images[0]
			pass(w, 2*time.Minute) // what was taken on a proved copy has moved
			if c := img.copies[server]; c != nil && img.owner != server {
				c.files = nil
			}
			w.before = func(call string) {
				if call == "TakeOwnership image00000" && len(img.copies["PS009"].files)+len(img.copies["PS010"].files) == 0 {
					t.Fatalf("record %d: taken although nothing is there", k)
				}
			}
			sail(w, p, left, never, false)
			if c := img.copies[img.owner]; !sameSizes(c.files, img.content) {
				t.Fatalf("record %d, %s: the owner %s holds no good copy", k, server, img.owner)
			}
		}
	}
}

// TestNothingIsRequestedWithoutTheLease: the first write that may not be made ends
// the run, and no other one is made.
func TestNothingIsRequestedWithoutTheLease(t *testing.T) {
	lost := errors.New("the lease was lost")
	w, p := voyage()
	allDone(t, func() *Report { r, _ := sail(w, p, nil, never, false); return r }())
	for n := range len(w.calls) {
		w, p := voyage()
		r := runner(w, p)
		journal := r.Journal.(*MemoryJournal)
		r.Options.Parallelism = 1
		asked := 0
		r.Options.Before = func(context.Context) error {
			if asked++; asked > n {
				return lost
			}
			return nil
		}
		report := r.Run(t.Context())
		if !errors.Is(report.Err, lost) {
			t.Fatalf("write %d: the run ended with %v", n, report.Err)
		}
		if len(w.calls) != n {
			t.Fatalf("%d writes were made, want %d", len(w.calls), n)
		}
		if report.Paused || report.Count(OutcomeFailed)+report.Count(OutcomeUnknown) > 0 {
			t.Fatalf("write %d: what was not asked for did not fail: %+v", n, report)
		}
		checkJournal(t, journal.Records(), p)
		r.Options.Before, r.Options.History, r.Options.Ask = nil, HistoryOf(journal.Records()), w.knows
		allDone(t, r.Run(t.Context()))
		if got, want := w.count("TakeOwnership"), 4; got != want {
			t.Fatalf("write %d: %d takes, want %d", n, got, want)
		}
	}
}

// TestJournalGroups: the intents of requests that go together are one group, and the
// group is there before the first of them.
func TestJournalGroups(t *testing.T) {
	w, p := branch(8, "PS010")
	j := &groups{}
	w.before = func(call string) {
		if strings.HasPrefix(call, "SetAssignment") && j.intents() < 8 {
			t.Errorf("%s with %d intents recorded", call, j.intents())
		}
	}
	r := runner(w, p)
	r.Journal, r.Options.Parallelism = j, 8
	allDone(t, r.Run(t.Context()))
	if most := slices.Max(j.sizes); most < 8 {
		t.Errorf("the largest group has %d records", most)
	}
	if n := len(j.sizes); n > 40 {
		t.Errorf("%d groups for one move of 8 images", n)
	}
	for _, rec := range j.Records() {
		if rec.Kind == RecordIntended && strings.HasPrefix(rec.Step, "assign:") && (rec.Before != "PS008" || rec.After != "PS008, PS010" || !slices.Equal(rec.Servers, []string{"PS010"})) {
			t.Errorf("an intent says %+v", rec)
		}
	}
}

type groups struct {
	MemoryJournal
	sizes []int
}

func (g *groups) Append(records ...Record) error {
	g.sizes = append(g.sizes, len(records))
	return g.MemoryJournal.Append(records...)
}

func (g *groups) intents() (n int) {
	for _, r := range g.Records() {
		if r.Kind == RecordIntended {
			n++
		}
	}
	return n
}

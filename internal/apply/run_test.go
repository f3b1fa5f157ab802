package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// branch is a world of n images on PS008 with a plan that moves each over the given
// servers in turn.
func branch(n int, path ...string) (*fakeWorld, *plan.Plan) {
	w, p := newFakeWorld(), &plan.Plan{}
	for _, name := range append([]string{"PS008"}, path...) {
		w.servers = append(w.servers, &fakeServer{name: name, sites: []string{"HQ"}, free: estate.Unknown})
		w.sync.Refreshed[name] = dayOne.Add(-time.Hour)
	}
	for i := range n {
		name := fmt.Sprintf("image%05d", i)
		img := &fakeImage{
			name: name, guid: guidOf(name), pack: guidOf("package of " + name), owner: "PS008", assigned: assignmentOf("PS008"),
			content: filesOf("A", 2, 500), copies: map[string]*fakeCopy{}, at: map[string][]platform.File{},
		}
		img.published = img.assigned
		img.copies["PS008"] = &fakeCopy{folder: true, files: img.content, managed: estate.ManagedLocal}
		w.images = append(w.images, img)
		moveSteps(p, name, append([]string{"PS008"}, path...))
	}
	return w, p
}

// moveSteps writes the steps of one image's move.
func moveSteps(p *plan.Plan, name string, path []string) {
	last := noStep
	add := func(s plan.Step) {
		s.Image, s.Name, s.Address = guidOf(name), name, estate.BlockAddress("image", name, nil)
		s.ID = fmt.Sprintf("%s:%s:%s:%d", s.Op, s.Address, s.Server, len(p.Steps))
		if last != noStep {
			s.Needs = []plan.StepNo{last}
		}
		last = plan.StepNo(len(p.Steps))
		p.Steps = append(p.Steps, s)
	}
	assignedTo := path[:1]
	for i := 1; i < len(path); i++ {
		from, to := path[i-1], path[i]
		before, after := assignmentOf(strings.Join(assignedTo, "+")), assignmentOf(strings.Join(path[:i+1], "+"))
		assignedTo = path[:i+1]
		add(plan.Step{Op: plan.Assign, Servers: []string{to}, Starts: 1, Before: plan.Facts{Assignment: &before}, After: plan.Facts{Assignment: &after}})
		add(plan.Step{Op: plan.Sync, Servers: []string{to}, MustReach: []string{to}})
		add(plan.Step{Op: plan.WaitCopy, Server: to, From: from, Files: 2, Bytes: 1000})
		add(plan.Step{Op: plan.VerifyCopy, Server: to, From: from, Files: 2, Bytes: 1000})
		add(plan.Step{Op: plan.TakeOwnership, By: plan.ByServer, Server: to, From: from, Before: plan.Facts{Owner: &from, Verified: []string{to}}})
		add(plan.Step{Op: plan.Sync, Servers: []string{from, to}, MustReach: []string{to}})
		add(plan.Step{Op: plan.VerifyOwnership, Server: to, From: from})
	}
}

func runner(w World, p *plan.Plan) *Runner {
	return &Runner{Plan: p, World: w, Journal: &MemoryJournal{}, Options: Options{Run: "test", Policy: declared.DefaultPolicy()}}
}

func allDone(t *testing.T, r *Report) {
	t.Helper()
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	for i, o := range r.Outcomes {
		if o.Outcome != OutcomeDone && o.Outcome != OutcomeSkipped {
			t.Fatalf("step %d: outcome %d: %s", i, o.Outcome, o.Reason)
		}
	}
}

// TestCalls holds the number of platform calls to the bar: requests with the images
// and hops, syncs with the longest chain, readings with neither.
func TestCalls(t *testing.T) {
	looks := map[int]int{}
	for _, n := range []int{1, 60} {
		w, p := branch(n, "PS009", "PS010")
		allDone(t, runner(w, p).Run(t.Context()))
		if got := w.count("SetAssignment"); got != n*2 {
			t.Errorf("%d images: %d assignments, want %d", n, got, n*2)
		}
		if got := w.count("TakeOwnership"); got != n*2 {
			t.Errorf("%d images: %d takes, want %d", n, got, n*2)
		}
		if got := w.count("UpdateMembership"); got != 4 {
			t.Errorf("%d images: %d membership updates, want 4: two a hop", n, got)
		}
		if got := w.count("RefreshServer"); got != 6 {
			t.Errorf("%d images: %d refreshes, want 6", n, got)
		}
		looks[n] = w.looks
	}
	if looks[60] != looks[1] {
		t.Errorf("60 images took %d readings, one took %d: they must not grow with the images", looks[60], looks[1])
	}
}

// TestSameEveryTime runs the same world twice with many workers: the events are the
// same, in the same order.
func TestSameEveryTime(t *testing.T) {
	history := func() []string {
		w, p := branch(20, "PS009", "PS010")
		w.faults["TakeOwnership image00003"] = "dropped-once"
		w.faults["SetAssignment image00007"] = "refuse"
		var lines []string
		r := runner(w, p)
		r.Options.Parallelism = 8
		r.Emit = func(e Event) { lines = append(lines, eventLine(e)) }
		r.Run(t.Context())
		return lines
	}
	first := history()
	for range 5 {
		if again := history(); !slices.Equal(first, again) {
			t.Fatal("the same run told another history")
		}
	}
}

// TestLimitsAtEveryMoment counts downloads in flight at every reading.
func TestLimitsAtEveryMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "images")
		w, p := branch(n, "PS010")
		p.Limits = plan.Limits{MaxDownloads: rapid.IntRange(0, 4).Draw(t, "all"), PerServer: rapid.IntRange(0, 3).Draw(t, "each")}
		for _, i := range w.images {
			i.downloadTakes = time.Duration(rapid.IntRange(1, 20).Draw(t, "takes")) * time.Minute
		}
		w.observed = func(*Observation, []Want) {
			busy := 0
			for _, i := range w.images {
				if c := i.copies["PS010"]; c != nil && c.busy {
					busy++
				}
			}
			if p.Limits.MaxDownloads > 0 && busy > p.Limits.MaxDownloads || p.Limits.PerServer > 0 && busy > p.Limits.PerServer {
				t.Fatalf("%d downloads in flight, the limits are %+v", busy, p.Limits)
			}
		}
		if r := runner(w, p).Run(context.Background()); r.Count(OutcomeDone)+r.Count(OutcomeSkipped) != len(p.Steps) {
			t.Fatalf("not all was done: %+v", r.Outcomes)
		}
	})
}

// TestNothingWithoutIntentAndReading breaks the world at random and holds every
// request against the journal and the newest reading that looked at more than the owner's
// copy: an intent stands before it, and ownership is asked for only where that reading
// showed a good, assigned, unmarked copy and the expected owner. No image ever loses its
// last good copy.
func TestNothingWithoutIntentAndReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, p := branch(rapid.IntRange(1, 4).Draw(t, "images"), "PS009", "PS010")
		breakWorld(t, w)
		journal := &MemoryJournal{}
		intended := map[string]int{}
		counted := 0
		last := map[estate.GUID]bool{} // images whose newest reading allowed the take
		w.observed = func(o *Observation, wants []Want) {
			for i := range o.Estate.Images {
				img := &o.Estate.Images[i]
				if slices.ContainsFunc(wants, func(want Want) bool {
					return want.Image == img.GUID && !sameName(want.Server, o.Estate.ServerName(img.Owner))
				}) {
					last[img.GUID] = takeable(o, img)
				}
			}
		}
		w.before = func(call string) {
			records := journal.Records()
			for _, r := range records[counted:] {
				if r.Kind == RecordIntended {
					op, rest, _ := strings.Cut(r.Step, ":")
					name, _, _ := strings.Cut(strings.TrimPrefix(rest, "image."), ":")
					intended[op+" "+name]++
					intended[op]++
				}
			}
			counted = len(records)
			verb, object, _ := strings.Cut(call, " ")
			key := map[string]string{"SetAssignment": "assign " + object, "TakeOwnership": "take_ownership " + object, "UpdateMembership": "sync", "RefreshServer": "sync"}[verb]
			if intended[key] == 0 {
				t.Fatalf("%s without an intent", call)
			}
			if verb == "TakeOwnership" && !last[guidOf(object)] {
				t.Fatalf("%s, although the newest reading did not allow it", call)
			}
		}
		r := runner(w, p)
		r.Journal = journal
		r.Options.Parallelism = rapid.IntRange(1, 8).Draw(t, "workers")
		report := r.Run(context.Background())
		if report.Err != nil {
			t.Fatal(report.Err)
		}
		for _, i := range w.images {
			if !slices.ContainsFunc([]string{"PS008", "PS009", "PS010"}, func(s string) bool { c := i.copies[s]; return c != nil && slices.Equal(c.files, i.content) }) {
				t.Fatalf("%s has no good copy left", i.name)
			}
		}
	})
}

func takeable(o *Observation, img *estate.Image) bool {
	j := o.Estate.Judge(img, estate.NoServer)
	for n := range img.Copies {
		c := &img.Copies[n]
		if c.Server != img.Owner && c.DeleteAfter == 0 && o.Estate.Covers(&img.Assignment, c.Server) &&
			(j.Class(c.Server) == estate.Good && !c.Evidence.Digest.IsZero() || j.Reference.Origin == estate.NoReference && c.Evidence.Files > 0) {
			return true
		}
	}
	return false
}

// breakWorld draws faults and happenings.
func breakWorld(t *rapid.T, w *fakeWorld) {
	calls := []string{"SetAssignment", "TakeOwnership", "UpdateMembership", "RefreshServer PS009", "RefreshServer PS010", "TakeOwnership image00000", "SetAssignment image00001"}
	kinds := []string{"ignore-once", "lost-once", "dropped-once", "refuse-once", "other-once", "ignore", "lost", "dropped"}
	for range rapid.IntRange(0, 3).Draw(t, "faults") {
		w.faults[rapid.SampledFrom(calls).Draw(t, "call")] = rapid.SampledFrom(kinds).Draw(t, "fault")
	}
	for range rapid.IntRange(0, 4).Draw(t, "happenings") {
		at := time.Duration(rapid.IntRange(0, 60).Draw(t, "minute")) * time.Minute
		server := rapid.SampledFrom([]string{"PS008", "PS009", "PS010"}).Draw(t, "server")
		image := w.images[rapid.IntRange(0, len(w.images)-1).Draw(t, "image")]
		what := rapid.SampledFrom([]string{"off", "on", "empty", "wrong", "mark", "narrow"}).Draw(t, "what")
		w.after(at, func() { happen(w, what, server, image) })
	}
}

func happen(w *fakeWorld, what, server string, i *fakeImage) {
	c := i.copies[server]
	switch what {
	case "off", "on":
		w.server(server).off = what == "off"
	case "narrow":
		i.assigned = assignmentOf(server)
	case "empty", "wrong", "mark":
		if c == nil || sameName(server, i.owner) {
			return // what is done to the owner's files is not pslan's doing
		}
		elsewhere := func(name string) bool {
			o := i.copies[name]
			return !sameName(name, server) && o != nil && slices.Equal(o.files, i.content)
		}
		if !slices.ContainsFunc([]string{"PS008", "PS009", "PS010"}, elsewhere) {
			return // nor is that the last good copy goes by somebody else's hand
		}
		switch what {
		case "empty":
			c.files = nil
		case "wrong":
			c.files = filesOf("A!", 2, 500)
		case "mark":
			c.deleteAfter = w.now.Add(time.Hour)
		}
	}
}

// TestJournalBreaks: no request is made after the journal could not be written.
func TestJournalBreaks(t *testing.T) {
	full := errors.New("no space left on device")
	for stop := range 12 {
		w, p := branch(1, "PS010")
		j := &brittleJournal{left: stop, err: full}
		broken := false
		w.before = func(string) { broken = broken || j.refused }
		r := runner(w, p)
		r.Journal = j
		report := r.Run(t.Context())
		if !errors.Is(report.Err, full) {
			t.Fatalf("after %d records: the error is %v", stop, report.Err)
		}
		if broken {
			t.Fatalf("after %d records: a request was made although the journal was broken", stop)
		}
	}
}

type brittleJournal struct {
	left    int
	refused bool
	err     error
}

func (j *brittleJournal) Append(records ...Record) error {
	if j.left -= len(records); j.left < 0 {
		j.refused = true
		return j.err
	}
	return nil
}

// atNow sets a world to the clock that runs by itself.
func atNow(w *fakeWorld) {
	w.now = time.Now()
	before := w.now.Add(-time.Hour)
	w.sync.UpdateStarted, w.sync.UpdateFinished = before, before
	for name := range w.sync.Refreshed {
		w.sync.Refreshed[name] = before
	}
}

// realWorld is the fake world on a clock that runs by itself.
type realWorld struct {
	*fakeWorld
	slow func(call string) time.Duration // how long a reading or a call takes
}

func (w *realWorld) Describe() platform.Description {
	return platform.Description{OperatorPresent: true}
}

func (w *realWorld) Now() time.Time {
	w.catchUp()
	return time.Now()
}

func (w *realWorld) catchUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = time.Now()
	w.runDue()
}

func (w *realWorld) Pause(ctx context.Context, tick time.Duration, _ time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(tick):
		return nil
	}
}

func (w *realWorld) Observe(ctx context.Context, images []estate.GUID, wants []Want) (*Observation, error) {
	hash := slices.ContainsFunc(wants, func(w Want) bool { return w.Hash })
	if d := w.slow(fmt.Sprintf("observe hash=%v", hash)); d > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(d):
		}
	}
	w.catchUp()
	return w.fakeWorld.Observe(ctx, images, wants)
}

func (w *realWorld) TakeOwnership(ctx context.Context, r platform.ImageRef, server string) error {
	<-time.After(w.slow("take"))
	return w.fakeWorld.TakeOwnership(ctx, r, server)
}

// TestRealClock: on a clock that runs by itself an hour of hashing holds up nothing
// else, and what was hashed is read again right before it is taken.
func TestRealClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := branch(3, "PS010")
		atNow(w)
		w.images[1].copies["PS010"] = &fakeCopy{folder: true, files: w.images[1].content}
		var hashed atomic.Bool
		real := &realWorld{fakeWorld: w, slow: func(call string) time.Duration {
			if call == "observe hash=true" && hashed.CompareAndSwap(false, true) {
				return time.Hour
			}
			return 100 * time.Millisecond
		}}
		r := runner(real, p)
		began, taken := time.Now(), map[string]time.Duration{}
		r.Emit = func(e Event) {
			if d, ok := e.(Done); ok && d.Step.Op == plan.TakeOwnership {
				taken[d.Step.Name] = time.Since(began)
			}
		}
		allDone(t, r.Run(t.Context()))
		if taken["image00000"] > 30*time.Minute || taken["image00002"] > 30*time.Minute {
			t.Errorf("a hash of another image held them up: %v", taken)
		}
		if taken["image00001"] < time.Hour {
			t.Errorf("taken before it was hashed: %v", taken)
		}
	})
}

// TestSlowCalls: requests that follow each other for minutes put off no look at what
// waits, and none is made on a reading that has become too old.
func TestSlowCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := branch(30, "PS010")
		atNow(w)
		for _, i := range w.images[1:] {
			i.copies["PS010"] = &fakeCopy{folder: true, files: i.content}
		}
		real := &realWorld{fakeWorld: w, slow: func(call string) time.Duration {
			if call == "take" {
				return 3 * time.Second
			}
			return 0
		}}
		var read, progress time.Time
		w.observed = func(_ *Observation, wants []Want) {
			if slices.ContainsFunc(wants, func(w Want) bool { return w.Hash }) {
				read = time.Now()
			}
		}
		w.before = func(call string) {
			if strings.HasPrefix(call, "TakeOwnership") && time.Since(read) > staleAfter+3*time.Second {
				t.Errorf("%s on a reading %s old", call, time.Since(read))
			}
		}
		r := runner(real, p)
		r.Options.Parallelism = 1
		r.Emit = func(e Event) {
			if p, ok := e.(Progress); ok && p.Step.Op == plan.WaitCopy {
				if gap := time.Since(progress); !progress.IsZero() && gap > 15*time.Second {
					t.Errorf("nothing was told of a download for %s", gap)
				}
				progress = time.Now()
			}
		}
		allDone(t, r.Run(t.Context()))
		if progress.IsZero() {
			t.Error("nothing was told of the download")
		}
	})
}

// TestReadAgain: where the reading before a take took long because files were
// hashed, it is taken once more before the request.
func TestReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := branch(1, "PS010")
		atNow(w)
		w.images[0].copies["PS010"] = &fakeCopy{folder: true, files: w.images[0].content}
		p.Steps = p.Steps[4:5] // the take alone
		p.Steps[0].Needs = nil
		w.images[0].assigned = assignmentOf("PS008+PS010")
		var readings []time.Duration
		began := time.Now()
		real := &realWorld{fakeWorld: w, slow: func(call string) time.Duration {
			switch {
			case call != "observe hash=true":
				return 0
			case len(readings) == 0:
				readings = append(readings, time.Since(began))
				return 20 * time.Minute
			}
			readings = append(readings, time.Since(began))
			return time.Second
		}}
		var asked time.Duration
		w.before = func(string) { asked = time.Since(began) }
		allDone(t, runner(real, p).Run(t.Context()))
		if len(readings) != 2 || asked-readings[1] > staleAfter {
			t.Errorf("read at %v, asked at %v", readings, asked)
		}
	})
}

// TestStopDuringHash: an interrupt does not wait for a hash, and leaves no worker behind.
func TestStopDuringHash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := branch(1, "PS010")
		atNow(w)
		stop := make(chan struct{})
		real := &realWorld{fakeWorld: w, slow: func(call string) time.Duration {
			if call == "observe hash=true" {
				return 10 * time.Hour
			}
			return 0
		}}
		r := runner(real, p)
		r.Options.Stop = stop
		began := time.Now()
		time.AfterFunc(time.Hour, func() { close(stop) })
		report := r.Run(t.Context())
		if !report.Stopped || report.Err != nil || time.Since(began) != time.Hour {
			t.Fatalf("stopped %v after %s, err %v", report.Stopped, time.Since(began), report.Err)
		}
	})
}

// TestLeavesAtOnce: a second interrupt ends the context; nothing is waited for.
func TestLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := branch(1, "PS010")
		atNow(w)
		real := &realWorld{fakeWorld: w, slow: func(string) time.Duration { return 0 }}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Minute, cancel)
		report := runner(real, p).Run(ctx)
		if !errors.Is(report.Err, context.Canceled) || report.Elapsed != 5*time.Minute {
			t.Fatalf("err %v after %s", report.Err, report.Elapsed)
		}
	})
}

// BenchmarkMove is the engine's own cost of moving a thousand images in the fake
// world, for each step.
func BenchmarkMove(b *testing.B) {
	steps := 0
	for b.Loop() {
		w, p := branch(1000, "PS009", "PS010")
		r := runner(w, p)
		r.Emit = func(Event) {}
		if report := r.Run(context.Background()); report.Count(OutcomeDone) == 0 {
			b.Fatal(report.Err)
		}
		steps += len(p.Steps)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(steps), "µs/step")
}

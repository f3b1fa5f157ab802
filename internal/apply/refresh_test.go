package apply

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// TestRefreshInLineIsGuardedAgain: a refresh that waited for a free worker is held
// against a reading of its own (P1). Here the owner's copy goes while the first of two
// servers is asked, which takes a minute.
func TestRefreshInLineIsGuardedAgain(t *testing.T) {
	w, img := standing()
	img.record = recordOf(w, img)
	p := &plan.Plan{Steps: []plan.Step{{ID: "sync", Op: plan.Sync, Servers: []string{"PS008", "PS009"}, MustReach: []string{"PS008", "PS009"}}}}
	w.before = func(call string) {
		if call == "RefreshServer PS008" {
			w.now = w.now.Add(time.Minute)
			img.copies["PS008"].files = nil
		}
	}
	r := runner(w, p)
	r.Options.Parallelism = 1
	report := r.Run(t.Context())
	if w.count("RefreshServer PS008") != 1 || w.count("RefreshServer PS009") > 0 || report.Outcomes[0].Outcome != OutcomeFailed {
		t.Errorf("%v, %v", w.calls, report.Outcomes)
	}
}

// TestOneRefreshServesAllRounds: a server whose refresh two rounds ask for at the same
// time is asked once. The first round's request was lost, and is repeated when the
// second round's membership update has finished.
func TestOneRefreshServesAllRounds(t *testing.T) {
	w, img := standing()
	w.faults["RefreshServer PS009"] = "dropped-once"
	w.took["assign"] = 2 * time.Minute
	before, after := img.assigned, assignmentOf("PS008+PS009+PS010+PS011")
	w.servers = append(w.servers, &fakeServer{name: "PS011"})
	sync := func(id string, needs ...plan.StepNo) plan.Step {
		return plan.Step{ID: id, Op: plan.Sync, Servers: []string{"PS009"}, MustReach: []string{"PS009"}, Needs: needs}
	}
	p := &plan.Plan{Steps: []plan.Step{
		sync("one"),
		{ID: "assign", Op: plan.Assign, Image: img.guid, Name: img.name, Servers: []string{"PS011"},
			Before: plan.Facts{Assignment: &before}, After: plan.Facts{Assignment: &after}},
		sync("two", 1),
	}}
	report := runner(w, p).Run(t.Context())
	if report.Count(OutcomeDone) != 3 || w.count("RefreshServer PS009") != 2 {
		t.Errorf("%v, %v", w.calls, report.Outcomes)
	}
}

// TestRefreshBeforeTheClockWasSetBack: a refresh that was told of before the membership
// update was asked for does not count as one after it, also once the platform's clock,
// which was set back, has come to it again.
func TestRefreshBeforeTheClockWasSetBack(t *testing.T) {
	w, _ := standing()
	w.sync.Refreshed["PS009"] = w.now.Add(10 * time.Minute)
	w.faults["RefreshServer PS009"] = "ignore-once"
	p := &plan.Plan{Steps: []plan.Step{{ID: "sync", Op: plan.Sync, Servers: []string{"PS009"}, MustReach: []string{"PS009"}}}}
	report := runner(w, p).Run(t.Context())
	if report.Count(OutcomeDone) != 1 || w.count("RefreshServer PS009") != 2 {
		t.Errorf("%v, %v", w.calls, report.Outcomes)
	}
}

// slowWorld is a fake world on the clock of a test's bubble, in which requests for
// assignments take a minute, and readings of everything some seconds.
type slowWorld struct {
	*fakeWorld
	begun     time.Time
	refreshed time.Time // when the first refresh was asked for
}

func (w *slowWorld) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = dayOne.Add(time.Since(w.begun))
	w.runDue()
	return w.now
}

func (w *slowWorld) Pause(ctx context.Context, tick time.Duration, _ time.Time) error {
	select {
	case <-time.After(tick):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *slowWorld) SetAssignment(ctx context.Context, img platform.ImageRef, a estate.AssignmentNames) error {
	<-time.After(time.Minute)
	return w.fakeWorld.SetAssignment(ctx, img, a)
}

func (w *slowWorld) Glance(ctx context.Context, choose func(*Observation) []Want) (*Observation, error) {
	<-time.After(5 * time.Second)
	return w.fakeWorld.Glance(ctx, choose)
}

func (w *slowWorld) RefreshServer(ctx context.Context, server string) error {
	if w.refreshed.IsZero() {
		w.refreshed = w.Now()
	}
	return w.fakeWorld.RefreshServer(ctx, server)
}

// TestRefreshesGoFirst: requests of steps that take their time, as those of a program or
// a person do, keep no refresh waiting, however many there are.
func TestRefreshesGoFirst(t *testing.T) {
	for _, parallelism := range []int{1, 2, 8} {
		synctest.Test(t, func(t *testing.T) {
			fake, _ := branch(200, "PS009", "PS010")
			fake.desc.Simulated = false
			fake.servers = append(fake.servers, &fakeServer{name: "PS011"})
			p := &plan.Plan{Steps: []plan.Step{{ID: "sync", Op: plan.Sync, Servers: []string{"PS010"}, MustReach: []string{"PS010"}}}}
			for _, img := range fake.images {
				before, after := img.assigned, assignmentOf("PS008+PS009+PS010+PS011")
				p.Steps = append(p.Steps, plan.Step{ID: "assign " + img.name, Op: plan.Assign, Image: img.guid, Name: img.name, Servers: []string{"PS011"},
					Before: plan.Facts{Assignment: &before}, After: plan.Facts{Assignment: &after}})
			}
			w := &slowWorld{fakeWorld: fake, begun: time.Now()}
			r := runner(w, p)
			r.Options.Parallelism = parallelism
			report := r.Run(t.Context())
			allDone(t, report)
			if waited := w.refreshed.Sub(fake.sync.UpdateFinished); waited > 2*time.Minute {
				t.Errorf("-parallelism=%d: asked %s after the update", parallelism, waited)
			}
		})
	}
}

package apply

import (
	"testing"
	"time"

	"pslan/internal/plan"
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

package apply

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

// TestGuards switches every guard off, one at a time, in a world where it is the last
// thing that stands in the way: with it nothing is broken, without it a promise is.
// That shows that each of them does something, and that a test would see it missing.
func TestGuards(t *testing.T) {
	for _, c := range []struct {
		name   string
		off    Guards
		world  func() (*fakeWorld, *plan.Plan)
		broken func(w *fakeWorld, r *Report, records []Record) bool
	}{
		{"P1: the last copy goes with an assignment", Guards{LastCopy: true, Staying: true}, shrinkToNothing, unassigned},
		{"P1: the last copy goes with a refresh", Guards{LastCopy: true}, dueElsewhere,
			func(w *fakeWorld, _ *Report, _ []Record) bool { return w.count("RefreshServer PS009") > 0 }},
		{"P1: the last copy goes with a role", Guards{LastCopy: true}, lastOnRetired,
			func(w *fakeWorld, _ *Report, _ []Record) bool { return w.server("PS009") == nil }},
		{"P2: a copy that is not proved is taken", Guards{Proof: true}, wrongTaker,
			func(w *fakeWorld, _ *Report, _ []Record) bool { return w.count("TakeOwnership") > 0 }},
		{"P3: too few proved copies stay", Guards{Staying: true}, shrinkToOne, unassigned},
		{"P4: the source loses its assignment", Guards{OwnerKeeps: true}, shrinkTooEarly, unassigned},
		{"P5: accepted counts as done", Guards{Seen: true}, ignoredTake,
			func(_ *fakeWorld, r *Report, _ []Record) bool { return r.Outcomes[0].Outcome == OutcomeDone }},
		{"P7: asked for again without looking", Guards{LookFirst: true}, lostTake,
			func(w *fakeWorld, _ *Report, _ []Record) bool { return w.count("TakeOwnership") > 1 }},
		{"old evidence decides", Guards{Evidence: true}, oldHash,
			func(w *fakeWorld, _ *Report, _ []Record) bool { return w.count("TakeOwnership") > 0 }},
		{"a request without its intent", Guards{Intent: true}, lostTake,
			func(_ *fakeWorld, _ *Report, records []Record) bool { return len(records) == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(off Guards) bool {
				w, p := c.world()
				journal, atRequest := &MemoryJournal{}, []Record(nil)
				w.before = func(string) {
					for _, r := range journal.Records() {
						if r.Kind == RecordIntended {
							atRequest = append(atRequest, r)
						}
					}
				}
				r := runner(w, p)
				r.Journal, r.Options.Weaken = journal, off
				return c.broken(w, r.Run(t.Context()), atRequest)
			}
			if run(Guards{}) {
				t.Error("the promise is broken with its guard")
			}
			if !run(c.off) {
				t.Error("the promise is kept without its guard: this test would not see it missing")
			}
		})
	}
}

// TestLastCopyOnItsOwn: P1 does not lean on P3. With the check of min_copies off, an
// assignment shrinks only where a good copy is seen that stays.
func TestLastCopyOnItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *fakeWorld, img *fakeImage)
		goes  bool
	}{
		"the owner's copy stays":       {func(*fakeWorld, *fakeImage) {}, true},
		"what stays is empty":          {func(_ *fakeWorld, img *fakeImage) { img.copies["PS008"].files = nil }, false},
		"what stays is marked":         {func(w *fakeWorld, img *fakeImage) { img.copies["PS008"].deleteAfter = w.now.Add(time.Hour) }, false},
		"what stays cannot be reached": {func(w *fakeWorld, _ *fakeImage) { w.server("PS008").off = true }, false},
		"what stays was seen long ago": {func(w *fakeWorld, _ *fakeImage) { w.looked = 2 * time.Hour }, false},
		"what goes was not good either": {func(_ *fakeWorld, img *fakeImage) {
			img.copies["PS008"].files, img.copies["PS009"].files = nil, nil
		}, true},
	} {
		w, img := standing()
		img.record = recordOf(w, img)
		c.spoil(w, img)
		p := unassignStep("PS008+PS009+PS010", "PS008+PS010")
		p.Steps[0].Servers = []string{"PS009"}
		r := runner(w, p)
		r.Options.Weaken.Staying = true
		r.Run(t.Context())
		if got := w.count("SetAssignment") > 0; got != c.goes {
			t.Errorf("%s: taken away %v, want %v", name, got, c.goes)
		}
	}
}

func unassigned(w *fakeWorld, _ *Report, _ []Record) bool { return w.count("SetAssignment") > 0 }

// standing is a world of one image with good copies on PS008, its owner, and PS009.
func standing() (*fakeWorld, *fakeImage) {
	w, _ := branch(1, "PS009", "PS010")
	img := w.images[0]
	img.assigned = assignmentOf("PS008+PS009+PS010")
	img.published = img.assigned
	img.copies["PS009"] = &fakeCopy{folder: true, files: img.content}
	return w, img
}

func unassignStep(before, after string, verified ...string) *plan.Plan {
	b, a, owner := assignmentOf(before), assignmentOf(after), "PS008"
	return &plan.Plan{Steps: []plan.Step{{ID: "unassign", Op: plan.Unassign, Image: guidOf("image00000"), Name: "image00000",
		Before: plan.Facts{Owner: &owner, Assignment: &b, Verified: verified}, After: plan.Facts{Assignment: &a}}}}
}

func shrinkToNothing() (*fakeWorld, *plan.Plan) {
	w, img := standing()
	img.copies["PS008"].files = nil
	img.record = recordOf(w, img)
	return w, unassignStep("PS008+PS009+PS010", "PS008+PS010", "PS008")
}

// recordOf is what the platform has recorded of an image's content.
func recordOf(w *fakeWorld, img *fakeImage) *estate.Content {
	img.copies["record"] = &fakeCopy{files: img.content}
	ev := w.see(Want{Image: img.guid, Server: "record", Hash: true}).Evidence
	delete(img.copies, "record")
	return &estate.Content{Files: ev.Files, Bytes: ev.Bytes, Digest: ev.Digest, Listing: ev.Listing, From: img.owner}
}

func shrinkToOne() (*fakeWorld, *plan.Plan) {
	w, img := standing()
	img.copies["PS010"] = &fakeCopy{folder: true} // was to be the second copy that stays
	return w, unassignStep("PS008+PS009+PS010", "PS008+PS010", "PS008", "PS010")
}

func shrinkTooEarly() (*fakeWorld, *plan.Plan) {
	w, _ := standing()
	return w, unassignStep("PS008+PS009+PS010", "PS009+PS010", "PS009")
}

func dueElsewhere() (*fakeWorld, *plan.Plan) {
	w, img := standing()
	img.record = recordOf(w, img)
	img.copies["PS008"].files = nil
	img.assigned = assignmentOf("PS008")
	img.copies["PS009"].deleteAfter = w.now.Add(-time.Minute)
	return w, &plan.Plan{Steps: []plan.Step{{ID: "sync", Op: plan.Sync, Servers: []string{"PS009"}, MustReach: []string{"PS009"}}}}
}

func lastOnRetired() (*fakeWorld, *plan.Plan) {
	w, img := standing()
	img.copies["PS008"].files = nil
	img.record = recordOf(w, img)
	return w, &plan.Plan{Steps: []plan.Step{{ID: "retire", Op: plan.RetireServer, By: plan.ByOperator, Server: "PS009", Name: "PS009",
		Accepted: []finding.Code{"PSL201", "PSL402", "PSL404", "PSL506", "PSL507", "PSL508"}}}}
}

func takeStep(by plan.Actor) *plan.Plan {
	owner := "PS008"
	return &plan.Plan{Steps: []plan.Step{{ID: "take", Op: plan.TakeOwnership, By: by, Image: guidOf("image00000"), Name: "image00000", Server: "PS009", From: "PS008",
		Limit: time.Hour, Before: plan.Facts{Owner: &owner, Verified: []string{"PS009"}}}}}
}

func wrongTaker() (*fakeWorld, *plan.Plan) {
	w, img := standing()
	img.copies["PS009"].files = filesOf("A!", 2, 500)
	return w, takeStep(plan.ByServer)
}

func ignoredTake() (*fakeWorld, *plan.Plan) {
	w, _ := standing()
	w.faults["TakeOwnership"] = "ignore"
	return w, takeStep(plan.ByServer)
}

func lostTake() (*fakeWorld, *plan.Plan) {
	w, _ := standing()
	w.faults["TakeOwnership"] = "lost-once"
	return w, takeStep(plan.ByServer)
}

func oldHash() (*fakeWorld, *plan.Plan) {
	w, img := standing()
	img.copies["PS009"].hashedAt = w.now.Add(-30 * 24 * time.Hour)
	return w, takeStep(plan.ByServer)
}

// TestOldEvidence: what was looked at longer ago than evidence_max_age carries no decision.
func TestOldEvidence(t *testing.T) {
	for age, taken := range map[time.Duration]int{59 * time.Minute: 1, time.Hour: 1, time.Hour + time.Second: 0} {
		w, _ := standing()
		w.looked = age
		runner(w, takeStep(plan.ByServer)).Run(t.Context())
		if n := w.count("TakeOwnership"); n != taken {
			t.Errorf("evidence is %s old: %d takes, want %d", age, n, taken)
		}
	}
}

// TestNobodyWeakens: no code of the program switches a guard off.
func TestNobodyWeakens(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "apply" || d.Name() == "simulation" || strings.HasPrefix(d.Name(), ".") && path != root):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		if err == nil && (strings.Contains(string(text), "apply.Guards") || strings.Contains(string(text), "Weaken")) {
			t.Errorf("%s switches guards of the engine off", path)
		}
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files were read: %v", files, err)
	}
}

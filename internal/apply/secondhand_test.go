package apply

import (
	"slices"
	"testing"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// TestHearsayDestroysNothing: where assignments are second-hand, no refresh destroys the
// last good copy of an image that the plan does not concern, whatever they leave out. A
// server of which nobody tells is one whose copy nobody would look at.
func TestHearsayDestroysNothing(t *testing.T) {
	sync := &plan.Plan{Steps: []plan.Step{{ID: "sync", Op: plan.Sync, Servers: []string{"PS009"}, MustReach: []string{"PS009"}}}}
	untold := func(e *estate.Estate) {
		for i := range e.Images {
			img := &e.Images[i]
			img.Copies = slices.DeleteFunc(img.Copies, func(c estate.Copy) bool { return e.ServerName(c.Server) == "PS009" })
			img.Assignment = estate.ServersOf(img.Owner)
		}
	}
	for _, c := range []struct {
		name    string
		world   func(w *fakeWorld, img *fakeImage)
		hearsay func(*estate.Estate)
		// refreshed: it may be, as nothing would be lost.
		refreshed bool
	}{
		{"the owner's copy is empty, and nobody tells of the good one", func(_ *fakeWorld, img *fakeImage) {
			img.copies["PS008"].files = nil
		}, untold, false},
		{"the owner's copy is good", func(*fakeWorld, *fakeImage) {}, untold, true},
		{"the good copy is due to be deleted, and is told", func(w *fakeWorld, img *fakeImage) {
			img.copies["PS008"].files = nil
			img.assigned = assignmentOf("PS008")
			img.copies["PS009"].deleteAfter = w.now.Add(-time.Minute)
		}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, img := standing()
			img.record = recordOf(w, img)
			c.world(w, img)
			w.desc.Secondhand, w.hearsay = true, c.hearsay
			runner(w, sync).Run(t.Context())
			if got := w.count("RefreshServer PS009") > 0; got != c.refreshed {
				t.Errorf("refreshed: %v, want %v", got, c.refreshed)
			}
		})
	}
	t.Run("a world in which only what is told is looked at", func(t *testing.T) {
		w, img := standing()
		img.record = recordOf(w, img)
		img.copies["PS008"].files = nil
		w.hearsay = untold
		runner(w, sync).Run(t.Context())
		if w.count("RefreshServer PS009") == 0 {
			t.Error("nothing was told, and it was held back all the same: the test above would not see the guard missing")
		}
	})
}

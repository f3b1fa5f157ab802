package apply

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// TestTaking: what may be under way is what was asked for and not seen, and what an
// operator may have found in a runbook.
func TestTaking(t *testing.T) {
	image := estate.GUID{1}
	p := &plan.Plan{Steps: []plan.Step{
		{ID: "verify", Op: plan.VerifyCopy, Server: "PS2"},
		{ID: "take", Op: plan.TakeOwnership, Image: image, Package: image, Name: "W", Server: "PS2", From: "PS1", Needs: []plan.StepNo{0}},
		{ID: "icons", Op: plan.VerifyOwnership, Image: image, Package: image, Name: "W", Server: "PS2", From: "PS1", Needs: []plan.StepNo{1}},
	}}
	under := []platform.Transfer{{Image: platform.ImageRef{Image: image, Package: image, Name: "W"}, From: "PS1", To: "PS2"}}
	left := func(kind RecordKind, note string) StepHistory { return StepHistory{kind, time.Unix(1, 0), note} }
	for _, c := range []struct {
		name    string
		by      plan.Actor
		history map[string]StepHistory
		want    []platform.Transfer
	}{
		{"nothing was done", plan.ByServer, nil, nil},
		{"it was about to be asked for", plan.ByServer, map[string]StepHistory{"take": left(RecordIntended, "")}, under},
		{"it was asked for", plan.ByServer, map[string]StepHistory{"take": left(RecordRequested, "")}, under},
		{"its answer was lost", plan.ByServer, map[string]StepHistory{"take": left(RecordFailed, unknownNote+"the answer was lost")}, under},
		{"it was refused", plan.ByServer, map[string]StepHistory{"take": left(RecordFailed, "it was refused")}, nil},
		{"it was seen", plan.ByServer, map[string]StepHistory{"take": left(RecordObserved, "")}, under},
		{"it was there", plan.ByServer, map[string]StepHistory{"take": left(RecordSkipped, "")}, under},
		{"it was verified", plan.ByServer, map[string]StepHistory{"take": left(RecordSkipped, ""), "icons": left(RecordObserved, "")}, nil},
		{"nobody has the turn", plan.ByOperator, nil, nil},
		{"the operator has the turn", plan.ByOperator, map[string]StepHistory{"verify": left(RecordObserved, "")}, under},
		{"a server has the turn", plan.ByServer, map[string]StepHistory{"verify": left(RecordObserved, "")}, nil},
	} {
		p.Steps[1].By = c.by
		if d := cmp.Diff(c.want, Taking(p, c.history)); d != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, d)
		}
	}
}

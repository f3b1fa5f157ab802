package apply

import (
	"slices"

	"pslan/internal/plan"
	"pslan/internal/platform"
)

// Taking are the takes of ownership that a run may have brought under way without
// having seen their end, which is that the platform's icons have changed places. They
// are those that its journal has as asked for, those of an operator whose turn it was
// when the run ended, so that they may stand in a runbook, and those that were seen and
// wait to be verified. history is what the journal says of each step, by step id. They
// are in the plan's order; of each image the last one counts.
func Taking(p *plan.Plan, history map[string]StepHistory) []platform.Transfer {
	seen := func(s *plan.Step) bool {
		h := history[s.ID]
		return h.State == RecordObserved || h.State == RecordSkipped
	}
	verified := map[[2]string]bool{} // takes by image and server
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Op == plan.VerifyOwnership {
			verified[[2]string{s.Image.String(), s.Server}] = seen(s)
		}
	}
	var taking []platform.Transfer
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Op != plan.TakeOwnership {
			continue
		}
		under := false
		if h := history[s.ID]; seen(s) {
			over, planned := verified[[2]string{s.Image.String(), s.Server}]
			under = planned && !over
		} else {
			under = h.inDoubt() || s.By == plan.ByOperator && !slices.ContainsFunc(s.Needs, func(n plan.StepNo) bool { return !seen(&p.Steps[n]) })
		}
		if under {
			taking = append(taking, platform.Transfer{
				Image: platform.ImageRef{Image: s.Image, Package: s.Package, Name: s.Name}, From: ownerBefore(s), To: s.Server,
			})
		}
	}
	return taking
}

package apply

import (
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// Taking are the takes of ownership that a run may have brought under way without
// having seen them: those that its journal has as asked for, and those of an operator
// whose turn it was when the run ended, so that they may stand in a runbook. history is
// what the journal says of each step, by step id. They are in the plan's order; of each
// image the last one counts.
func Taking(p *plan.Plan, history map[string]StepHistory) []platform.Transfer {
	seen := func(id string) bool {
		h := history[id]
		return h.State == RecordObserved || h.State == RecordSkipped
	}
	var taking []platform.Transfer
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Op != plan.TakeOwnership || seen(s.ID) {
			continue
		}
		h := history[s.ID]
		asked := h.inDoubt()
		if s.By == plan.ByOperator && !asked {
			asked = true
			for _, need := range s.Needs {
				asked = asked && seen(p.Steps[need].ID)
			}
		}
		if asked {
			taking = append(taking, platform.Transfer{
				Image: platform.ImageRef{Image: s.Image, Package: s.Package, Name: s.Name}, From: ownerBefore(s), To: s.Server,
			})
		}
	}
	return taking
}

package cli

import (
	"pslan/internal/apply"
	"pslan/internal/platform"
	"pslan/internal/proposal"
)

// resume tells the platform, before it is read, which takes of ownership an earlier
// run has asked for and not seen: while they are under way the platform's sources may
// contradict each other, and that is no doubt. It does so only where the same is wanted
// as then: other files may want to take a server's copy away that is about to own the
// image. saved is the plan that is to be carried out, nil for a fresh one.
func (g *ground) resume(earlier *earlierRun, saved *proposal.Proposal, f *planFlags) {
	p, ok := g.platform.(platform.Resumer)
	if !ok || earlier == nil || earlier.planErr != nil {
		return
	}
	same := earlier.inputs == g.inputs(f)
	if saved != nil {
		same = earlier.planID() == saved.Plan.ID
	}
	if same {
		p.Resume(apply.Taking(earlier.plan.Plan, earlier.run.Steps))
	}
}

// resumeForPlan is resume for a plan that is only shown: it leaves the runs as they
// are, and one that cannot be read is told by the apply that would go on with it.
func (a *app) resumeForPlan(g *ground, f *planFlags) {
	if _, ok := g.platform.(platform.Resumer); !ok {
		return // reading a run's plan takes its time
	}
	if earlier, err := a.findEarlier(); err == nil {
		g.resume(earlier, nil, f)
	}
}

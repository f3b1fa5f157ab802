package view

import (
	"slices"

	"pslan/internal/diff"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

// listed is the steps that are shown, with their numbers in the plan.
type listed struct {
	steps   []plan.Step
	numbers []int
}

// listOf leaves out the steps that were seen done, where a run is gone on with. What
// the others need of them is met.
func listOf(steps []plan.Step, done func(id string) bool) listed {
	l := listed{steps: steps, numbers: make([]int, 0, len(steps))}
	if done == nil {
		for i := range steps {
			l.numbers = append(l.numbers, i+1)
		}
		return l
	}
	l.steps = nil
	place := make([]plan.StepNo, len(steps))
	for i := range steps {
		s := steps[i]
		place[i] = -1
		if done(s.ID) {
			continue
		}
		s.Needs = slices.Clone(s.Needs)
		for k, n := range s.Needs {
			s.Needs[k] = place[n]
		}
		s.Needs = slices.DeleteFunc(s.Needs, func(n plan.StepNo) bool { return n < 0 })
		place[i] = plan.StepNo(len(l.steps))
		l.steps, l.numbers = append(l.steps, s), append(l.numbers, i+1)
	}
	return l
}

// totals are the sums over a plan that stand in its summary.
type totals struct {
	downloads        int
	bytes            int64
	moves, deletions int
}

// totalsOf sums up: downloads as forecast, or what is left of them where a run is gone
// on with; and the copies that are deleted, by an assignment or with a server's role.
func totalsOf(pr *proposal.Proposal, l listed) totals {
	var t totals
	for i := range l.steps {
		switch s := &l.steps[i]; {
		case s.Risk == plan.OriginMoves:
			t.moves++
		case s.Op == plan.WaitCopy && len(l.steps) < len(pr.Plan.Steps):
			t.downloads++
			t.bytes += s.Bytes
		}
	}
	if len(l.steps) == len(pr.Plan.Steps) {
		t.downloads, t.bytes = pr.Plan.Forecast.Downloads, pr.Plan.Forecast.Bytes
	}
	for _, c := range pr.Plan.Changes {
		if c, copied := c.(*diff.CopyChange); copied && c.Action == diff.Delete && len(c.Blocked) == 0 {
			t.deletions++
		}
	}
	return t
}

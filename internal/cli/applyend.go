package cli

import (
	"slices"

	"pslan/internal/apply"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

// within is what a fresh proposal says of a plan that chose some of the changes:
// of its own changes and blocks, and nothing of the others.
func within(p, fresh *proposal.Proposal) *proposal.Proposal {
	if !p.Plan.Partial {
		return fresh
	}
	own := make(map[changeKey]bool, len(p.Plan.Changes))
	for _, c := range p.Plan.Changes {
		own[keyOf(c)] = true
	}
	blocked := make(map[estate.Address]bool, len(p.Plan.Blocks))
	for i := range p.Plan.Blocks {
		blocked[p.Plan.Blocks[i].Address] = true
	}
	rest := *fresh.Plan
	rest.Steps = nil // a step does not say whose change it serves
	rest.Changes = slices.DeleteFunc(slices.Clone(rest.Changes), func(c diff.Change) bool { return !own[keyOf(c)] })
	rest.Blocks = slices.DeleteFunc(slices.Clone(rest.Blocks), func(b plan.Block) bool { return !blocked[b.Address] })
	chosen := *fresh
	chosen.Plan = &rest
	return &chosen
}

// changeKey tells a change from another one across two proposals.
type changeKey struct {
	address estate.Address
	action  diff.Action
}

func keyOf(c diff.Change) changeKey { return changeKey{c.Head().Address, c.Head().Action} }

// applyEnd counts what was seen to hold and picks the verdict.
func applyEnd(p *proposal.Proposal, r *apply.Report, remaining *proposal.Proposal) view.ApplyEnd {
	end := view.ApplyEnd{Proposal: p, Report: r, Remaining: remaining, Verdict: verdictOf(r, remaining)}
	if remaining != nil {
		end.Added, end.Changed, end.Destroyed = changesDone(p, remaining)
	}
	return end
}

// verdictOf: complete is what a fresh plan confirms with "No changes." (P8), and
// nothing else; what is blocked keeps a run incomplete. A pause is one also where no
// fresh plan would see what is left: that servers are told of a change.
func verdictOf(r *apply.Report, remaining *proposal.Proposal) view.Verdict {
	switch {
	case r.Err != nil || remaining == nil || stepsFailed(r):
		return view.Incomplete
	case remaining.Empty() && !stepsWait(r):
		return view.Complete
	case r.Paused:
		return view.Paused
	}
	return view.Incomplete
}

// stepsFailed reports whether steps failed, or nobody knows what came of them.
func stepsFailed(r *apply.Report) bool {
	return r.Count(apply.OutcomeFailed)+r.Count(apply.OutcomeUnknown) > 0
}

// stepsWait reports whether a run was paused before all of its steps.
func stepsWait(r *apply.Report) bool { return r.Paused && r.Remaining > 0 }

// endOutcome says what the end of a run means for the exit code.
func endOutcome(p *proposal.Proposal, r *apply.Report, remaining *proposal.Proposal) outcome {
	o := outcome{stepsFailed: stepsFailed(r), blocked: p.HasBlocked(), failed: r.Err != nil}
	if remaining == nil {
		o.workRemains = r.Paused
		return o
	}
	o.blocked = o.blocked || remaining.HasBlocked()
	o.workRemains = remaining.HasChanges() || r.Paused && !remaining.Empty() || stepsWait(r)
	return o
}

// changesDone counts the changes of a proposal that a later one no longer has.
func changesDone(p, remaining *proposal.Proposal) (added, changed, destroyed int) {
	left := make(map[changeKey]bool, len(remaining.Plan.Changes))
	for _, c := range remaining.Plan.Changes {
		left[keyOf(c)] = true
	}
	for _, c := range p.Plan.Changes {
		h := c.Head()
		if len(h.Blocked) > 0 || left[keyOf(c)] {
			continue
		}
		switch h.Action {
		case diff.Create:
			added++
		case diff.Update:
			changed++
		case diff.Delete:
			destroyed++
		}
	}
	return added, changed, destroyed
}

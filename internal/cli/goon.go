package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/diff"
	"pslan/internal/plan"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

// inputs is a digest of what a plan is made from besides the platform: what the
// files declare, and which part of it was chosen. Two runs with the same inputs want
// the same.
func (r *applying) inputs() string { return r.g.inputs(&r.f.planFlags) }

func (g *ground) inputs(f *planFlags) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	d := *g.loaded.Declared
	d.Unfinished = nil // what is remembered changes with every run
	images, groups := d.Images, d.Groups
	d.Images, d.Groups = nil, nil
	for i := range images { // one at a time, so that memory does not grow with the files
		_ = enc.Encode(&images[i]) // neither a hash nor plain values fail
	}
	for i := range groups {
		_ = enc.Encode(&groups[i])
	}
	_ = enc.Encode(&d)
	_ = enc.Encode([][]string{f.targets, f.excludes})
	return planIDPrefix + hex.EncodeToString(h.Sum(nil))
}

// whyNot says why the earlier run is not gone on with, "" where it is: its plan is
// at hand, still what is wanted, and the facts that it relies on hold.
func (r *applying) whyNot() string {
	e := r.earlier
	switch {
	case e.planErr != nil:
		return fmt.Sprintf("its plan cannot be read (%v).", e.planErr)
	case e.inputs != r.inputs():
		return "the files, or the part of them that was chosen, are others now."
	case !r.want.fits(e.plan):
		return "another plan is expected."
	}
	moved := e.plan.Stale(r.observed)
	if len(moved) == 0 {
		return ""
	}
	return "facts that its plan relies on have moved: " + movedList(moved, 5) + "."
}

// movedList names facts that moved, at most limit of them.
func movedList(moved []plan.Moved, limit int) string {
	var texts []string
	for i, m := range moved {
		if i == limit {
			texts = append(texts, fmt.Sprintf("and %d more", len(moved)-i))
			break
		}
		texts = append(texts, movedText(m))
	}
	return strings.Join(texts, "; ")
}

// goOn carries out what an earlier run has left of its plan. What was approved for
// that run is approved; who stopped it on purpose is asked again where he can be.
func (r *applying) goOn(ctx context.Context) (outcome, error) {
	e := r.earlier
	if o, err := r.showRest(ctx, e.plan); o.blocked || err != nil {
		return o, err
	}
	ask := e.closed || e.safe && !r.f.safeOnly()
	if ask && !r.f.approved() && !r.asksApproval(ctx) {
		return outcome{notApproved: true}, nil
	}
	return r.carryOut(ctx, &order{proposal: e.plan, file: e.planFile, resumes: e})
}

// showRest says which run is gone on with and shows what remains of its plan: the
// changes that a fresh reading still finds, and the steps that were not seen done.
func (r *applying) showRest(ctx context.Context, p *proposal.Proposal) (outcome, error) {
	fresh, err := r.proposeFor(ctx, r.g, r.observed, &r.f.planFlags)
	if err != nil {
		return outcome{}, err
	}
	e, all := r.earlier, len(p.Plan.Steps)
	done := 0
	for i := range p.Plan.Steps {
		if e.done(p.Plan.Steps[i].ID) {
			done++
		}
	}
	r.Info(fmt.Sprintf("%s is gone on with: %d of %d steps were seen done, %d remain. All are looked at first.\n", e.title(), done, all, all-done))
	r.view.Plan(stillOpen(p, fresh), view.PlanOptions{Verbose: r.f.verbose, ForApply: true, Show: true, Done: e.done})
	return r.stops(p, fresh), nil
}

// stillOpen is a proposal with its changes as a fresh one finds them: what is left of
// them.
func stillOpen(p, fresh *proposal.Proposal) *proposal.Proposal {
	own := make(map[changeKey]bool, len(p.Plan.Changes))
	for _, c := range p.Plan.Changes {
		own[keyOf(c)] = true
	}
	rest := *p.Plan
	rest.Changes = slices.DeleteFunc(slices.Clone(fresh.Plan.Changes), func(c diff.Change) bool { return !own[keyOf(c)] })
	shown := *p
	shown.Plan = &rest
	return &shown
}

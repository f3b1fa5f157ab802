package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"pslan/internal/plan"
	"pslan/internal/view"
)

// inputs is a digest of what a plan is made from besides the platform: what the
// files declare, and which part of it was chosen. Two runs with the same inputs want
// the same.
func (r *applying) inputs() string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	d := *r.g.loaded.Declared
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
	_ = enc.Encode([][]string{r.f.targets, r.f.excludes})
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
	r.view.Plan(e.plan, view.PlanOptions{Verbose: r.f.verbose, ForApply: true, Show: true})
	if o, err := r.stops(e.plan); o.blocked || err != nil {
		return o, err
	}
	r.sayGoesOn()
	ask := e.closed || e.safe && !r.f.safeOnly()
	if ask && !r.f.approved() && !r.asksApproval(ctx) {
		return outcome{notApproved: true}, nil
	}
	return r.carryOut(ctx, &order{proposal: e.plan, file: e.planFile, resumes: e})
}

// maxRemaining is how many steps that remain are named.
const maxRemaining = 10

// sayGoesOn says which run is gone on with, and what remains of it.
func (r *applying) sayGoesOn() {
	e := r.earlier
	var left []string
	for i := range e.plan.Plan.Steps {
		if s := &e.plan.Plan.Steps[i]; !e.done(s.ID) {
			left = append(left, s.ID)
		}
	}
	all := len(e.plan.Plan.Steps)
	r.Info(fmt.Sprintf("\n%s is gone on with: %d of %d steps were seen done, %d remain. All are looked at first.", e.title(), all-len(left), all, len(left)))
	for i, id := range left {
		if i == maxRemaining {
			r.Info(fmt.Sprintf("  and %d more", len(left)-i))
			break
		}
		r.Info("  " + id)
	}
}

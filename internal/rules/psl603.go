package rules

import (
	"fmt"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl603() *Rule {
	return &Rule{
		Code:    "PSL603",
		Title:   "The plan changes more than the limit allows",
		Default: finding.Error,
		Floor:   finding.Note,
		Scope:   OfRun,
		Fix:     "look whether the change is meant to be that large; then acknowledge it in the policy, or apply it in parts with -target.",
		Doc: Doc{
			Means: `More images would change their owner or lose a copy than |change_limit| in the policy
allows, in percent of all images of the estate.`,
			Why: `A wrong glob, an empty variable or a for_each over the wrong set looks like every other
plan, only larger. This stops it before the first write.`,
			Example: `    31 of 80 images (38 %) would change their owner or lose a copy. change_limit allows
    30 % once more than 10 are concerned.`,
			Quiet: `Not without a |change_limit|; not up to its |minimum|. What a lifecycle moves off a
draining or retired server does not count, and neither do the copies that go with a
retired server: there the server's block is the decision. What is blocked does not
count.`,
			Do: `Look at the list of changes. If it is meant, acknowledge the finding in the policy with
a reason and an end date, or raise the limit; or apply it in parts with |-target|.`,
		},
		check: func(r *run) {
			limit := r.Declared.Policy.ChangeLimit
			if limit == nil || len(r.e.Images) == 0 {
				return
			}
			n, all := r.changed(), len(r.e.Images)
			if n <= limit.Minimum || n*100 <= limit.Percent*all {
				return
			}
			allows := fmt.Sprintf("change_limit allows %d %%", limit.Percent)
			if limit.Minimum > 0 {
				allows += fmt.Sprintf(" once more than %d are concerned", limit.Minimum)
			}
			r.report(finding.Finding{
				Range: limit.Range, In: "policy",
				Detail: fmt.Sprintf("%d of %s (%d %%) would change their owner or lose a copy. %s.", n, count(all, "image"), n*100/all, allows),
			})
		},
	}
}

// changed counts the images whose owner changes by a block's word or that lose a
// copy on a server that is not retired.
func (r *run) changed() int {
	concerned := map[int32]bool{}
	for _, change := range r.Plan.Changes {
		if len(change.Head().Blocked) > 0 {
			continue
		}
		switch c := change.(type) {
		case *diff.ImageChange:
			if c.OwnerBefore != c.OwnerAfter && !r.byLifecycle(c.Image) {
				concerned[c.Image] = true
			}
		case *diff.CopyChange:
			if id := r.Index.Server(c.Server); c.Action == diff.Delete && !(id != estate.NoServer && r.Resolved.Retired(id)) {
				concerned[c.Image] = true
			}
		}
	}
	return len(concerned)
}

func (r *run) byLifecycle(image int32) bool {
	m := r.move(image)
	return m != nil && m.Desired.OwnerSource == diff.OwnerSuccessor
}

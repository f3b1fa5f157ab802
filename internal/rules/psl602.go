package rules

import (
	"fmt"
	"time"

	"pslan/internal/finding"
	"pslan/internal/wording"
)

func psl602() *Rule {
	return &Rule{
		Code:    "PSL602",
		Title:   "The recorded state is old",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfRun,
		Fix:     "record a fresh snapshot and plan again.",
		Doc: Doc{
			Means: `The plan was made from an estate file, and that was recorded longer ago than
|state_max_age| in the policy (24 hours where nothing is said), or does not say when.`,
			Why: `The plan shows what would have been done then. apply reads everything again and
refuses what does not fit, but whoever reviews this plan decides on old facts.`,
			Example: `    It was taken on 2026-11-19 10:00 UTC, 3 days ago; state_max_age is 1 day.`,
			Quiet:   `Not where the plan reads the platform itself.`,
			Do:      `Run |pslan snapshot| where the platform can be reached, and plan with its file.`,
		},
		check: func(r *run) {
			limit := r.Declared.Policy.StateMaxAge
			if !r.Recorded || limit <= 0 {
				return
			}
			if r.e.TakenAt == 0 {
				r.report(finding.Finding{Detail: "The estate file does not say when it was taken."})
				return
			}
			age := time.Duration(r.Now - r.e.TakenAt)
			if age > limit {
				r.report(finding.Finding{Detail: fmt.Sprintf("It was taken on %s, %s ago; state_max_age is %s.", moment(r.e.TakenAt), wording.Span(age), wording.Span(limit))})
			}
		},
	}
}

package rules

import "pslan/internal/finding"

func psl607() *Rule {
	return &Rule{
		Code:    "PSL607",
		Title:   "A check failed",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfRun,
		Fix:     "see the check's message; correct the estate or the check.",
		Doc: Doc{
			Means: `An assertion of a |check| block in the files does not hold for the estate as it is.`,
			Why:   `Checks are your own rules: what must be true of your estate whatever pslan thinks.`,
			Example: `    check "two_sites" {
      assert {
        condition     = alltrue([for s in current.package_servers : length(s.sites) > 0])
        error_message = "A package server without a site serves nobody."
      }
    }`,
			Quiet: `Not by |validate|, which has no connection: checks that look at |current| are left out
there, and it says so.`,
			Do: `Do what the message says. To make a failed check stop the run, set
|rule "PSL607" { severity = "error" }| in the policy.`,
		},
		check: func(r *run) {
			for i := range r.Checks {
				c := &r.Checks[i]
				r.report(finding.Finding{Detail: c.Message, Range: c.Range, In: c.In})
			}
		},
	}
}

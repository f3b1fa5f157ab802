package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

func psl102() *Rule {
	return &Rule{
		Code:        "PSL102",
		Title:       "The new owner's copy is incomplete",
		Default:     finding.Error,
		DefaultWhen: "warning while a wait and a verify stand before the take",
		Floor:       finding.Note,
		FloorWhen:   "error when it blocks",
		Scope:       OfImage,
		Fix:         "let the new owner finish its download before it takes ownership.",
		Doc: Doc{
			Means: `The server that shall become owner is assigned and was looked at. It holds fewer
files or fewer bytes than the reference content, or other files in their place.`,
			Why: `Ownership does not wait for a download. When a server takes ownership in the middle
of one, its next snapshot lists what lies on its disk, and the other servers take
that for the whole package: they delete what the snapshot does not list. A half
image deploys until the moment when it does not.`,
			Example: `PS010 was restarted while it downloaded:

    PS010 is assigned and holds 1 of 3 files (4.1 GiB of 12.4 GiB). Taken now, the
    package would become what lies there. pslan will not run step 4 until step 3
    has passed.`,
			Quiet: `Not where all files have the right names and sizes and only their content differs
(PSL103), not where the copy equals an older version (PSL104), and not where the
server is not assigned yet (PSL301).`,
			Do: `Let the download finish; pslan waits for it and compares. If it does not go on,
refresh the policy on the server, and look at its free room and at the owner's link.`,
		},
		image: func(s *subject) {
			if s.taker == estate.NoServer {
				return
			}
			c, class := s.copyOn(s.taker)
			incomplete := class == estate.Partial || class == estate.Different && !c.Evidence.SameSizes(&s.j.Reference.Content)
			if !incomplete || !s.covers(&s.img.Assignment, s.taker) {
				return
			}
			what := "holds " + held(&c.Evidence, &s.j.Reference)
			if class == estate.Different {
				what = fmt.Sprintf("holds other files: %s (%s) instead of %s (%s)",
					files(c.Evidence.Files), wording.Size(c.Evidence.Bytes), files(s.j.Reference.Files), wording.Size(s.j.Reference.Bytes))
			}
			name := s.e.ServerName(s.taker)
			s.report(s.taker, s.ownerRange(), finding.Finding{
				Severity: s.takerSeverity(),
				Detail: fmt.Sprintf("%s is assigned and %s. Taken now, the package would become what lies there. %s",
					name, what, s.guard()),
				Fix: s.takerFix(),
			})
		},
	}
}

package rules

import (
	"fmt"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl304() *Rule {
	return &Rule{
		Code:        "PSL304",
		Title:       "The declared assignment leaves out the owner",
		Default:     finding.Error,
		DefaultWhen: "warning where the plan changes neither owner nor assignment of the image",
		Floor:       finding.Note,
		FloorWhen:   "error when it blocks",
		Scope:       OfImage,
		Fix:         "add the owner to the assignment.",
		Doc: Doc{
			Means: `The files declare an assignment for the image, and the server that owns it, or shall
own it, is not in it.`,
			Why: `An owner that is not assigned deletes its own files (law 7), and the package then has
no source. The two lines were written for each other and do not fit.`,
			Example: `    PS010 shall own the image, and it is assigned to PS009 and PS011.`,
			Quiet: `Not where only one of the two is declared and the other fits. Not with "automatically
with manual prestaging" where the platform assigns the owner anyway.`,
			Do: `Add the owner to |servers|, or add one of its sites to |sites|.`,
		},
		image: func(s *subject) {
			owner, verb := s.img.Owner, "owns"
			if s.d.OwnerSource != diff.OwnerUndeclared {
				if s.d.Owner != owner {
					verb = "shall own"
				}
				owner = s.d.Owner
			}
			b := s.block()
			switch {
			case b != nil:
			case s.d.Assignment == nil || !owner.IsServer() || s.d.Assignment.Mode == estate.AssignAutomatic:
				return
			case s.covers(s.d.Assignment, owner):
				return
			}
			f := finding.Finding{Severity: finding.Warning}
			if b != nil || s.asks() {
				f.Severity = finding.Error
			}
			if s.d.Assignment != nil {
				f.Detail = fmt.Sprintf("%s %s the image, and it is assigned to %s.", s.e.ServerName(owner), verb, s.assignment(s.d.Assignment))
				f.Fix = fmt.Sprintf("add %s to the assignment.", s.e.ServerName(owner))
			}
			s.report(owner, s.d.AssignmentRange, f)
		},
	}
}

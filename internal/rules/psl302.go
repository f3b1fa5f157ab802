package rules

import (
	"fmt"

	"pslan/internal/finding"
)

func psl302() *Rule {
	return &Rule{
		Code:    "PSL302",
		Title:   "The owner would lose its assignment",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "name the owner among the servers of the assignment, or declare another owner.",
		Doc: Doc{
			Means: `What is declared would take the assignment from the server that owns the image, while
it stays the owner.`,
			Why: `A server that loses its assignment deletes its files, and nothing says that the
owner's own copy is an exception (law 7). Then the package has an owner without files,
and everybody else downloads the emptiness.`,
			Example: `WIN11-23H2 belongs to PS008, and its block says |assignment { servers = ["PS010"] }|
without an |owner|:

    PS008 owns the image and would lose its assignment, and with it the files. The
    declared assignment: PS010.`,
			Quiet: `Not where the same plan moves the owner to a server that stays assigned: then the
move comes first, and the assignment shrinks when the new owner is verified.`,
			Do: `Add the owner to |servers|, or declare |owner| as one of the servers that stay.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil {
				return
			}
			detail := ""
			if s.d.Assignment != nil {
				detail = fmt.Sprintf("The declared assignment: %s.", s.assignment(s.d.Assignment))
			}
			s.report(b.Server, s.d.AssignmentRange, finding.Finding{
				Detail: detail,
				Fix:    fmt.Sprintf("add %s to the assignment, or declare an owner that stays assigned.", s.e.ServerName(s.img.Owner)),
			})
		},
	}
}

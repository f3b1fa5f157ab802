package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl503() *Rule {
	return &Rule{
		Code:    "PSL503",
		Title:   "A PCT package cannot be imported again",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "keep a copy of the package on a server that stays.",
		Doc: Doc{
			Means: `What is declared would delete a PC Transplant package for good.`,
			Why: `The Resource Import Tool brings back disk images, under a new GUID. It cannot bring
back a PCT package at all: what is deleted is gone, with every setting that was
captured in it. pslan never deletes one.`,
			Example: `    A PC Transplant package cannot be imported again: what is deleted is gone. A good
    copy was seen on PS008.`,
			Quiet: `Not where a good copy stays on another server and is verified first.`,
			Do: `Keep one of its servers assigned, or move it to a server that stays, let that be
verified, and take the old copy away afterwards.`,
		},
		image: func(s *subject) {
			if b := s.block(); b != nil {
				name := "the package"
				if s.img.Owner != estate.NoServer {
					name = fmt.Sprintf("the copy on %s", s.e.ServerName(s.img.Owner))
				}
				s.report(b.Server, s.d.AssignmentRange, finding.Finding{
					Detail: s.goodSeen(),
					Fix:    fmt.Sprintf("keep %s until a good copy stands on a server that stays, and was verified.", name),
				})
			}
		},
	}
}

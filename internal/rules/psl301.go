package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/wording"
)

func psl301() *Rule {
	return &Rule{
		Code:    "PSL301",
		Title:   "The new owner is not assigned",
		Default: finding.Note,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "nothing is to be done, the plan assigns it first.",
		Doc: Doc{
			Means: `The server that shall become owner is not among the servers that the image is
assigned to now. The plan assigns it first, by adding it and never by replacing
others.`,
			Why: `Taking ownership does not touch the assignment (law 2). A server that is not assigned
gets no files; one that took ownership without being assigned would delete what it
owns.`,
			Example: `    PS010 is not assigned (now: PS008 and PS009). Step 1 adds it; it then downloads
    12.4 GiB.`,
			Quiet: `Not where the image is assigned to all servers, and not where the platform does not
tell who is assigned.`,
			Do: `Nothing. It is shown so that nobody is surprised by the change of assignment.`,
		},
		image: func(s *subject) {
			if !s.taker.IsServer() || s.img.Assignment.Mode == estate.AssignUnknown || s.covers(&s.img.Assignment, s.taker) {
				return
			}
			if s.img.Format == estate.Legacy {
				return // a legacy image is assigned to nobody; converted, it is to all
			}
			name := s.e.ServerName(s.taker)
			detail := fmt.Sprintf("%s is not assigned (now: %s).", name, s.assignment(&s.img.Assignment))
			fix := "nothing is to be done here, the plan assigns it once nothing blocks the move."
			if n := s.step(plan.Assign, s.taker); n > 0 {
				detail += fmt.Sprintf(" Step %d adds it", n)
				if _, class := s.copyOn(s.taker); class != estate.Good && s.j.Reference.Bytes > 0 {
					detail += fmt.Sprintf("; it then downloads %s", wording.Size(s.j.Reference.Bytes))
				}
				detail += "."
				fix = ""
			}
			s.report(s.taker, s.ownerRange(), finding.Finding{Detail: detail, Fix: fix})
		},
	}
}

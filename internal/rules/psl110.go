package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl110() *Rule {
	return &Rule{
		Code:    "PSL110",
		Title:   "Who owns the image is in doubt",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "find out on the package servers which of them shows the image as locally managed.",
		Doc: Doc{
			Means: `The platform names no owner for the image, or its sources contradict each other.`,
			Why: `Everything else hangs on the owner: who is downloaded from, whose content is right,
which copy must not be deleted. Doing anything to an image whose owner is a guess
may take the files from the server that really owns it.`,
			Example: `    The platform does not say who owns the image. PS008 and PS010 both say that they
    manage it locally; its location is \\PS008\PkgSvrHost$\WIN11-23H2.`,
			Quiet: `Not where the platform names one owner, even if that server is off.`,
			Do: `Open the package server window on each server that may own it: the blue icon
(locally managed) marks the owner. If a take of ownership is under way, run a delta
membership update, refresh both servers, and plan again. If the database and the
icons still disagree, that is a case for the vendor's support.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil {
				return
			}
			var local []estate.ServerID
			for i := range s.img.Copies {
				if s.img.Copies[i].Managed == estate.ManagedLocal {
					local = append(local, s.img.Copies[i].Server)
				}
			}
			detail := "No server says that it manages it locally"
			switch len(local) {
			case 0:
			case 1:
				detail = fmt.Sprintf("%s says that it manages it locally", s.servers(local))
			default:
				detail = fmt.Sprintf("%s say that they manage it locally", s.servers(local))
			}
			if s.img.Location != "" {
				detail += "; its location is " + s.img.Location
			}
			s.report(b.Server, s.d.Range, finding.Finding{
				Detail: detail + ".",
				Fix:    "look in the package server window of each server for the blue icon (locally managed), and bring the platform to show one owner: membership update, then policy refresh on both servers.",
			})
		},
	}
}

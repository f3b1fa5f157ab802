package rules

import (
	"fmt"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl402() *Rule {
	return &Rule{
		Code:    "PSL402",
		Title:   "A retired server would still own images",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfServer,
		Fix:     "give the server successors, or declare an owner for each of these images.",
		Doc: Doc{
			Means: `A server is retired or draining, and images would still belong to it when the plan is
done: because nothing says who takes them, or because their move is blocked.`,
			Why: `This is how KB 227791 begins: the old package server was switched off, and every image
belonged to it. Nobody could download them any more (law 1, law 15).`,
			Example: `    After this plan PS008 would still own 2 of its images: CAD-WORKSTATION,
    WIN7-LEGACYAPP. Nothing says who takes CAD-WORKSTATION.`,
			Quiet: `Not where the plan moves every image off the server. Not for images that are lost and
were given up with |on_lost = "abandon"|, and not for backup images (PSL506).`,
			Do: `Write |successors = [package_server.NAME]| into the server's block: they take what no
image block decides, the nearest site first. Or declare |owner| for the images named.
Where a move is blocked, its own finding says what holds it back.`,
		},
		check: func(r *run) {
			var homeless map[estate.ServerID][]int32
			for i := range r.Resolved.Desired {
				if d := &r.Resolved.Desired[i]; d.Homeless {
					if homeless == nil {
						homeless = map[estate.ServerID][]int32{}
					}
					owner := r.e.Images[d.Image].Owner
					homeless[owner] = append(homeless[owner], d.Image)
				}
			}
			for i := range r.Plan.Servers {
				p := &r.Plan.Servers[i]
				if len(p.OwnsAfter) > 0 && r.Resolved.Leaving(p.Server) {
					r.reportOwns(p.Server, p.OwnsAfter, homeless[p.Server])
				}
			}
		},
	}
}

func (r *run) reportOwns(id estate.ServerID, owns, homeless []int32) {
	name := r.e.ServerName(id)
	detail := ""
	if !r.serverBlocked(id) {
		detail = fmt.Sprintf("%s is %s, and would still own %s after the plan: %s.", name, r.Resolved.Servers[id].Lifecycle, count(len(owns), "image"), list(r.imageNames(owns)))
	}
	fix := "see the findings about these images: what blocks their moves is said there."
	if len(homeless) > 0 {
		detail += fmt.Sprintf(" Nothing says who takes %s.", list(r.imageNames(homeless)))
		fix = fmt.Sprintf("give %s successors, or declare an owner for each of these images.", name)
	}
	r.reportServer(id, finding.Finding{Detail: strings.TrimSpace(detail), Fix: fix}, finding.Unset)
}

package rules

import (
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl303() *Rule {
	return &Rule{
		Code:    "PSL303",
		Title:   "An assignment to all servers would be narrowed",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "leave assignment out, or declare all servers, if that is not meant.",
		Doc: Doc{
			Means: `The image is assigned to all package servers now, and what is declared names some of
them, or sites. The others lose it.`,
			Why: `This is what nobody noticed in KB 227791: after a move, the image was assigned to the
middle server alone, and all others, the final owner among them, marked their copies
for deletion (law 10). New package servers do not get the image either.`,
			Example: `    It is assigned to all 12 package servers now; 2 would stay: PS009 and PS010.
    10 servers would lose it, and 7 of them hold files of it, which would be deleted.`,
			Quiet: `Not where the image is not assigned to all servers now. Not where a server only
loses the image with its role.`,
			Do: `If it is meant, acknowledge it with the reason. If not, write
|assignment { servers = "all" }|, or leave |assignment| out: then it stays as it is.`,
		},
		image: func(s *subject) {
			if s.m == nil || s.d.Assignment == nil || s.img.Assignment.Mode != estate.AssignAll || s.d.Assignment.Mode == estate.AssignAll {
				return
			}
			stay := s.memberCount(s.d.Assignment)
			lose := len(s.e.Servers) - len(s.retired) - stay
			holding := 0
			for i := range s.img.Copies {
				id := s.img.Copies[i].Server
				if s.classes[i].HasFiles() && id.IsServer() && !s.covers(s.d.Assignment, id) && !s.Resolved.Retired(id) {
					holding++
				}
			}
			detail := fmt.Sprintf("It is assigned to all %s now; %d would stay: %s.", count(len(s.e.Servers), "package server"), stay, s.assignment(s.d.Assignment))
			switch {
			case lose <= 0:
				detail += " No server loses it today, but servers that come later would not get it."
			case holding == 0:
				detail += fmt.Sprintf(" %s would lose it; no files of it were seen there.", count(lose, "server"))
			default:
				detail += fmt.Sprintf(" %s would lose it, and %d of them %s files of it, which would be deleted.", count(lose, "server"), holding, pick(holding, "holds", "hold"))
			}
			s.report(estate.NoServer, s.d.AssignmentRange, finding.Finding{
				Detail: detail,
				Fix:    `acknowledge it with the reason if it is meant; else write assignment { servers = "all" }, or leave assignment out.`,
			})
		},
	}
}

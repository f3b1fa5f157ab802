package rules

import (
	"fmt"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl106() *Rule {
	return &Rule{
		Code:    "PSL106",
		Title:   "The platform says Ready, and there are no files",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "refresh the policy on the servers named, and do not rely on what the console says of them.",
		Doc: Doc{
			Means: `For at least one server the platform says that it holds the image, and pslan looked
there and found no file.`,
			Why: `The status in the console comes from events that arrive late or are lost, and it is
not taken back when files go (law 5; KB 433153, KB 181405). Whoever trusts it
switches off the server that holds the only copy. In KB 227791 every package on the
new server said Ready, and not one of them had a folder.`,
			Example: `    PS010 says Ready (2026-11-20 07:30 UTC), and its package folder does not exist.`,
			Quiet: `Not for images that the files do not name and that no lifecycle moves. Not where a
part of the files is there (PSL102), and not where the copy could not be seen: then
nothing is known (PSL105, PSL109).`,
			Do: `Refresh the policy on the server and look at the folder again. If it stays empty,
check its free room, its agent's log, and whether the image is assigned to it. Do
not take ownership there by hand.`,
		},
		image: func(s *subject) {
			said := 0
			for i := range s.img.Copies {
				if s.classes[i].IsBare() && saysReady(s.img.Copies[i].Status) {
					said++
				}
			}
			if said > 0 {
				s.reportReady(said)
			}
		},
	}
}

func (s *subject) reportReady(said int) {
	var told, names []string
	var bareServers []estate.ServerID
	var only estate.ServerID
	for i := range s.img.Copies {
		c := &s.img.Copies[i]
		if !s.classes[i].IsBare() || !saysReady(c.Status) {
			continue
		}
		only = c.Server
		name := s.e.ServerName(c.Server)
		names = append(names, name)
		bareServers = append(bareServers, c.Server)
		if len(told) >= namesShown {
			continue
		}
		at := ""
		if c.StatusAt != 0 {
			at = " (" + moment(c.StatusAt) + ")"
		}
		what := "its package folder does not exist"
		if s.classes[i] == estate.Empty {
			what = "its package folder is empty"
		}
		told = append(told, fmt.Sprintf("%s says %s%s, and %s.", name, strings.TrimSpace(c.Status), at, what))
	}
	if said > len(told) {
		told = append(told, fmt.Sprintf("The same holds for %s.", count(said-len(told), "more server")))
	}
	if said > 1 {
		only = estate.NoServer
	}
	s.report(only, s.d.Range, finding.Finding{
		Detail: strings.Join(told, " "),
		Fix: s.refreshFix(fmt.Sprintf("refresh the policy on %s and look at the %s again; do not take ownership there by hand.",
			list(names), pick(said, "folder", "folders")), bareServers...),
	})
}

// saysReady reports whether a platform's status word claims a whole copy. The words
// are free text; "not ready" and "invalid" do not count.
func saysReady(status string) bool {
	status = strings.TrimSpace(status)
	for _, w := range [...]string{"ready", "valid", "available", "complete", "completed", "downloaded"} {
		if len(status) >= len(w) && strings.EqualFold(status[:len(w)], w) {
			return len(status) == len(w) || !isLetter(status[len(w)])
		}
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

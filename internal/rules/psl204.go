package rules

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl204() *Rule {
	return &Rule{
		Code:        "PSL204",
		Title:       "A copy is marked for deletion",
		Default:     finding.Warning,
		DefaultWhen: "note where nobody needs the copy",
		Floor:       finding.Note,
		Scope:       OfImage,
		Fix:         "assign the image to these servers again before the files go.",
		Doc: Doc{
			Means: `A server found the image gone from its policy and marked its copy |Deleted|, with a
time. At a policy refresh after "delete if unused for" has passed, often one week, the
files go. It is a warning where the plan needs the copy, else a note.`,
			Why: `The mark is not shown where one looks for it, and the time runs out by itself
(law 7). In KB 227791 the final owner's copies were marked because an image had been
assigned to one server only; the repair has to come first, before anything else is
refreshed.`,
			Example: `    PS010 has marked its copy, and deletes it at a policy refresh after 2026-11-29
    10:00 UTC. The plan needs it on PS010: assigning the image there again comes before
    all else, and takes the mark away.`,
			Quiet: `Not for images that the files do not name and that no lifecycle moves. Not for marked
copies without files.`,
			Do: `Where the plan needs the copy, apply it soon: saving it comes before all else. Do not
refresh the server by hand before the image is assigned to it again and a membership
update has run.`,
		},
		image: func(s *subject) {
			for i := range s.img.Copies {
				if s.marked(i) {
					s.reportMarked()
					return
				}
			}
		},
	}
}

// marked reports whether a copy that holds files, or may hold some, is marked for deletion.
func (s *subject) marked(i int) bool {
	return s.img.Copies[i].DeleteAfter != 0 && !s.classes[i].IsBare()
}

// needed reports whether the plan relies on the copy on a server.
func (s *subject) needed(id estate.ServerID) bool {
	return s.m != nil && (slices.Contains(s.m.Saves, id) || id == s.taker || id == s.m.Middle() || slices.Contains(s.m.Keeps, id)) ||
		s.d.Assignment != nil && s.holds(id) || id == s.img.Owner && !s.Resolved.Leaving(id)
}

func (s *subject) reportMarked() {
	var told []string
	var needed, marked []estate.ServerID
	for i := range s.img.Copies {
		c := &s.img.Copies[i]
		if !s.marked(i) {
			continue
		}
		marked = append(marked, c.Server)
		if s.needed(c.Server) {
			needed = append(needed, c.Server)
		}
		if len(marked) <= namesShown {
			told = append(told, s.mark(c))
		}
	}
	detail := strings.Join(told, " ")
	if n := len(marked) - len(told); n > 0 {
		detail += fmt.Sprintf(" %s marked too.", pick(n, "1 more copy is", fmt.Sprintf("%d more copies are", n)))
	}
	f := finding.Finding{Severity: finding.Note, Fix: "leave it, if these copies are not wanted; else assign the image to these servers again before the files go."}
	if len(needed) > 0 {
		f.Severity = finding.Warning
		detail += s.saving(needed)
		f.Fix = fmt.Sprintf("apply soon; until then do not refresh the policy on %s by hand.", s.servers(needed))
	}
	f.Detail = detail
	only := estate.NoServer
	if len(marked) == 1 {
		only = marked[0]
	}
	s.report(only, s.d.Range, f)
}

func (s *subject) mark(c *estate.Copy) string {
	name := s.e.ServerName(c.Server)
	if c.DeleteAfter <= s.Now {
		return fmt.Sprintf("%s has marked its copy, and has been free to delete it since %s: its next policy refresh does.", name, moment(c.DeleteAfter))
	}
	return fmt.Sprintf("%s has marked its copy, and deletes it at a policy refresh after %s.", name, moment(c.DeleteAfter))
}

// saving says what the plan does about the copies that it needs.
func (s *subject) saving(needed []estate.ServerID) string {
	it := pick(len(needed), "it", "them")
	saved := s.m != nil
	for _, id := range needed {
		saved = saved && slices.Contains(s.m.Saves, id)
	}
	switch {
	case saved:
		return fmt.Sprintf(" The plan needs %s on %s: assigning the image there again comes before all else, and takes the mark away.", it, s.servers(needed))
	case s.m != nil:
		return fmt.Sprintf(" The plan needs %s on %s.", it, s.servers(needed))
	default:
		return fmt.Sprintf(" By the files %s shall hold %s.", s.servers(needed), it)
	}
}

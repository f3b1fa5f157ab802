package rules

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl109() *Rule {
	return &Rule{
		Code:    "PSL109",
		Title:   "An assigned copy is not proved",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfImage,
		Fix:     "make the copies visible to pslan.",
		Doc: Doc{
			Means: `The declared assignment names servers whose copy pslan could not look at: they are
off, their folders could not be read, nobody looked, or there is nothing to compare
with. Whether they hold the image is not known. One finding names all servers of an
image.`,
			Why: `A copy that was not seen counts for nothing: not as good, so it cannot carry
|min_copies|, and not as missing, so no change is planned for it. The plan may say
that nothing has to change, and still the image may be absent there (law 5).`,
			Example: `    2 of 4 servers that shall hold it are not proved. PS011: offline, last seen
    2026-11-18 06:12 UTC. PS012: hidden from pslan: access is denied.`,
			Quiet: `Not where |assignment| is not declared: then only the owner's copy counts. Not for
copies that the plan is about to bring there and verify, and not for servers that
are retired.`,
			Do: `Bring the servers up, or make their folders readable (see |content|), and plan again.`,
		},
		image: func(s *subject) {
			if s.img.Kind == estate.KindBackup || !s.img.Owner.IsServer() {
				return
			}
			if s.d.Assignment == nil {
				s.ownerUnproved()
				return
			}
			all, proved := s.memberCount(s.d.Assignment), 0
			for i := range s.img.Copies {
				id := s.img.Copies[i].Server
				if s.holds(id) && (s.classes[i] != estate.ClassUnknown || s.comes(id)) {
					proved++
				}
			}
			if proved < all {
				s.reportUnproved(all)
			}
		},
	}
}

// ownerUnproved is for images of which only the owner is declared.
func (s *subject) ownerUnproved() {
	if s.d.Owner != s.img.Owner || !s.d.Owner.IsServer() {
		return
	}
	if _, class := s.copyOn(s.d.Owner); class == estate.ClassUnknown && !s.comes(s.d.Owner) {
		s.report(s.d.Owner, s.d.OwnerRange, finding.Finding{
			Detail: fmt.Sprintf("%s shall own it, and its copy is not proved: %s.", s.e.ServerName(s.d.Owner), s.unseen(s.d.Owner)),
			Fix:    fmt.Sprintf("make the copy on %s visible to pslan.", s.e.ServerName(s.d.Owner)),
		})
	}
}

// holds reports whether a server shall hold a copy by the declared assignment.
func (s *subject) holds(id estate.ServerID) bool {
	return id.IsServer() && s.covers(s.d.Assignment, id) && !s.Resolved.Retired(id)
}

// comes reports whether the plan brings a good copy to a server, or says elsewhere
// that it cannot.
func (s *subject) comes(id estate.ServerID) bool {
	return s.m != nil && (slices.Contains(s.m.Creates, id) || id == s.taker)
}

// memberCount counts the servers that shall hold a copy.
func (s *subject) memberCount(a *estate.Assignment) int {
	n := 0
	switch a.Mode {
	case estate.AssignAll:
		return len(s.e.Servers) - len(s.retired)
	case estate.AssignServers:
		n = len(a.Servers)
	case estate.AssignSites, estate.AssignAutomatic:
		n = len(s.members(a))
	}
	for _, id := range s.retired {
		if s.covers(a, id) {
			n--
		}
	}
	return n
}

func (s *subject) reportUnproved(all int) {
	var told, names []string
	only := estate.NoServer
	unproved := 0
	coming := make([]bool, len(s.e.Servers))
	if s.m != nil {
		for _, id := range s.m.Creates {
			coming[id] = true
		}
	}
	for _, id := range s.members(s.d.Assignment) {
		if _, class := s.copyOn(id); class != estate.ClassUnknown || coming[id] || id == s.taker || s.Resolved.Retired(id) {
			continue
		}
		unproved++
		only = id
		if len(told) < namesShown {
			told = append(told, fmt.Sprintf("%s: %s.", s.e.ServerName(id), s.unseen(id)))
			names = append(names, s.e.ServerName(id))
		}
	}
	if unproved == 0 {
		return
	}
	detail := fmt.Sprintf("%d of %s that shall hold it %s not proved. %s", unproved, count(all, "server"), is(unproved), strings.Join(told, " "))
	if unproved > len(told) {
		detail += fmt.Sprintf(" %d more are not proved either.", unproved-len(told))
	}
	fix := fmt.Sprintf("bring %s up and make the package %s readable for pslan.", list(names), pick(unproved, "folder", "folders"))
	if unproved > 1 {
		only = estate.NoServer
	}
	if unproved > len(told) {
		fix = "bring these servers up and make their package folders readable for pslan."
	}
	s.report(only, s.d.AssignmentRange, finding.Finding{Detail: detail, Fix: fix})
}

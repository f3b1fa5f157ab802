package rules

import (
	"fmt"
	"slices"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/wording"
)

func psl405() *Rule {
	return &Rule{
		Code:    "PSL405",
		Title:   "The target has too little room",
		Default: finding.Error,
		Floor:   finding.Error,
		Scope:   OfImage,
		Fix:     "make room on the server, or choose another one.",
		Doc: Doc{
			Means: `The image does not fit on the disk of a server that shall get it, at the moment when
the plan would bring it there, and nothing that the plan deletes there frees enough.`,
			Why: `A disk that fills up stops every download on the server, not only this one, and leaves
half copies behind. Copies that are to be deleted still take room until they are
gone, often for a week.`,
			Example: `    PS010 has 8.0 GiB free of 500.0 GiB, and the image has 12.4 GiB.`,
			Quiet: `Not where the plan itself frees the room in time: then a |wait_room| step waits for
it. Not where the platform does not tell how much is free: then a note says so.`,
			Do: `Enlarge the disk, delete what is not needed on it, or let another server take the
image.`,
		},
		image: func(s *subject) {
			b := s.block()
			if b == nil || !b.Server.IsServer() {
				return
			}
			srv := &s.e.Servers[b.Server]
			detail := fmt.Sprintf("%s has %s free", srv.Name, wording.Size(srv.FreeBytes))
			if srv.TotalBytes > 0 {
				detail += " of " + wording.Size(srv.TotalBytes)
			}
			if s.j.Reference.Bytes > 0 {
				detail += ", and the image has " + wording.Size(s.j.Reference.Bytes)
			}
			s.report(b.Server, s.d.Range, finding.Finding{
				Detail: detail + ".",
				Fix:    fmt.Sprintf("free room on %s, or let another server take the image.", srv.Name),
			})
		},
		check: (*run).roomNotKnown,
	}
}

// roomNotKnown notes servers that the plan fills without knowing their room.
func (r *run) roomNotKnown() {
	var unknown []estate.ServerID
	for i := range r.Plan.Moves {
		for _, id := range r.Plan.Moves[i].Creates {
			if id.IsServer() && r.e.Servers[id].FreeBytes < 0 && !slices.Contains(unknown, id) {
				unknown = append(unknown, id)
			}
		}
	}
	if len(unknown) > 0 {
		r.notes = r.notes.Notef(diag.Range{}, "Free room is not known",
			"The platform does not tell how much is free on %s, so whether what the plan brings there fits was not checked. Look at the disk before applying.", r.servers(unknown))
	}
}

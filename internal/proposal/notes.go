package proposal

import (
	"fmt"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/wording"
)

// fileNotes are about blocks that declare nothing (any more).
func fileNotes(r *diff.Resolved) diag.Diagnostics {
	var notes diag.Diagnostics
	for _, g := range r.EmptyGroups {
		notes = append(notes, &diag.Diagnostic{
			Severity: diag.Note, Summary: "Group matches nothing", In: g.In, Subject: g.Match.Range,
			Detail: "No image of the platform fits this match (and is not taken out by except), so the block declares nothing.",
		})
	}
	for _, b := range r.Gone {
		notes = append(notes, &diag.Diagnostic{
			Severity: diag.Note, Summary: "Retired server is gone", In: b.In, Subject: b.HostRange,
			Detail: fmt.Sprintf("The platform no longer lists %s: its retirement is done, and the block may be taken out.", b.Host),
		})
	}
	return notes
}

// verifyOf is how copies are proved.
func verifyOf(d *declared.Declared) declared.Verify {
	if d.Content == nil {
		return declared.VerifyHash
	}
	return d.Content.Verify
}

// middleNotes say beforehand where images would rest: those that only a lifecycle
// moves, and that go through a server which stays. Once that server owns them
// nothing in the files says that they have to go on; only the record of the run does.
func middleNotes(e *estate.Estate, r *diff.Resolved, p *plan.Plan) diag.Diagnostics {
	resting := map[estate.ServerID][]string{}
	for i := range p.Moves {
		m := &p.Moves[i]
		if id := m.Middle(); id != estate.NoServer && m.Desired.OwnerSource == diff.OwnerSuccessor && r.Servers[id].Lifecycle == declared.Active {
			resting[id] = append(resting[id], e.Images[m.Image].Name)
		}
	}
	var notes diag.Diagnostics
	for i := range e.Servers {
		id := estate.ServerID(i)
		if names := resting[id]; len(names) > 0 {
			notes = append(notes, &diag.Diagnostic{
				Severity: diag.Note, Summary: "Images go through a server that stays",
				Detail: fmt.Sprintf("%s owns %s for a while. Should the run end there and its record be lost, they would rest on %s: "+
					"no block declares their owner, and %s is not leaving. Declare their owner to be sure.", e.ServerName(id), wording.List(names, 5), e.ServerName(id), e.ServerName(id)),
			})
		}
	}
	return notes
}

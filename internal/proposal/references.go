package proposal

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/wording"
)

// namesTold is how many names a note lists before it counts the rest.
const namesTold = 5

// referenceNotes say where copies are compared with something else than the owner's
// files or their record: with what a person named, always, and with a snapshot.xml.
func referenceNotes(e *estate.Estate, r *diff.Resolved) diag.Diagnostics {
	type word struct {
		at     diag.Range
		server estate.ServerID
	}
	named, in := map[word][]string{}, map[word]string{}
	listed := map[string][]string{}
	var room []estate.Class
	for i := range r.Desired {
		d := &r.Desired[i]
		img := &e.Images[d.Image]
		if d.Reference != estate.NoServer {
			w := word{d.ReferenceRange, d.Reference}
			named[w], in[w] = append(named[w], img.Name), d.In
			continue
		}
		if img.Content != nil && img.Content.Files > 0 || !slices.ContainsFunc(img.Copies, func(c estate.Copy) bool { return c.Evidence.Agent != nil }) {
			continue
		}
		j := e.JudgeInto(img, estate.NoServer, room)
		room = j.Classes()
		if j.Reference.Origin == estate.FromSnapshot {
			listed[j.Reference.From] = append(listed[j.Reference.From], img.Name)
		}
	}
	var notes diag.Diagnostics
	for w, names := range named {
		notes = append(notes, &diag.Diagnostic{
			Severity: diag.Note, Summary: "A person's word says what is right", In: in[w], Subject: w.at,
			Detail: fmt.Sprintf("By reference in the files, copies of %s are held against the copy on %s, whatever the owner holds or was recorded.", wording.List(names, namesTold), e.ServerName(w.server)),
		})
	}
	for from, names := range listed {
		notes = append(notes, &diag.Diagnostic{
			Severity: diag.Note, Summary: "Copies are compared by path and size only",
			Detail: fmt.Sprintf("The owner's files of %s cannot serve as reference, and nothing was recorded. Copies are held against the newest snapshot.xml that was seen, on %s, which has no hashes.", wording.List(names, namesTold), from),
		})
	}
	return notes.Sort()
}

// recordedNotes say how old the recorded estate is that a plan is made from.
func recordedNotes(in Input) diag.Diagnostics {
	if !in.Recorded || in.Estate.TakenAt.IsZero() {
		return nil
	}
	age := time.Duration(in.Now - in.Estate.TakenAt)
	when := wording.Span(age) + " ago"
	if age < 0 {
		when = "which is still to come by this clock"
	}
	return diag.Diagnostics(nil).Notef(diag.Range{}, "Planned against a recorded estate", "It was taken on %s, %s. apply reads everything again.",
		in.Estate.TakenAt.Time().Format("2006-01-02 15:04 UTC"), when)
}

// taken is what was seen of one package server by its manifest.
type taken struct {
	server string
	at     estate.Time // of the oldest manifest that counts
	copies int
}

// manifestsOf lists the package servers whose copies were seen in manifests, sorted by
// name.
func manifestsOf(e *estate.Estate) []taken {
	of := make([]taken, len(e.Servers))
	for i := range e.Images {
		for k := range e.Images[i].Copies {
			c := &e.Images[i].Copies[k]
			if !c.Server.IsServer() || c.Evidence.By != estate.ByManifests || c.Evidence.Sight == estate.NotLooked || c.Evidence.CheckedAt.IsZero() {
				continue
			}
			s := &of[c.Server]
			if s.copies == 0 || c.Evidence.CheckedAt < s.at {
				s.at = c.Evidence.CheckedAt
			}
			s.copies++
		}
	}
	var seen []taken
	for i := range of {
		if of[i].copies > 0 {
			of[i].server = e.Servers[i].Name
			seen = append(seen, of[i])
		}
	}
	return seen
}

// manifestNotes say how old manifests are, and of which servers they are older than
// may carry a decision.
func manifestNotes(seen []taken, policy *declared.Policy, now estate.Time) diag.Diagnostics {
	if len(seen) == 0 {
		return nil
	}
	byAge := slices.Clone(seen)
	slices.SortStableFunc(byAge, func(a, b taken) int { return cmp.Compare(a.at, b.at) })
	var told, old []string
	for _, s := range byAge {
		age := time.Duration(now - s.at)
		text := fmt.Sprintf("%s %s ago", s.server, wording.Span(age))
		if age < 0 {
			text = fmt.Sprintf("%s at %s, which is still to come by this clock", s.server, s.at.Time().Format("2006-01-02 15:04 UTC"))
		}
		told = append(told, text)
		if policy.EvidenceMaxAge > 0 && (age < 0 || age > policy.EvidenceMaxAge) {
			old = append(old, s.server)
		}
	}
	notes := diag.Diagnostics(nil).Notef(diag.Range{}, "Copies were seen in manifests", "Taken: %s.", wording.List(told, 2*namesTold))
	if len(old) > 0 {
		notes = notes.Warnf(diag.Range{}, "Manifests are older than may carry a decision",
			"evidence_max_age is %s, and the manifests of %s are older. The plan shows what was so then; apply waits for newer ones before it takes ownership or takes anything away there. Run pslan probe on these servers.",
			wording.Span(policy.EvidenceMaxAge), wording.List(old, 2*namesTold))
	}
	return notes
}

package apply

import (
	"errors"
	"fmt"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// awaitsManifest says that nothing can be decided before a newer manifest of a server
// has come. Whoever runs the probe there brings it; looking again does not.
type awaitsManifest struct{ text string }

func (e *awaitsManifest) Error() string { return e.text }

// clockSlack is how far a manifest may be ahead of the platform's clock.
const clockSlack = 10 * time.Minute

// awaits says whether a proof has to wait for a manifest: of the server whose copy is
// to be proved, or of the one whose files it is compared with. What a manifest shows
// counts for evidence_max_age, as every listing does (P2); here it is not an error when
// that is over, because a newer one may come.
func (m *machine) awaits(e *evidence, id estate.ServerID) error {
	if err := m.awaitsOne(e, id, false); err != nil {
		return err
	}
	ref := &e.judgement.Reference
	if ref.Server == id || ref.Origin != estate.FromOwner && ref.Origin != estate.FromWord {
		return nil
	}
	return m.awaitsOne(e, ref.Server, true)
}

func (m *machine) awaitsOne(e *evidence, id estate.ServerID, reference bool) error {
	ev, now := e.seen(id), e.view.now
	if ev.By != estate.ByManifests || m.settings.weaken.Evidence {
		return nil
	}
	name, most := e.view.Estate.ServerName(id), m.settings.policy.EvidenceMaxAge
	wait := func(newer time.Time, format string, args ...any) error {
		text := fmt.Sprintf("waits for a manifest of %s newer than %s", name, stampOf(newer))
		return &awaitsManifest{text + ": " + fmt.Sprintf(format, args...) + "; run pslan probe there"}
	}
	age := now.Sub(ev.CheckedAt.Time())
	switch hashed := m.settings.verify == declared.VerifyHash && ev.Files > 0; {
	case ev.CheckedAt.IsZero():
		return wait(now.Add(-most), "%s", ev.Error)
	case most > 0 && age < -clockSlack:
		return wait(now.Add(-most), "the one there is dated %s, which is still to come", stampOf(ev.CheckedAt.Time()))
	case most > 0 && age > most:
		return wait(now.Add(-most), "the one there was taken %s ago, more than evidence_max_age allows (%s)", brief(age), brief(most))
	case ev.Sight != estate.Seen:
		return wait(ev.CheckedAt.Time(), "the copy could not be seen (%s)", ev.Error)
	case hashed && ev.Digest.IsZero():
		return wait(ev.CheckedAt.Time(), "the one there has no hashes")
	case hashed && !reference && m.hashTooOld(&ev, now):
		return wait(ev.CheckedAt.Time(), "its hashes are older than hash_max_age allows (%s); probe with -rehash", brief(m.settings.policy.HashMaxAge))
	}
	return nil
}

func (m *machine) hashTooOld(ev *estate.Evidence, now time.Time) bool {
	most := m.settings.policy.HashMaxAge
	return most > 0 && !ev.HashedAt.IsZero() && now.Sub(ev.HashedAt.Time()) > most
}

// awaiting turns an error that only a newer manifest resolves into a wait.
func awaiting(err error) (verdict, bool) {
	var wait *awaitsManifest
	if !errors.As(err, &wait) {
		return verdict{}, false
	}
	return verdict{kind: pending, note: wait.text, awaits: true}, true
}

// await has a step wait for a manifest, no longer than an operator may take, as the
// probe has to be run by somebody. The step's own time begins when it is over.
func (m *machine) await(l *live, d *verdict, now time.Time) {
	limit := m.settings.policy.Timeouts.Operator
	if limit <= 0 {
		limit = time.Hour
	}
	if l.awaiting == "" {
		l.begun = now
	}
	l.awaiting, l.deadline, l.again = d.note, l.begun.Add(limit), time.Time{}
}

// awaited ends such a wait: the step begins anew.
func (m *machine) awaited(l *live, limit time.Duration, now time.Time) {
	if l.awaiting == "" {
		return
	}
	l.awaiting, l.begun, l.deadline, l.again = "", now, time.Time{}, time.Time{}
	if limit > 0 {
		l.deadline, l.again = now.Add(limit), now.Add(limit/2)
	}
}

// stampOf writes a moment with its day: a wait for a manifest may be a long one.
func stampOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

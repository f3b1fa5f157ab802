package apply

import (
	"fmt"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// download is how far a wait for a copy has come.
type download struct {
	reference  estate.Content // what it is compared with between two looks at the owner
	known      bool
	lookAgain  bool  // the owner is to be looked at again: the copy seems to be there
	first      int64 // bytes at the first look
	bytes      int64
	begun      bool
	movedAt    time.Time // when bytes last arrived
	reportedAt time.Time
}

// judgeDownload: a copy has arrived when its listing equals the reference. Bytes
// are progress; the platform's status is nothing.
func (m *machine) judgeDownload(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	if owner := v.Estate.ServerName(img.Owner); m.passed(s, owner) {
		return isMet("%s owns it already, which comes after %s", owner, s.Server)
	}
	id := v.Index.Server(s.Server)
	if id == estate.NoServer {
		return isBarred(fmt.Errorf("the platform no longer lists %s; plan again", s.Server))
	}
	l := m.live[no]
	e := m.weigh(v, img)
	m.arrive(l, s, &e, id)
	ev := e.seen(id)
	switch {
	case !v.Estate.Reachable(id):
		return isPending("%s cannot be reached", s.Server)
	case ev.Sight != estate.Seen:
		return isPending("the copy on %s cannot be seen: %s", s.Server, ev.Error)
	}
	m.arriving(no, s.Bytes-ev.Bytes)
	switch class := m.arrived(s, l, &ev); {
	case class == estate.Good:
		return isMet("%s, %s", count(ev.Files, "file"), wording.Size(ev.Bytes))
	case class == estate.Different && ev.SameSizes(&l.download.reference):
		e.reference = &l.download.reference // what it was held against; this reading may have none
		return isBarred(e.fault(id, class))
	}
	if a := img.Assignment.Mode; (a == estate.AssignServers || a == estate.AssignSites) && !v.Estate.Covers(&img.Assignment, id) {
		return isBarred(fmt.Errorf("%s is no longer assigned (the assignment is %s), so nothing arrives there; plan again",
			s.Server, assigned(v.Estate.NameAssignment(&img.Assignment))))
	}
	return isPending("%s", m.stuck(s, v, l, &ev))
}

// arrive notes what a reading says of a download: the reference where it was
// looked at, and the bytes that are there.
func (m *machine) arrive(l *live, s *plan.Step, e *evidence, id estate.ServerID) {
	d := &l.download
	// Between two looks at the owner a reading knows only its record, if any: what was
	// seen before is better than that.
	looked := e.judgement.Reference.Origin == estate.FromOwner || e.judgement.Reference.Origin == estate.FromWord
	if e.reference != nil && (looked || !d.known) {
		d.reference, d.known = *e.reference, true
	}
	d.lookAgain = false
	ev := e.seen(id)
	if ev.Sight != estate.Seen {
		if !d.begun {
			d.movedAt = e.view.now
		}
		return
	}
	if !d.begun {
		d.begun, d.first, d.bytes, d.movedAt = true, ev.Bytes, ev.Bytes, e.view.now
		return
	}
	if ev.Bytes != d.bytes {
		d.bytes, d.movedAt = ev.Bytes, e.view.now
	}
}

// arrived classes the copy of a download. Where the reference has no listing, the
// counts of the plan are all there is; its content is verified by the next step.
func (m *machine) arrived(s *plan.Step, l *live, ev *estate.Evidence) estate.Class {
	d := &l.download
	if !d.known {
		if ev.Files == s.Files && ev.Bytes == s.Bytes && s.Files > 0 {
			return estate.Good
		}
		return estate.ClassUnknown
	}
	class := ev.Against(&d.reference)
	if class == estate.ClassUnknown && ev.Files == d.reference.Files && ev.Bytes == d.reference.Bytes {
		class = estate.Good
	}
	if class != estate.Good && ev.Files >= d.reference.Files && ev.Bytes >= d.reference.Bytes {
		d.lookAgain = true // perhaps the owner's content is another one by now
	}
	return class
}

// stuckAfter is how long nothing may arrive before a wait says so.
const stuckAfter = 5 * time.Minute

// stuck says in words what a download waits for.
func (m *machine) stuck(s *plan.Step, v *view, l *live, ev *estate.Evidence) string {
	text := fmt.Sprintf("%s holds %d of %s, %s of %s", s.Server, ev.Files, count(s.Files, "file"), wording.Size(ev.Bytes), wording.Size(s.Bytes))
	if ev.By == estate.ByManifests {
		text += ", by its manifest of " + stampOf(ev.CheckedAt.Time())
	}
	if from := v.Index.Server(s.From); s.From != "" && from != estate.NoServer && !v.Estate.Reachable(from) {
		text += "; " + s.From + ", from which it downloads, cannot be reached"
	}
	if still := v.now.Sub(l.download.movedAt); still >= stuckAfter {
		text += fmt.Sprintf("; 0 bytes have arrived since %s", clock(l.download.movedAt))
	}
	return text
}

// isStuck reports whether a wait has something to complain of.
func (l *live) isStuck(now time.Time) bool {
	return !l.download.begun || now.Sub(l.download.movedAt) >= stuckAfter
}

// judgeCopy compares a copy with the reference content, file by file.
func (m *machine) judgeCopy(s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	if s.After.Location != nil {
		return m.judgeCopied(s, v, img)
	}
	owner := v.Estate.ServerName(img.Owner)
	if m.passed(s, owner) {
		return isMet("%s owns it already, which comes after %s", owner, s.Server)
	}
	id := v.server(s.Server)
	if id == estate.NoServer {
		return isBarred(fmt.Errorf("the platform no longer lists %s; plan again", s.Server))
	}
	e := m.weigh(v, img)
	note, err := m.prove(&e, id)
	if err == nil {
		c := *e.reference
		c.From = e.from
		m.proofs[s.Image] = c
		return isMet("%s", note)
	}
	if d, waits := awaiting(err); waits {
		return d
	}
	if ev := e.seen(id); !v.Estate.Reachable(id) || ev.Sight != estate.Seen {
		return isPending("%s", err)
	}
	if e.reference == nil && s.From != "" && m.words[s.Image] == "" && !sameName(s.From, owner) {
		return isBarred(changed("the owner", s.From, owner))
	}
	return isBarred(err)
}

// judgeClear: wrong files may be cleared only on a server that is not the owner,
// while a good copy stands elsewhere in the same reading (P1).
func (m *machine) judgeClear(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	owner := v.Estate.ServerName(img.Owner)
	if m.passed(s, owner) {
		return isMet("%s owns it already, which comes after %s", owner, s.Server)
	}
	id := v.Index.Server(s.Server)
	if id == estate.NoServer {
		return isBarred(fmt.Errorf("the platform no longer lists %s; plan again", s.Server))
	}
	l := m.live[no]
	e := m.weigh(v, img)
	ev := e.seen(id)
	have, want := v.listing(s.Image, s.Server), v.listing(s.Image, s.From)
	switch {
	case ev.Sight == estate.Seen && e.class(id) == estate.Good:
		return isMet("the copy on %s is good", s.Server)
	case ev.Sight == estate.Seen && ev.Files == 0:
		return isMet("no file is left on %s", s.Server)
	case m.state(no) == watching:
		if ev.Sight != estate.Seen {
			return isPending("the copy on %s cannot be seen: %s", s.Server, ev.Error)
		}
		if left := remaining(l.wrong, have); len(left) > 0 {
			return isPending("%s still holds %s", s.Server, someFiles(left))
		}
		return isMet("%s cleared", count(int64(len(l.wrong)), "wrong file"))
	case sameName(owner, s.Server):
		return isBarred(fmt.Errorf("%s is the owner: nothing is cleared there", s.Server))
	case ev.Sight != estate.Seen:
		return isBarred(fmt.Errorf("the copy on %s cannot be seen: %s", s.Server, ev.Error))
	}
	if err := m.standing(s, v, &e); err != nil && !m.settings.weaken.LastCopy {
		return isBarred(err)
	}
	if l.wrong = present(wrongFiles(have, want)); len(l.wrong) == 0 {
		return isMet("no file on %s is wrong", s.Server)
	}
	return isAllowed(request{kind: askOperator, task: platform.OperatorTask{
		Op: platform.OpClearCopy, Image: ref(img), Server: s.Server, From: s.From, Files: paths(l.wrong)}, check: clearCheck(s.Server, l.wrong)})
}

// standing proves the copy that stands elsewhere while another one is cleared.
func (m *machine) standing(s *plan.Step, v *view, e *evidence) error {
	from := v.server(s.From)
	if from == estate.NoServer {
		return fmt.Errorf("the platform no longer lists %s; nothing is cleared", s.From)
	}
	if err := unmarked(e.img, from, s.From); err != nil {
		return fmt.Errorf("%w; nothing is cleared", err)
	}
	if _, err := m.prove(e, from); err != nil {
		return fmt.Errorf("%w; nothing is cleared on %s while no good copy stands elsewhere", err, s.Server)
	}
	return nil
}

// present leaves out the files that a listing lacks.
func present(files []platform.File) []platform.File {
	var out []platform.File
	for _, f := range files {
		if f.Bytes != estate.Unknown {
			out = append(out, f)
		}
	}
	return out
}

// remaining are the files that are still there exactly as they were.
func remaining(was, is []platform.File) []platform.File {
	var left []platform.File
	for i := range was {
		for len(is) > 0 && is[0].Path < was[i].Path {
			is = is[1:]
		}
		if len(is) > 0 && sameFile(&was[i], &is[0]) {
			left = append(left, was[i])
		}
	}
	return left
}

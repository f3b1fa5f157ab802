package apply

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// hands reports whether anybody does an operator's step: an operator, or a command
// that stands in for one.
func (s *settings) hands(op platform.OperatorOp) bool {
	return s.operatorPresent || slices.Contains(s.acts, op)
}

// need is a step that an operator is to do, in plan order.
type need struct {
	no plan.StepNo
	OperatorNeed
}

// needOperator ends a step because nobody is there to do it, and notes what is to be
// done: it is as ready as it will ever be.
func (m *machine) needOperator(no plan.StepNo, now time.Time, requests ...request) {
	for _, q := range requests {
		n := OperatorNeed{Step: m.step(no), Task: q.task, Check: q.check}
		if q.task.Op == platform.OpTakeOwnership && m.validFor() > 0 {
			n.ValidUntil = now.Add(m.validFor())
		}
		m.needs = append(m.needs, need{no, n})
	}
	m.operatorWaits = true
	m.settle(no, notRun, needsOperator, nil)
}

// byHandTask is the refresh of a server for an operator.
func byHandTask(server string) request {
	return request{kind: askOperator, task: platform.OperatorTask{Op: platform.OpRefresh, Server: server}}
}

// askedByHand tells that an operator was asked to refresh a server, with the first of
// the steps that wait for it.
func (l *loop) askedByHand(r *round, f *refresh) {
	for _, no := range r.steps {
		if s, live := l.m.step(no), l.m.live[no]; live != nil && containsName(s.Servers, f.server) {
			l.emit(Asked{Step: s, Task: byHandTask(f.server).task, Until: live.deadline})
			return
		}
	}
}

// refreshedBy are the servers that a sync refreshes.
func refreshedBy(s *plan.Step) []string {
	var out []string
	for _, server := range s.Servers {
		if !containsName(s.Skipped, server) || containsName(s.MustReach, server) {
			out = append(out, server)
		}
	}
	return out
}

// leftToOperator notes that a sync stands in a runbook.
const leftToOperator = "left to an operator"

// handedOver reports whether an earlier part of this run has left a sync to an operator.
func (m *machine) handedOver(no plan.StepNo) bool {
	h, known := m.settings.history[m.step(no).ID]
	return known && h.State == RecordRequested && h.Note == leftToOperator
}

// doneByHand settles a sync that was left to an operator and that he has done since: as
// far as the platform tells of updates and refreshes they are newer; where it tells of
// none, that the run goes on is his word, and what comes next is looked at for itself.
func (m *machine) doneByHand(no plan.StepNo, sync *platform.SyncState) bool {
	if !m.handedOver(no) {
		return false
	}
	since := m.settings.history[m.step(no).ID].At.Truncate(time.Second)
	note := "done by an operator"
	if sync != nil && !sync.UpdateFinished.IsZero() {
		if sync.UpdateStarted.Before(since) {
			return false
		}
		since = sync.UpdateFinished
	} else {
		note += "; the membership update " + confirmedNotSeen
	}
	seen := map[string]time.Time{}
	if sync != nil {
		for name, at := range sync.Refreshed {
			seen[estate.Fold(name)] = at
		}
	}
	for _, server := range refreshedBy(m.step(no)) {
		at, visible := seen[estate.Fold(server)]
		switch {
		case !visible:
			note += "; the refresh of " + server + " " + confirmedNotSeen
		case at.Before(since):
			return false
		}
	}
	m.settle(no, done, note, nil)
	return true
}

// toldBefore reports whether an operator's sync was seen done in an earlier part of this
// run, and what it tells servers of was found as it was left: a person is not asked for
// the same twice.
func (m *machine) toldBefore(s *plan.Step) bool {
	h, known := m.settings.history[s.ID]
	if s.By != plan.ByOperator || !known || h.State != RecordObserved && h.State != RecordSkipped {
		return false
	}
	for _, need := range s.Needs {
		if m.state(need) != skipped {
			return false
		}
	}
	return true
}

// handOver leaves a sync to an operator who is not there, without the servers that must
// not be refreshed now: they are not asked for either (P1). It reports whether it did.
func (m *machine) handOver(no plan.StepNo, unsafe map[string]error, now time.Time) bool {
	s := m.step(no)
	var tasks []request
	for _, server := range refreshedBy(s) {
		why := unsafe[estate.Fold(server)]
		if why != nil && containsName(s.MustReach, server) {
			m.settle(no, failed, "", why)
			return false
		}
		if why == nil {
			tasks = append(tasks, byHandTask(server))
		}
	}
	m.needOperator(no, now, tasks...)
	return true
}

// takeCheck names what an operator looks at right before he takes ownership: what
// was verified is still so.
func takeCheck(s *plan.Step, v *view, img *estate.Image, owner string) string {
	text := fmt.Sprintf("%s still shows the package as externally managed", s.Server)
	if c := img.Copy(v.server(s.Server)); c != nil && c.Evidence.Sight == estate.Seen {
		text += fmt.Sprintf(", and its folder there still holds %s, %s", count(c.Evidence.Files, "file"), wording.Size(c.Evidence.Bytes))
	}
	if owner != "" {
		text += "; the owner is still " + owner
	}
	return text
}

// clearCheck names what an operator looks at right before he clears files: they may have
// been cleared and downloaded again meanwhile, and the server may be the owner by now.
// Names, sizes and times would not tell (law 6); the hashes do.
func clearCheck(server string, wrong []platform.File) string {
	const shown, shownBytes = 5, 6
	text := server + " still shows the package as externally managed, and the files are still the wrong ones"
	var sums []string
	for i := range wrong[:min(shown, len(wrong))] {
		if sum := wrong[i].SHA256; !sum.IsZero() {
			sums = append(sums, fmt.Sprintf("%s %x", wrong[i].Path, sum[:shownBytes]))
		}
	}
	if len(sums) > 0 {
		text += "; their SHA-256 begins with: " + strings.Join(sums, ", ")
	}
	if len(wrong) > shown {
		text += fmt.Sprintf(" (and %d more)", len(wrong)-shown)
	}
	return text
}

// retireCheck names what an operator looks at right before he removes a role, which
// may be hours after nothing was seen to hold the server back.
func retireCheck(server string) string {
	return "pslan retire " + server + " still says that it may be switched off"
}

// valid notes until when an operator may act on what was verified for his step. It
// counts from the reading, not from the asking.
func (m *machine) valid(no plan.StepNo) {
	if l := m.live[no]; m.step(no).Op == plan.TakeOwnership && m.validFor() > 0 {
		l.validUntil = l.judged.Add(m.validFor())
	}
}

// void reports whether what an operator was asked for may not be done any more: then
// it is verified afresh, and asked for again.
func (m *machine) void(no plan.StepNo, now time.Time) bool {
	l := m.live[no]
	return !l.validUntil.IsZero() && !now.Before(l.validUntil)
}

// judgeTaken: the platform shows the new owner. Where an operator did it after what
// was verified had become void, or nobody knows when, it is a fact that somebody
// changed: the copy is held against the verified content before anything goes on.
func (m *machine) judgeTaken(no plan.StepNo, s *plan.Step, v *view, img *estate.Image) verdict {
	met := isMet("%s is the owner", s.Server)
	l := m.live[no]
	until := l.validUntil
	if h, known := m.settings.history[s.ID]; known && until.IsZero() && h.inDoubt() && m.validFor() > 0 {
		until = h.At.Add(m.validFor())
	}
	if s.By != plan.ByOperator || until.IsZero() || !v.now.After(until) || m.settings.weaken.Evidence {
		return met
	}
	if m.state(no) == watching && !l.proveLate {
		l.proveLate = true
		return isPending("it was done after %s, when what was verified had become void: the copy is verified afresh", clock(until))
	}
	e := m.weigh(v, img)
	if c, ok := m.proofs[img.GUID]; ok {
		e.judgement, e.reference, e.from = estate.Judgement{}, &c, c.From
	}
	note, err := m.prove(&e, v.server(s.Server))
	if err != nil {
		return isBarred(fmt.Errorf("ownership was taken after %s, when what was verified had become void, and %w; look at the files on %s before anything else is done", clock(until), err, s.Server))
	}
	return isMet("%s is the owner; done after %s, and verified afresh: %s", s.Server, clock(until), note)
}

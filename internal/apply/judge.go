package apply

import (
	"errors"
	"fmt"
	"time"

	"pslan/internal/plan"
	"pslan/internal/platform"
)

// live is what is kept of a step in flight.
type live struct {
	begun    time.Time // first taken up; its limit counts from here
	deadline time.Time // zero: it does not wait
	again    time.Time // when its request is repeated if nothing was seen by then; zero: never
	judged   time.Time // of the reading that allowed its request
	request  request
	attempts int       // how often it was asked for
	answered bool      // a request was accepted
	lost     error     // the answer to the last request was lost
	polling  bool      // a reading is being taken for it
	reread   bool      // its reading took long and was taken again
	notYet   time.Time // before which it is not looked at again: its reading is a costly one
	told     bool      // its start was told
	// validUntil is until when an operator may act on what was verified; zero: no limit.
	validUntil time.Time
	proveLate  bool   // it was done after that: its copy is verified afresh
	answer     Answer // a person's word on what became of it
	download   download
	wrong      []platform.File // clear_copy: what had to go
	awaiting   string          // for which manifest it waits, before anything else
}

// verdict is what a reading means for a step.
type verdict struct {
	kind    verdictKind
	note    string  // met: what was seen; pending: what it waits for
	err     error   // barred
	awaits  bool    // pending: it waits for a manifest, and cannot begin before
	request request // allowed
}

type verdictKind uint8

const (
	pending verdictKind = iota // the effect is not there, and there is nothing to ask for
	met                        // the effect is there
	allowed                    // the effect is not there, and may be asked for
	barred                     // the effect is not there, and must not be asked for
	joins                      // a sync: it asks for the next round
	asks                       // looking cannot decide: a person is asked what became of it
)

func isMet(format string, args ...any) verdict {
	return verdict{kind: met, note: fmt.Sprintf(format, args...)}
}

func isPending(format string, args ...any) verdict {
	return verdict{kind: pending, note: fmt.Sprintf(format, args...)}
}

func isBarred(err error) verdict {
	if d, waits := awaiting(err); waits {
		return d
	}
	return verdict{kind: barred, err: err}
}

func isAllowed(q request) verdict { return verdict{kind: allowed, request: q} }

// judge says what a reading means for a step: before it is asked for, and while its
// effect is looked for.
func (m *machine) judge(no plan.StepNo, v *view) verdict {
	s := m.step(no)
	delete(m.hops, no) // what is looked at is tried: the run may be left there
	switch s.Op {
	case plan.Assign:
		return m.judgeAssign(no, s, v)
	case plan.Unassign:
		return m.judgeUnassign(no, s, v)
	case plan.Sync:
		return m.judgeSync(s, v)
	case plan.WaitRoom:
		return m.judgeRoom(s, v)
	case plan.WaitCopy:
		return m.judgeDownload(no, s, v)
	case plan.VerifyCopy:
		return m.judgeCopy(s, v)
	case plan.TakeOwnership:
		return m.judgeTake(no, s, v)
	case plan.VerifyOwnership:
		return m.judgeOwnership(s, v)
	case plan.ClearCopy:
		return m.judgeClear(no, s, v)
	case plan.CopyFiles:
		return m.judgeFiles(no, s, v)
	case plan.SetLocation:
		return m.judgeLocation(no, s, v)
	case plan.Convert:
		return m.judgeConvert(no, s, v)
	case plan.ChangeProfile:
		return m.judgeProfile(no, s, v)
	case plan.RebuildPreboot:
		return m.judgeRebuild(s, v)
	case plan.VerifyDrained:
		return m.judgeDrained(s, v)
	case plan.RetireServer:
		return m.judgeRetire(no, s, v)
	}
	return isBarred(fmt.Errorf("this version of pslan does not know the operation of the step %s", s.ID))
}

// begin notes when a step was first taken up and how long it may take.
func (m *machine) begin(no plan.StepNo, now time.Time) *live {
	l := m.live[no]
	if l == nil {
		l = &live{begun: now}
		if limit := m.limitOf(m.step(no)); limit > 0 {
			l.deadline = now.Add(limit)
			l.again = now.Add(limit / 2)
		}
		m.live[no] = l
	}
	return l
}

// limitOf is how long a step may take: what the plan says, else the policy.
func (m *machine) limitOf(s *plan.Step) time.Duration {
	t := &m.settings.policy.Timeouts
	limit := s.Limit
	if limit == 0 {
		switch s.Op {
		case plan.VerifyCopy, plan.VerifyDrained:
			return 0
		case plan.WaitCopy:
			limit = t.Download
		case plan.WaitRoom:
			limit = t.Room
		case plan.TakeOwnership, plan.VerifyOwnership:
			limit = t.Ownership
		case plan.ClearCopy, plan.CopyFiles, plan.Convert, plan.ChangeProfile, plan.RetireServer:
			limit = t.Operator
		default:
			limit = t.Sync
		}
	}
	if limit <= 0 {
		// A wait without any limit would be one that nobody can end.
		limit = time.Hour
	}
	return limit
}

// start judges a step on the reading that was taken before it, and brings it into
// its next state.
func (m *machine) start(no plan.StepNo, v *view) {
	d := m.resumed(no, v, m.judge(no, v))
	if m.live[no].attempts == 0 && (d.kind == allowed || d.kind == joins || d.kind == pending) {
		if reason := m.held(no, v); reason != "" {
			m.settle(no, notRun, reason, nil)
			return
		}
	}
	m.apply(no, v, d)
}

// held says why a step that could start does not.
func (m *machine) held(no plan.StepNo, v *view) string {
	if m.settings.approveSafe && risky(m.step(no)) {
		m.unapproved++
		return "it carries a risk (" + riskOf(m.step(no)).String() + ") and waits for approval"
	}
	if m.settings.hold == nil {
		return ""
	}
	return m.settings.hold(m.step(no), v.Observation)
}

// apply brings a step that was looked at before its start into its next state.
func (m *machine) apply(no plan.StepNo, v *view, d verdict) {
	s, l := m.step(no), m.live[no]
	if d.awaits {
		m.await(l, &d, v.now)
	} else {
		m.awaited(l, m.limitOf(s), v.now)
	}
	switch d.kind {
	case met:
		if l.attempts > 0 || s.Op == plan.VerifyCopy || s.Op == plan.VerifyOwnership || s.Op == plan.VerifyDrained {
			m.settle(no, done, d.note, nil)
		} else {
			m.settle(no, skipped, d.note, nil)
		}
	case barred:
		m.settle(no, failed, "", d.err)
	case joins:
		if s.By == plan.ByOperator && !m.settings.hands(platform.OpRefresh) {
			m.byHand = append(m.byHand, no)
			return
		}
		m.move(no, grouped)
		m.grouped = append(m.grouped, no)
	case allowed:
		m.allow(no, v, d.request)
	case asks:
		m.questions = append(m.questions, question{no, d.note})
	case pending:
		if l.deadline.IsZero() || !v.now.Before(l.deadline) {
			m.settle(no, failed, "", m.overdue(no, d.note))
			return
		}
		m.move(no, watching)
	}
}

// allow puts a step in line for its request, unless it was asked for too often, or
// nobody is there to do it.
func (m *machine) allow(no plan.StepNo, v *view, q request) {
	l := m.live[no]
	q.step = no
	switch {
	case q.kind == askOperator && !m.settings.hands(q.task.Op):
		m.needOperator(no, v.now, q)
	case l.lost != nil && (l.attempts >= maxAttempts || kindOf(l.lost) != platform.KindUnreachable):
		m.settle(no, unknown, "", fmt.Errorf("the answer was lost (%w) and the effect is not to be seen; look at %s, then run apply again", told(l.lost), m.step(no).Name))
	case l.attempts >= maxAttempts && l.validUntil.IsZero():
		m.move(no, watching)
	default:
		l.request, l.judged = q, v.now
		m.move(no, queued)
	}
}

const (
	// maxAttempts is how often one step is asked for at most, each time after looking.
	maxAttempts = 3
	// needsOperator is why an operator's step is not run where no operator is present.
	needsOperator = "needs an operator"
)

// watch judges a reading taken while a step's effect is looked for, and returns what
// it still waits for, "" if it is settled or asked for again.
func (m *machine) watch(no plan.StepNo, v *view) string {
	l := m.live[no]
	if l.awaiting != "" { // it is looked at from the start
		if v.now.Before(l.deadline) {
			m.makeReady(no)
		} else {
			m.settle(no, failed, "", m.overdue(no, l.awaiting))
		}
		return ""
	}
	d := m.judge(no, v)
	switch d.kind {
	case met:
		m.settle(no, done, d.note, nil)
		return ""
	case barred:
		m.settle(no, failed, "", d.err)
		return ""
	}
	if !v.now.Before(l.deadline) {
		if l.lost != nil {
			m.settle(no, unknown, "", fmt.Errorf("the answer was lost (%w); %w", told(l.lost), m.overdue(no, d.note)))
		} else {
			m.settle(no, failed, "", m.overdue(no, d.note))
		}
		return ""
	}
	if l.proveLate || m.void(no, v.now) {
		m.makeReady(no)
		return ""
	}
	if l.attempts > 0 && l.request.repeatable() && !l.again.IsZero() && !v.now.Before(l.again) {
		// Accepted and perhaps ignored: it is looked at from the start before it is repeated.
		l.again = time.Time{}
		m.makeReady(no)
		return ""
	}
	return d.note
}

// overdue is the error of a step that reached its limit: what is stuck.
func (m *machine) overdue(no plan.StepNo, stuck string) error {
	l := m.live[no]
	if l.deadline.IsZero() {
		return errors.New(stuck)
	}
	return fmt.Errorf("its limit of %s is over: %s", brief(l.deadline.Sub(l.begun)), stuck)
}

// answer judges the end of a step's request.
func (m *machine) answer(no plan.StepNo, err error) {
	l := m.live[no]
	l.attempts++
	switch answerOf(err) {
	case refused:
		m.settle(no, failed, "", told(err))
	case accepted:
		l.answered, l.lost = true, nil
		if m.step(no).Op == plan.RebuildPreboot || m.settings.weaken.Seen {
			m.settle(no, done, confirmedNotSeen, nil)
			return
		}
		m.move(no, watching)
	case lost:
		l.lost = err
		switch {
		case l.request.kind == rebuildPreboot:
			m.settle(no, unknown, "", fmt.Errorf("the answer was lost (%w), and a rebuild cannot be seen; rebuild %s again by hand, or run apply again", told(err), m.step(no).Name))
		case l.request.seenAtOnce():
			m.makeReady(no)
		default:
			m.move(no, watching)
		}
	}
}

// confirmedNotSeen marks what had to be believed.
const confirmedNotSeen = "confirmed, not seen"

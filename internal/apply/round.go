package apply

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// round is one coalesced sync: all sync steps that asked before it began share one
// membership update, and then one refresh of each of their servers. Only one round
// updates at a time; rounds whose servers are still refreshing do not hold up the
// next one.
type round struct {
	steps    []plan.StepNo
	servers  []*refresh // by name, the union of the steps' servers
	byName   map[string]*refresh
	begun    time.Time
	asked    time.Time            // in the platform's time, before the request
	base     *platform.SyncState  // as it was before the request; nil where it cannot be read
	before   map[string]time.Time // the refreshes that base tells of
	answered bool                 // the request was accepted
	lost     error                // its answer was lost
	lostAt   time.Time
	attempts int
	asking   bool // a request for the update is on the way
	updated  bool
	unseen   bool      // that it was done could not be seen
	finished time.Time // when the update was
}

// repeatAfter is how long the effect of a request whose answer was lost is looked
// for before it is repeated: updates and refreshes take their time.
const repeatAfter = 2 * time.Minute

// beginRound makes a round of all syncs that have asked.
func (m *machine) beginRound(now time.Time) *round {
	if len(m.grouped) == 0 {
		return nil
	}
	r := &round{steps: m.grouped, begun: now, byName: map[string]*refresh{}}
	m.grouped = nil
	slices.Sort(r.steps)
	for _, no := range r.steps {
		s, l := m.step(no), m.live[no]
		l.deadline = now.Add(m.limitOf(s))
		for _, name := range s.Servers {
			must := containsName(s.MustReach, name)
			if containsName(s.Skipped, name) && !must {
				continue
			}
			key := estate.Fold(name)
			f := r.byName[key]
			if f == nil {
				f = &refresh{server: name}
				r.byName[key] = f
				r.servers = append(r.servers, f)
			}
			f.must = f.must || must
		}
	}
	slices.SortFunc(r.servers, func(a, b *refresh) int { return strings.Compare(estate.Fold(a.server), estate.Fold(b.server)) })
	return r
}

// roundDeadline is how long the round may take at most: that of its most patient step.
func (m *machine) roundDeadline(r *round) time.Time {
	var last time.Time
	for _, no := range r.steps {
		if l := m.live[no]; l != nil && l.deadline.After(last) {
			last = l.deadline
		}
	}
	return last
}

// openRound reports whether a round has a step that is not settled.
func (m *machine) openRound(r *round) bool {
	return slices.ContainsFunc(r.steps, func(no plan.StepNo) bool { return !m.state(no).settled() })
}

// updateAnswered judges the end of the request for a membership update.
func (m *machine) updateAnswered(r *round, base *platform.SyncState, now time.Time, err error) {
	r.asking = false
	r.attempts++
	if r.base == nil && r.attempts == 1 {
		r.base, r.before, r.asked = base, refreshesOf(base), now
		if base != nil && !base.Now.IsZero() {
			r.asked = base.Now
		}
	}
	switch answerOf(err) {
	case refused:
		for _, no := range r.steps {
			if !m.state(no).settled() {
				m.settle(no, failed, "", told(err))
			}
		}
		return
	case lost:
		r.lost, r.lostAt = err, now
	case accepted:
		r.answered, r.lost = true, nil
	}
	for _, no := range r.steps {
		if m.state(no) == asking {
			m.live[no].attempts++
			m.move(no, watching)
		}
	}
}

// updateSeen looks whether a membership update that began after the request has
// finished. Platforms tell seconds: an update newer than the newest before the
// request, with none under way then, began after it too.
func (r *round) updateSeen(s *platform.SyncState) {
	switch {
	case r.updated || r.attempts == 0:
		return
	case s == nil || s.UpdateStarted.IsZero() && s.UpdateFinished.IsZero() && !s.UpdateRunning:
		if r.answered {
			// Nothing tells of updates here: the effect of the next step is what is looked for.
			r.updated, r.unseen, r.finished = true, true, r.asked
		}
		return
	case s.UpdateFinished.IsZero() || s.UpdateFinished.Before(s.UpdateStarted):
		return
	}
	if r.base != nil && s.UpdateStarted.Equal(r.base.UpdateStarted) {
		return // it was under way before the request, be it in the same moment
	}
	after := !s.UpdateStarted.Before(r.asked)
	if r.base != nil && r.base.UpdateRunning { // and that one may tell its time only now
		after = s.UpdateStarted.After(r.asked)
	}
	newer := r.base != nil && !r.base.UpdateRunning && s.UpdateStarted.After(r.base.UpdateStarted) &&
		!s.UpdateStarted.Before(r.asked.Truncate(time.Second))
	if after || newer {
		r.updated, r.finished = true, s.UpdateFinished
	}
}

// seeRound judges a reading for a round, settles the steps that are done or over
// their limit, and returns the servers to be asked for a refresh now. again: the
// update itself is to be asked for once more.
func (m *machine) seeRound(r *round, v *view, s *platform.SyncState) (ask []*refresh, again bool) {
	r.updateSeen(s)
	if !r.updated {
		m.overdueSteps(r, v.now)
		return nil, m.openRound(r) && r.updateAgain(m, s, v.now)
	}
	seen := refreshesOf(s)
	for _, f := range r.servers {
		f.see(r, v, seen, m.roundDeadline(r))
	}
	m.settleRound(r, v.now)
	if !m.openRound(r) {
		return nil, false
	}
	for _, f := range r.servers {
		if f.ask(r, m.roundDeadline(r), v.now) {
			f.asking = true
			ask = append(ask, f)
		}
	}
	return ask, false
}

// unseenRound ends the steps of a round that are over their limit while nothing can
// be read.
func (m *machine) unseenRound(r *round, now time.Time) {
	if r.updated {
		m.settleRound(r, now)
	} else {
		m.overdueSteps(r, now)
	}
}

// updateAgain reports whether the update is asked for again: its answer was lost
// and nothing of it is to be seen, or it was accepted and half the time has gone by.
func (r *round) updateAgain(m *machine, s *platform.SyncState, now time.Time) bool {
	if r.asking || r.attempts == 0 || r.attempts >= maxAttempts || s != nil && s.UpdateRunning {
		return false
	}
	half := r.begun.Add(m.roundDeadline(r).Sub(r.begun) / 2)
	if r.lost != nil {
		return kindOf(r.lost) == platform.KindUnreachable && !now.Before(r.lostAt.Add(repeatAfter))
	}
	return r.attempts == 1 && !now.Before(half)
}

// settleRound ends the steps of a round whose servers have refreshed.
func (m *machine) settleRound(r *round, now time.Time) {
	for _, no := range r.steps {
		if m.state(no) != watching {
			continue
		}
		s := m.step(no)
		left, without, err := r.missing(s)
		switch {
		case err != nil:
			m.settle(no, failed, "", err)
		case len(left) == 0:
			m.settle(no, done, r.note(s, without), nil)
		case !now.Before(m.live[no].deadline):
			m.settle(no, failed, "", fmt.Errorf("after %s not every server has refreshed since the membership update: %s",
				brief(now.Sub(r.begun)), strings.Join(left, "; ")))
		}
	}
}

// stuckRound says in words what a step of a round waits for.
func (m *machine) stuckRound(r *round, s *plan.Step) string {
	if !r.updated {
		return "the membership update that was asked for at " + clock(r.asked) + " has not finished"
	}
	left, _, _ := r.missing(s)
	return strings.Join(left, "; ")
}

// overdueSteps ends the steps of a round whose membership update did not come.
func (m *machine) overdueSteps(r *round, now time.Time) {
	for _, no := range r.steps {
		if m.state(no) != watching || now.Before(m.live[no].deadline) {
			continue
		}
		if r.lost != nil {
			m.settle(no, unknown, "", fmt.Errorf("the answer was lost (%w), and no membership update since %s is to be seen", told(r.lost), clock(r.asked)))
		} else {
			m.settle(no, failed, "", fmt.Errorf("after %s the membership update that was asked for at %s has not finished; look at the SMP's schedules", brief(now.Sub(r.begun)), clock(r.asked)))
		}
	}
}

// roundWake is when a round has to be looked at again at the latest.
func (m *machine) roundWake(r *round, now time.Time) time.Time {
	var wake time.Time
	consider := func(t time.Time) {
		if t.After(now) && (wake.IsZero() || t.Before(wake)) {
			wake = t
		}
	}
	for _, no := range r.steps {
		if l := m.live[no]; l != nil {
			consider(l.deadline)
		}
	}
	if r.lost != nil {
		consider(r.lostAt.Add(repeatAfter))
	}
	for _, f := range r.servers {
		if f.lost != nil {
			consider(f.lostAt.Add(repeatAfter))
		}
	}
	from := r.begun
	if r.updated {
		from = r.finished
	}
	consider(from.Add(m.roundDeadline(r).Sub(from) / 2))
	return wake
}

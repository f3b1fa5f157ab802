package apply

import (
	"slices"
	"time"

	"pslan/internal/plan"
)

// A run that has a deadline ends at a safe point before it. Between steps every
// point is safe, and downloads and other waits can be left at any time, with these
// exceptions:
//
//   - a request in flight returns before the run ends;
//   - an assignment or a location that was asked for is read back;
//   - ownership that a server was asked to take is not left before verify_ownership of
//     the same hop was tried, with the sync in between.
//
// A step is started only if its safe point is estimated to be reached in time. Where
// the estimate was wrong, an open hop goes on past the deadline for as long as a hop
// was estimated to take, and no longer.

// usual is how long a step takes where nothing better is known: no limit, which says
// how long to wait at most, but what is common.
func usual(op plan.Op) time.Duration {
	switch op {
	case plan.TakeOwnership:
		return 2 * time.Minute
	case plan.Sync:
		return 5 * time.Minute
	case plan.VerifyOwnership:
		return time.Minute
	default:
		return 30 * time.Second
	}
}

// learn notes how long a step took; the longest counts.
func (m *machine) learn(op plan.Op, took time.Duration) {
	m.durations[op] = max(m.durations[op], took)
}

// estimate is how long a step will take: what the plan says, else what was seen in
// this run, else what is usual; never more than its limit.
func (m *machine) estimate(s *plan.Step) time.Duration {
	d, seen := m.durations[s.Op]
	switch {
	case s.Seconds > 0:
		d = time.Duration(s.Seconds) * time.Second
	case !seen:
		d = usual(s.Op)
	}
	if limit := m.limitOf(s); limit > 0 {
		d = min(d, limit)
	}
	return d
}

// safeIn is how long it takes from the start of a step to the next safe point.
func (m *machine) safeIn(no plan.StepNo) time.Duration {
	s := m.step(no)
	switch {
	case s.By == plan.ByOperator:
		return 0 // a person is not waited for
	case s.Op == plan.TakeOwnership:
		total := m.estimate(s)
		for _, next := range m.hop(no) {
			total += m.estimate(m.step(next))
		}
		return total
	case s.Op == plan.Assign || s.Op == plan.Unassign || s.Op == plan.SetLocation || s.Op == plan.RebuildPreboot:
		return m.estimate(s)
	}
	return 0
}

// hop are the steps that bring a take to its safe point: the verify_ownership of the
// same server, last, and the syncs before it.
func (m *machine) hop(take plan.StepNo) []plan.StepNo {
	s := m.step(take)
	if s.Op != plan.TakeOwnership {
		return nil
	}
	for _, no := range m.images.of(s.Image) {
		v := m.step(no)
		if no < take || v.Op != plan.VerifyOwnership || !sameName(v.Server, s.Server) {
			continue
		}
		steps := []plan.StepNo{no}
		for _, need := range v.Needs {
			if need > take && m.step(need).Op == plan.Sync {
				steps = append(steps, need)
			}
		}
		slices.Sort(steps)
		return steps
	}
	return nil
}

// fits reports whether a step may be started now: its safe point is before the
// deadline, or it brings an open hop to its own.
func (m *machine) fits(no plan.StepNo, now time.Time) bool {
	end := m.settings.deadline
	if end.IsZero() || now.Before(end) && !now.Add(m.safeIn(no)).After(end) {
		return true
	}
	return m.inHop(no)
}

func (m *machine) inHop(no plan.StepNo) bool {
	for last, first := range m.hops {
		if no == last || slices.Contains(m.hop(first), no) {
			return true
		}
	}
	return false
}

// tooLate ends a step that cannot reach a safe point any more.
func (m *machine) tooLate(no plan.StepNo) {
	m.outOfTime++
	m.settle(no, notRun, "it cannot reach a safe point before the deadline, "+clock(m.settings.deadline), nil)
}

// departs notes that a request is about to be made which is not left half way: a take
// by a server, or a setting that has to be read back.
func (m *machine) departs(no plan.StepNo, q *request) {
	switch q.kind {
	case takeOwnership:
		m.openHop(no)
	case setAssignment, setLocation:
		m.hops[no] = no
	}
}

func (m *machine) openHop(take plan.StepNo) {
	if steps := m.hop(take); len(steps) > 0 {
		if v := steps[len(steps)-1]; !m.state(v).settled() {
			m.hops[v] = take
		}
	}
}

// arrives closes the hop that a settled step ends, and opens that of a take which an
// operator did.
func (m *machine) arrives(no plan.StepNo) {
	delete(m.hops, no)
	switch s := m.step(no); {
	case s.Op == plan.TakeOwnership && !m.state(no).satisfied():
		for v, take := range m.hops {
			if take == no {
				delete(m.hops, v)
			}
		}
	case s.Op == plan.TakeOwnership && m.state(no) == done && s.By == plan.ByOperator:
		m.openHop(no)
	}
}

// onlyHops ends everything that was not asked for, but what open hops still need.
func (m *machine) onlyHops() {
	keep := map[plan.StepNo]bool{}
	for _, take := range m.hops {
		for _, no := range m.hop(take) {
			keep[no] = true
		}
	}
	for i := range m.steps {
		no := plan.StepNo(i)
		live := m.live[no]
		if st := m.state(no); st.settled() || st == asking || keep[no] || live != nil && live.attempts > 0 {
			continue
		}
		text := "the deadline came before it"
		if m.state(no) == watching {
			text = "the deadline came while it waited"
		}
		m.finish(news{no: no, state: notRun, text: text})
	}
	m.grouped = slices.DeleteFunc(m.grouped, func(no plan.StepNo) bool { return m.state(no) != grouped })
}

// grace is how long the open hops may go on past the deadline.
func (m *machine) grace() time.Duration {
	var longest time.Duration
	for _, first := range m.hops {
		longest = max(longest, m.safeIn(first), usual(m.step(first).Op))
	}
	return longest
}

// late reports whether the deadline has come.
func (l *loop) late(now time.Time) bool {
	end := l.Options.Deadline
	return !end.IsZero() && !now.Before(end)
}

// timeIsUp reports whether the run ends now because of its deadline.
func (l *loop) timeIsUp(now time.Time) bool {
	return l.late(now) && l.m.open > 0 && !now.Before(l.Options.Deadline.Add(l.m.grace()))
}

// untilDeadline is how long it is to the end that the deadline sets; 0 where there is
// none.
func (l *loop) untilDeadline(now time.Time) time.Duration {
	switch end := l.Options.Deadline; {
	case end.IsZero():
		return 0
	case now.Before(end):
		return end.Sub(now)
	default:
		return max(end.Add(l.m.grace()).Sub(now), 0)
	}
}

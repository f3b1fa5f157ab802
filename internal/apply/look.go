package apply

import (
	"fmt"
	"slices"
	"time"

	"pslan/internal/plan"
	"pslan/internal/platform"
)

// lookAround starts the readings that are due: for steps that have become ready,
// for those just asked for, and, when time has passed, one for all that wait.
func (l *loop) lookAround(now time.Time) {
	if l.blinded && !l.passed {
		return
	}
	l.blinded = false
	for _, no := range l.m.take(now) {
		lane := &l.lanes[l.m.laneOf(no)]
		lane.starts = append(lane.starts, no)
		if l.m.step(no).Op == plan.VerifyCopy {
			l.started(no)
		}
	}
	l.poll(now)
	for id := range lanes {
		ln := &l.lanes[id]
		for ln.running < laneWidth[id] && (len(ln.starts) > 0 || len(ln.polls) > 0 || ln.sync) {
			l.look(id)
		}
	}
}

// poll puts what waits in line to be looked at: everything after time has passed,
// else what was accepted since, as soon as no request is under way.
func (l *loop) poll(now time.Time) {
	due := l.fresh
	switch {
	case l.passed:
		l.watched = slices.DeleteFunc(append(l.watched, l.fresh...), func(no plan.StepNo) bool { return l.m.state(no) != watching })
		slices.Sort(l.watched)
		l.watched = slices.Compact(l.watched)
		due = l.watched
		l.syncDue = true
	case len(l.fresh) > 0 && l.asking == 0 && len(l.queue) == 0:
		l.watched = append(l.watched, l.fresh...)
	default:
		due = nil
	}
	for _, no := range due {
		if live := l.m.live[no]; l.m.state(no) != watching || live.polling || now.Before(live.notYet) && now.Before(live.deadline) {
			continue
		}
		l.m.live[no].polling = true
		lane := &l.lanes[l.m.laneOf(no)]
		lane.polls = append(lane.polls, no)
	}
	if due != nil {
		l.fresh = nil
	}
	if l.syncDue && len(l.rounds) > 0 {
		l.lanes[facts].sync = true
	}
	l.syncDue = false
}

// look starts one reading of a lane.
func (l *loop) look(id lane) {
	lane, k := &l.lanes[id], newLookSet()
	var bytes int64
	room := func() bool {
		if len(k.starts)+len(k.polls) >= laneSteps[id] {
			return false
		}
		return l.sim || id != hashes || bytes < hashBytes
	}
	add := func(no plan.StepNo) {
		l.m.want(no, k)
		bytes += l.m.step(no).Bytes
	}
	for len(lane.starts) > 0 && room() {
		no := lane.starts[0]
		lane.starts = lane.starts[1:]
		if l.m.state(no) == looking {
			k.starts = append(k.starts, no)
			add(no)
		}
	}
	for len(lane.polls) > 0 && room() {
		no := lane.polls[0]
		lane.polls = lane.polls[1:]
		if l.m.state(no) == watching {
			k.polls = append(k.polls, no)
			add(no)
		}
	}
	k.sync, lane.sync = lane.sync, false
	if len(k.starts) == 0 && len(k.polls) == 0 && !k.sync {
		return
	}
	lane.running++
	ctx := numbered(l.looks, l.next)
	l.spawn("a reading of the platform", func() func() {
		s := sight{began: l.World.Now()}
		s.observation, s.err = k.take(ctx, l.World, l.anyImage)
		if s.err == nil && l.m.addLed(k, s.observation) {
			s.observation, s.err = k.take(ctx, l.World, l.anyImage)
		}
		if s.err == nil && k.sync {
			s.sync, s.syncErr = l.World.ReadSync(ctx)
		}
		if s.err == nil && len(k.whole) > 0 {
			s.err = l.m.proveKeepers(ctx, l.World, s.observation, k.whole)
		}
		if s.err == nil {
			s.view = newView(s.observation, k.wants, l.World.Now())
			s.view.drained = l.m.drainages(s.observation, k.whole)
		}
		return func() {
			lane.running--
			l.looked(k, &s)
		}
	})
}

// sight is what a reading came to.
type sight struct {
	began       time.Time
	observation *Observation
	view        *view
	sync        *platform.SyncState
	err         error
	syncErr     error
}

// looked hands a reading to the machine: first for the steps that want to start,
// then for those that wait, then for the rounds.
func (l *loop) looked(k *lookSet, s *sight) {
	for _, no := range k.polls {
		if live := l.m.live[no]; live != nil {
			live.polling = false
		}
	}
	if s.err != nil {
		for _, no := range k.starts {
			if l.m.state(no) == looking {
				l.m.makeReady(no)
			}
		}
		l.unseen(s.err, l.World.Now())
		return
	}
	l.blind = blindness{}
	for _, no := range k.starts {
		if l.m.state(no) == looking {
			l.begin(no, s)
		}
	}
	for _, no := range k.polls {
		if l.m.state(no) == watching {
			stuck := l.m.watch(no, s.view)
			l.space(no, s.view.now)
			l.progress(no, s.view, stuck)
		}
	}
	if k.sync {
		l.sawSync(s)
	}
}

// drainedEvery is how often at most a whole estate is read while a server is not
// drained yet.
const drainedEvery = time.Minute

func (l *loop) space(no plan.StepNo, now time.Time) {
	if live := l.m.live[no]; live != nil && l.m.step(no).Op == plan.VerifyDrained {
		live.notYet = now.Add(drainedEvery)
	}
}

// begin starts a step on the reading taken for it.
func (l *loop) begin(no plan.StepNo, s *sight) {
	// A reading that took long because files were hashed is taken once more: now the
	// hashes are known, and what is read is read right before the write.
	if live := l.m.live[no]; !live.reread && l.m.laneOf(no) == proofs && s.view.now.Sub(s.began) > staleAfter {
		live.reread = true
		l.m.makeReady(no)
		return
	}
	l.m.start(no, s.view)
	switch l.m.state(no) {
	case queued:
		l.queue = append(l.queue, task{step: no})
	case watching:
		if live := l.m.live[no]; live.attempts == 0 {
			l.started(no)
			if d := &live.download; live.awaiting != "" && d.reportedAt.IsZero() { // said at once: somebody has to act
				d.reportedAt = l.lookedAll.Add(-progressEvery)
			}
			l.progress(no, s.view, live.awaiting)
		}
		l.watched = append(l.watched, no)
	}
}

// sawSync hands the state of updates and refreshes to the rounds.
func (l *loop) sawSync(s *sight) {
	if s.syncErr != nil && !untold(s.syncErr) {
		for _, r := range l.rounds {
			l.m.unseenRound(r, s.view.now)
		}
		l.closeRounds()
		return
	}
	for _, r := range l.rounds {
		ask, again := l.m.seeRound(r, s.view, s.sync)
		l.progressOf(r, s.view)
		for _, f := range ask {
			l.guarded = append(l.guarded, task{step: noStep, round: r, refresh: f})
		}
		if again {
			l.askUpdate(r)
		}
	}
	l.closeRounds()
}

// untold reports whether a platform cannot tell how far updates and refreshes have
// come, now or ever.
func untold(err error) bool {
	switch kindOf(err) {
	case platform.KindUnsupported, platform.KindDenied, platform.KindNotFound:
		return true
	}
	return false
}

// blindness is how long readings have failed because the platform did not answer.
type blindness struct {
	since time.Time
	times int
}

// blindFor is how long, and blindTimes how often, a platform may be out of reach
// before the run ends.
const (
	blindFor   = 10 * time.Minute
	blindTimes = 10
)

// unseen judges a reading that failed: whether it is tried again.
func (l *loop) unseen(err error, now time.Time) {
	if l.looks.Err() != nil {
		return
	}
	l.blinded = true
	if kindOf(err) != platform.KindUnreachable {
		l.fail(fmt.Errorf("reading the platform: %w", told(err)))
		return
	}
	if l.blind.times++; l.blind.since.IsZero() {
		l.blind.since = now
	}
	if l.blind.times >= blindTimes && now.Sub(l.blind.since) >= blindFor {
		l.fail(fmt.Errorf("the platform has not answered since %s: %w", clock(l.blind.since), told(err)))
	}
}

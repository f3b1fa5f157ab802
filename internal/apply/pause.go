package apply

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// awaitReal waits for the first result, no longer than a tick, and takes all that
// are there.
func (l *loop) awaitReal(ctx context.Context) {
	pausing, cancel := context.WithCancel(l.stop)
	defer cancel()
	var over chan error
	now := l.World.Now()
	if l.blinded || len(l.watched) > 0 || len(l.rounds) > 0 || len(l.m.grouped) > 0 || l.untilDeadline(now) > 0 {
		over = make(chan error, 1)
		tick, until := l.untilTick(now), l.lookedAll.Add(l.tick)
		go func() { over <- l.World.Pause(pausing, tick, until) }()
	}
	var batch []result
	select {
	case r := <-l.results:
		batch = append(batch, r)
	case err := <-over:
		l.pauseEnded(err)
	case <-l.stop.Done():
	case <-ctx.Done():
	}
	for {
		select {
		case r := <-l.results:
			batch = append(batch, r)
			continue
		default:
		}
		break
	}
	l.passed = !l.World.Now().Before(l.lookedAll.Add(l.tick))
	l.use(batch)
}

// untilTick is how long it is to the next look at everything that waits. A tick
// counts from the last one, so that answers that keep coming in do not put it off.
func (l *loop) untilTick(now time.Time) time.Duration {
	if l.sim {
		return l.tick
	}
	tick := max(l.lookedAll.Add(l.tick).Sub(now), time.Millisecond)
	if left := l.untilDeadline(now); left > 0 {
		tick = min(tick, left)
	}
	return tick
}

// pause lets time pass when nothing is under way, up to the nearest limit.
func (l *loop) pause(ctx context.Context) {
	before := l.World.Now()
	err := l.World.Pause(l.stop, l.untilTick(before), l.nearest(before))
	l.passed = true
	l.pauseEnded(err)
	if l.World.Now().After(before) || ctx.Err() != nil {
		l.idle = 0
		return
	}
	if l.idle++; l.idle > maxIdle && l.sim {
		l.fail(errors.New("the platform's clock stands still while steps wait"))
	}
}

func (l *loop) pauseEnded(err error) {
	if err != nil && !l.stopped() {
		l.fail(fmt.Errorf("waiting for the platform: %w", err))
	}
}

// nearest is the next moment at which something that waits must be looked at.
func (l *loop) nearest(now time.Time) time.Time {
	var until time.Time
	consider := func(t time.Time) {
		if !t.IsZero() && t.After(now) && (until.IsZero() || t.Before(until)) {
			until = t
		}
	}
	for _, no := range l.watched {
		if live := l.m.live[no]; live != nil && l.m.state(no) == watching {
			consider(live.deadline)
			consider(live.validUntil)
			if live.attempts > 0 && live.request.repeatable() {
				consider(live.again)
			}
		}
	}
	for _, r := range l.rounds {
		consider(l.m.roundWake(r, now))
	}
	if until.IsZero() || l.blinded {
		until = now.Add(l.tick)
	}
	if left := l.untilDeadline(now); left > 0 {
		consider(now.Add(left))
	}
	return until
}

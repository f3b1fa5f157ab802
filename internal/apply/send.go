package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"pslan/internal/plan"
	"pslan/internal/platform"
)

// staleAfter is how old a reading may be when the request that it allows is sent.
const staleAfter = 15 * time.Second

// send gives requests to free workers, in order. The intents of those that go
// together are recorded as one group before the first of them is made; a reading that
// became too old is taken again.
func (l *loop) send(ctx context.Context, now time.Time) {
	var going []task
	for len(l.queue) > 0 && l.err == nil {
		t := l.queue[0]
		if !l.free(t, len(going)) {
			break
		}
		l.queue = l.queue[1:]
		if l.goes(t, now) {
			if t.refresh != nil {
				t = l.gather(t, now)
			}
			going = append(going, t)
			if t.refresh == nil && !l.Options.Weaken.Intent {
				l.intend(t.step, &l.m.live[t.step].request)
			}
		}
	}
	if !l.flush() {
		return
	}
	for _, t := range going {
		if t.refresh != nil {
			l.sendRefresh(ctx, t)
		} else {
			l.sendStep(ctx, t.step, &l.m.live[t.step].request)
		}
	}
}

// free reports whether there is a worker for a request, beside those that are going.
// One is kept for refreshes that are being held against a reading: what allows them is
// good for a short time, requests of steps may take long where a program or a person is
// behind them, and many steps wait for one refresh.
func (l *loop) free(t task, going int) bool {
	kept := 0
	if t.refresh == nil && (l.guarding || len(l.guarded) > 0) {
		kept = 1
	}
	return l.asking+going+kept < l.workers
}

// goes reports whether a request in line is still to be made.
func (l *loop) goes(t task, now time.Time) bool {
	if t.refresh != nil {
		return l.refreshGoes(t, now)
	}
	if l.m.state(t.step) != queued {
		return false
	}
	live := l.m.live[t.step]
	if !l.m.fits(t.step, now) && live.attempts == 0 {
		l.m.tooLate(t.step)
		return false
	}
	if now.Sub(live.judged) > staleAfter {
		l.m.makeReady(t.step)
		return false
	}
	return true
}

func (l *loop) sendStep(ctx context.Context, no plan.StepNo, q *request) {
	l.m.move(no, asking)
	l.m.departs(no, q)
	l.asking++
	blind := l.Options.Weaken.LookFirst
	ctx = numbered(ctx, l.next)
	l.spawn("the request of "+l.m.step(no).ID, func() func() {
		err := l.write(ctx, func() error { return perform(ctx, l.World, q) })
		if blind && answerOf(err) == lost {
			err = perform(ctx, l.World, q)
		}
		return func() {
			l.asking--
			l.answered(ctx, no, q, err)
		}
	})
}

// unsentError is why a request was not made: the run may not write any more.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return "the run may not write any more: " + e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// write makes a write request, if the run still may.
func (l *loop) write(ctx context.Context, request func() error) error {
	if l.Options.Before != nil {
		if err := l.Options.Before(ctx); err != nil {
			return &unsentError{err}
		}
	}
	return request()
}

// unsent ends the run where a request was not made because it may not write.
func (l *loop) unsent(err error) bool {
	var e *unsentError
	if !errors.As(err, &e) {
		return false
	}
	l.fail(err)
	return true
}

// answered notes the end of a step's request.
func (l *loop) answered(ctx context.Context, no plan.StepNo, q *request, err error) {
	if l.unsent(err) {
		l.m.unsent(no, "its request was not made: "+err.Error())
		return
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return // it leaves at once: the step ends unknown
	}
	if l.Options.Weaken.Intent {
		l.intend(no, q)
	}
	if err == nil {
		l.record(RecordRequested, no, "")
		if q.kind == askOperator {
			l.m.valid(no)
			l.asked(no, q)
		} else {
			l.started(no)
		}
	}
	l.m.answer(no, err)
	if l.m.state(no) == watching {
		l.fresh = append(l.fresh, no)
	}
}

// startRound begins a round of syncs if any have asked and no other one updates.
func (l *loop) startRound(ctx context.Context, now time.Time) {
	if l.update != nil || l.err != nil {
		return
	}
	r := l.m.beginRound(now)
	if r == nil {
		return
	}
	for _, no := range r.steps {
		l.m.move(no, asking)
		l.intend(no, nil)
	}
	if !l.flush() {
		for _, no := range r.steps {
			l.m.unsent(no, "its intent could not be recorded")
		}
		return
	}
	l.rounds = append(l.rounds, r)
	l.update = r
	l.requestUpdate(ctx, r)
}

// askUpdate asks once more for the update of a round, after looking.
func (l *loop) askUpdate(r *round) { l.requestUpdate(l.run, r) }

func (l *loop) requestUpdate(ctx context.Context, r *round) {
	r.asking = true
	first := r.attempts == 0
	l.asking++
	ctx = numbered(ctx, l.next)
	l.spawn("the request for a membership update", func() func() {
		var base *platform.SyncState
		if first {
			// What cannot be read before can be read after: then the times alone decide.
			base, _ = l.World.ReadSync(ctx)
		}
		now := l.World.Now()
		err := l.write(ctx, func() error { return l.World.UpdateMembership(ctx) })
		return func() {
			l.asking--
			if l.unsent(err) {
				l.m.roundUnsent(r, err)
				return
			}
			if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return
			}
			l.m.updateAnswered(r, base, now, err)
			if err == nil && first {
				for _, no := range r.steps {
					l.record(RecordRequested, no, "")
					l.started(no)
				}
			}
			l.syncDue = true
			l.closeRounds()
		}
	})
}

func (l *loop) sendRefresh(ctx context.Context, t task) {
	l.asking++
	byHand := l.byHand(t.round, t.refresh)
	ctx = numbered(ctx, l.next)
	l.spawn("the refresh of "+t.refresh.server, func() func() {
		err := l.write(ctx, func() error {
			if byHand {
				return l.World.AskOperator(ctx, platform.OperatorTask{Op: platform.OpRefresh, Server: t.refresh.server})
			}
			return l.World.RefreshServer(ctx, t.refresh.server)
		})
		return func() {
			l.asking--
			if l.unsent(err) || err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return
			}
			for _, t := range append(t.with, t) {
				l.m.refreshAnswered(t.refresh, l.World.Now(), err)
				if byHand && err == nil && t.refresh.attempts == 1 {
					l.askedByHand(t.round, t.refresh)
				}
			}
			l.syncDue = true
		}
	})
}

// byHand reports whether a server is refreshed by an operator: all steps that want
// it say so.
func (l *loop) byHand(r *round, f *refresh) bool {
	for _, no := range r.steps {
		if s := l.m.step(no); s.By != plan.ByOperator && containsName(s.Servers, f.server) {
			return false
		}
	}
	return true
}

// closeRounds forgets the rounds that are over, and lets the next one update.
func (l *loop) closeRounds() {
	l.rounds = slices.DeleteFunc(l.rounds, func(r *round) bool { return !l.m.openRound(r) })
	if l.update != nil && (l.update.updated || !l.m.openRound(l.update)) && !l.update.asking {
		l.update = nil
	}
}

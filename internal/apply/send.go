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

// send gives requests to free workers, in order. The intent of a step is recorded
// before its request is made; a reading that became too old is taken again.
func (l *loop) send(ctx context.Context, now time.Time) {
	for len(l.queue) > 0 && l.asking < l.workers && l.err == nil {
		t := l.queue[0]
		l.queue = l.queue[1:]
		if t.refresh != nil {
			l.sendRefresh(ctx, t)
			continue
		}
		if l.m.state(t.step) != queued {
			continue
		}
		live := l.m.live[t.step]
		if now.Sub(live.judged) > staleAfter {
			l.m.makeReady(t.step)
			continue
		}
		l.sendStep(ctx, t.step, &live.request)
	}
}

func (l *loop) sendStep(ctx context.Context, no plan.StepNo, q *request) {
	if !l.record(RecordIntended, no, "") {
		return
	}
	l.m.move(no, asking)
	l.asking++
	l.spawn("the request of "+l.m.step(no).ID, func() func() {
		err := perform(ctx, l.World, q)
		return func() {
			l.asking--
			l.answered(ctx, no, q, err)
		}
	})
}

// answered notes the end of a step's request.
func (l *loop) answered(ctx context.Context, no plan.StepNo, q *request, err error) {
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return // it leaves at once: the step ends unknown
	}
	if err == nil {
		l.record(RecordRequested, no, "")
		if q.kind == askOperator {
			l.asked(no, &q.task)
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
		if !l.record(RecordIntended, no, "") {
			return
		}
		l.m.move(no, asking)
	}
	l.rounds = append(l.rounds, r)
	l.update = r
	l.requestUpdate(ctx, r)
}

// askUpdate asks once more for the update of a round, after looking.
func (l *loop) askUpdate(r *round) { l.requestUpdate(l.stop, r) }

func (l *loop) requestUpdate(ctx context.Context, r *round) {
	r.asking = true
	first := r.attempts == 0
	l.asking++
	l.spawn("the request for a membership update", func() func() {
		var base *platform.SyncState
		if first {
			// What cannot be read before can be read after: then the times alone decide.
			base, _ = l.World.ReadSync(ctx)
		}
		now := l.World.Now()
		err := l.World.UpdateMembership(ctx)
		return func() {
			l.asking--
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
	if !l.m.openRound(t.round) {
		t.refresh.asking = false
		return
	}
	l.asking++
	byHand := l.byHand(t.round, t.refresh)
	l.spawn("the refresh of "+t.refresh.server, func() func() {
		var err error
		if byHand {
			err = l.World.AskOperator(ctx, platform.OperatorTask{Op: platform.OpRefresh, Server: t.refresh.server})
		} else {
			err = l.World.RefreshServer(ctx, t.refresh.server)
		}
		return func() {
			l.asking--
			if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return
			}
			l.m.refreshAnswered(t.refresh, l.World.Now(), err)
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

package lab

import (
	"context"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// Now implements platform.Clock: the virtual time.
func (l *Lab) Now() (now time.Time) {
	_ = l.held(context.Background(), "read the clock", "", func(w *world.World) error {
		now = w.Now.Time()
		return nil
	}) // a lab that cannot be read has no time, and every other call says why
	return now
}

// Pause implements platform.Clock: it jumps to the next event, a refresh, a quarter
// of a download or whatever comes first, but never beyond until.
func (l *Lab) Pause(ctx context.Context, _ time.Duration, until time.Time) error {
	return l.held(ctx, "wait", "", func(w *world.World) error {
		if err := l.lookOnce(ctx); err != nil {
			return err
		}
		to := estate.TimeOf(until)
		if next, ok := w.NextAt(); ok && (next < to || until.IsZero()) {
			to = next
		}
		return l.runTo(ctx, to)
	})
}

// Advance lets time pass; everything due happens.
func (l *Lab) Advance(d time.Duration) error {
	ctx := context.Background()
	return l.held(ctx, "advance", d.String(), func(w *world.World) error {
		if d < 0 {
			return &world.Refusal{Text: "time does not run backwards", Hint: "To set the clock wrong: pslan lab break jump -3h."}
		}
		if err := l.lookOnce(ctx); err != nil {
			return err
		}
		return l.runTo(ctx, w.Now+estate.Time(d))
	})
}

// runTo lets time pass up to a moment. Before a refresh that somebody asked for,
// that server's folders are looked at: the operator may have put files there.
func (l *Lab) runTo(ctx context.Context, to estate.Time) error {
	w := l.journal.world
	for {
		at, server := w.NextAsked(to)
		if server < 0 {
			break
		}
		if err := l.run(at - 1); err != nil {
			return err
		}
		if err := l.lookServer(ctx, server); err != nil {
			return err
		}
		if err := l.run(at); err != nil {
			return err
		}
	}
	if to < w.Now {
		return nil
	}
	return l.run(to)
}

func (l *Lab) run(to estate.Time) error {
	return l.do(world.Command{Verb: world.Run, By: world.ByTime, Server: -1, Image: -1, Preboot: -1, To: to})
}

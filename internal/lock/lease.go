package lock

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pslan/internal/atomicfile"
)

// fileLease is a lock that is held, with the goroutine that renews it.
type fileLease struct {
	file *File
	stop context.CancelFunc
	done chan struct{}

	mu      sync.Mutex
	info    Info
	renewed time.Time // the heartbeat; on a monotonic clock where there is one
	failed  error     // why the last renewal failed; nil where it did not
	lost    *LostError
}

func newLease(f *File, info Info, now time.Time) *fileLease {
	ctx, stop := context.WithCancel(context.Background())
	l := &fileLease{file: f, stop: stop, done: make(chan struct{}), info: info, renewed: now}
	go l.beat(ctx)
	return l
}

// beat renews the heartbeat until the lease ends or is lost.
func (l *fileLease) beat(ctx context.Context) {
	defer close(l.done)
	tick := time.NewTicker(l.file.opts.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := l.renew(ctx); errors.As(err, new(*LostError)) {
			return
		} // any other error is tried again at the next beat; Check sees when it has been too long
	}
}

// renew writes the lock anew, with a new heartbeat.
func (l *fileLease) renew(ctx context.Context) error {
	err := l.file.guarded(ctx, func() error {
		now := l.file.opts.Now()
		if err := errors.Join(l.mine(), l.fresh(now)); err != nil {
			return err
		}
		next := l.Info()
		next.Heartbeat = now.UTC()
		if err := l.file.write(&next); err != nil {
			return err
		}
		l.mu.Lock()
		l.info.Heartbeat, l.renewed = next.Heartbeat, now
		l.mu.Unlock()
		return nil
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = err
	return err
}

// Runs implements Lease.
func (l *fileLease) Runs(ctx context.Context, run string) error {
	l.mu.Lock()
	named := l.info.Run == run
	l.info.Run = run
	l.mu.Unlock()
	if named {
		return nil
	}
	return l.renew(ctx)
}

// mine reads the file and notes when it is no longer this lease's.
func (l *fileLease) mine() error {
	have, err := l.file.read()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.lost != nil:
		return l.lost
	case err != nil && !errors.As(err, new(*GarbageError)):
		return err
	case err != nil:
		l.lost = &LostError{Why: err.Error()}
	case have == nil:
		l.lost = &LostError{Why: "somebody removed it (pslan unlock)"}
	case have.ID != l.info.ID:
		l.lost = &LostError{Why: fmt.Sprintf("%s@%s holds it now", have.User, have.Host)}
	default:
		return nil
	}
	return l.lost
}

// fresh notes when the heartbeat has become so old that others take this process for
// dead. It may be removed any moment then, and is not renewed any more.
func (l *fileLease) fresh(now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	age := now.Sub(l.renewed)
	if age <= l.file.opts.TTL {
		return nil
	}
	why := fmt.Sprintf("it could not be renewed for %s", age.Round(time.Second))
	if l.failed != nil {
		why += ": " + l.failed.Error()
	}
	l.lost = &LostError{Why: why}
	return l.lost
}

// Info implements Lease.
func (l *fileLease) Info() Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info
}

// Check implements Lease. It reads the file: between this and the write that it
// allows nothing else is done, but nothing can keep a person from removing the lock
// just then. What that may lead to is why every write looks at its facts right before.
func (l *fileLease) Check(ctx context.Context) error {
	if err := l.fresh(l.file.opts.Now()); err != nil {
		return err
	}
	if have, err := l.file.read(); err == nil && have != nil && have.ID == l.Info().ID {
		return nil
	}
	// Not as it should be. What is true is seen while nobody replaces the file.
	return l.file.guarded(ctx, l.mine)
}

// Release implements Lease.
func (l *fileLease) Release() error {
	l.stop()
	<-l.done
	return l.file.guarded(context.Background(), func() error {
		have, err := l.file.read()
		switch {
		case errors.As(err, new(*GarbageError)):
			return nil // what is there now is not ours
		case err != nil:
			return err
		case have == nil || have.ID != l.Info().ID:
			return nil
		}
		return atomicfile.Remove(l.file.path)
	})
}

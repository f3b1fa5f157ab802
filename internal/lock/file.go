package lock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pslan/internal/atomicfile"
)

// The times of a file lock, unless Options say otherwise.
const (
	defaultBeat = 10 * time.Second
	defaultTTL  = 60 * time.Second
	// sayAfter is how long a wait may take before somebody is told.
	sayAfter  = 400 * time.Millisecond
	pollEvery = 200 * time.Millisecond
)

// Options of a file lock. The zero value is what a program wants; tests set more.
type Options struct {
	Now       func() time.Time // nil: time.Now
	Beat, TTL time.Duration    // 0: 10 s and 60 s
	// Alive reports whether a process of this machine is there; known is false where
	// that cannot be found out. nil: the operating system is asked.
	Alive func(pid int) (alive, known bool)
}

// File is a lock in a file. What says who holds it is the file itself, which outlives
// its process. Every change happens under a guard, a file beside it that the operating
// system locks for the moment and frees when a process dies; so two processes never
// take the lock at once, and nobody renews one that was just removed. The file is
// replaced as a whole, so whoever only reads it needs no guard, and no right to write.
//
// A lock of the operating system alone would not do: it cannot be seen who holds it,
// it ends with a process whose requests go on, and nobody could remove it. Nor would
// a file that is only created if it is not there yet: between seeing whose it is and
// renewing or removing it, it may become another's.
//
// On a network share it is as good as the share's own locks: SMB and NFS 4 have them.
// Where there are none, the lock is not taken, and the error says so.
type File struct {
	path string
	opts Options
}

// NewFile is the lock at a path. Nothing is created before it is taken.
func NewFile(path string, opts Options) *File {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Beat <= 0 {
		opts.Beat = defaultBeat
	}
	if opts.TTL <= 0 {
		opts.TTL = defaultTTL
	}
	if opts.Alive == nil {
		opts.Alive = processAlive
	}
	return &File{path: path, opts: opts}
}

// Acquire implements Locker. The folder of the lock is made where it is not there.
func (f *File) Acquire(ctx context.Context, info Info, wait Waiting) (Lease, error) {
	info = info.printable()
	info.ID, info.Processes = rand.Text()[:12], processSpace()
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		return nil, err
	}
	began := time.Now()
	said := wait.OnWait == nil
	for {
		renewed := f.opts.Now()
		held, err := f.take(ctx, &info, renewed)
		if err != nil {
			return nil, err
		}
		if held == nil {
			return newLease(f, info, renewed), nil
		}
		waited := time.Since(began)
		if waited >= wait.Timeout {
			return nil, held
		}
		if waited >= sayAfter && !said {
			said = true
			wait.OnWait(held.Holder)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(pollEvery, wait.Timeout-waited)):
		}
	}
}

// take writes the lock if nobody holds it; otherwise it says who does.
func (f *File) take(ctx context.Context, info *Info, now time.Time) (held *HeldError, err error) {
	err = f.guarded(ctx, func() error {
		have, err := f.read()
		if err != nil {
			return err
		}
		if have != nil {
			held = f.describe(have)
			return nil
		}
		info.Started, info.Heartbeat = now.UTC(), now.UTC()
		if err := f.write(info); err != nil {
			return errors.Join(err, f.takeBack(info.ID))
		}
		return nil
	})
	return held, err
}

// takeBack removes a lock that stands there although writing it failed: nobody would
// renew it.
func (f *File) takeBack(id string) error {
	have, err := f.read()
	if err != nil || have == nil || have.ID != id {
		return nil // it was never there; the error of writing it says enough
	}
	return atomicfile.Remove(f.path)
}

func (f *File) describe(have *Info) *HeldError {
	age := f.opts.Now().Sub(have.Heartbeat)
	e := &HeldError{Holder: *have, Age: max(age, 0), Silent: age > f.opts.TTL}
	if f.sameProcesses(have) {
		if alive, known := f.opts.Alive(have.PID); known && !alive {
			e.Dead = true
		}
	}
	return e
}

// sameProcesses reports whether a holder's process number means the same here as
// there. A host's name alone does not say so where containers share it.
func (f *File) sameProcesses(have *Info) bool {
	if here := processSpace(); have.Processes != "" || here != "" {
		return have.Processes == here
	}
	host, err := os.Hostname()
	return err == nil && host == have.Host
}

// Holder implements Locker. It creates nothing and needs no right to write.
func (f *File) Holder(ctx context.Context) (*Info, error) {
	info, err := f.read()
	if err == nil {
		return info, nil
	}
	// On Windows a file cannot be opened at the moment at which it is replaced.
	if guarded := f.guarded(ctx, func() error {
		info, err = f.read()
		return nil
	}); guarded != nil {
		return nil, err
	}
	return info, err
}

// Held says of the lock what an attempt to take it would: who holds it, and whether
// that process still gives signs of life. It is nil where nobody holds it.
func (f *File) Held(ctx context.Context) (*HeldError, error) {
	have, err := f.Holder(ctx)
	if err != nil || have == nil {
		return nil, err
	}
	return f.describe(have), nil
}

// Unlock implements Locker.
func (f *File) Unlock(ctx context.Context, id string) error {
	return f.guarded(ctx, func() error {
		have, err := f.read()
		switch {
		case err != nil:
			return err
		case have == nil:
			return errors.New("there is no lock")
		case have.ID != id:
			return fmt.Errorf("the lock there has another ID: %s, taken by %s@%s at %s", have.ID, have.User, have.Host, have.Started.UTC().Format(time.RFC3339))
		}
		return atomicfile.Remove(f.path)
	})
}

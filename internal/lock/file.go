package lock

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"pslan/internal/atomicfile"
)

// The times of a file lock, unless Options say otherwise.
const (
	defaultBeat = 10 * time.Second
	defaultTTL  = 60 * time.Second
	// sayAfter is how long a wait may take before somebody is told.
	sayAfter  = 400 * time.Millisecond
	pollEvery = 200 * time.Millisecond
	maxSize   = 64 << 10
)

// Options of a file lock. The zero value is what a program wants; tests set more.
type Options struct {
	Now       func() time.Time // nil: time.Now
	Beat, TTL time.Duration    // 0: 10 s and 60 s
	// Alive reports whether a process of this machine is there; known is false where
	// that cannot be found out. nil: the operating system is asked.
	Alive func(pid int) (alive, known bool)
}

// File is a lock in a file of the local file system. Every look and change happens
// under a guard, a file beside it that the operating system locks for the moment
// and frees when a process dies; so two processes never see half a change. What
// says who holds the lock is the file itself, which outlives its process.
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

// Acquire implements Locker.
func (f *File) Acquire(ctx context.Context, info Info, wait Waiting) (Lease, error) {
	info.ID = rand.Text()[:12]
	began := time.Now()
	said := wait.OnWait == nil
	for {
		held, err := f.take(ctx, &info)
		if err != nil {
			return nil, err
		}
		if held == nil {
			return f.lease(info), nil
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
func (f *File) take(ctx context.Context, info *Info) (held *HeldError, err error) {
	err = f.guarded(ctx, func() error {
		have, err := f.read()
		if err != nil {
			return err
		}
		if have != nil {
			held = f.describe(have)
			return nil
		}
		now := f.opts.Now().UTC()
		info.Started, info.Heartbeat = now, now
		return f.write(info)
	})
	return held, err
}

func (f *File) describe(have *Info) *HeldError {
	age := f.opts.Now().Sub(have.Heartbeat)
	e := &HeldError{Holder: *have, Age: max(age, 0), Silent: age > f.opts.TTL}
	if host, err := os.Hostname(); err == nil && host == have.Host {
		if alive, known := f.opts.Alive(have.PID); known && !alive {
			e.Dead = true
		}
	}
	return e
}

// Holder implements Locker.
func (f *File) Holder(ctx context.Context) (info *Info, err error) {
	if _, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nothing to guard, and a reader creates nothing
	}
	err = f.guarded(ctx, func() error {
		info, err = f.read()
		return err
	})
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
		return os.Remove(f.path)
	})
}

// guarded runs do while no other process looks at the lock.
func (f *File) guarded(ctx context.Context, do func() error) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		return err
	}
	guard := flock.New(f.path + ".guard")
	if ok, err := guard.TryLockContext(ctx, 20*time.Millisecond); err != nil || !ok {
		return fmt.Errorf("guarding the lock %s: %w", f.path, err)
	}
	defer guard.Close()
	return do()
}

// read returns who holds the lock, nil if nobody does.
func (f *File) read() (*Info, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSize))
	if err != nil {
		return nil, err
	}
	var info Info
	if err := json.Unmarshal(text, &info); err != nil {
		return nil, &GarbageError{Path: f.path, Err: err}
	}
	if info.ID == "" {
		return nil, &GarbageError{Path: f.path, Err: errors.New("it names no holder")}
	}
	return &info, nil
}

func (f *File) write(info *Info) error {
	return atomicfile.Write(f.path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(info)
	})
}

// fileLease is a lock that is held, with the goroutine that renews it.
type fileLease struct {
	file *File
	stop context.CancelFunc
	done chan struct{}

	mu   sync.Mutex
	info Info
	lost *LostError
}

func (f *File) lease(info Info) *fileLease {
	ctx, stop := context.WithCancel(context.Background())
	l := &fileLease{file: f, stop: stop, done: make(chan struct{}), info: info}
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

func (l *fileLease) renew(ctx context.Context) error {
	return l.file.guarded(ctx, func() error {
		if err := l.mine(); err != nil {
			return err
		}
		l.mu.Lock()
		next := l.info
		l.mu.Unlock()
		next.Heartbeat = l.file.opts.Now().UTC()
		if err := l.file.write(&next); err != nil {
			return err
		}
		l.mu.Lock()
		l.info = next
		l.mu.Unlock()
		return nil
	})
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

// Info implements Lease.
func (l *fileLease) Info() Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info
}

// Check implements Lease.
func (l *fileLease) Check(context.Context) error {
	if err := l.mine(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if age := l.file.opts.Now().Sub(l.info.Heartbeat); age > l.file.opts.TTL {
		l.lost = &LostError{Why: fmt.Sprintf("it could not be renewed for %s", age.Round(time.Second))}
		return l.lost
	}
	return nil
}

// Release implements Lease.
func (l *fileLease) Release() error {
	l.stop()
	<-l.done
	return l.file.guarded(context.Background(), func() error {
		if err := l.mine(); err != nil {
			return nil // what is there now is not ours
		}
		return os.Remove(l.file.path)
	})
}

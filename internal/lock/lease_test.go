package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
	"pgregory.net/rapid"
)

// actor is one process that wants the lock.
type actor struct {
	file  *File
	lease *fileLease // nil: it has none
	lost  bool
	at    time.Time // of its heartbeat
}

// world is a lock, those who want it, and what is true of it.
type world struct {
	now    time.Time
	actors []*actor
	holder *actor // whose lock stands in the file; nil: none
	died   string // the ID of a lock whose process is gone
	broken bool   // the file cannot be read
}

func (w *world) acquire(t *rapid.T, a *actor) {
	l, err := a.file.Acquire(context.Background(), anna, Waiting{})
	switch {
	case w.broken:
		if !errors.As(err, new(*GarbageError)) {
			t.Fatalf("a lock that cannot be read was passed by: %v", err)
		}
	case w.holder != nil || w.died != "":
		if !errors.As(err, new(*HeldError)) {
			t.Fatalf("a lock that is held was passed by: %v", err)
		}
	case err != nil:
		t.Fatalf("a free lock was not given: %v", err)
	default:
		w.holder, a.lease, a.lost, a.at = a, l.(*fileLease), false, w.now
	}
}

// good reports whether a lease is one still.
func (w *world) good(a *actor) bool {
	a.lost = a.lost || w.broken || w.holder != a || w.now.Sub(a.at) > defaultTTL
	return !a.lost
}

func (w *world) check(t *rapid.T, a *actor, what string, err error) {
	if good := w.good(a); good != (err == nil) || !good && !errors.As(err, new(*LostError)) {
		t.Fatalf("%s: the lease is good: %v; it says %v", what, good, err)
	}
}

func (w *world) unlock(t *rapid.T, by *actor, id string, there bool) {
	err := by.file.Unlock(context.Background(), id)
	if want := there && !w.broken; want != (err == nil) {
		t.Fatalf("unlocking: %v", err)
	}
	if err == nil {
		w.holder, w.died = nil, ""
	}
}

func (w *world) with(t *rapid.T, a *actor, act string) {
	switch act {
	case "check":
		w.check(t, a, act, a.lease.Check(context.Background()))
	case "renew":
		err := a.lease.renew(context.Background())
		w.check(t, a, act, err)
		if err == nil {
			a.at = w.now
		}
	case "release":
		if err := a.lease.Release(); err != nil {
			t.Fatal(err)
		}
		if w.holder == a && !w.broken {
			w.holder = nil
		}
		a.lease = nil
	case "die":
		a.lease.stop()
		if w.holder == a {
			w.holder, w.died = nil, a.lease.Info().ID
		}
		a.lease = nil
	case "unlock":
		w.unlock(t, a, a.lease.Info().ID, w.holder == a)
	}
}

func (w *world) act(t *rapid.T, path string) {
	a := rapid.SampledFrom(w.actors).Draw(t, "who")
	act := rapid.SampledFrom([]string{"acquire", "acquire", "check", "check", "renew", "release", "die", "unlock", "unlock the dead", "time", "scribble", "tidy"}).Draw(t, "act")
	switch {
	case act == "time":
		w.now = w.now.Add(time.Duration(rapid.IntRange(1, 70).Draw(t, "seconds")) * time.Second)
	case act == "unlock the dead" && w.died != "":
		w.unlock(t, a, w.died, true)
	case act == "scribble":
		if err := os.WriteFile(path, []byte("no lock"), 0o666); err != nil {
			t.Fatal(err)
		}
		w.broken, w.holder, w.died = true, nil, ""
	case act == "tidy" && w.broken:
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		w.broken = false
	case act == "acquire":
		if a.lease == nil {
			w.acquire(t, a)
		}
	case a.lease != nil:
		w.with(t, a, act)
	}
}

// TestInterleavings lets several processes take, renew, lose and give back the lock in
// any order, with people who remove it and scribble over it: at any time at most one
// of them has a lease that is good, and each learns the truth about its own.
func TestInterleavings(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		path := filepath.Join(dir, fmt.Sprint(round), "lock.json")
		if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		w := &world{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
		for range 3 {
			w.actors = append(w.actors, &actor{file: NewFile(path, Options{Now: func() time.Time { return w.now }, Beat: time.Hour})})
		}
		for range rapid.IntRange(1, 30).Draw(t, "acts") {
			w.act(t, path)
			good := 0
			for _, a := range w.actors {
				if a.lease != nil {
					err := a.lease.Check(context.Background())
					w.check(t, a, "looking", err)
					if err == nil {
						good++
					}
				}
			}
			if good > 1 {
				t.Fatalf("%d have the lock", good)
			}
		}
		for _, a := range w.actors {
			if a.lease != nil {
				w.with(t, a, "release")
			}
		}
	})
}

// TestReplaced: a lease learns of another's lock also where it never saw its own gone.
func TestReplaced(t *testing.T) {
	f := newFile(t, Options{})
	first := mustTake(t, f)
	if err := f.Unlock(context.Background(), first.Info().ID); err != nil {
		t.Fatal(err)
	}
	second := mustTake(t, f)
	var lost *LostError
	if err := first.Check(context.Background()); !errors.As(err, &lost) || lost.Why != "anna@pc1 holds it now" {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(first.Release(), second.Check(context.Background())); err != nil {
		t.Error(err)
	}
}

// TestRenewingEnds: who has lost the lock stops writing to its file.
func TestRenewingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFile(t, Options{})
		l, err := f.Acquire(context.Background(), anna, Waiting{})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Unlock(context.Background(), l.Info().ID); err != nil {
			t.Fatal(err)
		}
		<-l.(*fileLease).done // without Release
		if h, err := f.Holder(context.Background()); h != nil || err != nil {
			t.Errorf("a lock that was removed came back: %+v, %v", h, err)
		}
	})
}

// TestGuardHeld: a process that was stopped while it held the guard keeps nobody
// waiting for ever, and a lease that cannot be renewed ends and says why.
func TestGuardHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		f := newFile(t, Options{})
		l, err := f.Acquire(ctx, anna, Waiting{})
		if err != nil {
			t.Fatal(err)
		}
		guard := flock.New(f.path + ".guard")
		if ok, err := guard.TryLock(); !ok || err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := f.Acquire(ctx, anna, Waiting{Timeout: time.Hour}); err == nil || !strings.Contains(err.Error(), "another process has held "+f.path+".guard for 20s") {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(began); waited > guardLimit+time.Second {
			t.Errorf("waited %v", waited)
		}
		soon, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := f.Acquire(soon, anna, Waiting{Timeout: time.Hour}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an ended context: %v", err)
		}
		if h, err := f.Holder(ctx); err != nil || h == nil {
			t.Errorf("reading needs no guard: %+v, %v", h, err)
		}
		<-time.After(2 * defaultTTL)
		var lost *LostError
		if err := l.Check(ctx); !errors.As(err, &lost) || !strings.Contains(err.Error(), "it could not be renewed for ") || !strings.Contains(err.Error(), ".guard for 20s") {
			t.Errorf("got %v", err)
		}
		if err := guard.Unlock(); err != nil {
			t.Fatal(err)
		}
		if err := l.Release(); err != nil {
			t.Error(err)
		}
		if h, err := f.Holder(ctx); h != nil || err != nil {
			t.Errorf("a lock that went stale was left behind by its own process: %+v, %v", h, err)
		}
	})
}

// TestWaitingEnds: with the holder, or with the context.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFile(t, Options{})
		l, err := f.Acquire(context.Background(), anna, Waiting{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Release()
		told, began := 0, time.Now()
		_, err = f.Acquire(context.Background(), Info{User: "bert"}, Waiting{Timeout: 30 * time.Second, OnWait: func(i Info) {
			told++
			if i.User != "anna" {
				t.Errorf("waits for %q", i.User)
			}
		}})
		if waited := time.Since(began); !errors.As(err, new(*HeldError)) || told != 1 || waited < 30*time.Second || waited > 31*time.Second { // the guard may be taken for a moment
			t.Errorf("after %v, told %d times: %v", waited, told, err)
		}
		if _, err = f.Acquire(context.Background(), Info{User: "bert"}, Waiting{Timeout: 300 * time.Millisecond, OnWait: func(Info) { t.Error("told at once") }}); !errors.As(err, new(*HeldError)) {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-time.After(time.Second)
			cancel()
		}()
		if _, err = f.Acquire(ctx, Info{User: "bert"}, Waiting{Timeout: time.Hour}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestReadersLeaveNothing: looking creates no file and no folder.
func TestReadersLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	f := NewFile(filepath.Join(dir, "data", "lock.json"), Options{})
	if h, err := f.Held(context.Background()); h != nil || err != nil {
		t.Errorf("%+v, %v", h, err)
	}
	if err := f.Unlock(context.Background(), "A"); err == nil {
		t.Error("a lock that is not there was removed")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
	there := anna
	there.ID = "A"
	if err := errors.Join(os.Mkdir(filepath.Dir(f.path), 0o777), f.write(&there)); err != nil {
		t.Fatal(err)
	}
	if h, err := f.Held(context.Background()); h == nil || err != nil {
		t.Errorf("%+v, %v", h, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(f.path)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestTakenBack: a lock that was written although its writer was told otherwise goes.
func TestTakenBack(t *testing.T) {
	f := newFile(t, Options{})
	l := mustTake(t, f)
	if err := f.takeBack("another"); err != nil {
		t.Fatal(err)
	}
	if err := l.Check(context.Background()); err != nil {
		t.Errorf("another's lock was taken back: %v", err)
	}
	if err := f.takeBack(l.Info().ID); err != nil {
		t.Fatal(err)
	}
	if h, err := f.Holder(context.Background()); h != nil || err != nil {
		t.Errorf("%+v, %v", h, err)
	}
}

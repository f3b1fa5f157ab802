package lock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var anna = Info{User: "anna", Host: "pc1", PID: 7, Run: "r1", Operation: "apply"}

func newFile(t *testing.T, opts Options) *File {
	t.Helper()
	return NewFile(filepath.Join(t.TempDir(), "data", "lock.json"), opts)
}

func mustTake(t *testing.T, f *File) Lease {
	t.Helper()
	l, err := f.Acquire(context.Background(), anna, Waiting{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Release() })
	return l
}

func TestOneHolder(t *testing.T) {
	f := newFile(t, Options{})
	ctx := context.Background()
	if h, err := f.Holder(ctx); h != nil || err != nil {
		t.Fatalf("nobody holds it: %v, %v", h, err)
	}
	l := mustTake(t, f)
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
	_, err := f.Acquire(ctx, Info{User: "bert"}, Waiting{})
	var held *HeldError
	if !errors.As(err, &held) || held.Holder.User != "anna" || held.Holder.ID != l.Info().ID || held.Silent {
		t.Fatalf("a second holder: %v", err)
	}
	if !strings.Contains(err.Error(), "pslan unlock "+l.Info().ID) {
		t.Errorf("the error does not say how to unlock: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	if h, err := f.Holder(ctx); h != nil || err != nil {
		t.Errorf("after the release: %v, %v", h, err)
	}
	mustTake(t, f)
}

// TestManyAtOnce: of many that try at once exactly one holds the lock at any time.
func TestManyAtOnce(t *testing.T) {
	f := newFile(t, Options{})
	var inside, taken atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			l, err := NewFile(f.path, Options{}).Acquire(context.Background(), anna, Waiting{Timeout: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			if inside.Add(1) != 1 {
				t.Error("two hold the lock")
			}
			taken.Add(1)
			inside.Add(-1)
			if err := l.Release(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 8 {
		t.Errorf("%d of 8 got it", taken.Load())
	}
}

func TestUnlock(t *testing.T) {
	f := newFile(t, Options{})
	ctx := context.Background()
	if err := f.Unlock(ctx, "x"); err == nil {
		t.Error("a lock that is not there was removed")
	}
	l := mustTake(t, f)
	if err := f.Unlock(ctx, "another"); err == nil || !strings.Contains(err.Error(), l.Info().ID) {
		t.Errorf("unlocking by another ID: %v", err)
	}
	if err := f.Unlock(ctx, l.Info().ID); err != nil {
		t.Fatal(err)
	}
	var lost *LostError
	if err := l.Check(ctx); !errors.As(err, &lost) {
		t.Errorf("the lease is still good: %v", err)
	}
	other := mustTake(t, f)
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	if err := other.Check(ctx); err != nil {
		t.Errorf("a lost lease took another's lock away: %v", err)
	}
}

// TestHeartbeat runs on a clock of its own: the beat keeps the lease good for
// hours; when it cannot be written, the lease ends before another might take it for dead.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFile(t, Options{})
		ctx := context.Background()
		l, err := f.Acquire(ctx, anna, Waiting{})
		if err != nil {
			t.Fatal(err)
		}
		wait := func(d time.Duration) { <-time.After(d); synctest.Wait() }
		wait(3 * time.Hour)
		if err := l.Check(ctx); err != nil {
			t.Errorf("after three hours: %v", err)
		}
		if h, err := f.Holder(ctx); err != nil || time.Since(h.Heartbeat) > defaultBeat {
			t.Errorf("the heartbeat is %v old, %v", time.Since(h.Heartbeat), err)
		}
		if err := os.WriteFile(f.path, []byte("scribble"), 0o666); err != nil {
			t.Fatal(err)
		}
		wait(defaultBeat)
		if err := l.Check(ctx); !errors.As(err, new(*LostError)) {
			t.Errorf("the file was overwritten: %v", err)
		}
		if err := l.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitingIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFile(t, Options{})
		first, err := f.Acquire(context.Background(), anna, Waiting{})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			<-time.After(5 * time.Second)
			first.Release()
		}()
		began, told := time.Now(), time.Duration(0)
		l, err := f.Acquire(context.Background(), Info{User: "bert"}, Waiting{Timeout: time.Minute, OnWait: func(Info) { told = time.Since(began) }})
		if err != nil {
			t.Fatal(err)
		}
		if told < sayAfter || told > time.Second {
			t.Errorf("told after %v", told)
		}
		if waited := time.Since(began); waited < 5*time.Second || waited > 6*time.Second {
			t.Errorf("waited %v", waited)
		}
		l.Release()
	})
}

func TestDeadHolders(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	here := anna
	here.Host = host
	f := newFile(t, Options{Now: func() time.Time { return now }, Beat: time.Hour, Alive: func(int) (bool, bool) { return false, true }})
	l, err := f.Acquire(context.Background(), here, Waiting{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	now = now.Add(2 * time.Minute)
	_, err = f.Acquire(context.Background(), anna, Waiting{})
	var held *HeldError
	if !errors.As(err, &held) || !held.Silent || !held.Dead {
		t.Fatalf("a dead holder's lock was taken or not seen: %+v, %v", held, err)
	}
	if err := l.Check(context.Background()); !errors.As(err, new(*LostError)) {
		t.Errorf("a heartbeat of two minutes ago is good: %v", err)
	}
}

func TestGarbage(t *testing.T) {
	f := newFile(t, Options{})
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "{", `{"user":"anna"}`, "[]"} {
		if err := os.WriteFile(f.path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := f.Acquire(context.Background(), anna, Waiting{})
		if !errors.As(err, new(*GarbageError)) {
			t.Errorf("%q: %v", text, err)
		}
		if have, _ := os.ReadFile(f.path); string(have) != text {
			t.Errorf("%q was overwritten", text)
		}
	}
}

func TestThisProcessIsAlive(t *testing.T) {
	if alive, known := processAlive(os.Getpid()); !alive || !known {
		t.Errorf("alive %v, known %v", alive, known)
	}
	if _, known := processAlive(0); known {
		t.Error("process 0 is known")
	}
}

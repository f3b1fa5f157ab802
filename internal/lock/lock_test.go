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

	"pslan/internal/schematest"
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
	was := l.Info()
	was.Run = "r2"
	if err := l.Runs(ctx, "r2"); err != nil {
		t.Error(err)
	}
	if h, err := f.Holder(ctx); err != nil || h.Run != "r2" || h.ID != was.ID || h.Heartbeat.Before(was.Heartbeat) {
		t.Errorf("another run: %+v, %v", h, err)
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

// TestDeadHolders: a lock whose process is gone, or silent, is told as such and never taken.
func TestDeadHolders(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name         string
		after        time.Duration
		host         string
		elsewhere    bool // in another container, or before the machine was started anew
		alive, known bool
		silent, dead bool
		says         string
	}{
		{"lives", 12 * time.Second, host, false, true, true, false, false, "its last sign of life is 12s old. Wait for it (-lock-timeout=10m)"},
		{"gone", 12 * time.Second, host, false, false, true, false, true, "That process is not there any more: pslan unlock "},
		{"gone, in another container", 12 * time.Second, host, true, false, true, false, false, "Wait for it"},
		{"cannot be asked", 12 * time.Second, host, false, false, false, false, false, "Wait for it"},
		{"just in time", defaultTTL, host, false, true, true, false, false, "Wait for it"},
		{"silent", defaultTTL + 1, host, false, true, true, true, false, "It looks dead; if you are sure that it is: pslan unlock "},
		{"silent and gone", time.Hour, host, false, false, true, true, true, "not there any more"},
		{"from the future", -time.Hour, host, false, true, true, false, false, "its last sign of life is 0s old"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFile(t, Options{Now: func() time.Time { return start.Add(c.after) }, Alive: func(pid int) (bool, bool) { return pid == anna.PID && c.alive, c.known }})
			have := anna
			have.ID, have.Host, have.Processes, have.Started, have.Heartbeat = "ABC", c.host, processSpace(), start.Add(-time.Hour), start
			if c.elsewhere {
				have.Processes = "another"
			}
			if err := errors.Join(os.MkdirAll(filepath.Dir(f.path), 0o777), f.write(&have)); err != nil {
				t.Fatal(err)
			}
			was := content(t, f)
			_, err := f.Acquire(context.Background(), Info{User: "bert"}, Waiting{})
			var held *HeldError
			if !errors.As(err, &held) || held.Silent != c.silent || held.Dead != c.dead || held.Holder != have {
				t.Fatalf("%+v, %v", held, err)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "anna@"+host+" (process 7) runs apply since 2026-11-22 09:00:00Z; ") {
				t.Errorf("says: %v", err)
			}
			if h, err := f.Held(context.Background()); err != nil || *h != *held {
				t.Errorf("looked at: %+v, %v", h, err)
			}
			if content(t, f) != was {
				t.Error("the lock was changed")
			}
		})
	}
}

func content(t *testing.T, f *File) string {
	t.Helper()
	text, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestGarbage: what cannot be read is told, and neither taken, overwritten nor removed.
func TestGarbage(t *testing.T) {
	f := newFile(t, Options{})
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"", "{", `{"user":"anna"}`, "[]", "null", `{"id":"A"} {"id":"B"}`, `{"id":7}`, "\x00\x00\x00",
		`{"format_version":"2.0","id":"A"}`, `{"id":"A","user":"\u001b[31m"}`, `{"id":"A","host":"` + strings.Repeat("x", maxWord+1) + `"}`,
		`{"id":"A","started":"yesterday"}`, strings.Repeat(" ", maxSize) + `{"id":"A"}`,
	} {
		if err := os.WriteFile(f.path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, took := f.Acquire(context.Background(), anna, Waiting{Timeout: time.Hour})
		_, looked := f.Holder(context.Background())
		for _, err := range []error{took, looked, f.Unlock(context.Background(), "A")} {
			var garbage *GarbageError
			if !errors.As(err, &garbage) || garbage.Path != f.path || !strings.Contains(err.Error(), "If no pslan runs here, delete it") {
				t.Errorf("%.40q: %v", text, err)
			}
		}
		if content(t, f) != text {
			t.Errorf("%.40q was changed", text)
		}
	}
	if err := errors.Join(os.Remove(f.path), os.Mkdir(f.path, 0o777)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Acquire(context.Background(), anna, Waiting{}); err == nil {
		t.Error("a folder was taken for a lock")
	}
}

// TestFormat: every key that is written is in the schema, and the file is as it says.
func TestFormat(t *testing.T) {
	f := newFile(t, Options{})
	mustTake(t, f)
	if err := schematest.Strict(t, "lock").Check([]byte(content(t, f))); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"format_version":"1.0","id":"A","user":"anna","started":"2026-11-22T10:00:00Z"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		info, err := parse(text)
		if (info == nil) == (err == nil) {
			t.Fatalf("%+v, %v", info, err)
		}
		if err == nil && (info.ID == "" || *info != info.printable()) {
			t.Fatalf("taken for a lock: %+v", info)
		}
	})
}

func TestThisProcessIsAlive(t *testing.T) {
	if alive, known := processAlive(os.Getpid()); !alive || !known {
		t.Errorf("alive %v, known %v", alive, known)
	}
	if _, known := processAlive(0); known {
		t.Error("process 0 is known")
	}
}

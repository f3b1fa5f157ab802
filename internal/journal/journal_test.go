package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pslan/internal/apply"
)

func at(n int) time.Time { return time.Date(2026, 11, 22, 10, 0, n, 0, time.UTC) }

func aHeader(run string) Header {
	return Header{Run: run, PlanID: "sha256:1", Version: "0.1.0", SMP: "smp01", User: "anna", Host: "pc1", PID: 7, Started: at(0), Steps: 3, Plan: run + ".plan"}
}

// history is what a step goes through when all goes well, and when it is asked twice.
var history = []apply.Record{
	{Kind: apply.RecordIntended, Step: "assign:image.a", At: at(1), Servers: []string{"PS010"}, Before: "all", After: "PS010"},
	{Kind: apply.RecordRequested, Step: "assign:image.a", At: at(2)},
	{Kind: apply.RecordIntended, Step: "assign:image.a", At: at(3), Note: "looked, not there"},
	{Kind: apply.RecordRequested, Step: "assign:image.a", At: at(4)},
	{Kind: apply.RecordObserved, Step: "assign:image.a", At: at(5)},
	{Kind: apply.RecordSkipped, Step: "sync:image.a", At: at(6)},
	{Kind: apply.RecordFailed, Step: "wait_copy:image.a:PS010", At: at(7), Note: "PS008 is off"},
}

func TestWhatIsAppendedIsRead(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(history[:3]...); err != nil {
		t.Fatal(err)
	}
	if err := w.Append(history[3:]...); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(Closing{Outcome: "paused", ExitCode: 13, At: at(9), GoesOn: true}); err != nil {
		t.Fatal(err)
	}
	if err := w.Append(history[0]); err == nil {
		t.Error("a closed journal took a record")
	}
	run, err := Read(Path(dir, "r1"))
	if err != nil {
		t.Fatal(err)
	}
	if run.Header.PlanID != "sha256:1" || run.Closed == nil || run.Closed.ExitCode != 13 || run.Torn || len(run.Records) != len(history)+2 {
		t.Errorf("read back: %+v, %d records", run.Header, len(run.Records))
	}
	for step, want := range map[string]apply.RecordKind{
		"assign:image.a": apply.RecordObserved, "sync:image.a": apply.RecordSkipped, "wait_copy:image.a:PS010": apply.RecordFailed,
	} {
		if got := run.Steps[step].State; got != want {
			t.Errorf("%s is %s, want %s", step, got, want)
		}
	}
	if _, err := Create(dir, aHeader("r1")); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second journal of one run: %v", err)
	}
}

func TestGoingOn(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(history[:2]...), w.Abandon()); err != nil {
		t.Fatal(err)
	}
	tear(t, Path(dir, "r1"), []byte(`{"seq":4,"kind":"obs`))
	unfinished, err := Unfinished(dir)
	if err != nil || unfinished == nil || unfinished.ID != "r1" || !unfinished.Run.Torn {
		t.Fatalf("unfinished: %+v, %v", unfinished, err)
	}
	h := aHeader("r1")
	h.Host, h.Started = "pc2", at(30)
	w, run, err := Open(dir, "r1", h)
	if err != nil {
		t.Fatal(err)
	}
	if run.Steps["assign:image.a"].State != apply.RecordRequested {
		t.Errorf("the step was left %v", run.Steps)
	}
	// In a new segment a step begins anew: it is looked at before it is asked again.
	if err := errors.Join(w.Append(history[5], apply.Record{Kind: apply.RecordSkipped, Step: "assign:image.a", At: at(31)}), w.Close(Closing{Outcome: "complete", At: at(32)})); err != nil {
		t.Fatal(err)
	}
	run, err = Read(Path(dir, "r1"))
	if err != nil {
		t.Fatal(err)
	}
	if run.Header.Segment != 2 || run.Header.Host != "pc2" || !run.Header.Started.Equal(at(0)) || run.Torn {
		t.Errorf("header after going on: %+v, torn %v", run.Header, run.Torn)
	}
	if u, err := Unfinished(dir); err != nil || u != nil {
		t.Errorf("a complete run is unfinished: %+v, %v", u, err)
	}
	if _, _, err := Open(dir, "r1", h); err == nil {
		t.Error("a run that has ended was opened again")
	}
}

func tear(t *testing.T, path string, tail []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(tail); err != nil {
		t.Fatal(err)
	}
}

// TestRefused changes a sound journal in one way each; the record is named.
func TestRefused(t *testing.T) {
	sound := soundText(t)
	lines := bytes.SplitAfter(sound, []byte("\n"))
	join := func(l ...[]byte) []byte { return bytes.Join(l, nil) }
	for _, c := range []struct {
		name, want string
		text       []byte
	}{
		{"a byte changed", "record 2: its hash", bytes.Replace(sound, []byte("PS010"), []byte("PS011"), 1)},
		{"a line taken out", "record 3: it carries the number 4", join(lines[0], lines[1], lines[3])},
		{"two lines swapped", "record 2: it carries the number 3", join(lines[0], lines[2], lines[1])},
		{"no beginning", "record 1: it carries the number 2", join(lines[1:]...)},
		{"a line that is no JSON", "record 2: it is no record", join(lines[0], []byte("hello\n"))},
		{"an endless line", "its line is longer", join(lines[0], bytes.Repeat([]byte("x"), maxLine+70_000))},
		{"an empty file", "the file is empty", nil},
		{"another major version", "format version", resealed(t, `"format_version":"1.0"`, `"format_version":"2.0"`, lines[0])},
		{"an impossible step", "cannot be requested: it is observed already", append(bytes.Clone(join(lines[:6]...)), sealedAfter(t, join(lines[:6]...), line{Kind: apply.RecordRequested, Step: "assign:image.a"})...)},
		{"an unknown kind", "no kind of record", append(bytes.Clone(lines[0]), sealedAfter(t, lines[0], line{Kind: "guessed", Step: "x"})...)},
		{"a record without a step", "names no step", append(bytes.Clone(lines[0]), sealedAfter(t, lines[0], line{Kind: apply.RecordIntended})...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(bytes.NewReader(c.text), "r1.jsonl")
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a refusal with %q", err, c.want)
			}
		})
	}
}

func soundText(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(history...), w.Abandon()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(Path(dir, "r1"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// sealedAfter is a record with the number and hash that follow from a text.
func sealedAfter(t *testing.T, text []byte, l line) []byte {
	t.Helper()
	run, err := read(bytes.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	l.Seq = run.seq + 1
	sealed, err := l.seal(run.hash)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// resealed changes the first record and gives it a hash that fits.
func resealed(t *testing.T, old, with string, first []byte) []byte {
	t.Helper()
	h := aHeader("r1")
	h.FormatVersion, h.Segment = strings.Trim(strings.TrimPrefix(with, `"format_version":`), `"`), 1
	l := line{Seq: 1, Kind: apply.RecordOpened, At: at(0), Note: "r1", Header: &h}
	sealed, err := l.seal("")
	if err != nil || !bytes.Contains(first, []byte(old)) {
		t.Fatal(err)
	}
	return sealed
}

// TestCrashAtAnyByte cuts a journal anywhere: what is read is a beginning of what
// was appended, and every group whose Append had returned by then is in it.
func TestCrashAtAnyByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := &fakeDisk{}
		w := &Writer{f: disk, path: "r1.jsonl"}
		h := aHeader("r1")
		h.FormatVersion, h.Segment = FormatVersion, 1
		if err := w.opened(h); err != nil {
			t.Fatal(err)
		}
		acknowledged, n := 1, 0
		disk.failAt = rapid.IntRange(0, 6).Draw(t, "failing call")
		for g := range rapid.IntRange(1, 5).Draw(t, "groups") {
			var group []apply.Record
			for range rapid.IntRange(1, 3).Draw(t, "records") {
				n++
				group = append(group, apply.Record{Kind: apply.RecordObserved, Step: fmt.Sprint("step", n), At: at(g)})
			}
			if err := w.Append(group...); err != nil {
				if again := w.Append(group...); again == nil {
					t.Fatal("a writer that had failed took more records")
				}
				break
			}
			acknowledged += len(group)
		}
		// A crash keeps what was flushed, and of the rest any beginning.
		cut := rapid.IntRange(disk.synced, len(disk.text)).Draw(t, "cut")
		run, err := read(bytes.NewReader(disk.text[:cut]), "r1.jsonl")
		if err != nil {
			t.Fatalf("after a crash at byte %d: %v", cut, err)
		}
		if run.seq < acknowledged {
			t.Fatalf("%d records were acknowledged and %d are read", acknowledged, run.seq)
		}
		for i, r := range run.Records[1:] {
			if want := fmt.Sprint("step", i+1); r.Step != want {
				t.Fatalf("record %d is of %s, want %s", i+2, r.Step, want)
			}
		}
	})
}

// fakeDisk keeps what was written and how much of it was flushed; one call fails,
// half done.
type fakeDisk struct {
	text   []byte
	synced int
	calls  int
	failAt int // number of the failing call, 0: none
}

var errDisk = errors.New("no space left on device")

func (d *fakeDisk) fails() bool { d.calls++; return d.failAt > 0 && d.calls == d.failAt+2 }

func (d *fakeDisk) Write(p []byte) (int, error) {
	if d.fails() {
		d.text = append(d.text, p[:len(p)/2]...)
		return len(p) / 2, errDisk
	}
	d.text = append(d.text, p...)
	return len(p), nil
}

func (d *fakeDisk) Sync() error {
	if d.fails() {
		return errDisk
	}
	d.synced = len(d.text)
	return nil
}

func (d *fakeDisk) Close() error { return nil }

func TestListShowsBrokenOnes(t *testing.T) {
	dir := t.TempDir()
	if runs, err := List(filepath.Join(dir, "none")); err != nil || runs != nil {
		t.Errorf("no folder: %v, %v", runs, err)
	}
	for i, id := range []string{"r1", "r2"} {
		h := aHeader(id)
		h.Started = at(i)
		w, err := Create(dir, h)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(Closing{Outcome: "complete", At: at(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(Path(dir, "r0"), []byte("nonsense\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	runs, err := List(dir)
	if err != nil || len(runs) != 3 {
		t.Fatalf("%v, %v", runs, err)
	}
	if runs[0].ID != "r2" || runs[1].ID != "r1" || runs[2].Broken == nil {
		t.Errorf("order: %s %s %s", runs[0].ID, runs[1].ID, runs[2].ID)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"seq":1,"kind":"opened"}` + "\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		run, err := read(bytes.NewReader(text), "f")
		if (run == nil) == (err == nil) {
			t.Fatalf("run %v, error %v", run, err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, group := range []int{1, 16} {
		b.Run(fmt.Sprintf("group of %d", group), func(b *testing.B) {
			w, err := Create(b.TempDir(), aHeader("r1"))
			if err != nil {
				b.Fatal(err)
			}
			records := make([]apply.Record, group)
			for i := range records {
				records[i] = apply.Record{Kind: apply.RecordObserved, Step: "verify_copy:image.a:PS010", At: at(1)}
			}
			for b.Loop() {
				if err := w.Append(records...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

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
	unfinished, err := Newest(dir)
	if err != nil || unfinished.ID != "r1" || !unfinished.Unfinished() || !unfinished.Run.Torn {
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
	if u, err := Newest(dir); err != nil || u.Unfinished() {
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

// runsIn makes journals in a folder, one for each ID, each a second after the one before.
func runsIn(t *testing.T, ids ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i, id := range ids {
		h := aHeader(id)
		h.Started = at(i)
		w, err := Create(dir, h)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Append(history...), w.Close(Closing{Outcome: "complete", At: at(i)})); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func rewrite(t *testing.T, path string, text []byte, when time.Time) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, text, 0o666), os.Chtimes(path, when, when)); err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	if runs, err := List(filepath.Join(t.TempDir(), "none")); err != nil || runs != nil {
		t.Errorf("no folder: %v, %v", runs, err)
	}
	dir := runsIn(t, "r1", "r2", "r3")
	text, err := os.ReadFile(Path(dir, "r2"))
	if err != nil {
		t.Fatal(err)
	}
	rewrite(t, Path(dir, "r2"), append(text, "{}\n"...), at(50)) // broken at its end: its beginning says when it began
	rewrite(t, Path(dir, "r0"), []byte("nonsense\n"), at(-9))
	rewrite(t, Path(dir, "r9"), nil, at(60)) // died before its first record
	if err := os.Mkdir(Path(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	rewrite(t, filepath.Join(dir, "r1.plan"), []byte("x"), at(0))
	runs, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range runs {
		what := " sound"
		switch s := &runs[i]; {
		case s.Broken != nil:
			what = " broken"
		case len(s.Run.Records) != 2 || len(s.Run.Steps) != 3 || s.Unfinished():
			t.Errorf("%s: %d records, %d steps, unfinished %v", s.ID, len(s.Run.Records), len(s.Run.Steps), s.Unfinished())
		}
		got = append(got, runs[i].ID+what)
	}
	if want := []string{"r3 sound", "r2 broken", "r1 sound", "r0 broken"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if newest, err := Newest(dir); err != nil || newest == nil || newest.ID != "r3" {
		t.Errorf("the newest that began: %+v, %v", newest, err)
	}
	if runs, err := OfPlan(dir, aHeader("r1").PlanID); err != nil || len(runs) != 3 || runs[0].ID != "r3" || runs[1].Broken == nil || runs[2].ID != "r1" {
		t.Errorf("those of the plan: %+v, %v", runs, err)
	}
	if runs, err := OfPlan(dir, "sha256:other"); err != nil || runs != nil {
		t.Errorf("those of another plan: %+v, %v", runs, err)
	}
}

// TestNewestBroken: where the newest run is broken nobody can say whether it ended.
func TestNewestBroken(t *testing.T) {
	dir := runsIn(t, "r1", "r2")
	if err := tearOff(Path(dir, "r2"), 3); err != nil {
		t.Fatal(err)
	}
	if u, err := Newest(dir); err != nil || u.ID != "r2" || !u.Unfinished() || !u.Run.Torn {
		t.Errorf("a run without its end: %+v, %v", u, err)
	}
	tear(t, Path(dir, "r2"), []byte("}\n"))
	var corrupt *CorruptError
	if u, err := Newest(dir); err != nil || u.Unfinished() || !errors.As(u.Broken, &corrupt) {
		t.Errorf("a broken one: %+v, %v", u, err)
	}
}

func tearOff(path string, bytes int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()-bytes)
}

// TestOneSecond: runs that began in the same second are told apart by their number.
func TestOneSecond(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"run-1", "run-1-10", "run-1-9", "run-1-2"} {
		w, err := Create(dir, aHeader(id))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Abandon(); err != nil {
			t.Fatal(err)
		}
	}
	if newest, err := Newest(dir); err != nil || newest.ID != "run-1-10" {
		t.Errorf("%+v, %v", newest, err)
	}
}

func TestBadNames(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"", ".", "..", "../r1", `..\r1`, "a/b", "-r", "r\n", "r:1", strings.Repeat("r", 129)} {
		if _, err := Create(dir, aHeader(id)); err == nil {
			t.Errorf("%q became a run", id)
		}
		if _, _, err := Open(dir, id, aHeader(id)); err == nil {
			t.Errorf("%q was opened", id)
		}
	}
}

// TestRenamed: a copy of a journal is shown and never gone on with.
func TestRenamed(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Abandon(), os.Rename(Path(dir, "r1"), Path(dir, "r2"))); err != nil {
		t.Fatal(err)
	}
	if run, err := Read(Path(dir, "r2")); err != nil || run.Header.Run != "r1" {
		t.Errorf("%+v, %v", run, err)
	}
	if _, _, err := Open(dir, "r2", aHeader("r2")); err == nil {
		t.Error("a renamed journal was gone on with")
	}
}

// TestEngineFrame: the engine's own opened and closed are left out; a writer writes its own.
func TestEngineFrame(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	frameOnly := []apply.Record{{Kind: apply.RecordOpened, Note: "r1", At: at(1)}, {Kind: apply.RecordClosed, At: at(2)}}
	if err := errors.Join(w.Append(frameOnly...), w.Append(history...), w.Close(Closing{Outcome: "complete", At: at(3)})); err != nil {
		t.Fatal(err)
	}
	run, err := Read(Path(dir, "r1"))
	if err != nil || len(run.Records) != len(history)+2 {
		t.Fatalf("%+v, %v", run, err)
	}
	if want := (Counts{Observed: 1, Skipped: 1, Failed: 1}); *run.Closed.Counts != want {
		t.Errorf("counted %+v, want %+v", *run.Closed.Counts, want)
	}
}

// TestWhatIsOdd: texts come back as they were, as far as they are kept.
func TestWhatIsOdd(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	notes := []string{"PS008 -> PS010 & <all>", "two\nlines\r\n\x00", "\u2028 \U0001F600 \"\\\"", `,"hash":"` + strings.Repeat("0", 64) + `"}`, strings.Repeat("\u00fc", maxText)}
	for i, n := range notes {
		if err := w.Append(apply.Record{Kind: apply.RecordObserved, Step: strconv.Itoa(i), Note: n}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Abandon(); err != nil {
		t.Fatal(err)
	}
	run, err := Read(Path(dir, "r1"))
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range notes {
		got := run.Records[i+1].Note
		if len(n) > maxText {
			if !strings.HasPrefix(n, got[:1000]) || !strings.HasSuffix(got, "bytes left out)") || !utf8.ValidString(got) {
				t.Errorf("a long note: %.20q...%q", got, got[len(got)-40:])
			}
		} else if got != n {
			t.Errorf("got %q, want %q", got, n)
		}
	}
	text, err := os.ReadFile(Path(dir, "r1"))
	if err != nil || !strings.Contains(string(text), "PS008 -> PS010 & <all>") {
		t.Errorf("arrows are not readable: %v", err)
	}
}

// TestLargeGroup: a group that is more than one write is read back whole.
func TestLargeGroup(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	group := make([]apply.Record, 200)
	for i := range group {
		group[i] = apply.Record{Kind: apply.RecordObserved, Step: strconv.Itoa(i), Note: strings.Repeat("x", 50_000)}
	}
	if err := errors.Join(w.Append(group...), w.Abandon()); err != nil {
		t.Fatal(err)
	}
	w, run, err := Open(dir, "r1", aHeader("r1"))
	if err != nil || len(run.Steps) != len(group) {
		t.Fatalf("%v", err)
	}
	if err := w.Abandon(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(Path(dir, "r1")); err != nil {
		t.Error(err)
	}
}

func TestTooLarge(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Abandon(), os.Truncate(Path(dir, "r1"), maxFile+1)); err != nil { // no room is taken by zeros
		t.Fatal(err)
	}
	if _, err := Read(Path(dir, "r1")); err == nil {
		t.Error("a file larger than any that is written was read, in part")
	}
	if _, _, err := Open(dir, "r1", aHeader("r1")); err == nil {
		t.Error("it was gone on with")
	}
}

func TestManyAppendAtOnce(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for n := range 5 {
				if err := w.Append(apply.Record{Kind: apply.RecordObserved, Step: strconv.Itoa(i*5 + n)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if err := w.Close(Closing{Outcome: "complete"}); err != nil {
		t.Fatal(err)
	}
	if run, err := Read(Path(dir, "r1")); err != nil || len(run.Steps) != 40 {
		t.Errorf("%+v, %v", run, err)
	}
}

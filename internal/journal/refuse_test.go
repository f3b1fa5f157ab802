package journal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"pslan/internal/apply"
)

func bytesUpTo(text []byte, n int) io.Reader { return bytes.NewReader(text[:n]) }

func countLines(text []byte) int { return bytes.Count(text, []byte("\n")) }

func soundText(t testing.TB) []byte {
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

// follows puts records behind a text, with the numbers and hashes that follow.
func follows(t testing.TB, text []byte, lines ...line) []byte {
	t.Helper()
	var last line
	hash := ""
	for at := range bytes.Lines(text) {
		l, h, _, err := unseal(bytes.TrimSuffix(at, []byte("\n")), hash)
		if err != nil {
			t.Fatal(err)
		}
		last, hash = *l, h
	}
	for i := range lines {
		lines[i].Seq = last.Seq + 1 + i
		sealed, next, err := lines[i].seal(hash)
		if err != nil {
			t.Fatal(err)
		}
		text, hash = append(bytes.Clone(text), sealed...), next
	}
	return text
}

func opening(change func(*Header)) line {
	h := aHeader("r1")
	h.FormatVersion, h.Segment = FormatVersion, 1
	change(&h)
	return line{Kind: apply.RecordOpened, At: h.Started, Note: h.Run, Header: &h}
}

func closing(goesOn bool) line {
	return line{Kind: apply.RecordClosed, At: at(9), Closing: &Closing{Outcome: "x", GoesOn: goesOn}}
}

// TestRefused changes a sound journal in one way each; the record is named.
func TestRefused(t *testing.T) {
	sound := soundText(t)
	lines := bytes.SplitAfter(sound, []byte("\n"))
	join := func(l ...[]byte) []byte { return bytes.Join(l, nil) }
	first := lines[0]
	step := func(kind apply.RecordKind) line { return line{Kind: kind, Step: "assign:image.a"} }
	elsewhere := follows(t, nil, opening(func(h *Header) { h.Run = "r2" }))
	again := func(change func(*Header)) line {
		return opening(func(h *Header) { h.Segment = 2; change(h) })
	}
	for _, c := range []struct {
		name, want string
		text       []byte
	}{
		{"a byte changed", "record 2: its hash", bytes.Replace(sound, []byte("PS010"), []byte("PS011"), 1)},
		{"a key added", "record 2: its hash", bytes.Replace(sound, []byte(`"kind":"intended",`), []byte(`"kind":"intended","x":1,`), 1)},
		{"a blank added", "record 2: its hash", bytes.Replace(sound, []byte(`"kind":"intended",`), []byte(`"kind":"intended", `), 1)},
		{"something behind the hash", "record 2: it is no record", bytes.Replace(sound, lines[1], append(bytes.TrimSpace(bytes.Clone(lines[1])), " {}\n"...), 1)},
		{"Windows line ends", "record 1: it is no record", bytes.ReplaceAll(sound, []byte("\n"), []byte("\r\n"))},
		{"a line taken out", "record 3: it carries the number 4", join(lines[0], lines[1], lines[3])},
		{"two lines swapped", "record 2: it carries the number 3", join(lines[0], lines[2], lines[1])},
		{"a line of another journal", "record 2: its hash", join(first, bytes.SplitAfter(follows(t, elsewhere, step(apply.RecordIntended)), []byte("\n"))[1])},
		{"a line twice", "record 3: it carries the number 2", join(lines[0], lines[1], lines[1])},
		{"no beginning", "record 1: it carries the number 2", join(lines[1:]...)},
		{"a line that is no JSON", "record 2: it is no record", join(first, []byte("hello\n"))},
		{"an empty line", "record 2: it is no record", join(first, []byte("\n"))},
		{"a hole of zeros", "record 2: it is no record", join(first, make([]byte, len(lines[1])), lines[2])},
		{"a long hole", "record 2: its line is longer", join(first, make([]byte, 2*maxLine), lines[1])},
		{"an endless line", "record 2: its line is longer", join(first, bytes.Repeat([]byte("x"), maxLine+70_000))},
		{"an endless line with an end", "record 2: its line is longer", join(first, bytes.Repeat([]byte("x"), maxLine+70_000), []byte("\n"))},
		{"another major version", "record 1: it is of the format version \"2.0\"", follows(t, nil, opening(func(h *Header) { h.FormatVersion = "2.0" }))},
		{"no name of a run", "record 1: \"../r1\" is no ID", follows(t, nil, opening(func(h *Header) { h.Run = "../r1" }))},
		{"a first segment that is none", "record 1: it opens segment 3 after segment 0", follows(t, nil, opening(func(h *Header) { h.Segment = 3 }))},
		{"no opening at the beginning", "record 1: a journal begins with", follows(t, nil, step(apply.RecordIntended))},
		{"an opening without its header", "does not look like this", follows(t, nil, line{Kind: apply.RecordOpened})},
		{"a segment left out", "it opens segment 3 after segment 1", follows(t, first, again(func(h *Header) { h.Segment = 3 }))},
		{"another run's opening", `it opens another run ("r2")`, follows(t, first, again(func(h *Header) { h.Run = "r2" }))},
		{"another plan's opening", "it opens another run", follows(t, first, again(func(h *Header) { h.PlanID = "sha256:2" }))},
		{"an opening behind the end", "it opens a run that has ended", follows(t, first, closing(false), again(func(*Header) {}))},
		{"a record behind the end", "it stands behind the end", follows(t, first, closing(true), step(apply.RecordIntended))},
		{"an impossible beginning", `"assign:image.a" cannot begin with requested`, follows(t, first, step(apply.RecordRequested))},
		{"asked for twice without looking", "cannot be requested: it is requested already", follows(t, first, step(apply.RecordIntended), step(apply.RecordRequested), step(apply.RecordRequested))},
		{"asked for when done", "record 9: the step \"assign:image.a\" cannot be requested: it is observed already", follows(t, sound, step(apply.RecordRequested))},
		{"an unknown kind", `no kind of record called "guessed"`, follows(t, first, line{Kind: "guessed", Step: "x"})},
		{"a record without a step", "names no step", follows(t, first, line{Kind: apply.RecordIntended})},
	} {
		t.Run(c.name, func(t *testing.T) {
			run, err := read(bytes.NewReader(c.text), "r1.jsonl", everything)
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v; want a refusal with %q", run, err, c.want)
			}
		})
	}
}

// TestEveryPairOfKinds holds reader and writer against the table, and the table
// against the promise that nothing is asked for twice without an intent between.
func TestEveryPairOfKinds(t *testing.T) {
	kinds := []apply.RecordKind{apply.RecordIntended, apply.RecordRequested, apply.RecordObserved, apply.RecordFailed, apply.RecordSkipped}
	legal := map[[2]apply.RecordKind]bool{}
	for _, tr := range Transitions() {
		legal[[2]apply.RecordKind{tr.From, tr.To}] = true
		if tr.To == apply.RecordRequested && tr.From != apply.RecordIntended {
			t.Errorf("requested may follow %q", tr.From)
		}
	}
	ways := map[apply.RecordKind][]apply.RecordKind{
		"": nil, apply.RecordIntended: {apply.RecordIntended}, apply.RecordRequested: {apply.RecordIntended, apply.RecordRequested},
		apply.RecordObserved: {apply.RecordObserved}, apply.RecordFailed: {apply.RecordFailed}, apply.RecordSkipped: {apply.RecordSkipped},
	}
	for from, way := range ways {
		for _, to := range kinds {
			var records []apply.Record
			var lines []line
			for _, k := range append(way[:len(way):len(way)], to) {
				records = append(records, apply.Record{Kind: k, Step: "s"})
				lines = append(lines, line{Kind: k, Step: "s"})
			}
			want := legal[[2]apply.RecordKind{from, to}]
			w, err := create(newCrashDisk(), "runs", aHeader("r1"))
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Append(records...) == nil; got != want {
				t.Errorf("%q -> %q: written %v, want %v", from, to, got, want)
			}
			_, err = read(bytes.NewReader(follows(t, soundText(t), lines...)), "r1.jsonl", everything)
			if got := err == nil; got != want {
				t.Errorf("%q -> %q: read %v, want %v", from, to, got, want)
			}
		}
	}
}

// TestRefusalWritesNothing: a group with an impossible record leaves no trace.
func TestRefusalWritesNothing(t *testing.T) {
	disk := newCrashDisk()
	w, err := create(disk, "runs", aHeader("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(history[0], history[4], history[4]); err == nil || !strings.Contains(err.Error(), "observed already") {
		t.Errorf("got %v", err)
	}
	if err := w.Append(history[5]); err == nil {
		t.Error("after a mistake of its caller a writer goes on")
	}
	if run, err := readFile(disk, Path("runs", "r1"), everything); err != nil || run.seq != 1 {
		t.Errorf("%+v, %v", run, err)
	}
}

// FuzzRead gives any text, and, sealed, any records whose hashes follow.
func FuzzRead(f *testing.F) {
	sound := soundText(f)
	twice := follows(f, sound, closing(true), opening(func(h *Header) { h.Segment = 2 }))
	for _, text := range [][]byte{sound, sound[:len(sound)-10], twice, []byte("\n\n")} {
		f.Add(text, false)
		f.Add(unsealed(text), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, sealed bool) {
		if sealed {
			text = resealed(text)
		}
		run, err := read(bytes.NewReader(text), "f", everything)
		if (run == nil) == (err == nil) {
			t.Fatalf("run %v, error %v", run, err)
		}
		if err != nil {
			return
		}
		if int(run.size) > len(text) || run.Torn != (int(run.size) < len(text) || run.seq == 0) || len(run.Records) != run.seq {
			t.Fatalf("%d of %d bytes, %d records of %d, torn %v", run.size, len(text), len(run.Records), run.seq, run.Torn)
		}
		if run.seq > 0 { // what was read can be gone on with
			if again, err := read(bytes.NewReader(text[:run.size]), "f", everything); err != nil || again.hash != run.hash || again.Torn {
				t.Fatalf("read again: %+v, %v", again, err)
			}
		}
	})
}

// unsealed takes the hashes out of a journal.
func unsealed(text []byte) []byte {
	var out []byte
	for l := range bytes.Lines(text) {
		if body, _, ok := bytes.Cut(l, []byte(beforeHash)); ok {
			out = append(append(out, body...), "}\n"...)
		}
	}
	return out
}

// resealed gives each line the hash that follows.
func resealed(text []byte) []byte {
	var out []byte
	hash := ""
	for l := range bytes.Lines(text) {
		body := bytes.TrimSuffix(l, []byte("\n"))
		if len(body) == 0 {
			continue
		}
		hash = chain(hash, append(body[:len(body)-1:len(body)-1], '}'))
		out = append(append(out, body[:len(body)-1]...), beforeHash+hash+afterHash+"\n"...)
	}
	return out
}

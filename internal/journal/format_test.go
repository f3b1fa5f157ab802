package journal

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/apply"
	"pslan/internal/schematest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenPath is a whole journal: a run that was cut short, went on, and ended.
var goldenPath = filepath.Join("testdata", "run-20261122T100000Z.jsonl")

func writeSample(t *testing.T) []byte {
	t.Helper()
	dir, id := t.TempDir(), "run-20261122T100000Z"
	h := aHeader(id)
	h.Inputs, h.Approved, h.Steps = "sha256:2", "all", 4
	w, err := Create(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(history...), w.Abandon()); err != nil {
		t.Fatal(err)
	}
	h.Started, h.PID = at(300), 8
	w, _, err = Open(dir, id, h)
	if err != nil {
		t.Fatal(err)
	}
	rest := []apply.Record{
		{Kind: apply.RecordSkipped, Step: "assign:image.a", At: at(301), Note: "PS010 is assigned"},
		{Kind: apply.RecordFailed, Step: "wait_copy:image.a:PS010", At: at(302), Note: "PS008 is off"},
	}
	if err := errors.Join(w.Append(rest...), w.Close(Closing{Outcome: "incomplete", ExitCode: 14, At: at(303), Note: "a step failed"})); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(Path(dir, id))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFormat holds what is written against the golden file, byte by byte: hashes
// that others have made must go on being right.
func TestFormat(t *testing.T) {
	got := writeSample(t)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o777), os.WriteFile(goldenPath, got, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenPath)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("another format (-want +got):\n%s", d)
	}
	run, err := Read(goldenPath)
	if err != nil {
		t.Fatal(err)
	}
	if c := *run.Closed.Counts; c != (Counts{Skipped: 2, Failed: 1, Untouched: 1}) || run.Header.Segment != 2 || run.Unfinished() {
		t.Errorf("read back: %+v, %+v", run.Header, c)
	}
}

// TestSchema: the schema names every key that is written, and refuses what the reader
// refuses of a single line.
func TestSchema(t *testing.T) {
	schema := schematest.Strict(t, "journal")
	for l := range bytes.Lines(writeSample(t)) {
		if err := schema.Check(l); err != nil {
			t.Errorf("%s: %v", l, err)
		}
	}
	for _, l := range []line{
		{Kind: apply.RecordIntended},
		{Kind: apply.RecordOpened},
		{Kind: apply.RecordClosed},
		{Kind: "guessed", Step: "x"},
		{Kind: apply.RecordIntended, Step: "x", Closing: &Closing{Outcome: "complete"}},
		opening(func(h *Header) { h.FormatVersion = "2.0" }),
		opening(func(h *Header) { h.Run = "../r1" }),
	} {
		l.At = at(1)
		if err := schema.Check(follows(t, nil, l)); err == nil {
			t.Errorf("the schema takes %+v", l)
		}
	}
}

// TestDocumented: the documentation shows the table as it is, and lines as they are written.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "runs.md"))
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| after | may come | which says |\n|---|---|---|\n")
	for _, tr := range Transitions() {
		from := "nothing"
		if tr.From != "" {
			from = "`" + string(tr.From) + "`"
		}
		fmt.Fprintf(&table, "| %s | `%s` | %s |\n", from, tr.To, tr.Why)
	}
	if !strings.Contains(string(text), "\n"+table.String()+"\n") {
		t.Errorf("docs/runs.md does not have this table:\n%s", table.String())
	}
	golden := string(writeSample(t))
	shown := 0
	for l := range strings.Lines(string(text)) {
		if strings.HasPrefix(l, `{"seq":`) {
			shown++
			if !strings.Contains(golden, l) {
				t.Errorf("docs/runs.md shows a line that is not written: %s", l)
			}
		}
	}
	if shown == 0 {
		t.Error("docs/runs.md shows no line of a journal")
	}
}

package view_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pslan/internal/diag"
	"pslan/internal/schematest"
	"pslan/internal/view"
)

func probeSteps() []view.ProbeProgress {
	return []view.ProbeProgress{
		{Server: "PS010", Packages: 41, Files: 126, Elapsed: 10 * time.Second},
		{Server: "PS010", Phase: view.ProbeHashing, Packages: 42, Files: 126, FilesDone: 12, Done: 7623567000, Total: 13314398617,
			Elapsed: 580 * time.Second, Left: 7 * time.Minute},
		{Server: "PS010", Phase: view.ProbeChecking, Packages: 42, Files: 126, FilesDone: 126, Done: 13314398617, Total: 13314398617, Elapsed: 20 * time.Minute},
	}
}

var probeTexts = []string{
	"PS010: Still listing... [41 packages, 126 files, 10s elapsed]",
	"PS010: Still hashing... [7.1/12.4 GiB, 12 of 126 files, 9m40s elapsed, about 7m left]",
	"PS010: Still checking... [42 packages, 20m0s elapsed]",
}

func TestProbeLines(t *testing.T) {
	var out, errs bytes.Buffer
	v := view.NewHuman(view.Options{Out: &out, Err: &errs})
	for _, p := range probeSteps() {
		v.Probe(p)
	}
	v.Close(0)
	if want := strings.Join(probeTexts, "\n") + "\n"; errs.String() != want || out.Len() > 0 {
		t.Errorf("got %q, want %q; out: %q", errs.String(), want, out.String())
	}
}

// TestProbeOnATerminal: one line is overwritten, and gone before anything else.
func TestProbeOnATerminal(t *testing.T) {
	var out, errs bytes.Buffer
	v := view.NewHuman(view.Options{Out: &out, Err: &errs, ErrTerminal: true, Width: 40})
	steps := probeSteps()
	v.Probe(steps[1])
	v.Probe(steps[2])
	long, short := probeTexts[1][:39], probeTexts[2][:39]
	wiped := "\r" + strings.Repeat(" ", 39) + "\r"
	if want := "\r" + long + "\r" + short; errs.String() != want {
		t.Errorf("got %q, want %q", errs.String(), want)
	}
	errs.Reset()
	v.Diagnostics(diag.Diagnostics{{Summary: "Something", Detail: "Else."}})
	if !strings.HasPrefix(errs.String(), wiped) {
		t.Errorf("the line stays before a diagnostic: %q", errs.String())
	}
	v.Probe(steps[0])
	errs.Reset()
	v.Info("Done.")
	if errs.String() != wiped || out.String() != "Done.\n" {
		t.Errorf("the line stays before a line: %q", errs.String())
	}
}

func TestProbeJSON(t *testing.T) {
	var out bytes.Buffer
	v := view.NewJSON(view.Options{Out: &out})
	for _, p := range probeSteps() {
		v.Probe(p)
	}
	v.Close(0)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	s := schematest.Strict(t, "ui")
	for _, line := range lines {
		if err := s.Check([]byte(line)); err != nil {
			t.Error(err)
		}
	}
	want := `"probe":{"server":"PS010","phase":"hashing","packages":42,"files":126,"files_done":12,"bytes_done":7623567000,` +
		`"bytes_total":13314398617,"elapsed_seconds":580,"eta_seconds":420},"type":"probe_progress"}`
	if len(lines) != 5 || !strings.HasSuffix(lines[2], want) {
		t.Errorf("got %s", out.String())
	}
}

package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestWhatBecameOfARebuild: that a preboot configuration was rebuilt cannot be seen.
// Two are rebuilt at once. After a crash between the request and its answer a person is asked; where nobody
// can be, the step ends as unknown, and nothing is asked for twice.
func TestWhatBecameOfARebuild(t *testing.T) {
	t.Parallel()
	count := exampleIn(t, "new-smp")
	_, _, errs := process(t, count, "count", "apply", "-auto-approve")
	at := regexp.MustCompile(`(?m)^REQUEST (\d+) rebuild`).FindStringSubmatch(errs)
	if at == nil {
		t.Fatalf("nothing was rebuilt:\n%s", errs)
	}
	for _, c := range []struct {
		name, answer string
		terminal     bool
		code         int
		asks         bool // for the rebuild again
	}{
		{"it was done", "done\ndone\n", true, exitSuccess, false},
		{"it was not done", "not done\nnot done\n", true, exitSuccess, true},
		{"who knows", "?\n?\n", true, exitStepsFailed, false},
		{"an answer that does not come", "", true, exitStepsFailed, false},
		{"nobody is there", "", false, exitStepsFailed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := exampleIn(t, "new-smp")
			process(t, dir, "kill after request "+at[1], "apply", "-auto-approve")
			var out bytes.Buffer
			var rebuilt watched
			broken := &breakage{told: &rebuilt}
			code := Main(context.Background(), IO{
				Args: []string{"apply", "-auto-approve"}, Dir: dir, Stdin: strings.NewReader(c.answer), Stdout: &out, Stderr: &out,
				Terminal: Terminal{In: c.terminal}, hooks: broken.hooks(),
			})
			if code != c.code {
				t.Errorf("exit code %d, want %d:\n%s", code, c.code, out.String())
			}
			if asked := strings.Contains(out.String(), "Was it done?"); asked != c.terminal {
				t.Errorf("asked: %v, want %v:\n%s", asked, c.terminal, out.String())
			}
			if again := strings.Contains(rebuilt.String(), "rebuild"); again != c.asks {
				t.Errorf("asked for the rebuild again: %v, want %v", again, c.asks)
			}
		})
	}
}

// TestTornJournal: a crash in the middle of a write leaves half a line. It does not
// count, and the run goes on.
func TestTornJournal(t *testing.T) {
	t.Parallel()
	for n := 2; n <= 8; n += 2 {
		dir := exampleIn(t, "")
		process(t, dir, "kill after record "+strconv.Itoa(n), "apply", "-auto-approve")
		found, err := filepath.Glob(filepath.Join(dir, ".pslan", "runs", "*.jsonl"))
		if err != nil || len(found) != 1 {
			t.Fatalf("journals: %v, %v", found, err)
		}
		text, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(found[0], text[:len(text)-7], 0o666); err != nil {
			t.Fatal(err)
		}
		if code, out, errs := pslan(dir, "status"); code != 0 || !strings.Contains(out, ": interrupted\n") {
			t.Errorf("status ends with %d:\n%s%s", code, out, errs)
		}
		if code, out, errs := pslan(dir, "wait"); code != exitError {
			t.Errorf("wait ends with %d after a crash:\n%s%s", code, out, errs)
		}
		if code, out, errs := pslan(dir, "apply", "-auto-approve"); code != 0 || !strings.Contains(out, "was interrupted, is gone on with") {
			t.Errorf("run again it ends with %d:\n%s%s", code, out, errs)
		}
	}
}

// FuzzMoves: whatever lies in moves.json, it is read or refused, and what was read
// is written and read the same.
func FuzzMoves(f *testing.F) {
	f.Add([]byte(`{"format_version":"1.0","moves":[{"image":"6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001","middle":"PS009","to":"PS010"}]}`))
	f.Add([]byte(`{"moves":[{"image":"","middle":"","to":""}]}`))
	f.Add([]byte("no"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, movesName)
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		moves, err := decodeMoves(path)
		if err != nil {
			return
		}
		a := &app{dir: dir, env: environ{"PSLAN_DATA_DIR=" + dir}}
		merged := mergeMoves(nil, moves)
		if err := a.writeMoves(merged); err != nil {
			t.Fatal(err)
		}
		again, err := decodeMoves(path)
		if err != nil || len(again) != len(merged) {
			t.Fatalf("%d moves were written, and %d read back: %v", len(merged), len(again), err)
		}
		for i := range again {
			if again[i] != merged[i] {
				t.Fatalf("%+v was written, %+v read back", merged[i], again[i])
			}
		}
	})
}

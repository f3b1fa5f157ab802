package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pslan/internal/lab"
	"pslan/internal/platform"
)

// The test binary is also pslan itself, so that a run can be killed as a process:
// where crashVariable is set it behaves as the program, and dies where it says.
// The program knows nothing of the variable.
const crashVariable = "PSLAN_TEST_PROCESS"

func TestMain(m *testing.M) {
	if where := os.Getenv(crashVariable); where != "" {
		os.Exit(asProgram(where))
	}
	os.Exit(m.Run())
}

// asProgram is cmd/pslan with something broken under it.
func asProgram(where string) int {
	dir, err := os.Getwd()
	if err != nil {
		return exitError
	}
	return Main(context.Background(), IO{
		Args: os.Args[1:], Env: os.Environ(), Dir: dir, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		hooks: breaking(where),
	})
}

// process runs pslan in a folder as a process of its own.
func process(t *testing.T, dir, where string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Dir, c.Env = dir, append(os.Environ(), crashVariable+"="+where)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

// exampleIn writes an example out and changes texts in its files.
func exampleIn(t *testing.T, name string, change ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files, err := startingFiles(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		if strings.HasSuffix(files[i].name, ".hcl") {
			files[i].text = []byte(strings.NewReplacer(change...).Replace(string(files[i].text)))
		}
	}
	if err := writeNew(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// endState is what a lab has come to: who owns what, what is assigned where, and
// every file on every disk by hash.
func endState(t *testing.T, dir string) map[string]string {
	t.Helper()
	root := filepath.Join(dir, ".pslan", "lab")
	state := map[string]string{}
	for _, sub := range []string{"servers", "locations"} {
		err := filepath.WalkDir(filepath.Join(root, sub), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "snapshot.xml" { // snapshots carry times
				return err
			}
			text, err := os.ReadFile(path)
			sum := sha256.Sum256(text)
			rel, _ := filepath.Rel(root, path)
			state[filepath.ToSlash(rel)] = hex.EncodeToString(sum[:8])
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	l, err := lab.Open(lab.Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e, err := l.ReadEstate(context.Background(), platform.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range e.Images {
		img := &e.Images[i]
		names := e.NameAssignment(&img.Assignment)
		state["image "+img.Name] = e.ServerName(img.Owner) + " " + assignmentWords(&names)
	}
	for i := range e.Servers {
		state["server "+e.Servers[i].Name] = "listed"
	}
	return state
}

// mustEndAs holds a lab against the end state of an uninterrupted run.
func mustEndAs(t *testing.T, what, dir string, want map[string]string) {
	t.Helper()
	got := endState(t, dir)
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			t.Errorf("%s: %s is %q, uninterrupted it is %q", what, k, got[k], want[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, known := want[k]; !known {
			t.Errorf("%s: %s is there, uninterrupted it is not", what, k)
		}
	}
	if code, out, errs := pslan(dir, "plan", "-detailed-exitcode"); code != 0 || !strings.Contains(out, "No changes. ") {
		t.Errorf("%s: a plan afterwards ends with %d:\n%s%s", what, code, out, errs)
	}
}

// crashCases are the examples that are killed everywhere: one that takes every step
// once, and one that goes through a middle server and retires two.
var crashCases = []struct{ name, example string }{{"one move", ""}, {"two hops", "owner-off"}}

// TestKilledAnywhere kills a run after every journal record, and between every
// request and its answer, and runs it again: to the same end.
func TestKilledAnywhere(t *testing.T) {
	for _, c := range crashCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := exampleIn(t, c.example)
			code, out, errs := process(t, dir, "count", "apply", "-auto-approve")
			if code != 0 {
				t.Fatalf("exit code %d:\n%s%s", code, out, errs)
			}
			records, requests := counted(t, errs)
			want := endState(t, dir)
			// Between a record and the next one or a request nothing is written, so what is
			// before a write is after the one before it.
			points := []string{"kill before record 1"}
			for n := 1; n <= records; n++ {
				points = append(points, "kill after record "+strconv.Itoa(n))
			}
			for n := 1; n <= requests; n++ {
				points = append(points, "kill after request "+strconv.Itoa(n))
			}
			for _, point := range points {
				dir := exampleIn(t, c.example)
				if code, out, errs := process(t, dir, point, "apply", "-auto-approve"); code == 0 {
					t.Fatalf("%s: it was not killed:\n%s%s", point, out, errs)
				}
				if code, out, errs := pslan(dir, "apply", "-auto-approve"); code != 0 {
					t.Errorf("%s: run again it ends with %d:\n%s%s", point, code, out, errs)
					continue
				}
				mustEndAs(t, point, dir, want)
			}
			t.Logf("killed at %d places: %d journal writes, %d requests", len(points), records, requests)
		})
	}
}

// TestKilledAgainAndAgain kills every run a little later than the one before.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	clean := exampleIn(t, "owner-off")
	if code, out, errs := pslan(clean, "apply", "-auto-approve"); code != 0 {
		t.Fatalf("exit code %d:\n%s%s", code, out, errs)
	}
	dir := exampleIn(t, "owner-off")
	runs := 0
	for code := -1; code != 0; runs++ {
		if runs > 60 {
			t.Fatal("it does not come to an end")
		}
		code, _, _ = process(t, dir, "kill after request "+strconv.Itoa(runs+1), "apply", "-auto-approve")
	}
	mustEndAs(t, fmt.Sprintf("killed %d times", runs-1), dir, endState(t, clean))
}

// TestJournalThatCannotBeWritten: a disk that is full, and one that does not keep
// what it was given. The run ends before its next write, and the next one goes on.
func TestJournalThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	clean := exampleIn(t, "")
	code, out, errs := process(t, clean, "count", "apply", "-auto-approve")
	if code != 0 {
		t.Fatalf("exit code %d:\n%s%s", code, out, errs)
	}
	records, _ := counted(t, errs)
	want := endState(t, clean)
	for n := 1; n <= records; n++ {
		for _, how := range []string{"full at record ", "unsynced at record "} {
			point := how + strconv.Itoa(n)
			dir := exampleIn(t, "")
			code, out, errs := process(t, dir, point, "apply", "-auto-approve")
			if code != exitError || !strings.Contains(errs, "ournal") {
				t.Fatalf("%s: exit code %d, want 1:\n%s%s", point, code, out, errs)
			}
			if strings.Contains(errs, "REQUEST AFTER") {
				t.Errorf("%s: something was asked for after that:\n%s", point, errs)
			}
			if code, out, errs := pslan(dir, "apply", "-auto-approve"); code != 0 {
				t.Errorf("%s: run again it ends with %d:\n%s%s", point, code, out, errs)
				continue
			}
			mustEndAs(t, point, dir, want)
		}
	}
}

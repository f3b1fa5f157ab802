package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/lab/serve"
)

var copiesBlock = regexp.MustCompile(`  rows "copies" \{\n.*?\n  \}\n`)

// printing has the package servers of an example over the wire print their copies, by a
// task, in place of the report of the SMP. more are further lines of the block.
func printing(t *testing.T, example string, dialect []string, more ...string) *wired {
	t.Helper()
	w := overWire(t, example, dialect)
	main := filepath.Join(w.dir, "pslan.hcl")
	text, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	if !copiesBlock.Match(text) {
		t.Fatal("there are no rows copies")
	}
	block := "  rows \"copies\" {\n    task = \"" + serve.PackageListTask + "\"\n    wait = \"1m\"\n" + strings.Join(more, "") + "  }\n"
	w.write("pslan.hcl", copiesBlock.ReplaceAllLiteralString(string(text), block))
	return w
}

// lists counts the runs of the task that were started.
func (w *wired) lists() (n int) {
	for _, call := range w.server.Journal() {
		if strings.HasPrefix(call.Method, "ExecuteTask") && call.Arg("taskGuid") == serve.PackageListTask {
			n++
		}
	}
	return n
}

// originators has an owner told by the location and by what package servers hold for the
// originator, and by nothing else.
func (w *wired) originators() {
	w.inConnection("  owner {\n    sources = [\"location\", \"originator\"]\n  }\n")
}

// TestPlansByPrintedLists: what package servers print about their copies leads to the
// plan that the report of the SMP leads to, after one run of the task.
func TestPlansByPrintedLists(t *testing.T) {
	for _, name := range wiredExamples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, printed := overWire(t, name, nil).plan(), printing(t, name, nil)
			got := printed.plan()
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("-report +lists:\n%s", diff)
			}
			if n := printed.lists(); n != 1 {
				t.Errorf("%d runs were started", n)
			}
		})
	}
}

// TestOwnersByOriginator: location and originator agree on the owner of everything that
// has a package, and the plan is that of all sources.
func TestOwnersByOriginator(t *testing.T) {
	for _, name := range []string{"retire-ps008", "owner-off", "new-smp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := printing(t, name, nil)
			w.originators()
			want, got := beside(t, name).plan(), w.plan()
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("-lab +originators:\n%s", diff)
			}
		})
	}
}

// TestEndsByPrintedLists: an apply that sees owners by what package servers print ends
// as one on the lab does, and its polls ask few servers, and seldom.
func TestEndsByPrintedLists(t *testing.T) {
	for _, name := range []string{"retire-ps008", "empty-copy"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, here := printing(t, name, nil), beside(t, name)
			w.originators()
			wantCode, wantLine := here.applied()
			code, line := w.applied()
			if code != wantCode || line != wantLine {
				t.Errorf("%d %q, want %d %q", code, line, wantCode, wantLine)
			}
			if diff := cmp.Diff(here.ends(), w.ends()); diff != "" {
				t.Errorf("-lab +lists:\n%s", diff)
			}
			if runs, calls := w.lists(), len(w.server.Journal()); runs < 2 || runs > calls/20 {
				t.Errorf("%d runs were started in %d calls", runs, calls)
			}
		})
	}
}

// TestPrintedListsGoWrong: plan says what is wrong with a list and what to do, and goes on
// with the other servers.
func TestPrintedListsGoWrong(t *testing.T) {
	for _, c := range []struct{ dialect, more, want string }{
		{"list_faults.PS010=failed", "", "PS010 (the task failed there with the code -1;"},
		{"list_faults.PS010=never", "    max_age = \"1h\"\n", "PS010 (it has not run the task within 1m;"},
		{"list_faults.PS010=com", "", "PS010 (the script cannot create the agent's object Altiris.AeXNSClient:"},
		{"task_output=cut", "", "PS010 (its output is cut off after "},
		{"task_output=version", "", "PS010 (its script is version 2, and this pslan reads version 1;"},
		{"task_output=shuffled", "", ""},
	} {
		t.Run(c.dialect, func(t *testing.T) {
			t.Parallel()
			w := printing(t, "empty-copy", []string{c.dialect}, c.more)
			if strings.HasSuffix(c.dialect, "never") {
				w.replace("wait = \"1m\"", "wait = \"2s\"")
				c.want = strings.Replace(c.want, "1m", "2s", 1)
			}
			code, out := w.run("plan")
			if code != exitSuccess && code != exitBlocked || strings.Contains(out, "bug in pslan") {
				t.Errorf("exit code %d:\n%s", code, out)
			}
			said := strings.Join(strings.Fields(out), " ")
			if warned := strings.Contains(said, "Package servers whose package list cannot be used"); warned != (c.want != "") || !strings.Contains(said, c.want) {
				t.Errorf("%q is not in:\n%s", c.want, out)
			}
		})
	}
}

// TestNoTaskToPrint: where the task cannot be run, nothing is planned.
func TestNoTaskToPrint(t *testing.T) {
	w := printing(t, "empty-copy", []string{"denied=TaskManagementService"})
	code, out := w.run("plan")
	if code != exitError || !strings.Contains(out, "copies") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// TestDoctorRunsTasks: only a flag of its own has the doctor run the task.
func TestDoctorRunsTasks(t *testing.T) {
	w := printing(t, "retire-ps008", nil)
	code, out := w.run("doctor")
	if code != exitSuccess || w.lists() != 0 || !strings.Contains(out, "pslan doctor -run-tasks") {
		t.Errorf("exit code %d, %d runs:\n%s", code, w.lists(), out)
	}
	w.plan()
	code, out = w.run("doctor", "-run-tasks")
	if code != exitSuccess || w.lists() != 2 || !strings.Contains(out, "printed 12 packages") {
		t.Errorf("exit code %d, %d runs:\n%s", code, w.lists(), out)
	}
}

// TestRefreshOverThePersistentConnection: an apply that refreshes package servers over it
// ends as one on the lab does; where the platform has no methods for it, nothing is
// changed.
func TestRefreshOverThePersistentConnection(t *testing.T) {
	const at = "    task = \"" + serve.RefreshTask + "\"\n"
	w, here := overWire(t, "retire-ps008", nil), beside(t, "retire-ps008")
	w.replace(at, at+"    persistent_connection = true\n")
	wantCode, wantLine := here.applied()
	if code, line := w.applied(); code != wantCode || line != wantLine {
		t.Errorf("%d %q, want %d %q", code, line, wantCode, wantLine)
	}
	if diff := cmp.Diff(here.ends(), w.ends()); diff != "" {
		t.Errorf("-lab +wire:\n%s", diff)
	}
	used := false
	for _, call := range w.server.Journal() {
		used = used || strings.HasPrefix(call.Method, "ExecuteTCMTask")
		if strings.HasPrefix(call.Method, "ExecuteTask") {
			t.Errorf("%s was called", call)
		}
	}
	if !used {
		t.Error("nothing went over the persistent connection")
	}
	old := overWire(t, "retire-ps008", []string{"missing_methods=ExecuteTCMTask,GetTCMTaskStatus,GetTCMTaskResults"})
	old.replace(at, at+"    persistent_connection = true\n")
	code, out := old.run("apply", "-auto-approve")
	if code != exitError || !strings.Contains(strings.Join(strings.Fields(out), " "), "it cannot hand out tasks over the persistent connection") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	for _, call := range old.server.Journal() {
		if call.Changes {
			t.Errorf("it changed something: %s", call)
		}
	}
}

// replace changes the configuration.
func (w *wired) replace(old, with string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "pslan.hcl"))
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		w.t.Fatalf("%q is not in the configuration", old)
	}
	w.write("pslan.hcl", strings.Replace(string(text), old, with, 1))
}

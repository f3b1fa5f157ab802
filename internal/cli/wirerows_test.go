package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pslan/internal/lab/serve"
)

// rowsWire is steeredWire where rows "assignments" tell assignments, as the settings of
// the connection say: service, rows, or file for rows that a file holds.
func rowsWire(t *testing.T, example string, by string, settings ...string) *wired {
	t.Helper()
	d, err := serve.ParseDialect(settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := overWire(t, example, settings, append(slices.Clone(untoldKinds), "assignments")...)
	w.steer(d)
	main := filepath.Join(w.dir, "pslan.hcl")
	text, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	hcl := string(text)
	switch by {
	case "rows":
		hcl = strings.Replace(hcl, "\n  refresh {", "\n  packages {\n    assignments = \"rows\"\n  }\n\n  refresh {", 1)
	case "file":
		at := strings.Index(hcl, `rows "assignments" {`)
		before, after, ok := strings.Cut(hcl[at:], "report = ")
		_, after, _ = strings.Cut(after, "\n")
		if !ok {
			t.Fatal("there are no rows of assignments")
		}
		hcl = hcl[:at] + before + "csv = \"assignments.csv\"\n" + after
		w.write("assignments.csv", "package;mode;member\n")
	}
	if by != "service" && hcl == string(text) {
		t.Fatal("the connection was not changed")
	}
	w.write("pslan.hcl", hcl)
	return w
}

// TestRowsEndAsServices: an apply that takes assignments from rows comes to the plan and
// to the end that the lab comes to, also where the rows lag behind what is written, and
// where they contradict the services.
func TestRowsEndAsServices(t *testing.T) {
	for _, name := range []string{"retire-ps008", "narrowed-assignment", "owner-off", "empty-copy"} {
		want := onLab(t, name)
		for _, settings := range []string{"", "report_lag.assignments=30s", "report_lag.assignments=48h", "assignment_rows=short", "assignment_rows=all"} {
			t.Run(name+"/"+settings, func(t *testing.T) {
				t.Parallel()
				var dialect []string
				if settings != "" {
					dialect = []string{settings}
				}
				rowsWire(t, name, "rows", dialect...).same(want)
			})
		}
	}
}

// calls counts the calls of a command, by method.
func (w *wired) calls(args ...string) map[string]int {
	w.t.Helper()
	before := len(w.server.Journal())
	w.run(args...)
	counts := map[string]int{}
	for _, c := range w.server.Journal()[before:] {
		counts[strings.TrimSuffix(c.Method, "X")]++
	}
	return counts
}

// TestCallsOfPlans counts what a plan of the large example asks for: by the service, by
// the rows of a report, and by those of a file, which is not live and does not replace
// the service. Where rows tell assignments these are the packages that the plan concerns,
// and a sample.
func TestCallsOfPlans(t *testing.T) {
	want := beside(t, largeExample).plan()
	concerned := map[string]bool{}
	for _, s := range want.Steps {
		if strings.HasPrefix(s.Address, "image") {
			concerned[s.Address] = true
		}
	}
	const sample, images = 9, 300
	for by, packages := range map[string]int{"service": images, "file": images, "rows": len(concerned) + sample} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			w := rowsWire(t, largeExample, by)
			got := w.calls("plan")
			if n := got["GetPackage"]; n < packages || n > packages+sample { // links are looked for besides
				t.Errorf("%d packages were asked for, want %d: %v", n, packages, got)
			}
			if id := w.plan().ID; id != want.ID {
				t.Errorf("plan ID %s, want %s", id, want.ID)
			}
		})
	}
}

// TestCallsOfApplies: an apply asks for fewer packages where rows tell assignments, and
// for those that it writes in any case. How often it looks is left to time.
func TestCallsOfApplies(t *testing.T) {
	const name = "retire-ps008"
	want := onLab(t, name)
	asked := map[string]int{}
	for _, by := range []string{"service", "file", "rows"} {
		w := rowsWire(t, name, by)
		got := w.calls("apply", "-auto-approve")
		if w.plan().ID != want.rest {
			t.Errorf("%s comes to another end", by)
		}
		asked[by] = got["GetPackage"]
		if 2*got["SetPackageServerSettings"] > asked[by] {
			t.Errorf("%s: %v: a package was written and not read", by, got)
		}
	}
	if asked["rows"] >= asked["service"] || asked["rows"] >= asked["file"] {
		t.Errorf("packages asked for: %v", asked)
	}
}

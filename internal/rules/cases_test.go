package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pslan/internal/finding"
	"pslan/internal/rules"
)

// ruleCase is a world in which a rule fires, or does not.
type ruleCase struct {
	code  finding.Code
	name  string
	fires bool
	build func(w *world)
}

const (
	fires = true
	quiet = false
)

func allCases() []ruleCase {
	return slices.Concat(casesOfCopies(), casesOfLoss(), casesOfAssignments(), casesOfServers(), casesOfKinds(), casesOfRuns())
}

// TestRules runs every case and holds what the rule says, word for word, against
// testdata/CODE.golden.
func TestRules(t *testing.T) {
	golden := map[finding.Code]*strings.Builder{}
	counts := map[finding.Code][2]int{}
	for _, c := range allCases() {
		w := newWorld()
		c.build(w)
		all, _ := w.run()
		var own []finding.Finding
		for _, f := range all {
			if f.Code == c.code {
				own = append(own, f)
			}
		}
		if c.fires != (len(own) > 0) {
			t.Errorf("%s, %s: fires is %v, want %v; all findings:\n%s", c.code, c.name, len(own) > 0, c.fires, written(all))
		}
		n := counts[c.code]
		if c.fires {
			n[0]++
			if golden[c.code] == nil {
				golden[c.code] = &strings.Builder{}
			}
			fmt.Fprintf(golden[c.code], "== %s\n%s", c.name, written(own))
		} else {
			n[1]++
		}
		counts[c.code] = n
	}
	for _, r := range rules.All() {
		if r.Code == "PSL601" {
			continue // made by Stale, which has a test of its own
		}
		if n := counts[r.Code]; n[0] == 0 || n[1] == 0 {
			t.Errorf("%s: %d cases in which it fires and %d in which it does not; want at least one of each", r.Code, n[0], n[1])
			continue
		}
		compareGolden(t, filepath.Join("testdata", string(r.Code)+".golden"), golden[r.Code].String())
	}
}

// written is everything that a finding says.
func written(fs []finding.Finding) string {
	var b strings.Builder
	for i := range fs {
		f := &fs[i]
		fmt.Fprintf(&b, "%s: %s [%s] %s", f.Severity, f.Title, f.Code, f.Address)
		if f.Server != "" {
			fmt.Fprintf(&b, " on %s", f.Server)
		}
		if f.Blocks {
			b.WriteString(" (blocks)")
		}
		if f.Acked != nil {
			fmt.Fprintf(&b, " (acknowledged: %s)", f.Acked.Reason)
		}
		if !f.Range.IsZero() {
			fmt.Fprintf(&b, "\nat %s line %d", f.Range.Filename, f.Range.Start.Line)
			if f.In != "" {
				fmt.Fprintf(&b, ", in %s", f.In)
			}
		}
		fmt.Fprintf(&b, "\n%s\nFix: %s\n\n", f.Detail, f.Fix)
	}
	return b.String()
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if w := strings.ReplaceAll(string(want), "\r\n", "\n"); w != got {
		t.Errorf("%s:\ngot:\n%s\nwant:\n%s", path, got, w)
	}
}

package cli

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pslan/examples"
	"pslan/internal/schematest"
)

// TestStreamDocuments holds what is written for programs of every example against the
// schemas, strictly: the streams of validate, plan, apply and a second plan, the plan
// document beside them, and the estate that comes of it. An end that is not well counts as well.
func TestStreamDocuments(t *testing.T) {
	t.Parallel()
	ui, plan, check, estate := schematest.Strict(t, "ui"), schematest.Strict(t, "plan"), schematest.Strict(t, "validate"), schematest.Strict(t, "estate")
	for _, name := range examples.OnLab() {
		if name == largeExample { // takes long, and says the same
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := exampleIn(t, name)
			kinds := map[string]bool{}
			stream := func(args ...string) {
				t.Helper()
				_, out, _ := pslan(dir, args...)
				for line := range strings.Lines(out) {
					valid(t, ui, []byte(line))
					var l struct{ Type string }
					if err := json.Unmarshal([]byte(line), &l); err != nil {
						t.Fatal(err)
					}
					kinds[l.Type] = true
				}
			}
			_, out, _ := pslan(dir, "validate", "-json")
			valid(t, check, []byte(out))
			stream("plan", "-json", "-json-into=plan.json")
			document, err := os.ReadFile(filepath.Join(dir, "plan.json"))
			if err != nil {
				t.Fatal(err)
			}
			valid(t, plan, document)
			stream("apply", "-json", "-approve=safe")
			stream("apply", "-json", "-auto-approve")
			stream("plan", "-json")
			for _, kind := range []string{"version", "planned_change", "change_summary", "apply_start", "apply_complete", "run_summary"} {
				if !kinds[kind] {
					t.Errorf("no line of type %s among %v", kind, slices.Sorted(maps.Keys(kinds)))
				}
			}
			if code, _, errs := pslan(dir, "snapshot", "-out=estate.json", "-verify=hash"); code != 0 {
				t.Fatal(errs)
			}
			document, err = os.ReadFile(filepath.Join(dir, "estate.json"))
			if err != nil {
				t.Fatal(err)
			}
			valid(t, estate, document)
		})
	}
}

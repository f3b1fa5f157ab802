package estatefile

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"pslan/internal/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestProblems holds what is said of broken files against testdata/problems.txtar.
func TestProblems(t *testing.T) {
	path := filepath.Join("testdata", "problems.txtar")
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		in, want := &archive.Files[i], &archive.Files[i+1]
		name := strings.TrimSuffix(in.Name, ".json")
		t.Run(name, func(t *testing.T) {
			text := in.Data
			if strings.HasPrefix(name, "truncated") {
				text = bytes.TrimSuffix(text, []byte("\n"))
			}
			e, diags := Read(bytes.NewReader(text), "estate.json")
			if (e == nil) != diags.HasErrors() {
				t.Errorf("an estate is given: %v, errors: %v", e != nil, diags.HasErrors())
			}
			got := rendered(diags)
			if *update {
				want.Data = []byte(got)
				return
			}
			if d := cmp.Diff(string(want.Data), got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// rendered shows everything in a diagnostic: place, title, thing, source, detail.
func rendered(diags diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s: %s: %s", d.Subject, d.Severity, d.Summary)
		if d.In != "" {
			fmt.Fprintf(&b, " (in %s)", d.In)
		}
		b.WriteByte('\n')
		if d.Source != "" {
			from := max(d.SourceFrom, 1)
			fmt.Fprintf(&b, "  | %s\n  | %s^\n", d.Source, strings.Repeat(" ", int(d.Subject.Start.Column-from)))
		}
		fmt.Fprintf(&b, "  %s\n", d.Detail)
	}
	return b.String()
}

package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/diag"
	"pslan/internal/finding"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// testRules are a few findings with the floors of the real ones.
var testRules = []RuleInfo{
	{"PSL101", finding.Error}, {"PSL201", finding.Error}, {"PSL303", finding.Unset}, {"PSL305", finding.Unset}, {"PSL405", finding.Error},
}

// writeFolder makes a folder of files, given as name and text in turn.
func writeFolder(t testing.TB, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, filepath.FromSlash(files[i]))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readText(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// render shows diagnostics as the golden files have them.
func render(diags diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s: %s", d.Severity, d.Summary)
		if d.In != "" {
			fmt.Fprintf(&b, " (in %s)", d.In)
		}
		fmt.Fprintf(&b, "\n  %s", d.Subject)
		if d.Source != "" {
			fmt.Fprintf(&b, ": %s", strings.TrimSpace(d.Source))
		}
		fmt.Fprintf(&b, "\n  %s\n\n", strings.ReplaceAll(d.Detail, "\n", "\n  "))
	}
	return b.String()
}

// TestMistakes holds a page of typical mistakes against what is said of each. Files
// named bare_* stand alone; the others have the connection and servers of base.hcl
// beside them.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.hcl")
	if err != nil || len(files) == 0 {
		t.Fatal("no mistakes found:", err)
	}
	base := readText(t, "testdata/base.hcl")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".hcl")
		t.Run(name, func(t *testing.T) {
			folder := []string{name + ".hcl", readText(t, file)}
			if !strings.HasPrefix(name, "bare_") {
				folder = append(folder, "base.hcl", base)
			}
			_, diags := Load(Options{Dir: writeFolder(t, folder...), Rules: testRules, Version: "0.1.0-dev"})
			compareGolden(t, strings.TrimSuffix(file, ".hcl")+".golden", render(diags))
		})
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(readText(t, path), got); diff != "" {
		t.Errorf("%s (-want +got), rewrite with -update:\n%s", path, diff)
	}
}

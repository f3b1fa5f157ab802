package view_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/view"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden holds text against testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run the test with -update:\n%s", path, diff)
	}
}

// streams catches what a view writes.
type streams struct{ out, err bytes.Buffer }

func (s *streams) options() view.Options {
	return view.Options{
		Out: &s.out, Err: &s.err, Version: "0.1.0",
		Now:    func() time.Time { return time.Date(2026, 11, 22, 10, 0, 7, 123456000, time.UTC) },
		Source: source,
	}
}

// source is the file that the samples' places are in.
func source(filename string, line int) (string, bool) {
	if filename != "images.hcl" {
		return "", false
	}
	switch line {
	case 12:
		return "  owner = package_server.ps010", true
	case 20:
		return `  acknowledge "PSL303" {`, true
	case 40:
		return "  owner = package_server.ps010", true
	}
	return "", false
}

// visible writes escape characters so that a golden file can be read.
func visible(s string) string { return strings.ReplaceAll(s, "\x1b", "␛") }

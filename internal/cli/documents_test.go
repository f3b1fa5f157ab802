package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/schematest"
)

// TestRunDocuments holds what status and runs write with -json, and the journal and the
// lock that they read, against the schemas: after a crash, a pause, and an end.
func TestRunDocuments(t *testing.T) {
	t.Parallel()
	runs, records, lock := schematest.Strict(t, "runs"), schematest.Strict(t, "journal"), schematest.Strict(t, "lock")
	document := func(dir string, says string, args ...string) {
		t.Helper()
		code, out, errs := pslan(dir, args...)
		if code != 0 {
			t.Fatalf("%v ends with %d:\n%s", args, code, errs)
		}
		valid(t, runs, []byte(out))
		if !strings.Contains(out, says) {
			t.Errorf("%v does not say %s:\n%s", args, says, out)
		}
	}
	dir := exampleIn(t, "")
	document(dir, `"run": null`, "status", "-json")
	document(dir, `"runs": []`, "runs", "list", "-json")
	process(t, dir, "kill after record 5", "apply", "-auto-approve")
	held, err := os.ReadFile(filepath.Join(dir, ".pslan", lockName))
	if err != nil {
		t.Fatal(err)
	}
	valid(t, lock, held)
	document(dir, `"state": "interrupted"`, "status", "-json")
	document(dir, `"state": "dead"`, "status", "-json")
	if code, out, errs := pslan(dir, "apply", "-approve=safe"); code != exitWorkRemains {
		t.Fatalf("it ends with %d:\n%s%s", code, out, errs)
	}
	document(dir, `"state": "paused"`, "status", "-json")
	document(dir, `"lock": null`, "status", "-json")
	if code, out, errs := pslan(dir, "apply", "-auto-approve"); code != 0 {
		t.Fatalf("it ends with %d:\n%s%s", code, out, errs)
	}
	document(dir, `"state": "finished"`, "runs", "list", "-json")
	found, err := filepath.Glob(filepath.Join(dir, ".pslan", runsName, "*"+journalSuffix))
	if err != nil || len(found) != 1 {
		t.Fatalf("journals: %v, %v", found, err)
	}
	document(dir, `"state": "observed"`, "runs", "show", "-json", strings.TrimSuffix(filepath.Base(found[0]), journalSuffix))
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		valid(t, records, line)
	}
}

func valid(t *testing.T, s schematest.Schema, text []byte) {
	t.Helper()
	if err := s.Check(text); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

package config

import (
	"os"
	"path/filepath"
	"testing"
)

// fuzzLoad loads one file and checks what holds whatever is in it: no panic, places
// inside the file, the same again.
func fuzzLoad(t *testing.T, name string, text []byte) {
	dir := t.TempDir()
	const base = "connection \"lab\" {}\nvariable \"v\" {\n  type = any\n  default = null\n}\nvariable \"n\" {\n  type = number\n  default = 1\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "base.hcl"), []byte(base), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
		t.Fatal(err)
	}
	opts := Options{Dir: dir, Rules: testRules, Version: "0.1.0"}
	l, diags := Load(opts)
	for _, d := range diags {
		if d.Subject.Filename == name && (int(d.Subject.Start.Byte) > len(text) || d.Subject.Start.Line < 1) {
			t.Fatalf("place outside of the file: %s", d.Subject)
		}
		if d.Summary == "" || d.Detail == "" {
			t.Fatalf("empty diagnostic: %+v", d)
		}
	}
	if !diags.HasErrors() {
		if _, diags := l.EvalChecks(twoServers()); l.Declared.Content != nil && !diags.HasErrors() {
			l.ContentRoot("PS010", "ps010")
		}
	}
	if _, again := Load(opts); render(again) != render(diags) {
		t.Fatalf("first:\n%s\nthen:\n%s", render(diags), render(again))
	}
}

func FuzzNative(f *testing.F) {
	f.Add([]byte(readText(f, "testdata/whole/main.hcl")))
	files, _ := filepath.Glob("testdata/mistakes/*.hcl")
	for _, file := range files {
		f.Add([]byte(readText(f, file)))
	}
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "fuzz.hcl", text) })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(readText(f, "testdata/whole/main.hcl.json")))
	f.Add([]byte(`{"image": [{"a": {"name": "${each.key}", "for_each": ["x"]}}], "locals": {"a": "${local.a}"}}`))
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "fuzz.hcl.json", text) })
}

func FuzzValues(f *testing.F) {
	f.Add([]byte("v = [1, \"a\", { b = null }]\nn = \"5\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "pslan.vars.hcl", text) })
}

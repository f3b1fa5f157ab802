package view_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"pslan/internal/diag"
	"pslan/internal/view"
)

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s.Validate(doc)
}

func TestSchemaDescribesTheLines(t *testing.T) {
	s := schema(t, "ui.schema.json")
	for line := range strings.SplitSeq(strings.TrimSuffix(stream(), "\n"), "\n") {
		if err := check(t, s, line); err != nil {
			t.Errorf("%v\n%s", err, line)
		}
	}
	const broken = `{"@level":"info","@message":"m","@module":"pslan.ui","@timestamp":"2026-11-22T10:00:07.123456Z","type":"run_summary"}`
	if check(t, s, broken) == nil {
		t.Error("a run_summary without exit code is accepted")
	}
}

func TestSchemaDescribesRuns(t *testing.T) {
	s := strictSchema(t, "runs.schema.json")
	code := 0
	whole := view.Run{
		ID: "run-1", State: view.RunFinished, User: "u", Host: "h", PlanID: "sha256:5f0c", StartedAt: runAt, EndedAt: &runAt, ExitCode: &code,
		Why: "w", Steps: 2, Done: 1, WaitsFor: []string{"x"},
		Detail: []view.RunStep{{ID: "a", State: "observed", At: runAt, Note: "n"}, {ID: "b", State: view.NotBegun}},
	}
	bare := view.Run{ID: "run-2", State: view.RunRunning, StartedAt: runAt}
	lock := view.RunLock{ID: "L", State: view.LockHeld, StartedAt: runAt, Heartbeat: runAt}
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return view.WriteRunsJSON(b, nil) },
		func(b *bytes.Buffer) error { return view.WriteRunsJSON(b, []view.Run{whole, bare}) },
		func(b *bytes.Buffer) error { return view.WriteRunJSON(b, &whole) },
		func(b *bytes.Buffer) error { return view.WriteStatusJSON(b, nil, nil) },
		func(b *bytes.Buffer) error { return view.WriteStatusJSON(b, &bare, &lock) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if err := check(t, s, b.String()); err != nil {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
	for _, broken := range []string{
		`{"format_version":"1.0"}`,
		`{"format_version":"2.0","runs":[]}`,
		`{"format_version":"1.0","run":{"id":"r","state":"asleep","plan_id":"","started_at":"2026-11-22T10:00:00Z","steps":1,"done":0}}`,
		`{"format_version":"1.0","run":null,"lock":{"id":"L"}}`,
	} {
		if check(t, s, broken) == nil {
			t.Errorf("accepted: %s", broken)
		}
	}
}

// strictSchema is a schema that takes no key which it does not name: for what is
// written here, which it must describe in full.
func strictSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var shut func(any)
	shut = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if _, object := v["properties"]; object {
				v["additionalProperties"] = false
			}
			for _, inner := range v {
				shut(inner)
			}
		case []any:
			for _, inner := range v {
				shut(inner)
			}
		}
	}
	shut(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaDescribesValidate(t *testing.T) {
	s := schema(t, "validate.schema.json")
	for _, ds := range []diag.Diagnostics{nil, problems()} {
		var b bytes.Buffer
		if err := view.WriteValidate(&b, ds); err != nil {
			t.Fatal(err)
		}
		if err := check(t, s, b.String()); err != nil {
			t.Error(err)
		}
	}
	if check(t, s, `{"format_version":"1.0","valid":true}`) == nil {
		t.Error("an output without diagnostics is accepted")
	}
}

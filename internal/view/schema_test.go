package view_test

import (
	"bytes"
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

package view_test

import (
	"bytes"
	"strings"
	"testing"

	"pslan/internal/diag"
	"pslan/internal/schematest"
	"pslan/internal/view"
)

func TestSchemaDescribesTheLines(t *testing.T) {
	s := schematest.Strict(t, "ui")
	for line := range strings.SplitSeq(strings.TrimSuffix(stream(), "\n"), "\n") {
		if err := s.Check([]byte(line)); err != nil {
			t.Errorf("%v\n%s", err, line)
		}
	}
	const broken = `{"@level":"info","@message":"m","@module":"pslan.ui","@timestamp":"2026-11-22T10:00:07.123456Z","type":"run_summary"}`
	if s.Check([]byte(broken)) == nil {
		t.Error("a run_summary without exit code is accepted")
	}
}

func TestSchemaDescribesRuns(t *testing.T) {
	s := schematest.Strict(t, "runs")
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
		if err := s.Check(b.Bytes()); err != nil {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
	for _, broken := range []string{
		`{"format_version":"1.0"}`,
		`{"format_version":"2.0","runs":[]}`,
		`{"format_version":"1.0","run":{"id":"r","state":"asleep","plan_id":"","started_at":"2026-11-22T10:00:00Z","steps":1,"done":0}}`,
		`{"format_version":"1.0","run":null,"lock":{"id":"L"}}`,
	} {
		if s.Check([]byte(broken)) == nil {
			t.Errorf("accepted: %s", broken)
		}
	}
}

func TestSchemaDescribesValidate(t *testing.T) {
	s := schematest.Strict(t, "validate")
	for _, ds := range []diag.Diagnostics{nil, problems()} {
		var b bytes.Buffer
		if err := view.WriteValidate(&b, ds); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(b.Bytes()); err != nil {
			t.Error(err)
		}
	}
	if s.Check([]byte(`{"format_version":"1.0","valid":true}`)) == nil {
		t.Error("an output without diagnostics is accepted")
	}
}

package view_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"pslan/internal/view"
	"pslan/internal/view/sample"
)

// stream is all that a JSON view writes in a run with one of everything.
func stream() string {
	var s streams
	v := view.NewJSON(s.options())
	p := sample.Everything()
	for _, kind := range []view.LockKind{view.LockAcquire, view.LockWait, view.LockRelease} {
		v.Lock(view.LockEvent{Kind: kind, Holder: "admin@runner-7"})
	}
	v.Plan(p, view.PlanOptions{SavedTo: "move.plan"})
	for _, e := range history(p) {
		v.Event(e)
	}
	v.ApplyEnd(ends()["incomplete"])
	v.Diagnostics(problems()[:2])
	v.Info("\nSaved the plan to: move.plan\n")
	v.Close(14)
	return s.out.String() + s.err.String()
}

func TestJSONLines(t *testing.T) { golden(t, "stream.jsonl", stream()) }

func TestJSONLinesHaveTheirShape(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(stream(), "\n"), "\n")
	var types []string
	for _, text := range lines {
		var line struct {
			Level     string    `json:"@level"`
			Message   string    `json:"@message"`
			Module    string    `json:"@module"`
			Timestamp time.Time `json:"@timestamp"`
			Type      string    `json:"type"`
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if line.Message == "" || line.Module != "pslan.ui" || line.Timestamp.IsZero() || line.Type == "" {
			t.Errorf("something is missing: %s", text)
		}
		types = append(types, line.Type)
	}
	if types[0] != "version" || types[len(types)-1] != "run_summary" {
		t.Errorf("the stream goes from %s to %s", types[0], types[len(types)-1])
	}
	if text := stream(); strings.Contains(text, `\u003e`) || !strings.Contains(text, "PS008 -> PS010") {
		t.Error("arrows are escaped")
	}
}

// Readers of Terraform's lines read what go-hclog writes: the same keys, the same
// time format.
func TestJSONLinesAreLikeHclog(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 7, 123456000, time.UTC)
	var b bytes.Buffer
	log := hclog.New(&hclog.LoggerOptions{
		Name: "pslan.ui", Output: &b, JSONFormat: true, JSONEscapeDisabled: true, TimeFn: func() time.Time { return at },
	})
	log.Info("Exit code 0", "type", "run_summary", "exit_code", 0)
	var s streams
	v := view.NewJSON(s.options())
	s.out.Reset()
	v.Close(0)
	if got, want := s.out.String(), b.String(); got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

func TestJSONOfAnEmptyPlan(t *testing.T) {
	var s streams
	v := view.NewJSON(s.options())
	v.Plan(sample.Nothing(), view.PlanOptions{})
	v.Close(0)
	golden(t, "stream-nothing.jsonl", s.out.String())
}

package view

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// RunsVersion is the format version of the documents about runs.
const RunsVersion = "1.0"

// RunState is where a run stands.
type RunState string

// The states. A run is interrupted if nobody works on it and its journal was not
// closed: its process was killed.
const (
	RunRunning     RunState = "running"
	RunInterrupted RunState = "interrupted"
	RunPaused      RunState = "paused"
	RunFinished    RunState = "finished"
	RunAbandoned   RunState = "abandoned"
)

// Run is a run as its journal shows it.
type Run struct {
	ID        string    `json:"id"`
	State     RunState  `json:"state"`
	User      string    `json:"user,omitempty"`
	Host      string    `json:"host,omitempty"`
	PlanID    string    `json:"plan_id"`
	StartedAt time.Time `json:"started_at"`
	// EndedAt and ExitCode are those of the closing record; nil where there is none.
	EndedAt  *time.Time `json:"ended_at,omitempty"`
	ExitCode *int       `json:"exit_code,omitempty"`
	// Why says why it was paused or abandoned.
	Why   string `json:"why,omitempty"`
	Steps int    `json:"steps"`
	Done  int    `json:"done"`
	// WaitsFor are the steps under way, with what each waits for.
	WaitsFor []string  `json:"waits_for,omitempty"`
	Detail   []RunStep `json:"detail,omitempty"`
}

// RunStep is one step of a run.
type RunStep struct {
	ID    string    `json:"id"`
	State string    `json:"state"`
	At    time.Time `json:"at,omitzero"`
	Note  string    `json:"note,omitempty"`
}

const runTime = "2006-01-02 15:04:05"

func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(runTime)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return printable(s)
}

// by names who runs a run: user@host.
func (r *Run) by() string {
	switch {
	case r.User == "":
		return orDash(r.Host)
	case r.Host == "":
		return printable(r.User)
	}
	return printable(r.User + "@" + r.Host)
}

func (r *Run) exit() string {
	if r.ExitCode == nil {
		return "-"
	}
	return itoa(*r.ExitCode)
}

// WriteRuns lists runs as a table, the newest last.
func WriteRuns(w io.Writer, runs []Run) error {
	if len(runs) == 0 {
		_, err := io.WriteString(w, "No run has been made here.\n")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RUN\tSTARTED (UTC)\tBY\tSTATE\tSTEPS DONE\tEXIT CODE")
	for i := range runs {
		r := &runs[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d of %d\t%s\n", printable(r.ID), at(r.StartedAt), r.by(), r.State, r.Done, r.Steps, r.exit())
	}
	return t.Flush()
}

// WriteRun tells one run, step by step where its detail is given.
func WriteRun(w io.Writer, r *Run) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "Run %s: %s\n", printable(r.ID), r.State)
	line := func(title, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %-8s %s\n", title, text)
		}
	}
	line("by", r.by())
	line("started", at(r.StartedAt)+" UTC")
	if r.EndedAt != nil {
		line("ended", fmt.Sprintf("%s UTC, exit code %s", at(*r.EndedAt), r.exit()))
	}
	line("why", printableLines(r.Why))
	line("plan", printable(r.PlanID))
	line("steps", fmt.Sprintf("%d of %d done", r.Done, r.Steps))
	for _, what := range r.WaitsFor {
		line("waits", printable(what))
	}
	if r.State == RunPaused || r.State == RunInterrupted {
		b.WriteString("\nTo go on, run: pslan apply\n")
	}
	if err := b.Flush(); err != nil || len(r.Detail) == 0 {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nSTEP\tSTATE\tSINCE (UTC)\tNOTE")
	for i := range r.Detail {
		s := &r.Detail[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", printable(s.ID), s.State, at(s.At), printable(s.Note))
	}
	return t.Flush()
}

// WriteRunsJSON writes runs as a JSON document.
func WriteRunsJSON(w io.Writer, runs []Run) error {
	if runs == nil {
		runs = []Run{}
	}
	return writeIndented(w, struct {
		FormatVersion string `json:"format_version"`
		Runs          []Run  `json:"runs"`
	}{RunsVersion, runs})
}

// WriteRunJSON writes one run as a JSON document; nil where there is none.
func WriteRunJSON(w io.Writer, r *Run) error {
	return writeIndented(w, struct {
		FormatVersion string `json:"format_version"`
		Run           *Run   `json:"run"`
	}{RunsVersion, r})
}

func writeIndented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

package view

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
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

// NotBegun is the state of a step without a record.
const NotBegun = "not_begun"

// RunLock is who holds the lock of the data folder.
type RunLock struct {
	ID        string    `json:"id"` // what pslan unlock asks for
	State     LockState `json:"state"`
	User      string    `json:"user"`
	Host      string    `json:"host"`
	PID       int       `json:"pid"`
	Run       string    `json:"run"` // that it was taken for; may be empty
	Operation string    `json:"operation"`
	StartedAt time.Time `json:"started_at"`
	Heartbeat time.Time `json:"heartbeat"`
}

// LockState is what is known of the process that holds a lock.
type LockState string

// The states: it gives signs of life; it has given none for long; it is not there any
// more, and the next apply takes the lock over.
const (
	LockHeld   LockState = "held"
	LockSilent LockState = "silent"
	LockDead   LockState = "dead"
)

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
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", printable(s.ID), strings.ReplaceAll(s.State, "_", " "), at(s.At), printable(s.Note))
	}
	return t.Flush()
}

// WriteStatus tells where the last run stands, nil where there is none, and of the lock
// what is to be known: that somebody works without a run yet, or holds it in silence.
func WriteStatus(w io.Writer, r *Run, l *RunLock) error {
	running := r != nil && r.State == RunRunning
	if l != nil && l.State == LockHeld && !running {
		if _, err := io.WriteString(w, "Somebody has begun to apply, and no step has been begun yet.\n"); err != nil || r == nil {
			return err
		}
	}
	var err error
	if r == nil {
		err = WriteRuns(w, nil)
	} else {
		err = WriteRun(w, r)
	}
	if err == nil && l != nil && l.State == LockSilent {
		_, err = fmt.Fprintf(w, "\nThe lock is held by %s (%s, since %s UTC), whose last sign of life was at %s UTC.\nIf that process is dead: pslan unlock %s\n",
			printable(l.User+"@"+l.Host), printable(l.Operation), at(l.StartedAt), at(l.Heartbeat), printable(l.ID))
	}
	return err
}

// WriteStatusJSON writes the same as a JSON document.
func WriteStatusJSON(w io.Writer, r *Run, l *RunLock) error {
	return writeIndented(w, struct {
		FormatVersion string   `json:"format_version"`
		Run           *Run     `json:"run"`
		Lock          *RunLock `json:"lock"`
	}{RunsVersion, r, l})
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

// WriteRunJSON writes one run as a JSON document.
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

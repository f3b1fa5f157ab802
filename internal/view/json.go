package view

import (
	"bufio"
	"encoding/json"
	"strings"
	"time"

	"pslan/internal/diag"
)

// UIVersion is that of the JSON lines: minor numbers only add.
const UIVersion = "1.0"

// module names the stream, as Terraform's "terraform.ui" does.
const module = "pslan.ui"

// timeFormat is that of go-hclog's JSON lines, which Terraform's are made with.
const timeFormat = "2006-01-02T15:04:05.000000Z07:00"

// jsonView shows everything as JSON lines. Each is a typed value with the shape of
// a go-hclog line: its keys are @level, @message, @module and @timestamp, then the
// payload, then type.
type jsonView struct {
	Options
	w   *bufio.Writer
	enc *json.Encoder
	// byHand: in the plan that is carried out, telling servers of changes is an operator's
	// step.
	byHand bool
}

// NewJSON returns the view for machines: one JSON object a line on Out, and nothing
// else there. It writes the first line, version, at once, so that a reader knows
// what it reads before anything can fail.
func NewJSON(o Options) View {
	v := &jsonView{Options: o, w: bufio.NewWriterSize(o.Out, 64<<10)}
	v.enc = json.NewEncoder(v.w)
	v.enc.SetEscapeHTML(false)
	v.line(&versionLine{head: v.info("pslan " + o.Version), Pslan: o.Version, UI: UIVersion, Type: "version"})
	v.w.Flush()
	return v
}

// head is what every line begins with.
type head struct {
	Level     string `json:"@level"`
	Message   string `json:"@message"`
	Module    string `json:"@module"`
	Timestamp string `json:"@timestamp"`
}

func (v *jsonView) head(level, message string) head {
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	return head{Level: level, Message: message, Module: module, Timestamp: now().UTC().Format(timeFormat)}
}

func (v *jsonView) info(message string) head { return v.head("info", message) }

// line writes one line. A write that fails is remembered by whoever holds the stream.
func (v *jsonView) line(l any) { _ = v.enc.Encode(l) }

type versionLine struct {
	head
	Pslan string `json:"pslan"`
	UI    string `json:"ui"`
	Type  string `json:"type"`
}

type logLine struct {
	head
	Type string `json:"type"`
}

type summaryLine struct {
	head
	ExitCode int    `json:"exit_code"`
	Type     string `json:"type"`
}

type diagnosticLine struct {
	head
	Diagnostic *diagnostic `json:"diagnostic"`
	Type       string      `json:"type"`
}

// Lock tells what happens to the lock, under Terraform's names.
func (v *jsonView) Lock(e LockEvent) {
	switch e.Kind {
	case LockAcquire:
		v.line(&logLine{head: v.info("Acquiring the lock. This may take a few moments..."), Type: "state_lock_acquire"})
	case LockRelease:
		v.line(&logLine{head: v.info("Releasing the lock..."), Type: "state_lock_release"})
	default:
		v.line(&logLine{head: v.info("Waiting for the lock held by " + e.Holder), Type: "log"})
	}
	v.w.Flush()
}

// Info shows one plain line, without the empty ones around it that people get.
func (v *jsonView) Info(text string) {
	v.line(&logLine{head: v.info(strings.Trim(text, "\n")), Type: "log"})
	v.w.Flush()
}

// Diagnostics shows located problems, one a line.
func (v *jsonView) Diagnostics(ds diag.Diagnostics) {
	for _, d := range ds {
		v.line(v.diagnosticLine(diagnosticOf(d)))
	}
	v.w.Flush()
}

func (v *jsonView) diagnosticLine(d *diagnostic) *diagnosticLine {
	level, title := "info", "Note: "
	switch d.Severity {
	case "error":
		level, title = "error", "Error: "
	case "warning":
		level, title = "warn", "Warning: "
	}
	return &diagnosticLine{head: v.head(level, title+d.Summary), Diagnostic: d, Type: "diagnostic"}
}

// Close writes the last line, which every stream ends with.
func (v *jsonView) Close(exit int) {
	v.line(&summaryLine{head: v.info("Exit code " + itoa(exit)), ExitCode: exit, Type: "run_summary"})
	v.w.Flush()
}

// Package view renders: text for people, JSON lines for machines, and later the
// reports. It decides nothing: what is an error, what blocks, what is next, comes
// in ready.
package view

import (
	"io"
	"time"

	"pslan/internal/apply"
	"pslan/internal/diag"
	"pslan/internal/proposal"
)

// View is where a command shows what it has to say. There are two: Human and JSON.
type View interface {
	// Diagnostics shows located problems (to stderr for people).
	Diagnostics(diag.Diagnostics)
	// Plan shows a proposal.
	Plan(*proposal.Proposal, PlanOptions)
	// Event shows one event of an apply.
	Event(apply.Event)
	// ApplyEnd shows the end report and the fixed lines of an apply.
	ApplyEnd(ApplyEnd)
	// Lock shows that the lock is asked for, waited for, or let go of.
	Lock(LockEvent)
	// Probe shows how far a probe of a disk has come (to stderr for people).
	Probe(ProbeProgress)
	// Info shows one plain line (stdout for people): "Saved the plan to: FILE".
	Info(line string)
	// Close ends the stream; for JSON it writes run_summary with the exit code.
	Close(exit int)
}

// Options of a view.
type Options struct {
	Out, Err io.Writer
	// Color, and OutTerminal/ErrTerminal (the box around diagnostics, live redraws), decided by cli.
	Color                    bool
	OutTerminal, ErrTerminal bool
	Width                    int  // columns; 0: 80
	Automation               bool // PSLAN_IN_AUTOMATION: no hints
	Version                  string
	// Source returns a line of a file that the user wrote, for the places of findings;
	// nil where no source is at hand.
	Source func(filename string, line int) (text string, ok bool)
	// Now stamps JSON lines; nil: time.Now.
	Now func() time.Time
}

// PlanOptions choose how much of a plan is shown.
type PlanOptions struct {
	Verbose bool // every step and unchanged attribute
	// SavedTo is the file that -out wrote; "" if none. Hints depend on it.
	SavedTo string
	// ForApply: the plan is about to be applied; hints about applying are left out.
	ForApply bool
	// ShowPlan: rendering a saved plan.
	Show bool
	// Done tells, where a run is gone on with, which steps were seen done: they are left
	// out, and the others keep their numbers. nil: all are shown.
	Done func(step string) bool
}

// ApplyEnd is what is said at the end of an apply.
type ApplyEnd struct {
	Proposal *proposal.Proposal // what was carried out
	Report   *apply.Report
	// Counts of changes that were seen to hold at the end.
	Added, Changed, Destroyed int
	// Remaining is the fresh proposal after the run; nil where none was made.
	Remaining *proposal.Proposal
	// Verdict picks the fixed line.
	Verdict Verdict
}

// Verdict of an apply.
type Verdict uint8

// The verdicts: "Apply complete!", "Apply incomplete!", "Apply paused!".
const (
	Complete Verdict = iota
	Incomplete
	Paused
)

// LockEvent is what happens to the lock of the folder in which runs are kept.
type LockEvent struct {
	Kind LockKind
	// Holder says in words who holds it, where it is waited for.
	Holder string
}

// LockKind says what happens to the lock.
type LockKind uint8

// The kinds. People are told of waiting only.
const (
	LockAcquire LockKind = iota
	LockWait
	LockRelease
)

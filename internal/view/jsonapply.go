package view

import (
	"fmt"
	"math"
	"time"

	"pslan/internal/apply"
	"pslan/internal/plan"
)

type hookLine struct {
	head
	Hook hook   `json:"hook"`
	Type string `json:"type"`
}

// hook is what happened to a step; Resource, Action and ElapsedSeconds are
// Terraform's names.
type hook struct {
	Resource       resource  `json:"resource"`
	Action         string    `json:"action"` // the step's operation
	Step           string    `json:"step"`   // its id
	ElapsedSeconds *int64    `json:"elapsed_seconds,omitempty"`
	BytesDone      *int64    `json:"bytes_done,omitempty"`
	BytesTotal     *int64    `json:"bytes_total,omitempty"`
	ETASeconds     *int64    `json:"eta_seconds,omitempty"`
	Note           string    `json:"note,omitempty"`
	Reason         string    `json:"reason,omitempty"`
	Hint           string    `json:"hint,omitempty"`
	Operator       *operator `json:"operator,omitempty"`
}

// operator is what a person is asked to do.
type operator struct {
	Task   string   `json:"task"`
	Server string   `json:"server,omitempty"`
	Title  string   `json:"title"`
	Steps  []string `json:"steps"`
	Check  string   `json:"check"`
	Until  string   `json:"until,omitempty"`
	// ValidUntil is when what was verified becomes void, Before what to look at right
	// before it is done.
	ValidUntil string `json:"valid_until,omitempty"`
	Before     string `json:"before,omitempty"`
}

func hookOf(s *plan.Step) hook {
	return hook{Resource: resourceOf(s.Address), Action: s.Op.String(), Step: s.ID}
}

func seconds(d time.Duration) *int64 {
	n := int64(math.Round(d.Seconds()))
	return &n
}

// Event shows one event. The end of the run is ApplyEnd's.
func (v *jsonView) Event(e apply.Event) {
	switch e := e.(type) {
	case apply.Opened:
		v.line(&logLine{head: v.info(fmt.Sprintf("Run %s: %s", e.Run, count(e.Steps, "step"))), Type: "log"})
	case apply.Started:
		v.hook("info", e.Step, wordsOf(e.Step).begins+"...", "apply_start", hookOf(e.Step))
	case apply.Progress:
		v.progress(&e)
	case apply.Asked:
		v.asked(&e)
	case apply.Done:
		h := hookOf(e.Step)
		h.ElapsedSeconds, h.Note = seconds(e.Elapsed), e.Note
		v.hook("info", e.Step, wordsOf(e.Step).noun+" complete after "+lasts(e.Elapsed), "apply_complete", h)
	case apply.Skipped:
		h := hookOf(e.Step)
		h.Reason = e.Why
		v.hook("info", e.Step, wordsOf(e.Step).noun+" not needed: "+e.Why, "apply_skipped", h)
	case apply.Failed:
		v.failed(e.Step, e.Err, " failed: ", "apply_errored")
	case apply.Unknown:
		v.failed(e.Step, e.Err, " may or may not be done: ", "apply_unknown")
	case apply.Left:
		h := hookOf(e.Step)
		h.Reason = e.Why
		v.hook("warn", e.Step, wordsOf(e.Step).noun+" not yet seen: "+e.Why, "apply_unknown", h)
	case apply.NotRun:
		h := hookOf(e.Step)
		h.Reason = e.Why
		v.hook("warn", e.Step, wordsOf(e.Step).noun+" not run: "+e.Why, "apply_blocked", h)
	}
	v.w.Flush()
}

func (v *jsonView) hook(level string, s *plan.Step, message, kind string, h hook) {
	v.line(&hookLine{head: v.head(level, stepSubject(s)+": "+message), Hook: h, Type: kind})
}

func (v *jsonView) progress(e *apply.Progress) {
	h := hookOf(e.Step)
	h.ElapsedSeconds, h.Reason = seconds(e.Elapsed), e.Stuck
	if e.Total > 0 {
		h.BytesDone, h.BytesTotal = &e.Done, &e.Total
	}
	if e.Left > 0 {
		h.ETASeconds = seconds(e.Left)
	}
	v.hook("info", e.Step, progress(e), "apply_progress", h)
}

func (v *jsonView) asked(e *apply.Asked) {
	in := InstructionsFor(e.Task, v.byHand)
	h := hookOf(e.Step)
	h.Operator = &operator{Task: string(e.Task.Op), Server: e.Task.Server, Title: in.Title, Steps: in.Steps, Check: in.Check}
	if !e.Until.IsZero() {
		h.Operator.Until = e.Until.UTC().Format(time.RFC3339)
	}
	if !e.ValidUntil.IsZero() {
		h.Operator.ValidUntil = e.ValidUntil.UTC().Format(time.RFC3339)
	}
	h.Operator.Before = e.Check
	v.hook("info", e.Step, "An operator is needed: "+in.Title, "apply_operator", h)
}

func (v *jsonView) failed(s *plan.Step, err error, verb, kind string) {
	h := hookOf(s)
	h.Reason, h.Hint = errorText(err), hintOf(err)
	v.hook("error", s, wordsOf(s).noun+verb+h.Reason, kind, h)
}

var verdictWords = [...]string{Complete: "complete", Incomplete: "incomplete", Paused: "paused"}

// ApplyEnd shows the counts of an apply.
func (v *jsonView) ApplyEnd(end ApplyEnd) {
	var t stepTally
	t.Done, t.Failed, t.NotRun, t.Unknown = stepCounts(end.Report)
	message := fmt.Sprintf("Apply %s! Resources: %d added, %d changed, %d destroyed.",
		verdictWords[end.Verdict], end.Added, end.Changed, end.Destroyed)
	counts := changeCounts{
		Add: end.Added, Change: end.Changed, Remove: end.Destroyed, Operation: "apply",
		Blocked: blockedCount(end), Verdict: verdictWords[end.Verdict], Steps: &t,
	}
	if p := newest(end); p != nil {
		counts.Undeclared = p.Undeclared
	}
	if end.Proposal != nil {
		counts.PlanID = end.Proposal.Plan.ID
	}
	v.line(&countsLine{head: v.info(message), Changes: counts, Type: "change_summary"})
	v.w.Flush()
}

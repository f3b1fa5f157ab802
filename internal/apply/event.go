package apply

import (
	"time"

	"pslan/internal/plan"
	"pslan/internal/platform"
)

// Event is something that happened while a plan was carried out. The engine
// prints nothing: it emits events, in the order in which they happened, to one
// function, never from two goroutines at once.
type Event interface{ event() }

// Opened is the first event of every run.
type Opened struct {
	Run   string
	Steps int
	At    time.Time
}

// Started: a step's request was accepted, or its waiting began.
type Started struct {
	Step *plan.Step
	At   time.Time
}

// Progress of a wait, at most every 10 s of the platform's clock for each step.
type Progress struct {
	Step        *plan.Step
	Done, Total int64         // bytes; Total 0 where the wait has none
	Elapsed     time.Duration // since the step started
	Left        time.Duration // estimate from the rate seen; 0 where there is none
	// Stuck says in words what it waits for, where nothing has moved for a while.
	Stuck string
}

// Asked: an operator was asked to do a step; apply watches for its effect.
type Asked struct {
	Step  *plan.Step
	Task  platform.OperatorTask
	Until time.Time
	// ValidUntil is until when what was verified may be acted on (take_ownership); done
	// later, it counts as a fact that somebody changed. Zero: no such limit.
	ValidUntil time.Time
	// Check says what the operator looks at right before; empty where there is nothing.
	Check string
}

// Done: the effect of a step was seen. Confirmed only: an operator's word stands for it.
type Done struct {
	Step    *plan.Step
	Elapsed time.Duration
	Note    string // what was seen, where there is more to say: "3 files, 12.4 GiB, by hash"
}

// Skipped: the effect was there before the step was asked for.
type Skipped struct {
	Step *plan.Step
	Why  string
}

// Failed: the step was refused, ran into its limit, or the facts it relies on moved.
type Failed struct {
	Step *plan.Step
	Err  error // says what was seen and what to do
}

// Unknown: a request's answer was lost and looking cannot decide whether it was done.
type Unknown struct {
	Step *plan.Step
	Err  error
}

// Left: a step was asked for, and the run ended before its effect was seen. That is no
// failure: the next run looks first.
type Left struct {
	Step *plan.Step
	Why  string
}

// NotRun: a step that will not be run, because of another's failure or a stop.
type NotRun struct {
	Step *plan.Step
	Why  string
}

// Closed is the last event of every run.
type Closed struct{ Report *Report }

func (Opened) event()   {}
func (Started) event()  {}
func (Progress) event() {}
func (Asked) event()    {}
func (Done) event()     {}
func (Skipped) event()  {}
func (Failed) event()   {}
func (Unknown) event()  {}
func (NotRun) event()   {}
func (Left) event()     {}
func (Closed) event()   {}

// Outcome of one step in the end report.
type Outcome uint8

// The outcomes.
const (
	OutcomeNotRun Outcome = iota
	OutcomeDone
	OutcomeSkipped // found done
	OutcomeFailed
	OutcomeUnknown
	// OutcomeAsked: asked for, and the run ended before the effect was seen. Work that
	// remains, and no error: the next run looks first.
	OutcomeAsked
)

// Report is how a run ended.
type Report struct {
	Run      string
	Outcomes []StepOutcome // parallel to Plan.Steps
	// Stopped: the run ended early on request (interrupt); work remains.
	Stopped bool
	// Paused: the run ended cleanly although work remains that a later run can do. It was
	// stopped, its deadline came, risky steps are not approved, or operators' steps wait.
	Paused bool
	Why    string // why it is paused, in words
	// Remaining is how many steps are not done.
	Remaining int
	// Waiting: an operator's step is not done and nobody is there to do it.
	Waiting bool
	// Operator are those steps, in plan order.
	Operator []OperatorNeed
	Err      error // what ended the run as a whole (lost platform, journal); nil otherwise
	Elapsed  time.Duration
}

// OperatorNeed is a step that waits for an operator who is not there.
type OperatorNeed struct {
	Step *plan.Step
	Task platform.OperatorTask
	// ValidUntil and Check are as in Asked.
	ValidUntil time.Time
	Check      string
}

// StepOutcome is the outcome of one step with its reason.
type StepOutcome struct {
	Outcome Outcome
	Reason  string
}

// Count returns how many steps have an outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for i := range r.Outcomes {
		if r.Outcomes[i].Outcome == o {
			n++
		}
	}
	return n
}

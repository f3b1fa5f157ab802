package apply

import "fmt"

// state is where a step stands in a run.
type state uint8

const (
	waiting  state = iota // some of its needs are not done
	ready                 // may be looked at, as soon as the limits allow
	looking               // a reading is being taken for it
	queued                // the reading allows its request; it waits for a worker
	grouped               // a sync that waits for the next round
	asking                // its intent is recorded and its request is on the way
	watching              // asked for, or waited for: its effect is looked for
	done                  // its effect was seen
	skipped               // its effect was there before
	failed                // refused, over its limit, or the facts moved
	unknown               // asked for, and nobody can say whether it was done
	notRun                // will not be run
	left                  // asked for, and the run ended before its effect was seen
	states                // how many there are
)

var stateWords = [states]string{"waiting", "ready", "looking", "queued", "grouped", "asking", "watching",
	"done", "skipped", "failed", "unknown", "not run", "left"}

func (s state) String() string { return stateWords[s] }

// settled reports whether nothing more happens to a step.
func (s state) settled() bool { return s >= done }

// satisfied reports whether the steps that need this one may go on.
func (s state) satisfied() bool { return s == done || s == skipped }

func (s state) outcome() Outcome {
	switch s {
	case done:
		return OutcomeDone
	case skipped:
		return OutcomeSkipped
	case failed:
		return OutcomeFailed
	case unknown:
		return OutcomeUnknown
	case left:
		return OutcomeAsked
	default:
		return OutcomeNotRun
	}
}

// legal is the table of transitions. A step is asked for only from `asking`, and
// `asking` is reached only through a reading: `looking`, then `queued` or
// `grouped`. The ways back to `ready` are those of a reading that became too old,
// and of a request that may be repeated: it is looked at again first (P7).
var legal = [states][]state{
	waiting:  {ready, notRun},
	ready:    {looking, left, notRun},
	looking:  {ready, queued, grouped, watching, done, skipped, failed, unknown, left, notRun},
	queued:   {ready, asking, left, notRun},
	grouped:  {asking, failed, notRun},
	asking:   {ready, watching, done, failed, unknown, left, notRun},
	watching: {ready, done, failed, unknown, left, notRun},
	done:     nil,
	skipped:  nil,
	failed:   nil,
	unknown:  nil,
	notRun:   nil,
	left:     nil,
}

// mustBeLegal panics where a transition is not in the table: that is a mistake in
// this package and never one of the platform.
func mustBeLegal(step string, from, to state) {
	for _, s := range legal[from] {
		if s == to {
			return
		}
	}
	panic(fmt.Sprintf("apply: step %s cannot go from %s to %s", step, from, to))
}

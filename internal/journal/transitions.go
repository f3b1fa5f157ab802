package journal

import "pslan/internal/apply"

// Transition is one thing that may follow another for one step.
type Transition struct {
	From, To apply.RecordKind // From "" is a step without a record in this segment
	Why      string
}

// Transitions is the table of what may follow what for one step within a segment.
// Nothing follows observed, skipped and failed. That a request was looked for and not
// found stands in the journal as another intent: only who has looked may intend again.
func Transitions() []Transition {
	const none = apply.RecordKind("")
	return []Transition{
		{none, apply.RecordIntended, "a request is about to be made"},
		{none, apply.RecordObserved, "a step that only waits or looks has seen what it waits for"},
		{none, apply.RecordSkipped, "the effect was there before anything was asked"},
		{none, apply.RecordFailed, "what the step relies on does not stand"},
		{apply.RecordIntended, apply.RecordRequested, "the platform accepted the request"},
		{apply.RecordIntended, apply.RecordIntended, "the answer was lost; the effect was looked for and not found; it is asked again"},
		{apply.RecordIntended, apply.RecordObserved, "the answer was lost, and the effect was seen"},
		{apply.RecordIntended, apply.RecordFailed, "the platform refused, or nobody can say whether it was done"},
		{apply.RecordRequested, apply.RecordIntended, "the effect was looked for and not found; it is asked again"},
		{apply.RecordRequested, apply.RecordObserved, "the effect was seen"},
		{apply.RecordRequested, apply.RecordFailed, "the effect did not show, or something else moved"},
	}
}

// ledger is where the steps of a run stand, held against the table.
type ledger struct {
	legal   map[[2]apply.RecordKind]bool
	segment int
	steps   map[string]entry
}

// entry is a step's last record, and the segment that it stands in.
type entry struct {
	kind    apply.RecordKind
	segment int
}

func newLedger() *ledger {
	l := &ledger{legal: map[[2]apply.RecordKind]bool{}, steps: map[string]entry{}}
	for _, t := range Transitions() {
		l.legal[[2]apply.RecordKind{t.From, t.To}] = true
	}
	return l
}

// at is where a step stands in the present segment; "" where it has no record.
func (l *ledger) at(step string) apply.RecordKind {
	if e := l.steps[step]; e.segment == l.segment {
		return e.kind
	}
	return ""
}

// impossible says why a step's record cannot come next, "" where it can.
func (l *ledger) impossible(step string, kind apply.RecordKind) string {
	switch kind {
	case apply.RecordIntended, apply.RecordRequested, apply.RecordObserved, apply.RecordFailed, apply.RecordSkipped:
	default:
		return "there is no kind of record called " + quoted(string(kind))
	}
	if step == "" {
		return "it names no step"
	}
	switch from := l.at(step); {
	case l.legal[[2]apply.RecordKind{from, kind}]:
		return ""
	case from == "":
		return "the step " + quoted(step) + " cannot begin with " + string(kind)
	default:
		return "the step " + quoted(step) + " cannot be " + string(kind) + ": it is " + string(from) + " already"
	}
}

func (l *ledger) note(step string, kind apply.RecordKind) {
	l.steps[step] = entry{kind, l.segment}
}

// counts sums up where the steps of a run stand over all segments.
func (l *ledger) counts(steps int) *Counts {
	var c Counts
	for _, e := range l.steps {
		switch e.kind {
		case apply.RecordObserved:
			c.Observed++
		case apply.RecordSkipped:
			c.Skipped++
		case apply.RecordFailed:
			c.Failed++
		default:
			c.Open++
		}
	}
	c.Untouched = max(steps-len(l.steps), 0)
	return &c
}

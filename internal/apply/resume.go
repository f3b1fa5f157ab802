package apply

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/plan"
)

// A resumed run is a run like any other: every step is judged by looking, those that
// an earlier run saw done too, because a copy can vanish between two runs. What the
// journal says of a step decides three things only:
//
//   - a take that was asked for and is not seen is waited for before it is asked for
//     again (P7);
//   - a take that an operator was asked for and that is seen done after it had become
//     void is verified afresh;
//   - where nothing can be seen, a person is asked.
//
// A sync is simply done again. That is harmless: a membership update works out from
// the assignments what is so, and a refresh makes a server follow that; done twice they
// come to the same. What a refresh may delete is held against a reading right before
// each of them (P1).

// unknownNote begins the note of a failed record where nobody could say whether the
// step was done.
const unknownNote = "unknown: "

// HistoryOf sums up the records of a run: where each step was left.
func HistoryOf(records []Record) map[string]StepHistory {
	h := map[string]StepHistory{}
	for i := range records {
		if r := &records[i]; r.Step != "" {
			h[r.Step] = StepHistory{State: r.Kind, At: r.At, Note: r.Note}
		}
	}
	return h
}

// inDoubt reports whether a request may have been made and its outcome is not known.
func (h *StepHistory) inDoubt() bool {
	return h.State == RecordIntended || h.State == RecordRequested ||
		h.State == RecordFailed && strings.HasPrefix(h.Note, unknownNote)
}

// question is a step that looking cannot decide, and what was seen of it.
type question struct {
	step plan.StepNo
	seen string
}

// resumed says what a verdict means for a step that an earlier run has taken up.
func (m *machine) resumed(no plan.StepNo, v *view, d verdict) verdict {
	s, l := m.step(no), m.live[no]
	h, known := m.settings.history[s.ID]
	if !known || d.kind != allowed || l.attempts > 0 {
		return d
	}
	switch d.request.kind {
	case rebuildPreboot:
		return m.rebuilt(no, &h, d)
	case takeOwnership:
		if !h.inDoubt() {
			return d
		}
		until := h.At.Add(repeatAfter)
		if h.State == RecordRequested {
			until = h.At.Add(m.limitOf(s) / 2)
		}
		if v.now.Before(until) {
			l.attempts, l.again, l.request = 1, until, d.request
			return isPending("it was asked for at %s, by a run that ended before its effect was seen", clock(h.At))
		}
	}
	return d
}

// rebuilt: that a preboot configuration was rebuilt cannot be seen. What the journal
// has as done stands, unless what it was made from has changed in this run.
func (m *machine) rebuilt(no plan.StepNo, h *StepHistory, d verdict) verdict {
	for _, need := range m.step(no).Needs {
		if m.state(need) == done {
			return d
		}
	}
	switch {
	case h.State == RecordObserved || h.State == RecordSkipped:
		return isMet("an earlier run has it as done; %s", confirmedNotSeen)
	case h.inDoubt() && m.live[no].answer != AnswerNotDone:
		what := "was asked for"
		if h.State == RecordIntended {
			what = "was about to be asked for"
		}
		return verdict{kind: asks, note: fmt.Sprintf("the rebuild of %s %s at %s, and nothing shows whether it was done", m.step(no).Name, what, clock(h.At))}
	}
	return d
}

// ask asks a person about the next step in line, beside the loop.
func (l *loop) ask() {
	for len(l.m.questions) > 0 && !l.asksNow {
		q := l.m.questions[0]
		l.m.questions = l.m.questions[1:]
		switch {
		case l.m.state(q.step) != looking:
		case l.Options.Ask == nil:
			l.m.answerGiven(q, AnswerUnknown)
		default:
			l.put(q)
		}
	}
}

// put puts one question to a person, and takes the end of the run for an answer.
func (l *loop) put(q question) {
	l.asksNow = true
	l.spawn("a question about "+l.m.step(q.step).ID, func() func() {
		a := l.word(q)
		return func() {
			l.asksNow = false
			if l.m.state(q.step) == looking && l.looks.Err() == nil {
				l.m.answerGiven(q, a)
			}
		}
	})
}

// word waits for a person's answer, or for the end of the run, when nobody waits for
// a word any more.
func (l *loop) word(q question) Answer {
	given, broken := make(chan Answer, 1), make(chan any, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				broken <- p
			}
		}()
		given <- l.Options.Ask(l.m.step(q.step), q.seen)
	}()
	select {
	case a := <-given:
		return a
	case p := <-broken:
		panic(p) // told as every panic of a worker is
	case <-l.looks.Done():
		return AnswerUnknown
	}
}

// answerGiven settles a step by a person's word, or brings it back to be asked for.
func (m *machine) answerGiven(q question, a Answer) {
	switch a {
	case AnswerDone:
		m.settle(q.step, done, confirmedNotSeen+", by a person's word", nil)
	case AnswerNotDone:
		m.live[q.step].answer = a
		m.makeReady(q.step)
	default:
		m.settle(q.step, unknown, "", fmt.Errorf("%s; look at %s: if it was not done, do it by hand, or plan and apply it again", q.seen, m.step(q.step).Name))
	}
}

// unsent ends a step whose request was not made.
func (m *machine) unsent(no plan.StepNo, why string) {
	to := notRun
	if m.live[no].attempts > 0 {
		to = left
	} else {
		m.unrun[no] = why
	}
	m.finish(news{no: no, state: to, text: why})
}

// roundUnsent ends the steps of a round whose membership update was not asked for.
func (m *machine) roundUnsent(r *round, err error) {
	r.asking = false
	for _, no := range r.steps {
		if m.state(no) == asking {
			m.unsent(no, "its request was not made: "+err.Error())
		}
	}
}

// validFor is how long what was verified may be acted on; 0: without limit.
func (m *machine) validFor() time.Duration { return m.settings.policy.EvidenceMaxAge }

package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/plan"
)

// progressEvery is how often a wait is told at most, in the platform's time.
const progressEvery = 10 * time.Second

// emit tells an event when what stands in the journal before it is durable.
func (l *loop) emit(e Event) { l.events = append(l.events, e) }

// record puts an entry in line for the journal.
func (l *loop) record(kind RecordKind, no plan.StepNo, note string) {
	r := Record{Kind: kind, At: l.World.Now(), Note: note}
	if no != noStep {
		r.Step = l.m.step(no).ID
	}
	l.records = append(l.records, r)
}

// intend puts the intent of a step in line: what its request is about to change.
func (l *loop) intend(no plan.StepNo, q *request) {
	s := l.m.step(no)
	r := Record{Kind: RecordIntended, Step: s.ID, At: l.World.Now(), Servers: s.Servers}
	if s.Server != "" {
		r.Servers = []string{s.Server}
	}
	if q != nil {
		r.Before, r.After = q.words()
	}
	l.records = append(l.records, r)
}

// flush writes what stands in line to the journal as one group, and then tells the
// events. Where writing fails nothing more is asked for, and nothing more is
// recorded: a gap in a journal would be worse than its end.
func (l *loop) flush() bool {
	records, events := l.records, l.events
	l.records, l.events = nil, nil
	if l.Journal != nil && len(records) > 0 && !l.unwritten {
		if err := l.Journal.Append(records...); err != nil {
			l.unwritten = true
			l.fail(fmt.Errorf("writing the journal: %w", err))
		}
	}
	if l.Emit != nil {
		for _, e := range events {
			l.Emit(e)
		}
	}
	return !l.unwritten
}

func (l *loop) opened() {
	l.record(RecordOpened, noStep, l.Options.Run)
	l.emit(Opened{Run: l.Options.Run, Steps: len(l.Plan.Steps), At: l.began})
}

// started tells once that a step was begun.
func (l *loop) started(no plan.StepNo) {
	live := l.m.live[no]
	if live == nil || live.told {
		return
	}
	live.told = true
	l.emit(Started{Step: l.m.step(no), At: l.World.Now()})
}

func (l *loop) asked(no plan.StepNo, q *request) {
	live := l.m.live[no]
	live.told = true
	l.emit(Asked{Step: l.m.step(no), Task: q.task, Until: live.deadline, ValidUntil: live.validUntil, Check: q.check})
}

// progress tells how far a wait has come, at most every ten seconds. They are
// counted between looks at everything, which a tick parts exactly; the ends of the
// readings come a little sooner or later.
func (l *loop) progress(no plan.StepNo, v *view, stuck string) {
	live := l.m.live[no]
	if live == nil || l.m.state(no) != watching {
		return
	}
	d := &live.download
	if d.reportedAt.IsZero() {
		d.reportedAt = v.now // the start was told just now
		return
	}
	if l.lookedAll.Sub(d.reportedAt) < progressEvery {
		return
	}
	d.reportedAt = l.lookedAll
	s := l.m.step(no)
	e := Progress{Step: s, Elapsed: v.now.Sub(live.begun)}
	if s.Op == plan.WaitCopy {
		e.Done, e.Total = d.bytes, s.Bytes
		e.Left = d.left(s.Bytes, e.Elapsed)
		if !live.isStuck(v.now) {
			stuck = ""
		}
	}
	e.Stuck = stuck
	l.emit(e)
}

// progressOf tells what the syncs of a round wait for, when they have waited long.
func (l *loop) progressOf(r *round, v *view) {
	if v.now.Sub(r.begun) < stuckAfter {
		return
	}
	for _, no := range r.steps {
		if l.m.state(no) == watching {
			l.progress(no, v, l.m.stuckRound(r, l.m.step(no)))
		}
	}
}

// left estimates how long a download will still take, from the rate seen.
func (d *download) left(total int64, elapsed time.Duration) time.Duration {
	came := d.bytes - d.first
	if came <= 0 || elapsed <= 0 || total <= d.bytes {
		return 0
	}
	return time.Duration(float64(elapsed) * float64(total-d.bytes) / float64(came)).Round(time.Second)
}

// tell reports what the machine has settled: to the journal first, then as events.
func (l *loop) tell() {
	for _, n := range l.m.told() {
		s := l.m.step(n.no)
		out := &l.report.Outcomes[n.no]
		out.Outcome, out.Reason = n.state.outcome(), n.text
		if n.err != nil {
			out.Reason = n.err.Error()
		}
		switch n.state {
		case done:
			took := l.World.Now().Sub(n.since)
			l.m.learn(s.Op, took)
			l.record(RecordObserved, n.no, n.text)
			l.emit(Done{Step: s, Elapsed: took, Note: n.text})
		case skipped:
			l.record(RecordSkipped, n.no, n.text)
			l.emit(Skipped{Step: s, Why: n.text})
		case failed:
			l.record(RecordFailed, n.no, out.Reason)
			l.emit(Failed{Step: s, Err: n.err})
		case unknown:
			l.record(RecordFailed, n.no, unknownNote+out.Reason)
			l.emit(Unknown{Step: s, Err: n.err})
		case left: // no record: the journal says that it was asked for, and no more is known
			l.emit(Left{Step: s, Why: n.text})
		case notRun:
			l.emit(NotRun{Step: s, Why: n.text})
		}
	}
	l.flush()
}

// closed settles what is left, tells the end and returns the report.
func (l *loop) closed(ctx context.Context) *Report {
	r := l.report
	if err := ctx.Err(); err != nil && l.err == nil {
		l.err = err
	}
	r.Stopped = l.m.open > 0 && l.stopped()
	l.settleRest(l.endWords())
	l.tell()
	l.sumUp()
	note := r.Why
	if l.err != nil {
		note = l.err.Error()
	}
	l.record(RecordClosed, noStep, note)
	l.flush()
	r.Err = l.err
	r.Elapsed = l.World.Now().Sub(l.began)
	l.emit(Closed{Report: r})
	l.flush()
	return r
}

func (l *loop) endWords() string {
	switch {
	case l.err != nil:
		return "the run ended"
	case l.stopped():
		return "the run was stopped"
	case l.late(l.World.Now()):
		return "the deadline came"
	}
	return "the run ended"
}

// sumUp says what remains and whether that is a pause.
func (l *loop) sumUp() {
	r := l.report
	r.Remaining = len(r.Outcomes) - r.Count(OutcomeDone) - r.Count(OutcomeSkipped)
	slices.SortStableFunc(l.m.needs, func(a, b need) int { return int(a.no - b.no) })
	for _, n := range l.m.needs {
		r.Operator = append(r.Operator, n.OperatorNeed)
	}
	r.Waiting = l.m.operatorWaits
	if l.err != nil || r.Remaining == 0 {
		return
	}
	var why []string
	switch {
	case r.Stopped:
		why = append(why, "it was stopped")
	case l.late(l.World.Now()) || l.m.outOfTime > 0:
		why = append(why, "what is left cannot be brought to a safe point before the deadline, "+clock(l.Options.Deadline))
	}
	if n := l.m.unapproved; n > 0 {
		why = append(why, "approval is missing for "+count(int64(n), "step")+" with a risk")
	}
	if r.Waiting {
		why = append(why, count(int64(len(r.Operator)), "task")+" for an operator, who is not there")
	}
	r.Why = strings.Join(why, "; ")
	r.Paused = len(why) > 0
}

// settleRest ends the steps that the end of the run left open. What was asked for
// and not seen is left to the next run, which looks first; what only waits was not run.
func (l *loop) settleRest(why string) {
	for i := range l.m.steps {
		no := plan.StepNo(i)
		live := l.m.live[no]
		switch st := l.m.state(no); {
		case st.settled():
		case st == asking:
			l.m.finish(news{no: no, state: unknown, err: fmt.Errorf("%s before its request was answered; the next run looks first", why)})
		case live != nil && live.attempts > 0:
			l.m.finish(news{no: no, state: left, text: "it was asked for, and " + why + " before its effect was seen; the next run looks first"})
		case st == watching:
			l.m.finish(news{no: no, state: notRun, text: why + " while it waited"})
		default:
			l.m.finish(news{no: no, state: notRun, text: why + " before it"})
		}
	}
}

package apply

import (
	"context"
	"fmt"
	"time"

	"pslan/internal/plan"
	"pslan/internal/platform"
)

// progressEvery is how often a wait is told at most, in the platform's time.
const progressEvery = 10 * time.Second

func (l *loop) emit(e Event) {
	if l.Emit != nil {
		l.Emit(e)
	}
}

// record appends to the journal. Where that fails nothing more is asked for, and
// nothing more is recorded: a gap in a journal would be worse than its end.
func (l *loop) record(kind RecordKind, no plan.StepNo, note string) bool {
	if l.Journal == nil || l.unwritten {
		return !l.unwritten
	}
	id := ""
	if no != noStep {
		id = l.m.step(no).ID
	}
	if err := l.Journal.Append(Record{Kind: kind, Step: id, At: l.World.Now(), Note: note}); err != nil {
		l.unwritten = true
		l.fail(fmt.Errorf("writing the journal: %w", err))
		return false
	}
	return true
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

func (l *loop) asked(no plan.StepNo, task *platform.OperatorTask) {
	live := l.m.live[no]
	live.told = true
	l.emit(Asked{Step: l.m.step(no), Task: *task, Until: live.deadline})
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
			l.record(RecordObserved, n.no, n.text)
			l.emit(Done{Step: s, Elapsed: l.World.Now().Sub(n.since), Note: n.text})
		case skipped:
			l.record(RecordSkipped, n.no, n.text)
			l.emit(Skipped{Step: s, Why: n.text})
		case failed:
			l.record(RecordFailed, n.no, out.Reason)
			l.emit(Failed{Step: s, Err: n.err})
		case unknown:
			l.record(RecordFailed, n.no, "unknown: "+out.Reason)
			l.emit(Unknown{Step: s, Err: n.err})
		case notRun:
			l.report.Waiting = l.report.Waiting || n.text == needsOperator
			l.emit(NotRun{Step: s, Why: n.text})
		}
	}
}

// closed settles what is left, tells the end and returns the report.
func (l *loop) closed(ctx context.Context) *Report {
	r := l.report
	if err := ctx.Err(); err != nil && l.err == nil {
		l.err = err
	}
	r.Stopped = l.m.open > 0 && l.stopped()
	l.settleRest(r.Stopped)
	l.tell()
	l.record(RecordClosed, noStep, "")
	r.Err = l.err
	r.Elapsed = l.World.Now().Sub(l.began)
	l.emit(Closed{Report: r})
	return r
}

// settleRest ends the steps that the end of the run left open. What was asked for
// and not seen is unknown; what only waits, or waits for a person, was not run.
func (l *loop) settleRest(stopped bool) {
	why := "the run ended"
	if stopped {
		why = "the run was stopped"
	}
	for i := range l.m.steps {
		no := plan.StepNo(i)
		switch st := l.m.state(no); {
		case st.settled():
		case st == asking:
			l.m.finish(news{no: no, state: unknown, err: fmt.Errorf("%s before its request was answered; the next run looks first", why)})
		case st == watching && l.m.live[no].attempts > 0 && l.m.live[no].request.kind != askOperator:
			l.m.finish(news{no: no, state: unknown, err: fmt.Errorf("it was asked for, and %s before its effect was seen; the next run looks first", why)})
		case st == watching:
			l.m.finish(news{no: no, state: notRun, text: why + " while it waited"})
		default:
			l.m.finish(news{no: no, state: notRun, text: why + " before it"})
		}
	}
}

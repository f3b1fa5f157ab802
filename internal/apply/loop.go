package apply

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// Run carries out the plan and returns how it ended. It returns when every step is
// settled, when it was stopped, or when the run as a whole cannot go on; then
// Report.Err says why. When ctx ends it leaves at once.
func (r *Runner) Run(ctx context.Context) *Report {
	l := newLoop(r)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.run = ctx
	l.watchStop(ctx)
	l.opened()
	for l.err == nil && !l.over(ctx) {
		l.turn(ctx)
		if l.err != nil || l.over(ctx) {
			break
		}
		l.await(ctx)
	}
	l.drainCalls(ctx)
	return l.closed(ctx)
}

// loop owns the machine, the journal and the events. Everything in it is touched by
// one goroutine only; workers hand back what is to be done with their result.
type loop struct {
	*Runner
	m        *machine
	report   *Report
	began    time.Time
	tick     time.Duration
	workers  int
	sim      bool
	results  chan result
	next     int // number of the next job, the order in which results are taken
	inFlight int // jobs that have not come back
	stop     context.Context
	looks    context.Context // ends with the stop, so that nobody waits for a hash
	endLooks func()
	queue    []task // requests that wait for a worker
	asking   int    // requests under way
	lanes    [lanes]laneState
	fresh    []plan.StepNo // accepted a moment ago; looked at once the requests are through
	watched  []plan.StepNo // whose effect is looked for, besides syncs
	rounds   []*round
	update   *round // the round whose membership update is not done
	syncDue  bool
	passed   bool // time has passed since everything that waits was looked at
	// lookedAll is when everything that waits was looked at last.
	lookedAll time.Time
	anyImage  estate.GUID
	blind     blindness
	blinded   bool // the last reading failed; the next one waits for time to pass
	idle      int
	halted    bool // after a failure with StopOnError
	// unwritten: the journal could not be written.
	unwritten bool
	err       error
	run       context.Context
	records   []Record // in line for the journal
	events    []Event  // told when those are durable
	outOfTime bool     // the deadline came
	guarding  bool     // a reading is being taken for refreshes
	guarded   []task   // refreshes that wait for one
	asksNow   bool     // a person is being asked
}

// task is a request in line: that of a step, or a server's refresh in a round.
type task struct {
	step    plan.StepNo
	round   *round
	refresh *refresh
	guarded time.Time // when the reading was there that a refresh was held against
	with    []task    // refreshes of the same server in other rounds, served by the same request
}

type laneState struct {
	starts, polls []plan.StepNo
	running       int
	sync          bool
}

// result is the end of a job: what the loop is to do with it.
type result struct {
	number int
	then   func()
}

const (
	defaultParallelism = 8
	defaultTick        = 10 * time.Second
)

func newLoop(r *Runner) *loop {
	o := &r.Options
	l := &loop{Runner: r, workers: o.Parallelism, tick: o.Tick, sim: r.World.Describe().Simulated, began: r.World.Now()}
	l.lookedAll = l.began
	if l.workers <= 0 {
		l.workers = defaultParallelism
	}
	if l.tick <= 0 {
		l.tick = cmp.Or(r.World.Describe().Poll, defaultTick)
	}
	l.m = newMachine(r.Plan, settings{
		policy: o.Policy, verify: o.Verify, hold: o.Hold, drain: o.Drain, weaken: o.Weaken,
		approveSafe: o.ApproveSafe, deadline: o.Deadline, history: o.History,
		operatorPresent: r.World.Describe().OperatorPresent, acts: r.World.Describe().Acts,
	})
	l.report = &Report{Run: o.Run, Outcomes: make([]StepOutcome, len(r.Plan.Steps))}
	// Every job of a run fits, so that a worker never waits for a loop that has left.
	l.results = make(chan result, l.workers+int(lanes)*4+8)
	for i := range r.Plan.Steps {
		if l.anyImage = r.Plan.Steps[i].Image; !l.anyImage.IsZero() {
			break
		}
	}
	return l
}

// watchStop ends the readings and pauses of the run when Options.Stop is closed.
func (l *loop) watchStop(ctx context.Context) {
	stop, cancel := context.WithCancel(ctx)
	l.stop = stop
	l.looks, l.endLooks = context.WithCancel(stop)
	go func() {
		select {
		case <-l.Options.Stop:
		case <-ctx.Done():
		}
		cancel()
	}()
}

// stopped reports whether the run was asked to stop.
func (l *loop) stopped() bool {
	select {
	case <-l.Options.Stop:
		return true
	default:
		return l.stop.Err() != nil
	}
}

// over reports whether nothing is left to be done, or nothing more may be.
func (l *loop) over(ctx context.Context) bool {
	return ctx.Err() != nil || l.stopped() || l.m.open == 0 && l.inFlight == 0 || l.timeIsUp(l.World.Now())
}

// turn starts all that can be started now.
func (l *loop) turn(ctx context.Context) {
	now := l.World.Now()
	if l.passed {
		l.lookedAll = now
	}
	if l.Options.StopOnError && l.m.failures > 0 && !l.halted {
		l.halted = true
		l.startNothing()
	}
	if l.late(now) && !l.outOfTime {
		l.outOfTime = true
		l.m.onlyHops()
	}
	l.send(ctx, now)
	l.guard(now)
	l.ask()
	l.lookAround(now)
	if l.quiet() {
		l.startRound(ctx, now)
	}
	l.passed = false
	l.tell()
}

// startNothing ends what has not been asked for, after a failure with StopOnError.
// What was asked for is still watched, looked at and, where it was lost, repeated.
func (l *loop) startNothing() {
	const why = "not started, because another step failed and -on-error=stop"
	for no := range l.m.steps {
		n := plan.StepNo(no)
		live := l.m.live[n]
		if st := l.m.state(n); !st.settled() && st != asking && (live == nil || live.attempts == 0) {
			l.m.finish(news{no: n, state: notRun, text: why})
		}
	}
	l.m.grouped = nil
}

// quiet reports whether nothing is about to ask for a sync: only then does a round
// begin, so that it carries as many as it can. It waits no longer than one tick.
func (l *loop) quiet() bool {
	if l.passed {
		return true
	}
	return l.asking == 0 && len(l.queue) == 0 && len(l.fresh) == 0 && len(l.m.ready) == 0 &&
		l.lanes[facts].idle() && l.lanes[proofs].idle()
}

func (s *laneState) idle() bool { return s.running == 0 && len(s.starts) == 0 }

// spawn starts a job. A panic in it ends the run with an error that says so.
func (l *loop) spawn(what string, work func() func()) {
	number := l.next
	l.next++
	l.inFlight++
	go func() {
		then := func() {}
		defer func() {
			if p := recover(); p != nil {
				err := &PanicError{During: what, Value: p, Stack: debug.Stack()}
				then = func() { l.fail(err) }
			}
			l.results <- result{number: number, then: then}
		}()
		then = work()
	}()
}

// PanicError is a mistake in pslan that a worker ran into. It ends the run.
type PanicError struct {
	During string
	Value  any
	Stack  []byte // for a bug report; not part of the message
}

// Error says that it is a bug, and where it struck.
func (e *PanicError) Error() string {
	return fmt.Sprintf("this is a bug in pslan: %s ended in a panic: %v", e.During, e.Value)
}

// fail ends the run as a whole. The first reason stands.
func (l *loop) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// await waits until a job has come back or time has passed. On a simulated
// platform all jobs come back before time moves, and their results are taken in
// the order in which they were started, so that a run is the same every time.
func (l *loop) await(ctx context.Context) {
	switch {
	case l.inFlight > 0 && l.sim:
		l.collect(ctx, l.inFlight)
	case l.inFlight > 0:
		l.awaitReal(ctx)
	case l.standsStill() && l.m.overstep():
	default:
		l.pause(ctx)
	}
	l.tell()
}

// standsStill reports whether nothing is under way that could end and let a step go.
func (l *loop) standsStill() bool {
	waits := func(no plan.StepNo) bool { return l.m.state(no) == watching }
	return l.inFlight == 0 && len(l.rounds) == 0 && len(l.m.grouped) == 0 && len(l.queue) == 0 && len(l.guarded) == 0 && len(l.m.ready) == 0 &&
		!l.blinded && !slices.ContainsFunc(l.watched, waits) && !slices.ContainsFunc(l.fresh, waits)
}

// collect takes n results, in the order of their jobs.
func (l *loop) collect(ctx context.Context, n int) {
	batch := make([]result, 0, n)
	for range n {
		select {
		case r := <-l.results:
			batch = append(batch, r)
		case <-ctx.Done():
		}
	}
	l.use(batch)
}

func (l *loop) use(batch []result) {
	slices.SortFunc(batch, func(a, b result) int { return a.number - b.number })
	for _, r := range batch {
		l.inFlight--
		r.then()
	}
	l.flush()
}

// maxIdle is how many pauses may pass without time on a simulated platform: more
// would be a clock that stands still.
const maxIdle = 1000

// drainCalls lets the calls in flight return after the run's end, unless it is to
// leave at once.
func (l *loop) drainCalls(ctx context.Context) {
	l.endLooks()
	for l.inFlight > 0 && ctx.Err() == nil {
		select {
		case r := <-l.results:
			l.use([]result{r})
		case <-ctx.Done():
		}
	}
}

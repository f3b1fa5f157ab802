package simulation

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"pslan/internal/apply"
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/world"
	"pslan/internal/observe"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

// Options of a simulation.
type Options struct {
	// Settle returns when every other goroutine of the simulation waits: synctest.Wait.
	Settle func()
	// Weaken switches guards of the engine off, to see that their loss is noticed.
	Weaken apply.Guards
	// Sabotage spoils pslan in a way that no guard of the engine stands for.
	Sabotage Sabotage
	// Keep keeps the lines of the history.
	Keep bool
}

// Sabotage is something that pslan must never do, done on purpose: the oracle is held
// against it.
type Sabotage uint8

// The sabotages: planning asks for a membership update (P6); steps of the plan are
// forgotten (P8); a step is carried out on an image that is not declared (P9).
const (
	NoSabotage Sabotage = iota
	PlanningWrites
	StepsForgotten
	StrangerTouched
)

// Result is what came of a simulation.
type Result struct {
	Broken  []Violation
	History uint64   // a hash of everything that happened
	Lines   []string // where Options.Keep
	Counts  map[string]int
}

// Run carries out a scenario and judges it.
func Run(s *Scenario, o Options) *Result {
	sim := newSimulation(s, o)
	for i := range s.Rounds {
		sim.guarded(func() { sim.round(i) })
		if len(sim.oracle.broken) > 0 {
			break
		}
	}
	sim.end()
	sim.gate.open()
	return &Result{Broken: sim.oracle.broken, History: sim.log.hash, Lines: sim.log.lines, Counts: sim.oracle.counts}
}

// guarded has a panic in pslan counted as a broken promise of its own.
func (sim *simulation) guarded(f func()) {
	defer func() {
		if p := recover(); p != nil {
			sim.oracle.fail("panic", "%v\n%s", p, debug.Stack())
			sim.stage.round.dead = true
			sim.gate.quiet()
		}
	}()
	f()
}

type simulation struct {
	scenario *Scenario
	options  Options
	declared *declared.Declared
	disk     *disk
	lab      *lab.Lab
	stage    *stage
	oracle   *oracle
	gate     *gate
	log      *log
	hashes   *observe.HashStore
	world    *observe.Observer
	folder   folder
}

func newSimulation(s *Scenario, o Options) *simulation {
	sim := &simulation{scenario: s, options: o, declared: s.Declaration(), disk: newDisk(), log: newLog(o.Keep), hashes: observe.NewHashStore()}
	lo := lab.Options{Dir: "lab", Seed: s.Estate(), Random: int64(s.Seed) + 1, Disk: sim.disk, Rules: s.Rules.lab()}
	if s.ByOperator {
		lo.Ownership = "operator"
	}
	if s.Absent {
		lo.Operator = "absent"
	}
	st := &stage{scenario: s, log: sim.log, pending: map[Moment]map[int][]Act{}}
	lo.Trace = func(h world.Happening) { st.happened = append(st.happened, h) }
	l, err := lab.Open(lo)
	if err != nil {
		panic(fmt.Errorf("seed %d: %w", s.Seed, err)) // the generator makes no such estate
	}
	for _, a := range s.Acts {
		if st.pending[a.When] == nil {
			st.pending[a.When] = map[int][]Act{}
		}
		st.pending[a.When][a.At] = append(st.pending[a.When][a.At], a)
	}
	sim.lab, sim.stage = l, st
	sim.oracle = newOracle(s, &reader{s, l, sim.disk, map[string]seen{}}, sim.log)
	sim.gate = newGate(s.Seed, o.Settle)
	st.lab, st.eyes, st.gate, st.oracle, sim.oracle.st = l, l.Eyes(), sim.gate, sim.oracle, st
	if s.Lag > 0 {
		st.lag = newLag(s)
		sim.oracle.remember()
	}
	sim.observer()
	return sim
}

// observer is what one process of pslan sees with: hashes are remembered on the disk.
func (sim *simulation) observer() {
	verify := declared.VerifyHash
	if sim.scenario.SizeOnly {
		verify = declared.VerifySize
	}
	age := sim.scenario.Policy.HashMaxAge
	if sim.options.Weaken.Evidence {
		age = 1000 * time.Hour
	}
	sim.world = observe.New(observe.Options{Platform: sim.stage, Eyes: sim.stage, Nominal: sim.lab.Nominal,
		Hashes: sim.hashes, HashMaxAge: age, Verify: verify})
}

// round is one plan and apply, as a process of its own.
func (sim *simulation) round(n int) {
	r := &sim.scenario.Rounds[n]
	sim.log.add("round %d", n+1)
	if r.Mend {
		sim.mend()
	}
	sim.stage.pass(r.Wait)
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	stop := make(chan struct{})
	sim.stage.round = control{from: sim.stage.calls, stopAt: r.StopAt, killAt: r.KillAt, alone: r.Parallelism == 1, kill: kill, stop: func() { close(stop) }}
	sim.observer()
	outside := sim.outside()
	p := sim.plan(ctx, r)
	if p == nil || sim.stage.round.dead {
		sim.leave()
		return
	}
	if r.PlanOnly {
		sim.oracle.count("plans saved only")
	} else {
		sim.apply(ctx, r, p, stop, outside)
	}
	sim.leave()
}

// leave lets the calls of a process that is over run out.
func (sim *simulation) leave() {
	sim.stage.round.dead = true
	sim.gate.quiet()
	sim.oracle.steps = nil
}

// mend ends the faults that last.
func (sim *simulation) mend() {
	sim.stage.next, sim.stage.blind, sim.stage.unseen = nil, 0, 0
	for i := range sim.scenario.Servers {
		for _, what := range []string{"on", "room", "fast", "unstuck", "keep-status"} {
			_ = sim.lab.Break([]string{sim.scenario.Servers[i].Name, what}) // a server that is gone cannot be mended
		}
	}
	_ = sim.lab.Break([]string{"operator", "well"})
	sim.oracle.timePassed()
}

// plan makes a proposal, checks that this wrote nothing (P6), and chooses what the round
// carries out.
func (sim *simulation) plan(ctx context.Context, r *Round) *order {
	quiet := len(sim.scenario.Acts) == 0
	before := ""
	if quiet {
		before = sim.oracle.reader.diskHash()
	}
	writes := sim.stage.writes
	p, e := sim.propose(ctx)
	if sim.options.Sabotage == PlanningWrites {
		_ = sim.stage.UpdateMembership(ctx) // whatever it answers: it was asked for
	}
	sim.oracle.holds("P6", sim.stage.writes == writes, "planning made a request")
	if quiet {
		sim.oracle.holds("P6", sim.oracle.reader.diskHash() == before, "planning changed what lies on the disks")
	}
	if p == nil {
		return nil
	}
	o := sim.choose(r, p, e)
	sim.oracle.begin(o.concerned)
	o.concerned = slices.Clone(sim.oracle.concerned)
	sim.folder.saved = o
	return o
}

func (sim *simulation) propose(ctx context.Context) (*proposal.Proposal, *estate.Estate) {
	e, err := sim.world.All(ctx, false)
	if err != nil {
		sim.log.add("cannot read: %v", err)
		sim.oracle.count("rounds that could not read")
		return nil, nil
	}
	p, ds := proposal.Make(proposal.Input{Estate: e, Declared: sim.declared, Now: estate.TimeOf(sim.lab.Now()),
		OwnershipByOperator: sim.scenario.ByOperator})
	if ds.HasErrors() {
		for _, d := range ds {
			if d.Summary == proposal.SelfCheckSummary {
				sim.oracle.fail("self-check", "%s", d.Detail)
			}
		}
		sim.log.add("refused: %v", ds)
		sim.oracle.count("rounds refused")
		return nil, nil
	}
	return p, e
}

// apply carries out a plan. outside is what others had done before its first reading.
func (sim *simulation) apply(ctx context.Context, r *Round, p *order, stop chan struct{}, outside string) {
	o := sim.oracle
	sim.spoil(p.Plan)
	o.steps = &stepOracle{plan: &runningPlan{p.Plan, sim.scenario}, intended: map[string]bool{}}
	for i := range p.Plan.Steps {
		sim.log.add("step %s", p.Plan.Steps[i].ID)
	}
	j := &journal{sim: sim, failAt: r.JournalAt}
	lease := &lease{sim: sim, at: r.LeaseAt}
	run := &apply.Runner{Plan: p.Plan, World: sim.world, Journal: j, Emit: o.event, Options: apply.Options{
		Run: "run", Parallelism: r.Parallelism, StopOnError: r.StopOnError, Policy: sim.declared.Policy, Stop: stop,
		ApproveSafe: r.ApproveSafe, Drain: sim.drain, Before: lease.held, Weaken: sim.options.Weaken,
	}}
	if sim.scenario.SizeOnly {
		run.Options.Verify = declared.VerifySize
	}
	if r.Deadline > 0 {
		run.Options.Deadline = sim.lab.Now().Add(r.Deadline)
	}
	if p.resumes {
		j.records = slices.Clone(sim.folder.records)
		run.Options.History = apply.HistoryOf(j.records)
	}
	o.count("runs of apply")
	report := run.Run(ctx)
	sim.keep(p, j, report)
	sim.log.add("end: %v paused=%t remaining=%d", report.Err, report.Paused, report.Remaining)
	var crash *apply.PanicError
	if errors.As(report.Err, &crash) {
		o.fail("panic", "%v\n%s", crash, crash.Stack)
	}
	if sim.stage.round.dead {
		return
	}
	if report.Err != nil || report.Stopped || report.Count(apply.OutcomeFailed)+report.Count(apply.OutcomeUnknown) > 0 {
		return
	}
	all := !report.Paused && report.Remaining == 0 && !p.HasBlocked() &&
		report.Count(apply.OutcomeDone)+report.Count(apply.OutcomeSkipped) == len(p.Plan.Steps)
	sim.settled(ctx, all && len(p.Plan.Steps) > 0 && outside == sim.outside() && !p.old && !o.strays)
}

// spoil is the sabotage of a plan.
func (sim *simulation) spoil(p *plan.Plan) {
	switch sim.options.Sabotage {
	case StepsForgotten:
		p.Steps = p.Steps[:len(p.Steps)/2]
		p.Moves = nil
	case StrangerTouched:
		for i := range sim.scenario.Images {
			if sim.oracle.concerned[i] {
				continue
			}
			for n := range p.Steps {
				if p.Steps[n].Op == plan.Assign {
					p.Steps[n].Image, p.Steps[n].Before = guidOf(imageNumber(sim.oracle.name(i)), false), plan.Facts{}
				}
			}
		}
	}
}

// outside counts what others did, so that it shows whether they did anything.
func (sim *simulation) outside() string {
	return fmt.Sprint(sim.oracle.meddling, sim.stage.blind, sim.stage.unseen, len(sim.stage.late), sim.oracle.went, sim.oracle.skipped, sim.oracle.counts["stage blind"], sim.oracle.counts["stage unseen"])
}

// settled is P8. Pslan says that a run is complete when a fresh plan has nothing to do:
// then another process's has nothing to do either. And where all steps of a plan were
// done and nobody interfered, its own must have nothing to do, but for what nobody
// could know by listings, which are what plans are made of, for images that were
// given up as lost, of which a copy may turn up, and for versions that the platform has
// not been told of yet.
func (sim *simulation) settled(ctx context.Context, all bool) {
	if sim.scenario.Lag > 0 { // two readings of the same moment show two states
		return
	}
	before := sim.outside()
	p, _ := sim.propose(ctx)
	switch {
	case p == nil || sim.outside() != before:
		return
	case !p.Empty():
		if all && !sim.oracle.hidesWrong() && !sim.oracle.abandons() && !sim.oracle.reportedLate() {
			sim.leftover(p)
		}
		return
	}
	sim.oracle.count("complete runs")
	sim.observer()
	again, _ := sim.propose(ctx)
	if again != nil && sim.outside() == before {
		sim.oracle.holds("P8", again.Empty(), "pslan says that the run is complete, and a fresh plan has %d steps, %+v", len(again.Plan.Steps), again.Counts())
	}
}

func (sim *simulation) leftover(p *proposal.Proposal) {
	first := "no step"
	if len(p.Plan.Steps) > 0 {
		first = p.Plan.Steps[0].ID
	}
	sim.oracle.holds("P8", !p.HasChanges(), "every step was done, and a fresh plan has %d steps, %+v: %s", len(p.Plan.Steps), p.Counts(), first)
}

func (sim *simulation) drain(o *apply.Observation) plan.DrainOptions {
	resolved, ds := diff.Resolve(sim.declared, o.Index)
	if ds.HasErrors() {
		return plan.DrainOptions{}
	}
	return plan.DrainOptionsOf(resolved)
}

// end lets everything that is on its way come about.
func (sim *simulation) end() {
	if len(sim.oracle.broken) > 0 {
		return
	}
	sim.stage.pass(sim.scenario.Rules.DeleteUnused + 2*sim.scenario.Rules.RefreshEvery)
	clear(sim.oracle.reader.known)
	for i := range sim.oracle.now { // what was followed from happening to happening is what is there
		t, _ := sim.oracle.reader.read(i)
		for k := range t.copies {
			if t.copies[k].digest != sim.oracle.now[i].copies[k].digest {
				panic(fmt.Errorf("seed %d: the oracle lost track of %s", sim.scenario.Seed, sim.oracle.name(i)))
			}
		}
	}
}

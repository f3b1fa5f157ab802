package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pslan/internal/apply"
	"pslan/internal/diag"
	"pslan/internal/fileerror"
	"pslan/internal/proposal"
)

// order is what a run is to carry out.
type order struct {
	proposal *proposal.Proposal
	file     string      // the saved plan that it was read from; "" for a fresh one
	resumes  *earlierRun // the run that it goes on with; nil: none
}

// carryOut runs the plan, reads everything again, and says how it ended.
func (r *applying) carryOut(ctx context.Context, w *order) (outcome, error) {
	r.graceful.Store(true)
	defer r.graceful.Store(false)
	if err := ctx.Err(); err != nil { // an interrupt came before anything was done
		return outcome{}, err
	}
	if len(w.proposal.Plan.Steps) == 0 {
		if err := r.closeEarlier(w); err != nil {
			return outcome{}, err
		}
		return r.conclude(ctx, w, &apply.Report{}, nil)
	}
	if err := r.prepare(ctx, w.proposal.Plan.Steps); err != nil {
		return outcome{}, err
	}
	rec, err := r.begin(ctx, w)
	if err != nil {
		return outcome{}, err
	}
	report := r.runner(w, rec).Run(ctx)
	o, err := r.conclude(ctx, w, report, rec)
	return o, errors.Join(err, r.end(rec, report, o, err))
}

// runner is the engine with all that this run gives it.
func (r *applying) runner(w *order, rec *recording) *apply.Runner {
	d := r.g.loaded.Declared
	o := apply.Options{
		Run:         rec.id,
		Parallelism: r.f.parallelism,
		StopOnError: r.f.onError == "stop",
		Policy:      d.Policy,
		Verify:      verifyOf(d),
		Stop:        r.stop,
		Drain:       r.g.drainOptions,
		Before:      r.lease.Check,
		ApproveSafe: r.f.safeOnly(),
		History:     rec.history,
	}
	if r.f.deadline.length > 0 {
		o.Deadline = r.g.platform.Now().Add(r.f.deadline.length)
	}
	if r.canAsk(r.f) {
		o.Ask = r.askWhatBecame
	}
	world := apply.World(r.g.world)
	journal := apply.Journal(rec)
	if h := r.streams.hooks; h != nil && h.world != nil {
		world, journal = h.world(world), h.journal(journal)
	}
	return &apply.Runner{Plan: w.proposal.Plan, World: world, Journal: journal, Emit: r.view.Event, Options: o}
}

// conclude reads everything again, plans again, and tells how the run ended.
func (r *applying) conclude(ctx context.Context, w *order, report *apply.Report, rec *recording) (outcome, error) {
	// What was chosen may be done and gone by now, so everything is planned again.
	fresh, err := r.propose(ctx, r.g, &planFlags{}, concerned(w.proposal)...)
	if err != nil {
		r.view.ApplyEnd(applyEnd(w.proposal, report, nil))
		return endOutcome(w.proposal, report, nil), errors.Join(fmt.Errorf("the run has ended, and the estate could not be read again: %w", err), report.Err)
	}
	r.rememberContents(r.g, fresh.Estate)
	if rec != nil {
		r.rememberMoves(fresh)
		r.writeRunbooks(rec, w.proposal, report)
	}
	remaining := within(w.proposal, fresh)
	r.view.ApplyEnd(applyEnd(w.proposal, report, remaining))
	return endOutcome(w.proposal, report, remaining), report.Err
}

// rememberMoves forgets the moves through a middle server that are finished.
func (r *applying) rememberMoves(fresh *proposal.Proposal) {
	d := r.g.loaded.Declared
	d.Unfinished = stillMoving(d.Unfinished, fresh.Estate)
	if err := r.writeMoves(d.Unfinished); err != nil {
		r.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "Moves cannot be remembered", "%s: %v.", movesName, fileerror.Reason(err)))
	}
}

// now on the platform's clock, for what a run's files say.
func (r *applying) platformNow() time.Time { return r.g.platform.Now() }

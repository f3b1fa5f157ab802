package cli

import (
	"context"

	"github.com/spf13/cobra"

	"pslan/internal/apply"
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/lock"
	"pslan/internal/plan"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Carries out a plan, step by step, and sees that each step was done",
		Long: `Plans, shows the plan, asks for approval and carries it out. A saved plan was
approved when it was saved: it is carried out as it is, if the facts it relies on
still hold. A run that was interrupted or paused is gone on with. At the end
everything is read again and compared.

Exit codes: 0 complete, 1 error, 10 something is blocked, 11 the plan is stale or
not the expected one, 12 locked by another run, 13 stopped with work left, 14 some
steps failed, 15 not approved.`,
		Args: takes(0, 1, "one saved plan"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) { return a.apply(ctx, &f, args) }),
	}
	f.register(c.Flags())
	return c
}

// apply is the command, up to the point where it is decided what is carried out.
func (a *app) apply(ctx context.Context, f *applyFlags, args []string) (outcome, error) {
	if err := f.check(args); err != nil {
		return outcome{}, err
	}
	if len(args) == 0 && !f.approved() && !a.canAsk(f) {
		a.view.Diagnostics(diagnose(problem("Approval is needed",
			"Nobody can be asked here: there is no terminal, or questions are switched off. Nothing was read or done.\n\n"+
				"Approve beforehand with -auto-approve, or save a plan with pslan plan -out=FILE, look at it, and apply that.")))
		return outcome{notApproved: true}, nil
	}
	if err := a.checkOutputs("", f.runbook); err != nil {
		return outcome{}, err
	}
	r := &applying{app: a, f: f}
	var err error
	if r.want, err = a.expected(f.expectPlan); err != nil {
		return outcome{}, err
	}
	if len(args) == 1 {
		done, err := r.loadSaved(args[0])
		if err != nil {
			return outcome{}, err
		}
		defer done()
		if !r.want.fits(r.saved) {
			a.view.Diagnostics(diagnose(r.want.problem(r.saved)))
			return outcome{stale: true}, nil
		}
	}
	if r.g, err = a.openToWrite(&f.vars); err != nil {
		return outcome{}, err
	}
	var held bool
	if r.lease, held, err = a.takeLock(ctx, "apply", a.expectedRun(), f.lockTimeout.length); err != nil || held {
		return outcome{locked: held}, err
	}
	defer a.releaseLock(r.lease)
	return r.decide(ctx)
}

// applying is one apply: what is known until its run begins.
type applying struct {
	*app
	f     *applyFlags
	g     *ground
	want  *expectation // -expect-plan; nil: any plan
	lease lock.Lease
	// saved is the plan of PLANFILE, nil without one; savedFile is its path.
	saved     *proposal.Proposal
	savedFile string
	observed  *estate.Estate
	// earlier is the newest run of the data folder, where it left work; nil otherwise.
	earlier *earlierRun
	// leave says why the earlier run is not gone on with; "": it is, or there is none.
	leave string
}

// decide looks for a run that left work, reads the platform and chooses between the earlier run, the saved plan and
// a fresh plan.
func (r *applying) decide(ctx context.Context) (outcome, error) {
	var err error
	if r.earlier, err = r.findEarlier(); err != nil {
		return outcome{}, err
	}
	r.g.resume(r.earlier, r.saved, &r.f.planFlags)
	if r.observed, err = r.observeToPlan(ctx, r.g, false); err != nil {
		return outcome{}, err
	}
	if r.observed, err = r.confirmed(ctx, r.g, r.observed, false, r.plannedBefore()); err != nil {
		return outcome{}, err
	}
	if r.saved != nil {
		return r.applySaved(ctx)
	}
	if r.earlier != nil {
		if r.leave = r.whyNot(); r.leave == "" {
			return r.goOn(ctx)
		}
		r.Info(r.earlier.title() + " is not gone on with: " + r.leave + " A new plan is made.")
	}
	return r.applyFresh(ctx)
}

// applyFresh plans, asks and carries out.
func (r *applying) applyFresh(ctx context.Context) (outcome, error) {
	p, err := r.proposeFor(ctx, r.g, r.observed, &r.f.planFlags)
	if err != nil {
		return outcome{}, err
	}
	if r.f.verbose {
		if err := r.showDifferences(ctx, r.g, p); err != nil {
			return outcome{}, err
		}
	}
	r.view.Plan(p, view.PlanOptions{Verbose: r.f.verbose, ForApply: true})
	if len(p.Stops()) > 0 {
		r.sayStopped()
		return outcome{blocked: true}, nil
	}
	if !r.want.fits(p) && !(p.Empty() && r.completed(r.want.id)) {
		r.view.Diagnostics(diagnose(r.want.problem(p)))
		return outcome{stale: true}, nil
	}
	if len(p.Plan.Steps) > 0 && !r.f.approved() {
		if err := r.prepare(ctx, p.Plan.Steps); err != nil { // nobody is asked about what would be refused
			return outcome{}, err
		}
		if !r.asksApproval(ctx) {
			return outcome{notApproved: true}, nil
		}
	}
	return r.carryOut(ctx, &order{proposal: p})
}

// Info shows one plain line.
func (r *applying) Info(line string) { r.view.Info(line) }

// sayStopped: a finding about the run as a whole stops it before the first write.
func (a *app) sayStopped() {
	a.view.Diagnostics(diagnose(problem("Nothing was done", "A finding about the whole run stands: see the findings above. "+
		"It stops an apply before its first write.")))
}

// drainOptions are what the files say about a server's retirement, resolved
// against the estate that law 15 is held against.
func (g *ground) drainOptions(o *apply.Observation) plan.DrainOptions {
	resolved, ds := diff.Resolve(g.loaded.Declared, o.Index)
	if ds.HasErrors() { // the platform moved away from the files: then nothing is given up and nothing accepted
		return plan.DrainOptions{}
	}
	return plan.DrainOptionsOf(resolved)
}

func verifyOf(d *declared.Declared) declared.Verify {
	if d.Content != nil {
		return d.Content.Verify
	}
	return declared.VerifyHash
}

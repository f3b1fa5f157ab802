package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"pslan/internal/apply"
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/plan"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

type applyFlags struct {
	planFlags
	autoApprove, json, verbose bool
	onError                    string
	parallelism                int
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Carries out a plan, step by step, and sees that each step was done",
		Long: `Plans, shows the plan, asks for approval and carries it out. A saved plan was
approved when it was saved: it is carried out as it is, if the facts it relies on
still hold. At the end everything is read again and compared.

Exit codes: 0 complete, 1 error, 10 something is blocked, 11 the saved plan is
stale, 13 stopped with work left, 14 some steps failed, 15 not approved.`,
		Args: takes(0, 1, "one saved plan"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) {
			if err := f.check(args); err != nil {
				return outcome{}, err
			}
			if len(args) == 1 {
				return a.applySaved(ctx, &f, args[0])
			}
			return a.applyFresh(ctx, &f)
		}),
	}
	flags := c.Flags()
	f.register(flags)
	flags.BoolVar(&f.autoApprove, "auto-approve", false, "do not ask for approval")
	flags.BoolVar(&f.json, "json", false, "JSON lines instead of text; needs -auto-approve or a saved plan")
	flags.BoolVar(&f.verbose, "verbose", false, "show every step and every attribute")
	flags.StringVar(&f.onError, "on-error", "continue", "after a failure: `WHAT` is continue (with other images) or stop")
	flags.IntVar(&f.parallelism, "parallelism", 8, "have at most `N` requests in flight")
	return c
}

func (f *applyFlags) check(args []string) error {
	switch {
	case f.onError != "continue" && f.onError != "stop":
		return problem("Invalid value for a flag", "-on-error may be continue or stop, not %q.", f.onError)
	case f.parallelism < 1 || f.parallelism > 1000:
		return problem("Invalid value for a flag", "-parallelism may be 1 to 1000, not %d.", f.parallelism)
	case len(args) == 1 && len(f.targets)+len(f.excludes) > 0:
		return problem("A saved plan is carried out as it is", "-target and -exclude are for making a plan: give them to pslan plan.")
	}
	return nil
}

// applyFresh plans, asks and carries out.
func (a *app) applyFresh(ctx context.Context, f *applyFlags) (outcome, error) {
	if !f.autoApprove && !a.canAsk(f) {
		a.view.Diagnostics(diagnose(problem("Approval is needed",
			"Nobody can be asked here: there is no terminal, or questions are switched off. Nothing was read or done.\n\n"+
				"Approve beforehand with -auto-approve, or save a plan with pslan plan -out=FILE, look at it, and apply that.")))
		return outcome{notApproved: true}, nil
	}
	g, err := a.openToWrite(&f.vars)
	if err != nil {
		return outcome{}, err
	}
	p, err := a.propose(ctx, g, &f.planFlags)
	if err != nil {
		return outcome{}, err
	}
	a.view.Plan(p, view.PlanOptions{Verbose: f.verbose, ForApply: true})
	if len(p.Stops()) > 0 {
		a.sayStopped()
		return outcome{blocked: true}, nil
	}
	if len(p.Plan.Steps) > 0 && !f.autoApprove && !a.approved(ctx) {
		return outcome{notApproved: true}, nil
	}
	return a.carryOut(ctx, g, p, f)
}

// sayStopped: a finding about the run as a whole stops it before the first write.
func (a *app) sayStopped() {
	a.view.Diagnostics(diagnose(problem("Nothing was done", "A finding about the whole run stands: see the findings above. "+
		"It stops an apply before its first write.")))
}

// carryOut runs the plan, reads everything again, and says how it ended.
func (a *app) carryOut(ctx context.Context, g *ground, p *proposal.Proposal, f *applyFlags) (outcome, error) {
	a.graceful.Store(true)
	defer a.graceful.Store(false)
	if err := ctx.Err(); err != nil { // an interrupt came before anything was done
		return outcome{}, err
	}
	runner := apply.Runner{
		Plan: p.Plan, World: g.world, Journal: &apply.MemoryJournal{}, Emit: a.view.Event,
		Options: apply.Options{
			Run:         "run-" + a.now().UTC().Format("20060102T150405Z"),
			Parallelism: f.parallelism,
			StopOnError: f.onError == "stop",
			Policy:      g.loaded.Declared.Policy,
			Verify:      verifyOf(g.loaded.Declared),
			Stop:        a.stop,
			Drain:       g.drainOptions,
		},
	}
	report := runner.Run(ctx)
	// What was chosen may be done and gone by now, so everything is planned again.
	fresh, err := a.propose(ctx, g, &planFlags{})
	if err != nil {
		a.view.ApplyEnd(applyEnd(p, report, nil))
		return endOutcome(p, report, nil), fmt.Errorf("the run has ended, and the estate could not be read again: %w", err)
	}
	remaining := within(p, fresh)
	a.view.ApplyEnd(applyEnd(p, report, remaining))
	return endOutcome(p, report, remaining), report.Err
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

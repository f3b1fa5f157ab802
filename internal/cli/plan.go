package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"pslan/internal/atomicfile"
	"pslan/internal/fileerror"
	"pslan/internal/finding"
	"pslan/internal/planfile"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

type planCommandFlags struct {
	planFlags
	out, jsonInto, verify string
	detailed, verbose     bool
	warningsAsErrors      bool
}

func (a *app) planCommand() *cobra.Command {
	var f planCommandFlags
	c := &cobra.Command{
		Use:   "plan",
		Short: "Shows what would change, in which order, and what could be lost",
		Long: `Compares the configuration with the platform and shows what would change. It
changes nothing.

Exit codes: 0 success, 1 error, 2 changes (with -detailed-exitcode), 10 a finding
of severity error stands and nobody acknowledged it.`,
		Args: takes(0, 0, ""),
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) { return a.plan(ctx, &f) })),
	}
	flags := c.Flags()
	f.register(flags)
	flags.StringVar(&f.out, "out", "", "save the plan to `FILE`, for apply")
	flags.StringVar(&f.jsonInto, "json-into", "", "write the plan as a JSON document to `FILE`, beside the text")
	flags.StringVar(&f.state, "state", "", "plan against a recorded estate, `FILE`, instead of the platform")
	flags.StringVar(&f.verify, "verify", "", "`hash` hashes the copies now, instead of using recorded hashes")
	flags.BoolVar(&f.detailed, "detailed-exitcode", false, "exit 2 when there are changes, 0 when there are none")
	flags.BoolVar(&f.warningsAsErrors, "warnings-as-errors", false, "count every warning that is not acknowledged as an error")
	flags.BoolVar(&f.verbose, "verbose", false, "show every step and every attribute")
	flags.Bool("json", false, "JSON lines instead of text")
	return c
}

func (a *app) plan(ctx context.Context, f *planCommandFlags) (outcome, error) {
	switch f.verify {
	case "":
	case "hash":
		f.hash = true
	default:
		return outcome{}, problem("Invalid value for a flag", `-verify may be hash, not %q.`, f.verify)
	}
	if err := a.checkOutputs(f.out, f.jsonInto); err != nil {
		return outcome{}, err
	}
	g, err := a.open(&f.vars, f.state)
	if err != nil {
		return outcome{}, err
	}
	a.resumeForPlan(g, &f.planFlags)
	p, err := a.propose(ctx, g, &f.planFlags)
	if err != nil {
		return outcome{}, err
	}
	a.rememberContents(g, p.Estate)
	if f.verbose {
		if err := a.showDifferences(ctx, g, p); err != nil {
			return outcome{}, err
		}
	}
	saved, saveErr := a.savePlan(f.out, p)
	a.view.Plan(p, view.PlanOptions{Verbose: f.verbose, SavedTo: saved})
	a.warnOfObstacles(ctx, g, p.Plan.Steps)
	if err := errors.Join(saveErr, a.writePlanDocument(f.jsonInto, p)); err != nil {
		return outcome{}, err
	}
	return a.planOutcome(p, f)
}

// planOutcome says what a plan means for the exit code.
func (a *app) planOutcome(p *proposal.Proposal, f *planCommandFlags) (outcome, error) {
	o := outcome{
		blocked: p.Stands(),
		differs: f.detailed && !p.Empty(),
	}
	if !f.warningsAsErrors {
		return o, nil
	}
	warnings := 0
	for i := range p.Findings {
		if p.Findings[i].Severity == finding.Warning && p.Findings[i].Acked == nil {
			warnings++
		}
	}
	if warnings > 0 {
		o.blocked = true
		a.view.Diagnostics(diagnose(problem("Warnings count as errors",
			"Warnings that nobody acknowledged: %d. -warnings-as-errors was given.", warnings)))
	}
	return o, nil
}

// checkOutputs refuses, before anything is read, files that cannot be written.
func (a *app) checkOutputs(out, jsonInto string) error {
	info, err := os.Stat(a.path(out))
	if out != "" && err == nil && !info.Mode().IsRegular() {
		return problem("Cannot save the plan", "%s is not a file.", out)
	}
	info, err = os.Stat(a.path(jsonInto))
	if jsonInto != "" && err == nil && info.IsDir() {
		return problem("Cannot write the plan document", "%s is a folder.", jsonInto)
	}
	return nil
}

// savePlan saves the plan where -out says, and returns the name where it did.
func (a *app) savePlan(out string, p *proposal.Proposal) (string, error) {
	if out == "" {
		return "", nil
	}
	if err := planfile.Save(a.path(out), p); err != nil {
		return "", problem("Cannot save the plan", "%s was not written: %v.", out, fileerror.Reason(err))
	}
	return out, nil
}

// writePlanDocument writes the plan as JSON beside the text. A device or a pipe is
// written to; a file is whole or not there.
func (a *app) writePlanDocument(name string, p *proposal.Proposal) error {
	if name == "" {
		return nil
	}
	write := func(w io.Writer) error { return planfile.WriteDocument(w, p) }
	path := a.path(name)
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = writeDevice(path, write)
	} else if err == nil || fileerror.Missing(err) {
		err = atomicfile.Write(path, write)
	}
	if err != nil {
		return problem("Cannot write the plan document", "%s was not written: %v.", name, fileerror.Reason(err))
	}
	return nil
}

func writeDevice(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return fmt.Errorf("writing to a device: %w", err)
	}
	return f.Close()
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"pslan/internal/diag"
	"pslan/internal/estatefile"
	"pslan/internal/fileerror"
	"pslan/internal/planfile"
	"pslan/internal/platform"
	"pslan/internal/view"
)

func (a *app) showCommand() *cobra.Command {
	var asJSON, verbose bool
	c := &cobra.Command{
		Use:   "show FILE",
		Short: "Shows a saved plan, an estate file or the journal of a run",
		Long:  "Shows a saved plan (plan -out=FILE), an estate file, or the journal of a run,\nwhichever FILE is.",
		Args:  takes(1, 1, "one file"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) {
			return outcome{}, a.show(ctx, args[0], asJSON, verbose)
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON document")
	c.Flags().BoolVar(&verbose, "verbose", false, "show every step and every attribute of a plan, every copy of an estate")
	return c
}

func (a *app) show(ctx context.Context, file string, asJSON, verbose bool) error {
	path := a.path(file)
	kind, err := planfile.Sniff(path)
	if err != nil {
		return fileProblem(file, err)
	}
	switch kind {
	case planfile.KindEstate:
		return a.showEstate(file, asJSON, verbose)
	case planfile.KindPlan:
		p, err := planfile.Load(path, Version)
		if err != nil {
			return fileProblem(file, err)
		}
		if asJSON {
			return planfile.WriteDocument(a.stdout, p)
		}
		a.view.Plan(p, view.PlanOptions{Verbose: verbose, Show: true})
		return nil
	case planfile.KindJournal:
		return a.showJournal(ctx, file, path, asJSON)
	default:
		return problem("The file cannot be shown", "%s is neither a saved plan nor an estate file nor the journal of a run.", file)
	}
}

func (a *app) showEstate(file string, asJSON, verbose bool) error {
	e, ds := estatefile.ReadFile(a.path(file))
	if ds.HasErrors() {
		return shortened(ds, a.path(file), file)
	}
	a.view.Diagnostics(shortened(ds, a.path(file), file))
	if asJSON {
		return estatefile.Write(a.stdout, e)
	}
	return writeEstate(a.stdout, e, verbose)
}

// shortened names a file as it was written on the command line.
func shortened(ds diag.Diagnostics, path, written string) diag.Diagnostics {
	out := make(diag.Diagnostics, len(ds))
	for i, d := range ds {
		c := *d
		if filepath.Clean(c.Subject.Filename) == filepath.Clean(path) {
			c.Subject.Filename = written
		}
		out[i] = &c
	}
	return out
}

// fileProblem tells what is wrong with a file that was named on the command line.
func fileProblem(written string, err error) error {
	var pe *platform.Error
	switch {
	case !errors.As(err, &pe):
		return problem("The file cannot be used", "%s: %v.", written, fileerror.Reason(err))
	case len(pe.Diagnostics) > 0:
		return shortened(pe.Diagnostics, pe.Object, written)
	}
	cause := pe.Err
	if cause == nil {
		cause = errors.New("it cannot be used")
	}
	text := fmt.Sprintf("%s: %v.", written, fileerror.Reason(cause))
	if pe.Hint != "" {
		text += "\n\n" + pe.Hint
	}
	return problem("The file cannot be used", "%s", text)
}

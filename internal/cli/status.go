package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"pslan/internal/view"
)

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Where the last run of apply stands, seen from outside",
		Long:  "Reads the journal and the lock of the data folder. Nothing else is read or written.",
		Args:  takes(0, 0, ""),
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) {
			r, l, err := a.lastRun(ctx)
			if err != nil {
				return outcome{}, err
			}
			if asJSON {
				return outcome{}, view.WriteStatusJSON(a.stdout, r, l)
			}
			return outcome{}, view.WriteStatus(a.stdout, r, l)
		})),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON document")
	return c
}

// lastRun returns the newest run and who holds the lock, nil where there is none.
func (a *app) lastRun(ctx context.Context) (*view.Run, *view.RunLock, error) {
	// The lock first: a run that ends meanwhile is then seen to work, and looked at again.
	l, err := a.held(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := a.newestRun()
	switch {
	case err != nil:
		return nil, nil, err
	case s == nil:
		return nil, l, nil
	case s.Broken != nil:
		return nil, nil, problem("The journal of the last run cannot be used", "%s", sentence(s.Broken.Error(), ""))
	}
	run := runOf(s, l)
	run.WaitsFor = waitsFor(s, a.stepsOf(s))
	return &run, l, nil
}

// lookEvery is how often wait looks.
const lookEvery = 250 * time.Millisecond

func (a *app) waitCommand() *cobra.Command {
	var timeout spanFlag
	c := &cobra.Command{
		Use:   "wait",
		Short: "Waits until the run of apply ends, and ends as it does",
		Long: `Waits until nobody works on the last run of this data folder any more, and ends with
the exit code of that run; with 13 if it is still in progress after -timeout, and with
1 if it was interrupted.`,
		Args: takes(0, 0, ""),
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) { return a.wait(ctx, timeout) })),
	}
	c.Flags().Var(&timeout, "timeout", "wait at most `DURATION` (50m, 6h); without it: as long as it takes")
	return c
}

func (a *app) wait(ctx context.Context, timeout spanFlag) (outcome, error) {
	if timeout.text != "" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, max(timeout.length, time.Nanosecond))
		defer cancel()
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		r, l, err := a.lastRun(context.WithoutCancel(ctx))
		switch {
		case err != nil:
			return outcome{}, err
		case l != nil && l.State == view.LockHeld: // perhaps on its plan, before its journal is there
		case r == nil:
			return outcome{}, problem("Nothing to wait for", "No run has been made here.")
		default:
			return ended(r), view.WriteRun(a.stdout, r)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return outcome{}, ctx.Err()
			}
			if r == nil {
				return outcome{workRemains: true}, nil
			}
			return outcome{workRemains: true}, view.WriteRun(a.stdout, r)
		}
	}
}

// ended is the outcome of a run that nobody works on, as an outcome of wait.
func ended(r *view.Run) outcome {
	if r.ExitCode == nil {
		return outcome{failed: true}
	}
	return outcome{run: r.ExitCode}
}

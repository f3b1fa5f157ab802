package cli

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pslan/internal/apply"
	"pslan/internal/fileerror"
	"pslan/internal/journal"
	"pslan/internal/plan"
	"pslan/internal/planfile"
	"pslan/internal/view"
)

func (a *app) runsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "runs",
		Short: "The runs of apply, as their journals show them",
		Long:  "Lists the runs that were made with this data folder, or shows one of them.",
		Args:  func(c *cobra.Command, args []string) error { return unknownCommand(c, args) },
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) {
			return outcome{}, a.listAllRuns(ctx, asJSON)
		})),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON document")
	c.AddCommand(a.runsListCommand(), a.runsShowCommand())
	return c
}

func (a *app) runsListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "Lists the runs, the newest last",
		Args:  takes(0, 0, ""),
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) {
			return outcome{}, a.listAllRuns(ctx, asJSON)
		})),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON document")
	return c
}

func (a *app) listAllRuns(ctx context.Context, asJSON bool) error {
	found, err := journal.List(a.dataPath(runsName))
	if err != nil {
		return a.cannotReadRuns(err)
	}
	holder, err := a.held(ctx)
	if err != nil {
		return err
	}
	slices.Reverse(found)
	var runs []view.Run
	for i := range found {
		if found[i].Broken != nil {
			a.view.Diagnostics(diagnose(problem("A journal cannot be used", "%s", sentence(found[i].Broken.Error(), ""))))
			continue
		}
		runs = append(runs, runOf(&found[i], holder))
	}
	if asJSON {
		return view.WriteRunsJSON(a.stdout, runs)
	}
	return view.WriteRuns(a.stdout, runs)
}

func (a *app) runsShowCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Shows a run, step by step",
		Args:  takes(1, 1, "the run's ID, which pslan runs list shows"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) {
			path := a.runPath(args[0], journalSuffix)
			if !fs.ValidPath(args[0]) {
				return outcome{}, problem("No such run", "%q is no ID of a run. pslan runs list shows them.", args[0])
			}
			return outcome{}, a.showJournal(ctx, args[0], path, asJSON)
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON document")
	return c
}

// showJournal shows the run of a journal; its plan, if it lies beside, gives the
// steps that were not begun.
func (a *app) showJournal(ctx context.Context, written, path string, asJSON bool) error {
	run, err := journal.Read(path)
	var bad *journal.CorruptError
	switch {
	case fileerror.Missing(err):
		return problem("No such run", "There is no journal of %s in %s. pslan runs list shows the runs.", written, a.shown(a.dataPath(runsName)))
	case errors.As(err, &bad):
		return problem("The journal cannot be used", "%s", sentence(bad.Error(), ""))
	case err != nil:
		return fileProblem(written, err)
	}
	holder, err := a.held(ctx)
	if err != nil {
		return err
	}
	s := &journal.Summary{ID: run.Header.Run, Path: path, Run: run}
	r := runOf(s, holder)
	steps := a.stepsOf(s)
	r.WaitsFor = waitsFor(s, steps)
	r.Detail = detailOf(run, steps)
	if asJSON {
		return view.WriteRunJSON(a.stdout, &r)
	}
	return view.WriteRun(a.stdout, &r)
}

// held returns who holds the lock, nil if nobody does.
func (a *app) held(ctx context.Context) (*view.RunLock, error) {
	held, err := a.locker().Held(ctx)
	switch {
	case err != nil:
		return nil, problem("The lock cannot be read", "%s", sentence(err.Error(), ""))
	case held == nil:
		return nil, nil
	}
	h := &held.Holder
	l := &view.RunLock{ID: h.ID, State: view.LockHeld, User: h.User, Host: h.Host, PID: h.PID, Run: h.Run, Operation: h.Operation,
		StartedAt: h.Started.UTC(), Heartbeat: h.Heartbeat.UTC()}
	switch {
	case held.Dead:
		l.State = view.LockDead
	case held.Silent:
		l.State = view.LockSilent
	}
	return l, nil
}

// runOf tells where a run stands. It runs while its journal is open and the lock is
// held for it.
func runOf(s *journal.Summary, l *view.RunLock) view.Run {
	h := &s.Run.Header
	r := view.Run{
		ID: h.Run, User: h.User, Host: h.Host, PlanID: h.PlanID, StartedAt: h.Started.UTC(), Steps: h.Steps, State: view.RunInterrupted,
	}
	for _, step := range s.Run.Steps {
		if stepDone(step.State) {
			r.Done++
		}
	}
	c := s.Run.Closed
	if c == nil {
		if l != nil && l.State == view.LockHeld && l.Run == h.Run {
			r.State = view.RunRunning
		}
		return r
	}
	at, code := c.At.UTC(), c.ExitCode
	r.EndedAt, r.ExitCode, r.Why, r.State = &at, &code, c.Note, view.RunFinished
	switch c.Outcome {
	case closedPaused:
		r.State = view.RunPaused
	case closedAbandoned:
		r.State = view.RunAbandoned
	}
	return r
}

// stepsOf returns the steps of a run's plan; none where it is not at hand.
func (a *app) stepsOf(s *journal.Summary) []plan.Step {
	p, err := planfile.Load(strings.TrimSuffix(s.Path, journalSuffix)+planSuffix, Version)
	if err != nil || p.Plan.ID != s.Run.Header.PlanID {
		return nil // the journal says enough without it
	}
	return p.Plan.Steps
}

// waitsFor says of the steps that were asked for and not seen done what they wait
// for, in plan order.
func waitsFor(s *journal.Summary, steps []plan.Step) []string {
	if s.Run.Closed != nil {
		return nil
	}
	var texts []string
	for i := range steps {
		step := &steps[i]
		h, begun := s.Run.Steps[step.ID]
		switch {
		case begun && (h.State == apply.RecordIntended || h.State == apply.RecordRequested), !begun && step.WaitsFor != "" && needsDone(s.Run, steps, step):
			text := step.ID
			if step.WaitsFor != "" {
				text += ": " + step.WaitsFor
			}
			texts = append(texts, text)
		}
	}
	return texts
}

// needsDone reports whether all that a step needs was seen done: then it is under
// way, also where nothing is asked for.
func needsDone(run *journal.Run, steps []plan.Step, s *plan.Step) bool {
	for _, n := range s.Needs {
		if !stepDone(run.Steps[steps[n].ID].State) {
			return false
		}
	}
	return true
}

// detailOf lists the steps of a run: in plan order with those that were not begun,
// or in the order of their last records where the plan is not at hand.
func detailOf(run *journal.Run, steps []plan.Step) []view.RunStep {
	var out []view.RunStep
	add := func(id string) {
		h, begun := run.Steps[id]
		if !begun {
			out = append(out, view.RunStep{ID: id, State: view.NotBegun})
			return
		}
		out = append(out, view.RunStep{ID: id, State: string(h.State), At: h.At.UTC(), Note: h.Note})
	}
	for i := range steps {
		add(steps[i].ID)
	}
	if len(steps) > 0 {
		return out
	}
	seen := map[string]bool{}
	for i := range run.Records {
		if id := run.Records[i].Step; id != "" && !seen[id] {
			seen[id] = true
			add(id)
		}
	}
	return out
}

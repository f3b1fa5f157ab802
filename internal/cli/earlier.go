package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"pslan/internal/apply"
	"pslan/internal/fileerror"
	"pslan/internal/journal"
	"pslan/internal/planfile"
	"pslan/internal/proposal"
)

// earlierRun is a run that left work: cut short, or paused.
type earlierRun struct {
	id       string
	run      *journal.Run
	plan     *proposal.Proposal // nil where planErr says why
	planErr  error
	planFile string
	inputs   string
	safe     bool // only steps without a risk were approved
	closed   bool // it was paused, and not cut short
}

// newestRun returns the newest run of the data folder, nil where there is none. A
// journal that was created and never written to has done nothing and is no run. It
// reads no other journal, however many there are.
func (a *app) newestRun() (*journal.Summary, error) {
	s, err := journal.Newest(a.dataPath(runsName))
	if err != nil {
		return nil, a.cannotReadRuns(err)
	}
	return s, nil
}

func (a *app) cannotReadRuns(err error) error {
	return problem("The runs cannot be read", "%s: %v.", a.shown(a.dataPath(runsName)), fileerror.Reason(err))
}

// findEarlier returns the newest run if it left work, nil otherwise.
func (a *app) findEarlier() (*earlierRun, error) {
	s, err := a.newestRun()
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return nil, nil
	case s.Broken != nil:
		return nil, problem("The journal of the last run cannot be used", "%s", sentence(s.Broken.Error(), ""))
	case !s.Unfinished():
		return nil, nil
	}
	h := &s.Run.Header
	e := &earlierRun{id: s.ID, run: s.Run, inputs: h.Inputs, safe: h.Approved == approveSafe, closed: s.Run.Closed != nil}
	e.planFile = a.runPath(e.id, planSuffix)
	e.plan, e.planErr = planfile.Load(e.planFile, Version)
	if e.planErr == nil && e.plan.Plan.ID != h.PlanID {
		e.planErr = fmt.Errorf("%s is another plan, %s", filepath.Base(e.planFile), e.plan.Plan.ID)
	}
	return e, nil
}

// planID is the ID of the plan that the run carries out.
func (e *earlierRun) planID() string {
	if e.planErr != nil {
		return ""
	}
	return e.plan.Plan.ID
}

// title names the run, and how it ended, for the beginning of a sentence.
func (e *earlierRun) title() string {
	how := "was interrupted"
	if e.closed {
		how = "was paused"
	}
	h := &e.run.Header
	return fmt.Sprintf("Run %s, which %s@%s began at %s UTC and which %s,", e.id, h.User, h.Host, h.Started.UTC().Format("2006-01-02 15:04:05"), how)
}

// done reports whether a step was seen done.
func (e *earlierRun) done(step string) bool { return stepDone(e.run.Steps[step].State) }

func stepDone(k apply.RecordKind) bool {
	return k == apply.RecordObserved || k == apply.RecordSkipped
}

// expectedRun is the run that a lock is taken for: the one that was left, or a new
// one. It is known for sure only under the lock.
func (a *app) expectedRun() string {
	if s, err := a.newestRun(); err == nil && s != nil && s.Unfinished() {
		return s.ID
	}
	id, err := a.newRunID()
	if err != nil {
		return ""
	}
	return id
}

// planOfRuns returns the plan with an ID, if a run of the data folder carried it out.
func (a *app) planOfRuns(id string) *proposal.Proposal {
	runs, err := journal.OfPlan(a.dataPath(runsName), id)
	if err != nil {
		return nil // the difference is a courtesy
	}
	for i := range runs {
		if p, err := planfile.Load(a.runPath(runs[i].ID, planSuffix), Version); err == nil && p.Plan.ID == id {
			return p
		}
	}
	return nil
}

// completed reports whether a run has carried out the plan with an ID to its end.
func (a *app) completed(id string) bool {
	runs, err := journal.OfPlan(a.dataPath(runsName), id)
	return err == nil && slices.ContainsFunc(runs, func(s journal.Summary) bool {
		return s.Run != nil && s.Run.Closed != nil && s.Run.Closed.ExitCode == exitSuccess
	})
}

// The outcomes of a closing record.
const (
	closedComplete   = "complete"
	closedIncomplete = "incomplete"
	closedPaused     = "paused"
	closedAbandoned  = "abandoned"
	closedFailed     = "failed"
)

// closeEarlier ends the run that is not gone on with, and says why.
func (r *applying) closeEarlier(w *order) error {
	e := r.earlier
	if e == nil || w.resumes == e {
		return nil
	}
	writer, _, err := journal.Open(r.dataPath(runsName), e.id, r.header(e.id, w))
	if err != nil {
		return r.cannotKeep(e.id+journalSuffix, err)
	}
	why := r.leave
	if why == "" {
		why = "a new plan was made."
	}
	return writer.Close(journal.Closing{Outcome: closedAbandoned, ExitCode: exitStale, At: r.now(), Note: why})
}

// header says what a run is.
func (r *applying) header(id string, w *order) journal.Header {
	approved := approveAll
	if r.f.safeOnly() {
		approved = approveSafe
	}
	return journal.Header{
		Run: id, PlanID: w.proposal.Plan.ID, Version: Version, SMP: w.proposal.Meta.SMP,
		User: userName(r.env), Host: hostName(), PID: os.Getpid(), Started: r.now().UTC().Truncate(time.Second),
		Steps: len(w.proposal.Plan.Steps), Plan: id + planSuffix, Inputs: r.inputs(), Approved: approved,
	}
}

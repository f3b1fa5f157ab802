package cli

import (
	"context"
	"errors"
	"strings"

	"pslan/internal/apply"
	"pslan/internal/journal"
	"pslan/internal/lock"
)

// recording is a run's journal while it is written.
type recording struct {
	*journal.Writer
	id      string
	history map[string]apply.StepHistory
}

// begin makes all durable that must be there before a run's first write: the plan,
// how things were, the moves that must be finished, and the journal.
func (r *applying) begin(ctx context.Context, w *order) (*recording, error) {
	if err := r.closeEarlier(w); err != nil {
		return nil, err
	}
	d := r.g.loaded.Declared
	d.Unfinished = mergeMoves(d.Unfinished, movesOf(w.proposal.Plan))
	if err := r.writeMoves(d.Unfinished); err != nil {
		return nil, r.cannotKeep(movesName, err)
	}
	rec := &recording{}
	var err error
	if e := w.resumes; e != nil {
		rec.id, rec.history = e.id, e.run.Steps
		if err := r.holdFor(ctx, rec.id); err != nil {
			return nil, err
		}
		rec.Writer, _, err = journal.Open(r.dataPath(runsName), e.id, r.header(e.id, w))
	} else {
		if rec.id, err = r.newRunID(); err != nil {
			return nil, err
		}
		if err := r.holdFor(ctx, rec.id); err != nil {
			return nil, err
		}
		if err := r.writeRunFiles(rec.id, w); err != nil {
			return nil, err
		}
		rec.Writer, err = journal.Create(r.dataPath(runsName), r.header(rec.id, w))
	}
	if err != nil {
		return nil, r.cannotKeep(rec.id+journalSuffix, err)
	}
	r.Info("\nRun " + rec.id + ". How things were before it: " + r.shown(r.runPath(rec.id, undoSuffix)))
	return rec, nil
}

// end closes the journal with how the run ended. A run that lost its lock leaves it
// as it is: somebody else may write to it by now.
func (r *applying) end(rec *recording, report *apply.Report, o outcome, err error) error {
	o.failed = o.failed || err != nil
	c := journal.Closing{ExitCode: o.code(), At: r.now(), Note: report.Why}
	var lost *lock.LostError
	switch {
	case errors.As(report.Err, &lost):
		return rec.Abandon()
	case o.failed:
		c.Outcome, c.GoesOn = closedFailed, true
		if err != nil {
			c.Note = err.Error()
		}
	case o.code() == exitSuccess:
		c.Outcome = closedComplete
	case o.code() == exitWorkRemains && report.Paused:
		c.Outcome, c.GoesOn = closedPaused, true
	default:
		c.Outcome = closedIncomplete
	}
	c.Note = strings.TrimSpace(c.Note)
	if err := rec.Close(c); err != nil && report.Err == nil { // what broke the run may have broken its journal, and was told
		return problem("The journal could not be closed", "%s", sentence(err.Error(), "The next apply goes on with this run."))
	}
	return nil
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pslan/internal/apply"
	"pslan/internal/atomicfile"
	"pslan/internal/diag"
	"pslan/internal/fileerror"
	"pslan/internal/planfile"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

// The files of a run, in the folder runs of the data folder: the journal beside the
// plan that was approved, what it would have to be undone by, and what is left for
// an operator.
const (
	runsName      = "runs"
	journalSuffix = ".jsonl"
	planSuffix    = ".plan"
	undoSuffix    = ".undo.hcl"
	runbookSuffix = ".runbook.md"
)

// runPath is the path of a file of a run.
func (a *app) runPath(id, suffix string) string {
	return filepath.Join(a.dataPath(runsName), id+suffix)
}

// shown is a path as it is said to people: relative to the working folder where it
// lies in it.
func (a *app) shown(path string) string {
	if rel, err := filepath.Rel(a.dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// newRunID returns an ID that no run of the data folder has: the time, and a number
// where several began in the same second.
func (a *app) newRunID() (string, error) {
	base := "run-" + a.now().UTC().Format("20060102T150405Z")
	id := base
	for n := 2; ; n++ {
		taken := false
		for _, suffix := range []string{journalSuffix, planSuffix, undoSuffix} {
			_, err := os.Lstat(a.runPath(id, suffix))
			if err != nil && !fileerror.Missing(err) {
				return "", problem("Cannot keep the run", "%s: %v.", a.shown(a.runPath(id, suffix)), fileerror.Reason(err))
			}
			taken = taken || err == nil
		}
		if !taken {
			return id, nil
		}
		id = fmt.Sprintf("%s-%d", base, n)
	}
}

// writeRunFiles writes what must be there before a run's first write: its plan, and
// how things were before it.
func (r *applying) writeRunFiles(id string, w *order) error {
	if err := os.MkdirAll(r.dataPath(runsName), 0o777); err != nil {
		return r.cannotKeep(runsName, err)
	}
	plan := r.runPath(id, planSuffix)
	if err := r.keepPlan(plan, w); err != nil {
		return r.cannotKeep(filepath.Base(plan), err)
	}
	undo := r.runPath(id, undoSuffix)
	if err := atomicfile.Write(undo, func(out io.Writer) error { return view.Undo(out, id, r.platformNow(), w.proposal) }); err != nil {
		return r.cannotKeep(filepath.Base(undo), err)
	}
	return nil
}

// keepPlan saves the plan of a run; one that was read from a file is copied.
func (r *applying) keepPlan(path string, w *order) error {
	if w.file == "" {
		return planfile.Save(path, w.proposal)
	}
	from, err := os.Open(w.file)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := atomicfile.Write(path, func(out io.Writer) error {
		_, err := io.Copy(out, from)
		return err
	}); err != nil {
		return err
	}
	kept, err := planfile.Load(path, Version)
	if err == nil && kept.Plan.ID != w.proposal.Plan.ID {
		err = errors.New("the saved plan was replaced while it was read")
	}
	return err
}

func (r *applying) cannotKeep(name string, err error) error {
	return problem("Cannot keep the run", "%s in %s was not written: %v. Nothing was done: a run that cannot be kept is not begun.",
		name, r.shown(r.dataPath(runsName)), fileerror.Reason(err))
}

// writeRunbooks writes what is left for an operator: beside the journal where there
// is something, and to the file that -runbook names in any case.
func (r *applying) writeRunbooks(rec *recording, p *proposal.Proposal, report *apply.Report) {
	book := &view.Runbook{
		Run: rec.id, PlanID: p.Plan.ID, SMP: p.Meta.SMP, At: r.platformNow(),
		Needs: report.Operator, SyncByOperator: view.SyncByOperator(p.Plan.Steps),
		Remaining: report.Remaining, Steps: len(p.Plan.Steps),
	}
	write := func(path string) bool {
		err := atomicfile.Write(path, func(out io.Writer) error { return view.WriteRunbook(out, book) })
		if err != nil {
			r.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "Cannot write the runbook", "%s was not written: %v.", r.shown(path), fileerror.Reason(err)))
		}
		return err == nil
	}
	if len(report.Operator) > 0 {
		if path := r.runPath(rec.id, runbookSuffix); write(path) && r.f.runbook == "" {
			r.Info("What is to be done by hand stands in: " + r.shown(path))
		}
	}
	if r.f.runbook != "" && write(r.path(r.f.runbook)) && len(report.Operator) > 0 {
		r.Info("What is to be done by hand stands in: " + r.f.runbook)
	}
}

package simulation

import (
	"slices"

	"pslan/internal/apply"
	"pslan/internal/estate"
	"pslan/internal/proposal"
)

// order is what a round carries out.
type order struct {
	*proposal.Proposal
	resumes bool // a run of it was left, and is gone on with
	old     bool // it was made in an earlier round
	// concerned are the images that it was made for: they concern it still when it is
	// carried out again.
	concerned []bool
}

// folder is what rounds leave in the data folder, and the plan that was saved last.
type folder struct {
	saved *order
	begun map[string]bool // plans, by ID, of which a run was begun
	// left is what the newest run carries out, where it left work: it was cut short,
	// failed as a whole, or paused. Else nil. records are its journal.
	left    *order
	records []apply.Record
}

// choose picks what a round carries out, as apply does: the saved plan, where its facts
// hold; else what the newest run left, where they do; else the plan just made. The data
// folder may not be at hand: then nobody knows what was begun.
func (sim *simulation) choose(r *Round, fresh *proposal.Proposal, e *estate.Estate) *order {
	f := folder{saved: sim.folder.saved}
	if r.Resume {
		f = sim.folder
	}
	if r.OldPlan && f.saved != nil {
		if moved := f.saved.Moved(e, f.begun[f.saved.Plan.ID]); len(moved) == 0 {
			sim.oracle.count("saved plans")
			o := *f.saved
			o.old, o.resumes = true, f.left != nil && f.left.Plan.ID == o.Plan.ID
			return &o
		}
		sim.oracle.count("saved plans that were stale") // whoever applied it plans anew
	}
	if f.left != nil && len(f.left.Moved(e, true)) == 0 {
		sim.oracle.count("runs gone on with")
		o := *f.left
		o.old, o.resumes = true, true
		return &o
	}
	return &order{Proposal: fresh}
}

// keep notes what a round leaves. A run is begun with its first record, and finished
// where it came to its end, be it with steps that failed.
func (sim *simulation) keep(o *order, j *journal, report *apply.Report) {
	f := &sim.folder
	o.concerned = slices.Clone(sim.oracle.concerned)
	if len(j.records) == 0 {
		return
	}
	if f.begun == nil {
		f.begun = map[string]bool{}
	}
	f.begun[o.Plan.ID] = true
	f.left, f.records = nil, nil
	failed := report.Count(apply.OutcomeFailed)+report.Count(apply.OutcomeUnknown) > 0
	if sim.stage.round.dead || report.Err != nil || report.Paused && !failed {
		f.left, f.records = o, j.records
	}
}

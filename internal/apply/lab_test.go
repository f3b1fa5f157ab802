package apply_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/apply"
	"pslan/internal/config"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/observe"
	"pslan/internal/proposal"
)

// rehearsal is one example, planned and applied on a lab in memory.
type rehearsal struct {
	lab      *lab.Lab
	world    *observe.Observer
	declared *declared.Declared
}

func rehearse(t *testing.T, dir string) *rehearsal {
	t.Helper()
	loaded, ds := config.Load(config.Options{Dir: dir})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	l, err := lab.Open(lab.Options{Dir: "lab", SeedFile: filepath.Join(dir, "estate.json"), Disk: lab.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &rehearsal{lab: l, declared: loaded.Declared, world: observe.New(observe.Options{
		Platform: l, Eyes: l.Eyes(), Nominal: l.Nominal, HashMaxAge: loaded.Declared.Policy.HashMaxAge,
	})}
}

func (r *rehearsal) propose(t *testing.T) *proposal.Proposal {
	t.Helper()
	e, err := r.world.All(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	p, ds := proposal.Make(proposal.Input{Estate: e, Declared: r.declared, Now: estate.TimeOf(r.lab.Now())})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	return p
}

// TestExamplesOnTheLab applies every example: no step of its plan may fail, no image
// that had a good copy may end without one, and what is left to do afterwards is
// only what is blocked.
func TestExamplesOnTheLab(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "estate.json"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			r := rehearse(t, dir)
			before := r.propose(t)
			had := goodCopies(before.Estate)
			var log strings.Builder
			run := &apply.Runner{Plan: before.Plan, World: r.world, Journal: &apply.MemoryJournal{},
				Emit:    func(e apply.Event) { note(&log, e) },
				Options: apply.Options{Run: "rehearsal", Policy: r.declared.Policy}}
			report := run.Run(t.Context())
			if report.Err != nil {
				t.Fatal(report.Err)
			}
			after := r.propose(t)
			has := goodCopies(after.Estate)
			for name, n := range had {
				if n > 0 && has[name] == 0 {
					t.Errorf("%s had %d good copies and has none", name, n)
				}
			}
			if n := report.Count(apply.OutcomeFailed) + report.Count(apply.OutcomeUnknown) + report.Count(apply.OutcomeNotRun); n > 0 {
				t.Errorf("%d of %d steps were not done", n, len(before.Plan.Steps))
			}
			if len(after.Plan.Steps) > 0 {
				t.Errorf("%d steps are left, the first is %s", len(after.Plan.Steps), after.Plan.Steps[0].ID)
			}
			if t.Failed() {
				t.Log(log.String())
			}
		})
	}
}

// note keeps what went wrong, and what was waited for, for the message of a failure.
func note(log *strings.Builder, e apply.Event) {
	switch e := e.(type) {
	case apply.Failed:
		fmt.Fprintf(log, "FAILED %s: %v\n", e.Step.ID, e.Err)
	case apply.Unknown:
		fmt.Fprintf(log, "UNKNOWN %s: %v\n", e.Step.ID, e.Err)
	case apply.NotRun:
		fmt.Fprintf(log, "not run %s: %s\n", e.Step.ID, e.Why)
	case apply.Done:
		fmt.Fprintf(log, "done %s: %s\n", e.Step.ID, e.Note)
	case apply.Skipped:
		fmt.Fprintf(log, "skipped %s: %s\n", e.Step.ID, e.Why)
	}
}

// goodCopies counts the good copies of every image but backup images, which are
// never replicated: leaving one behind is acknowledged in the files.
func goodCopies(e *estate.Estate) map[string]int {
	good := map[string]int{}
	for i := range e.Images {
		img := &e.Images[i]
		if img.Kind == estate.KindBackup {
			continue
		}
		j := e.Judge(img, estate.NoServer)
		for range j.GoodCopies {
			good[img.Name]++
		}
	}
	return good
}

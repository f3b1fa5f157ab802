package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pslan/internal/config"
	"pslan/internal/journal"
	"pslan/internal/plan"
	"pslan/internal/planfile"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

// loadSaved reads the saved plan that is to be carried out, and gives the
// configuration the variables that it was made with. done removes what that took.
func (r *applying) loadSaved(file string) (done func(), err error) {
	r.savedFile = r.path(file)
	if r.saved, err = planfile.Load(r.savedFile, Version); err != nil {
		return nil, fileProblem(file, err)
	}
	return r.f.addVariables(r.saved)
}

// applySaved carries out a saved plan, if the facts it relies on still hold. The
// folder's files say how the platform is reached and which limits hold; what is
// done comes from the plan alone.
func (r *applying) applySaved(ctx context.Context) (outcome, error) {
	work := &order{proposal: r.saved, file: r.savedFile}
	e := r.earlier
	resumes := e != nil && e.planID() == r.saved.Plan.ID
	if !resumes {
		r.view.Plan(r.saved, view.PlanOptions{Verbose: r.f.verbose, ForApply: true, Show: true})
	}
	if moved := r.movedFacts(); len(moved) > 0 {
		r.view.Diagnostics(diagnose(staleProblem(moved)))
		return outcome{stale: true}, nil
	}
	if resumes {
		work.resumes = e
		if o, err := r.showRest(ctx, r.saved); o.blocked || err != nil {
			return o, err
		}
		return r.carryOut(ctx, work)
	}
	if e != nil {
		r.leave = "another plan is applied."
	}
	fresh, err := r.proposeFor(ctx, r.g, r.observed, &r.f.planFlags)
	if err != nil {
		return outcome{}, err
	}
	if o := r.stops(r.saved, fresh); o.blocked {
		return o, nil
	}
	return r.carryOut(ctx, work)
}

// movedFacts are the facts of the saved plan that do not hold any more.
func (r *applying) movedFacts() []plan.Moved {
	runs, err := journal.OfPlan(r.dataPath(runsName), r.saved.Plan.ID)
	return r.saved.Moved(r.observed, err == nil && len(runs) > 0)
}

// stops holds a plan that is carried out as it is against what may have come up
// since it was made: another platform, an acknowledgement that has ended.
func (r *applying) stops(p, fresh *proposal.Proposal) outcome {
	if len(p.Stops())+len(fresh.Stops()) > 0 {
		r.sayStopped()
		return outcome{blocked: true}
	}
	return outcome{}
}

// staleProblem lists every fact that moved.
func staleProblem(moved []plan.Moved) error {
	var b strings.Builder
	for _, m := range moved {
		fmt.Fprintf(&b, "\n  - %s", movedText(m))
	}
	return problem("The estate changed since the plan was made [PSL601]",
		"The plan relies on facts that do not hold any more:%s\n\nNothing was done. Make a new plan: pslan plan", b.String())
}

// addVariables gives the configuration the values that the plan was made with, as
// a file of variables, which keeps their types. The ones that no plan holds, because
// they are sensitive, may be given again. done removes the file.
func (f *applyFlags) addVariables(p *proposal.Proposal) (done func(), err error) {
	for _, arg := range f.vars.args {
		if v, known := p.Variables[arg.Name]; arg.File != "" || known && !v.Sensitive {
			return nil, problem("A saved plan has its own variables",
				"Values come from the plan. Only a sensitive variable, which no plan holds, can be given again with -var.")
		}
	}
	values := make(map[string]json.RawMessage, len(p.Variables))
	for name, v := range p.Variables {
		if !v.Sensitive {
			values[name] = json.RawMessage(v.Value)
		}
	}
	text, err := json.Marshal(values) // sorts the names
	if err != nil {
		return nil, problem("The saved plan cannot be used", "Its variables cannot be read: %v.", err)
	}
	dir, err := os.MkdirTemp("", "pslan-")
	if err != nil {
		return nil, err
	}
	done = func() { os.RemoveAll(dir) }
	file := filepath.Join(dir, "saved-plan.vars.hcl.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		done()
		return nil, err
	}
	f.vars.args = append([]config.VarArg{{File: file}}, f.vars.args...)
	return done, nil
}

// movedText says what a fact was when the plan was made, and what it is now.
func movedText(m plan.Moved) string {
	name := m.Fact.Name
	if name == "" {
		name = m.Fact.Object
	}
	what := map[string]string{
		"owner": "owner", "assignment": "assignment", "kind": "kind", "format": "format", "location": "location",
		"package": "package", "reference": "reference content", "class": "copy", "connects_to": "SMP in the profile",
	}[m.Fact.Kind]
	switch m.Fact.Kind {
	case "reachable":
		return fmt.Sprintf("%s: it could be reached: %s; now: %s", name, orNone(m.Fact.Value), orNone(m.Now))
	case "marked":
		return fmt.Sprintf("%s: the copy was marked for deletion: %s; now: %s", name, orNone(m.Fact.Value), orNone(m.Now))
	case "server":
		return fmt.Sprintf("%s: it was %s and is now %s", name, orNone(m.Fact.Value), orNone(m.Now))
	}
	if what == "" {
		what = m.Fact.Kind
	}
	return fmt.Sprintf("%s: the %s was %s and is now %s", name, what, orNone(m.Fact.Value), orNone(m.Now))
}

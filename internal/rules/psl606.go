package rules

import (
	"fmt"
	"slices"

	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

func psl606() *Rule {
	return &Rule{
		Code:    "PSL606",
		Title:   "A step needs an operator",
		Default: finding.Note,
		Floor:   finding.Note,
		Scope:   OfRun,
		Fix:     "have somebody at hand who can do it.",
		Doc: Doc{
			Means: `The plan has steps that the platform offers no interface for: a person does them, at a
package server or in the console. One finding counts the steps of a kind.`,
			Why: `apply says exactly what to do and watches for the effect, up to the time limit in
|policy { timeouts { operator = ... } }|. With nobody there it does everything else,
writes a runbook and ends with exit code 13.`,
			Example: `    2 steps remove a package service role: PS008 and PS009.`,
			Quiet:   `Not where the platform or pslan itself does every step.`,
			Do:      `Nothing now. Tell the person who will do it, and apply while they are there.`,
		},
		check: func(r *run) {
			byOp := map[plan.Op][]string{}
			for i := range r.Plan.Steps {
				if s := &r.Plan.Steps[i]; s.By == plan.ByOperator {
					byOp[s.Op] = append(byOp[s.Op], operatorObject(s))
				}
			}
			ops := make([]plan.Op, 0, len(byOp))
			for op := range byOp {
				ops = append(ops, op)
			}
			slices.Sort(ops)
			for _, op := range ops {
				names := byOp[op]
				slices.SortFunc(names, compareFolded)
				what := operatorWork[op]
				r.report(finding.Finding{
					Detail: fmt.Sprintf("%s %s: %s.", count(len(names), "step"), pick(len(names), what.one, what.many), list(slices.Compact(names))),
					Fix:    fmt.Sprintf("have somebody at hand %s while this is applied.", what.where),
				})
			}
		},
	}
}

// operatorWork says what an operator does in a step, for one step and for several, and where.
var operatorWork = [...]struct{ one, many, where string }{
	plan.Convert:         {"converts a legacy image", "convert legacy images", "at the console"},
	plan.ChangeProfile:   {"changes the NS connection profile of a preboot configuration", "change the NS connection profile of preboot configurations", "at the console"},
	plan.RebuildPreboot:  {"rebuilds a preboot configuration", "rebuild preboot configurations", "at the console"},
	plan.CopyFiles:       {"copies the files of an image", "copy the files of images", "with access to both places"},
	plan.SetLocation:     {"changes a package location", "change package locations", "at the console"},
	plan.WaitRoom:        {"waits for room", "wait for room", "at the package server"},
	plan.Assign:          {"assigns an image", "assign images", "at the console"},
	plan.Sync:            {"runs a membership update and refreshes servers", "run membership updates and refresh servers", "at the console and the package servers"},
	plan.ClearCopy:       {"deletes wrong files", "delete wrong files", "at the package server"},
	plan.WaitCopy:        {"waits for a download", "wait for downloads", "at the package server"},
	plan.VerifyCopy:      {"compares a copy", "compare copies", "at the package server"},
	plan.TakeOwnership:   {"takes ownership", "take ownership", "at the package server window"},
	plan.VerifyOwnership: {"looks who owns an image", "look who owns images", "at the package server window"},
	plan.Unassign:        {"takes an assignment away", "take assignments away", "at the console"},
	plan.VerifyDrained:   {"checks that a server may go", "check that servers may go", "at the console"},
	plan.RetireServer:    {"removes a package service role", "remove a package service role", "at the console"},
}

// operatorObject names what a step is done to.
func operatorObject(s *plan.Step) string {
	switch {
	case s.Op == plan.TakeOwnership || s.Op == plan.ClearCopy:
		return s.Name + " on " + s.Server
	case s.Name != "":
		return s.Name
	case s.Server != "":
		return s.Server
	case len(s.Servers) > 0:
		return list(s.Servers)
	}
	return string(s.Address)
}

func compareFolded(a, b string) int {
	x, y := estate.Fold(a), estate.Fold(b)
	switch {
	case x < y || x == y && a < b:
		return -1
	case x == y && a == b:
		return 0
	}
	return 1
}

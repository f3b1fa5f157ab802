package proposal

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/rules"
)

// Input is all that a proposal is made from.
type Input struct {
	Estate   *estate.Estate
	Declared *declared.Declared
	Checks   []declared.CheckFailure
	// Now is the one value through which time enters: only findings, estimates and
	// whether an acknowledgement is still valid depend on it.
	Now     estate.Time
	Version string // of pslan
	// Recorded: the estate was read from a file, so its age matters.
	Recorded bool
	// OwnershipByOperator: taking ownership is an operator's step on this platform.
	OwnershipByOperator bool
	// SyncByOperator: so is telling servers of a change.
	SyncByOperator    bool
	Targets, Excludes []string
	Variables         map[string]declared.Variable
}

// Make makes a proposal. With errors in the diagnostics there is none: the files
// and the platform do not fit together. A proposal that breaks a promise in the
// self-check comes back with an error of its own (ErrSelfCheck).
func Make(in Input) (*Proposal, diag.Diagnostics) {
	ix := estate.NewIndex(in.Estate)
	resolved, diags := diff.Resolve(in.Declared, ix)
	selection, more := selectionOf(in, ix, resolved)
	diags = append(diags, more...)
	if diags.HasErrors() {
		return nil, diags.Sort()
	}
	build := plan.Input{
		Estate: in.Estate, Index: ix, Resolved: resolved, Deltas: diff.Compute(ix, resolved), Policy: &in.Declared.Policy,
		OwnershipByOperator: in.OwnershipByOperator, SyncByOperator: in.SyncByOperator, Verify: verifyOf(in.Declared), Accepted: rules.Accepted(in.Declared, resolved, in.Now), Selection: selection,
	}
	p := plan.Build(build)
	judge := func(p *plan.Plan) ([]finding.Finding, diag.Diagnostics) {
		return rules.Run(&rules.Input{
			Estate: in.Estate, Index: ix, Declared: in.Declared, Resolved: resolved, Plan: p,
			Checks: in.Checks, Now: in.Now, Recorded: in.Recorded,
		})
	}
	findings, notes := judge(p)
	if raised := rules.Blocking(findings); len(raised) > 0 {
		for i := range raised {
			f := &raised[i]
			build.Blocked = append(build.Blocked, plan.RaisedBlock{Code: f.Code, Address: f.Address, Detail: f.Detail})
		}
		p = plan.Build(build)
		findings, notes = judge(p)
	}
	if broken := plan.Check(plan.CheckInput{Plan: p, Estate: in.Estate, Index: ix, Resolved: resolved}); len(broken) > 0 {
		return nil, append(diags, selfCheck(broken))
	}
	p.Identify()
	return &Proposal{
		Meta:       Meta{SMP: in.Estate.SMP.Name, Source: in.Estate.Source, TakenAt: in.Estate.TakenAt, MadeAt: in.Now, Version: in.Version, Verify: verifyOf(in.Declared)},
		Plan:       p,
		Findings:   findings,
		Notes:      slices.Concat(diags, notes, fileNotes(resolved), recordedNotes(in), referenceNotes(in.Estate, resolved), manifestNotes(manifestsOf(in.Estate), &in.Declared.Policy, in.Now), middleNotes(in.Estate, resolved, p)).Sort(),
		Undeclared: resolved.Undeclared, Variables: in.Variables,
		Estate: in.Estate, Resolved: resolved,
	}, nil
}

// SelfCheckSummary is the title of the one diagnostic that says pslan itself is wrong.
const SelfCheckSummary = "This is a bug in pslan"

func selfCheck(broken []plan.Violation) *diag.Diagnostic {
	var b strings.Builder
	b.WriteString("The plan was replayed on a model of the platform before it was shown, and a promise did not hold. Nothing was changed. Please report this with the configuration and an estate file.\n")
	for i, v := range broken {
		if i == 5 {
			fmt.Fprintf(&b, "\n… and %d more", len(broken)-i)
			break
		}
		fmt.Fprintf(&b, "\n%s", v)
	}
	return &diag.Diagnostic{Severity: diag.Error, Summary: SelfCheckSummary, Detail: b.String()}
}

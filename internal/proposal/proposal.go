// Package proposal is what pslan shows, saves and asks approval for: a plan with
// its findings. Make is the one way from an observed estate and declared state to
// a proposal: resolve, compute, build, judge by rules, block, check, identify. It
// is pure.
package proposal

import (
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

// Meta says what the proposal was made from.
type Meta struct {
	SMP     string
	Source  string
	TakenAt estate.Time
	MadeAt  estate.Time
	Version string // of pslan
	// Verify says how copies are proved: by hash, or by paths and sizes only.
	Verify declared.Verify
}

// Proposal is a plan with its findings.
type Proposal struct {
	Meta     Meta
	Plan     *plan.Plan
	Findings []finding.Finding // sorted by code, address, server
	Notes    diag.Diagnostics  // notes and warnings about the files: a group that matches nothing, …
	// Undeclared is the number of images that no block names.
	Undeclared int
	Variables  map[string]declared.Variable

	// Estate and Resolved are what it was made from; nil in a proposal that was read
	// from a saved plan.
	Estate   *estate.Estate
	Resolved *diff.Resolved
}

// Counts are the numbers of the fixed lines.
type Counts struct {
	Add, Change, Destroy int
	Blocked              int // images
}

// HasChanges reports whether carrying the plan out would change anything.
func (p *Proposal) HasChanges() bool {
	c := p.Counts()
	return c.Add+c.Change+c.Destroy > 0 || len(p.Plan.Steps) > 0
}

// HasBlocked reports whether something that is declared cannot be done.
func (p *Proposal) HasBlocked() bool { return len(p.Plan.Blocks) > 0 }

// Stands reports whether a finding of severity error stands unacknowledged.
func (p *Proposal) Stands() bool {
	return slices.ContainsFunc(p.Findings, func(f finding.Finding) bool { return f.Stands() })
}

// Stops returns the findings about the run as a whole (PSL6xx) that stand: they
// stop it before the first write. That the platform is another one (PSL605) stops it
// even where it is acknowledged: the files name the platform, and there it is changed.
func (p *Proposal) Stops() []finding.Finding {
	var out []finding.Finding
	for _, f := range p.Findings {
		if f.Stands() && strings.HasPrefix(string(f.Code), "PSL6") || f.Code == "PSL605" && f.Severity == finding.Error {
			out = append(out, f)
		}
	}
	return out
}

// Stale returns the facts of the plan that no longer stand in a fresh reading.
func (p *Proposal) Stale(fresh *estate.Estate) []plan.Moved { return p.Moved(fresh, true) }

// Moved returns the facts of the plan that do not hold in a fresh reading, for whoever
// means to carry it out. Where its own steps would leave them they may stand only if a
// run of it was begun: else somebody else has put them there.
func (p *Proposal) Moved(fresh *estate.Estate, begun bool) []plan.Moved {
	facts := p.Plan.Facts
	if !begun {
		facts = plan.Unbegun(facts)
	}
	return plan.Stale(facts, estate.NewIndex(fresh))
}

// Package rules holds what pslan warns of, one file for each rule, each with its
// documentation: `pslan explain` and docs/rules come from the same source as the
// check itself. The package is pure.
package rules

import (
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

// Rule is one check.
type Rule struct {
	Code    finding.Code
	Title   string // what would happen, constant
	Default finding.Severity
	Floor   finding.Severity // cannot be set below
	// Doc is markdown: what it means, why it matters, when it fires and when it does
	// not, an example, what to do.
	Doc string
	// check reports findings; nil for a rule whose facts come from outside the plan (PSL601 …).
	check func(*Input, report)
}

// Input is all that a rule may know.
type Input struct {
	Estate   *estate.Estate
	Index    *estate.Index
	Declared *declared.Declared
	Resolved *diff.Resolved
	Plan     *plan.Plan
	Checks   []declared.CheckFailure
	// Now is the one value through which time enters: only findings depend on it.
	Now estate.Time
	// Recorded: the estate was read from a file, so its age matters (PSL602).
	Recorded bool
}

// Package proposal is what pslan shows, saves and asks approval for: a plan with
// its findings. Make is the one way from an observed estate and declared state to
// a proposal: resolve, compute, build, judge by rules, block, check, identify. It
// is pure.
package proposal

import (
	"pslan/internal/declared"
	"pslan/internal/diag"
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
}

// Counts are the numbers of the fixed lines.
type Counts struct {
	Add, Change, Destroy int
	Blocked              int // images
}

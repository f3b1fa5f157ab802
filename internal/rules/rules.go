// Package rules holds what pslan warns of: one file for each rule, psl101.go and
// so on, each with the check, the title, the severities and the documentation.
// `pslan explain`, docs/rules and the check itself cannot drift apart, because
// they are one value.
//
// Run looks at an estate, at what is declared for it and at the plan, and tells
// what a reader must know. It promises: the same input gives the same findings in
// the same order; whatever the plan blocks has a finding that says so; a severity
// never goes below its floor; an acknowledgement changes what stands and never
// what runs.
//
// The package decides nothing about steps: package plan does, and says so in
// Plan.Blocks. It is pure: it knows no file, clock, network or context, and time
// enters through Input.Now alone.
package rules

import (
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
)

// Rule is one thing that pslan looks for.
type Rule struct {
	Code  finding.Code
	Title string // what would happen, constant
	// Default is the severity where neither the check nor the policy says another.
	Default finding.Severity
	// DefaultWhen says in words when the severity is another one; "" where it never is.
	DefaultWhen string
	// Floor is what the severity cannot be set below; Note means that there is none.
	Floor finding.Severity
	// FloorWhen says in words when the floor is higher; "" where it never is.
	FloorWhen string
	Scope     Scope
	// Fix says what to do where nothing more exact is known. As in findings it goes on
	// after "To fix it now:".
	Fix string
	Doc Doc

	// check looks at servers and at the run as a whole; image at one image after the
	// other. Both are nil for a rule whose facts come from outside the plan (PSL601).
	check func(*run)
	image func(*subject)
}

// Scope says what a rule is about, and so where it can be acknowledged.
type Scope uint8

// The scopes.
const (
	OfImage  Scope = iota // acknowledged in image, images, pct_package or policy
	OfServer              // acknowledged in package_server or policy
	OfRun                 // acknowledged in policy
)

// Doc is the documentation of a rule, as plain text with paragraphs; lines that
// are indented by four spaces are examples, and words between bars (|owner|) are
// code.
type Doc struct {
	Means   string // what the finding says
	Why     string // why it matters
	Example string // a case, with what pslan prints
	Quiet   string // when it does not fire
	Do      string // what to do
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

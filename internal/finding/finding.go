// Package finding is the vocabulary of what pslan has to say about a plan: codes,
// severities, findings, acknowledgements. The rules that produce findings are in
// package rules; this package decides nothing.
package finding

import (
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// Code is the code of a rule: PSL101. It never changes meaning.
type Code string

// Severity of a finding. The zero value means "not set".
type Severity uint8

// The severities, from mildest to worst.
const (
	Unset Severity = iota
	Note
	Warning
	Error
)

var words = [...]string{"", "note", "warning", "error"}

// String returns "note", "warning" or "error".
func (s Severity) String() string { return words[s] }

// ParseSeverity reads the word of a severity.
func ParseSeverity(s string) (Severity, bool) {
	for i := Note; i <= Error; i++ {
		if words[i] == s {
			return i, true
		}
	}
	return Unset, false
}

// Acknowledgement is a person's word in the files that a finding is known and
// accepted. It changes severity and exit code, never a step's precondition.
type Acknowledgement struct {
	Code    Code
	Reason  string
	Expires estate.Time // end of its last valid day (UTC, exclusive); 0: none
	Day     string      // that day as written: 2027-01-31
	Ticket  string
	Range   diag.Range
}

// Finding is one thing that the plan's reader must know.
type Finding struct {
	Code     Code
	Severity Severity // after policy; an acknowledged error counts as acknowledged, see Acked
	Title    string   // constant: what would happen
	Detail   string   // why pslan thinks so, with numbers
	Fix      string   // what to do
	Address  estate.Address
	Server   string // the server concerned, "" if none
	Image    string // the image's name, "" if none
	Range    diag.Range
	In       string // the block for people: image "win11"
	Acked    *Acknowledgement
	// Blocks says that the finding keeps steps of Address from running.
	Blocks bool
}

// Stands reports whether the finding is an error that nobody acknowledged.
func (f *Finding) Stands() bool { return f.Severity == Error && f.Acked == nil }

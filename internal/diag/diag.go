// Package diag holds located problems: what is wrong, where it stands in a file,
// why it matters and what to do about it.
//
// Every package that reads something a person wrote returns Diagnostics instead of
// one error, so that all problems are told in one go. The package knows no
// terminal: rendering is the view's work.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity of a diagnostic. An Error makes the command fail (exit 1); a Warning
// and a Note do not.
type Severity uint8

// The severities, from worst to mildest.
const (
	Error Severity = iota
	Warning
	Note
)

// String returns "error", "warning" or "note".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "note"
	}
}

// Pos is a place in a file. Line and Column count from 1 (columns in grapheme
// clusters, as HCL counts them), Byte from 0.
type Pos struct {
	Line, Column, Byte int32
}

// Range is a stretch of a file. The zero Range means "no place".
type Range struct {
	Filename   string
	Start, End Pos
}

// IsZero reports whether the range names no place.
func (r Range) IsZero() bool { return r.Filename == "" }

// String returns "file:line,column-column" for humans and logs.
func (r Range) String() string {
	if r.IsZero() {
		return "-"
	}
	if r.Start.Line == r.End.Line {
		return fmt.Sprintf("%s:%d,%d-%d", r.Filename, r.Start.Line, r.Start.Column, r.End.Column)
	}
	return fmt.Sprintf("%s:%d,%d-%d,%d", r.Filename, r.Start.Line, r.Start.Column, r.End.Line, r.End.Column)
}

// Diagnostic is one problem.
type Diagnostic struct {
	Severity Severity
	// Summary is a short constant title without values in it: "Unknown package server".
	Summary string
	// Detail is full sentences: what was found, why it matters, what to do.
	Detail string
	// Subject is the place, Context the block around it (either may be zero).
	Subject, Context Range
	// In names the block for people: `image "win11"`; empty where there is none.
	In string
	// Source is the text of the line(s) of Subject, without line end, where it is
	// known. It is filled by whoever holds the file's bytes.
	Source string
	// SourceFrom is the column at which Source begins, where Source is only a piece
	// of a very long line; 0 or 1: at its beginning.
	SourceFrom int32
}

// Error makes a Diagnostic usable as an error: "file:line,col-col: Summary; Detail".
func (d *Diagnostic) Error() string {
	if d.Subject.IsZero() {
		return d.Summary + "; " + d.Detail
	}
	return d.Subject.String() + ": " + d.Summary + "; " + d.Detail
}

// Diagnostics is a list of problems.
type Diagnostics []*Diagnostic

// HasErrors reports whether any of them is an Error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d *Diagnostic) bool { return d.Severity == Error })
}

// Errorf appends an error with a place and returns the longer list.
func (ds Diagnostics) Errorf(at Range, summary, detail string, args ...any) Diagnostics {
	return append(ds, &Diagnostic{Severity: Error, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: at})
}

// Warnf appends a warning with a place and returns the longer list.
func (ds Diagnostics) Warnf(at Range, summary, detail string, args ...any) Diagnostics {
	return append(ds, &Diagnostic{Severity: Warning, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: at})
}

// Notef appends a note with a place and returns the longer list.
func (ds Diagnostics) Notef(at Range, summary, detail string, args ...any) Diagnostics {
	return append(ds, &Diagnostic{Severity: Note, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: at})
}

// Sort orders the list by file, byte, severity and summary, and drops exact
// repetitions: the same input always gives the same list.
func (ds Diagnostics) Sort() Diagnostics {
	slices.SortStableFunc(ds, func(a, b *Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Subject.Filename, b.Subject.Filename),
			cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Summary, b.Summary),
			cmp.Compare(a.Detail, b.Detail),
		)
	})
	return slices.CompactFunc(ds, func(a, b *Diagnostic) bool { return *a == *b })
}

// Error joins all errors into one text, one a line.
func (ds Diagnostics) Error() string {
	var b strings.Builder
	for i, d := range ds {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(d.Error())
	}
	return b.String()
}

// Err returns the list as an error if it has errors, else nil.
func (ds Diagnostics) Err() error {
	if ds.HasErrors() {
		return ds
	}
	return nil
}

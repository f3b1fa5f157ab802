// Package planfile is the plan as a document: what `show -json` prints, and what
// `plan -out` saves and `apply` reads back.
//
// The document has the shape that tools for Terraform plans read, with pslan's
// own keys beside it. It is written as a stream, element by element from typed
// values, so that memory does not grow with it. A saved plan is the same document
// with the key "saved" at its end: the facts the plan relies on and what else is
// needed to carry it out. It is read back whole or not at all: a file that was cut
// off, changed by hand, or written by another version of pslan is refused.
//
// The package decides nothing about a plan, and knows no platform.
package planfile

import (
	"io"

	"pslan/internal/proposal"
)

// WriteDocument writes the plan document of a proposal.
func WriteDocument(w io.Writer, p *proposal.Proposal) error { return nil }

// Save writes a saved plan, whole or not at all.
func Save(path string, p *proposal.Proposal) error { return nil }

// Load reads a saved plan that the given version of pslan wrote.
func Load(path, version string) (*proposal.Proposal, error) { return nil, nil }

// Kind says what a file is.
type Kind uint8

// The kinds that `show` tells apart.
const (
	KindUnknown Kind = iota
	KindPlan
	KindEstate
	KindJournal
)

// Sniff tells what a file is from its first bytes.
func Sniff(path string) (Kind, error) { return KindUnknown, nil }

// Package planfile is the plan as a document: what `show -json` prints, and what
// `plan -out` saves and `apply` reads back.
//
// The document has the shape that tools for Terraform plans read, with pslan's
// own keys beside it. It is written as a stream, element by element from typed
// values, so that memory does not grow with it. A saved plan is the same document
// with two more keys at its end: "saved", which holds the facts the plan relies on
// and what else is needed to carry it out, and "checksum" over all that stands
// before it. It is read back whole or not at all: a file that was cut off, changed
// by hand, or written by another version of pslan is refused.
//
// A change that something blocks is listed as a no-op, so that policies written
// for Terraform plans do not take it for something that will happen; what was
// wanted, and the findings that block it, stand beside it.
//
// The package decides nothing about a plan, and knows no platform.
package planfile

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"pslan/internal/atomicfile"
	"pslan/internal/proposal"
)

// FormatVersion is that of the document: minor numbers only add.
const FormatVersion = "1.2"

// The end of a saved plan: the checksum over everything before it.
const (
	tailStart = ",\n\"checksum\":\"sha256:"
	tailEnd   = "\"}\n"
	tailLen   = len(tailStart) + 2*sha256.Size + len(tailEnd)
)

// WriteDocument writes the plan document of a proposal.
func WriteDocument(w io.Writer, p *proposal.Proposal) error {
	b := bufio.NewWriterSize(w, 64<<10)
	s := newStream(b)
	s.document(p)
	s.text("}\n")
	if s.err != nil {
		return s.err
	}
	return b.Flush()
}

// Save writes a saved plan to a file, whole or not at all.
func Save(path string, p *proposal.Proposal) error {
	return atomicfile.Write(path, func(w io.Writer) error { return writeSaved(w, p) })
}

func writeSaved(w io.Writer, p *proposal.Proposal) error {
	sum := sha256.New()
	b := bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10)
	s := newStream(b)
	s.document(p)
	s.saved(p)
	if s.err != nil {
		return s.err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, tailStart+hex.EncodeToString(sum.Sum(nil))+tailEnd)
	return err
}

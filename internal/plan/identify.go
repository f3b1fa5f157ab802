package plan

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"

	"pslan/internal/diff"
)

// Identify computes the plan's ID: a hash over its changes, its steps and the
// facts they rely on. Bytes, room, times, estimates, risks that depend on the
// hour, places in files and the pslan that made it are left out: two machines,
// two checkouts, two days give the same ID if the facts are the same.
func (p *Plan) Identify() {
	h := sha256.New()
	w := &idWriter{w: bufio.NewWriterSize(h, 16<<10), h: h}
	w.line("pslan plan", "1")
	if p.Partial {
		w.line("partial")
	}
	for _, c := range p.Changes {
		w.change(c)
	}
	for i := range p.Steps {
		w.step(p, &p.Steps[i])
	}
	for i := range p.Facts {
		f := &p.Facts[i]
		w.line("fact", f.Kind, f.Object, f.Value)
	}
	w.w.Flush()
	p.ID = "sha256:" + hex.EncodeToString(h.Sum(nil))
}

type idWriter struct {
	w *bufio.Writer
	h hash.Hash
}

// line writes fields with their lengths, so that no two lists of fields are the same text.
func (w *idWriter) line(fields ...string) {
	for _, f := range fields {
		w.w.WriteString(strconv.Itoa(len(f)))
		w.w.WriteByte(':')
		w.w.WriteString(f)
	}
	w.w.WriteByte('\n')
}

func (w *idWriter) change(c diff.Change) {
	h := c.Head()
	w.line("change", string(h.Address), h.Action.String())
	for _, code := range h.Blocked {
		w.line("blocked", string(code))
	}
	switch c := c.(type) {
	case *diff.ImageChange:
		w.line(c.GUID.String(), c.OwnerBefore, c.OwnerAfter, assignmentText(c.AssignmentBefore), assignmentText(c.AssignmentAfter),
			c.LocationAfter, c.FormatBefore.String(), c.FormatAfter.String())
	case *diff.CopyChange:
		w.line(c.Package.String(), c.Server, c.Class.String(), c.From)
	case *diff.ServerChange:
		w.line(c.Server)
	case *diff.PrebootChange:
		w.line(c.GUID.String(), c.ConnectsToBefore, c.ConnectsToAfter)
	}
}

func (w *idWriter) step(p *Plan, s *Step) {
	w.line("step", s.ID, s.By.String(), s.Image.String(), s.Server, s.From)
	if s.Snapshot != "" {
		w.line("snapshot", s.Snapshot)
	}
	w.line(s.Servers...)
	w.line(s.Skipped...)
	for _, f := range []*Facts{&s.Before, &s.After} {
		if f.Owner != nil {
			w.line("owner", *f.Owner)
		}
		if f.Assignment != nil {
			w.line("assignment", assignmentText(*f.Assignment))
		}
		if f.Location != nil {
			w.line("location", *f.Location)
		}
		if f.ConnectsTo != nil {
			w.line("connects", *f.ConnectsTo)
		}
		w.line(f.Verified...)
	}
	for _, n := range s.Needs {
		w.line("needs", p.Steps[n].ID)
	}
}

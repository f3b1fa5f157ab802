package view

import (
	"bufio"
	"fmt"

	"pslan/internal/diag"
)

// Pages are 40 to 120 columns wide, and prose never wider than 100, however wide the
// terminal: long lines are hard to read.
const (
	defaultWidth = 80
	narrowest    = 40
	widest       = 120
	widestProse  = 100
)

// human shows everything as text.
type human struct {
	Options
	out, err *bufio.Writer
	images   int  // of the plan that is carried out
	byHand   bool // in it, telling servers of changes is an operator's step
	live     int  // width of the line on Err that is overwritten by the next one
}

// NewHuman returns the view for people: text on Out, problems on Err.
func NewHuman(o Options) View {
	return &human{Options: o, out: bufio.NewWriterSize(o.Out, 64<<10), err: bufio.NewWriter(o.Err)}
}

func (h *human) outPage() *page { return h.pageOn(h.out, h.OutTerminal) }
func (h *human) errPage() *page { return h.pageOn(h.err, h.ErrTerminal) }

func (h *human) pageOn(w *bufio.Writer, terminal bool) *page {
	width := h.Width
	if width <= 0 {
		width = defaultWidth
	}
	return &page{Writer: w, paint: paint(h.Color), width: min(max(width, narrowest), widest), box: terminal}
}

// Diagnostics shows located problems on Err.
func (h *human) Diagnostics(ds diag.Diagnostics) {
	h.endLive()
	p := h.errPage()
	for _, d := range ds {
		p.problem(h.problemOf(d))
	}
	p.Flush()
}

func (h *human) problemOf(d *diag.Diagnostic) *problem {
	pr := &problem{
		level: [...]string{"Error", "Warning", "Note"}[d.Severity], title: d.Summary,
		at: d.Subject, in: d.In, source: d.Source, sourceFrom: d.SourceFrom, body: []string{d.Detail},
	}
	if pr.source == "" && h.Source != nil && !d.Subject.IsZero() {
		if line, ok := h.Source(d.Subject.Filename, int(d.Subject.Start.Line)); ok {
			pr.source = line
		}
	}
	return pr
}

// placeOf is a place in a few words: images.hcl line 12.
func placeOf(r diag.Range) string {
	if r.Start.Line == 0 {
		return printable(r.Filename)
	}
	return fmt.Sprintf("%s line %d", printable(r.Filename), r.Start.Line)
}

// Info shows one plain line.
func (h *human) Info(line string) {
	h.endLive()
	h.out.WriteString(printableLines(line) + "\n")
	h.out.Flush()
}

// Lock says on Err that the lock is waited for, and who holds it.
func (h *human) Lock(e LockEvent) {
	if e.Kind == LockWait {
		h.err.WriteString("Waiting for the lock held by " + printable(e.Holder) + "...\n")
		h.err.Flush()
	}
}

// Close ends the stream.
func (h *human) Close(int) {
	h.endLive()
	h.out.Flush()
	h.err.Flush()
}

// shellWord quotes a file name where a shell would take it apart.
func shellWord(s string) string {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_', r == '/', r == '\\', r == ':':
		default:
			return `"` + printable(s) + `"`
		}
	}
	return s
}

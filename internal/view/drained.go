package view

import (
	"bufio"
	"io"
)

// RetireReport says whether a package server may be switched off, point by point
// (law 15).
type RetireReport struct {
	Server string
	Points []RetirePoint
	Safe   bool
}

// RetirePoint is one condition and what holds it back.
type RetirePoint struct {
	Title string
	OK    bool
	Holds []string
	// Count is how many things hold it back, where Holds does not list all; 0: all are listed.
	Count int
	// Accepted: it does not hold, and somebody acknowledged that in the files.
	Accepted bool
}

// Drained renders the report of `retire`: each point with what holds it back, then
// the answer.
func Drained(w io.Writer, o Options, r RetireReport) {
	h := &human{Options: o}
	p := h.pageOn(bufio.NewWriter(w), o.OutTerminal)
	defer p.Flush()
	p.text("May ", p.bold(printable(r.Server)), " be switched off?\n\n")
	open := 0
	for _, point := range r.Points {
		mark := p.with(sgrGreen, "ok  ")
		switch {
		case point.OK:
		case point.Accepted:
			mark = "ack "
		default:
			mark = p.with(sgrBold+sgrRed, "NO  ")
			open++
		}
		p.text("  ", mark, " ", printable(point.Title))
		if !point.OK && point.Accepted {
			p.text(" (this does not hold, and was acknowledged)")
		}
		p.text("\n")
		for _, hold := range point.Holds {
			p.hanging("         - ", printable(hold))
		}
		if rest := point.Count - len(point.Holds); rest > 0 {
			p.printf("         - and %d more\n", rest)
		}
	}
	p.text("\n")
	if r.Safe {
		p.text(p.bold("Yes."))
		p.printf(" Nothing needs %s any more.\n", printable(r.Server))
		return
	}
	p.text(p.with(sgrBold+sgrRed, "Not yet."))
	if open == 1 {
		p.printf(" 1 of %d points does not hold.\n", len(r.Points))
		return
	}
	p.printf(" %d of %d points do not hold.\n", open, len(r.Points))
}

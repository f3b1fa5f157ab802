package view

import (
	"bufio"
	"fmt"

	"pslan/internal/apply"
	"pslan/internal/diag"
	"pslan/internal/proposal"
)

// human shows everything as text.
type human struct {
	Options
	out, err *bufio.Writer
}

// NewHuman returns the view for people: text on Out, problems on Err.
func NewHuman(o Options) View {
	return &human{Options: o, out: bufio.NewWriter(o.Out), err: bufio.NewWriter(o.Err)}
}

func (h *human) Diagnostics(ds diag.Diagnostics) {
	for _, d := range ds {
		fmt.Fprintf(h.err, "%s\n", d.Error())
	}
	h.err.Flush()
}

func (h *human) Plan(p *proposal.Proposal, _ PlanOptions) {
	c := p.Counts()
	fmt.Fprintf(h.out, "Plan: %d to add, %d to change, %d to destroy.\n", c.Add, c.Change, c.Destroy)
	h.out.Flush()
}

func (h *human) Event(apply.Event) {}

func (h *human) ApplyEnd(end ApplyEnd) {
	fmt.Fprintf(h.out, "Apply complete! Resources: %d added, %d changed, %d destroyed.\n", end.Added, end.Changed, end.Destroyed)
	h.out.Flush()
}

func (h *human) Info(line string) {
	fmt.Fprintln(h.out, line)
	h.out.Flush()
}

func (h *human) Close(int) {}

package view

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"pslan/internal/apply"
)

// Runbook is what an operator is to do by hand before a run can go on.
type Runbook struct {
	Run    string
	PlanID string
	SMP    string
	At     time.Time
	// Needs are the actions, in the order in which they are to be done.
	Needs []apply.OperatorNeed
	// SyncByOperator: membership updates and refreshes are his, too.
	SyncByOperator bool
	// Remaining and Steps count the steps of the plan that are not done, and all.
	Remaining, Steps int
}

// WriteRunbook writes a runbook as markdown: one box for each action, in order,
// with what to do and how to see that it is done.
func WriteRunbook(w io.Writer, r *Runbook) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# What is to be done by hand\n\n")
	fmt.Fprintf(b, "Run `%s` on %s, %s. Plan ID: `%s`.\n\n", r.Run, mdText(r.SMP), r.At.UTC().Format("2006-01-02 15:04 UTC"), r.PlanID)
	if len(r.Needs) == 0 {
		b.WriteString("Nothing waits for an operator.\n")
		return b.Flush()
	}
	var open, void []*apply.OperatorNeed
	for i := range r.Needs {
		if n := &r.Needs[i]; n.ValidUntil.IsZero() || r.At.Before(n.ValidUntil) {
			open = append(open, n)
		} else {
			void = append(void, n)
		}
	}
	if len(open) > 0 {
		order := ", in this order"
		if len(open) == 1 {
			order = ""
		}
		fmt.Fprintf(b, "%s%s. Tick a box when its check holds. ", count(len(open), "action"), order)
	}
	fmt.Fprintf(b, "Work remains: %d of %d steps.\n", r.Remaining, r.Steps)
	for _, n := range open {
		writeNeed(b, n, r.SyncByOperator)
	}
	if len(void) > 0 {
		b.WriteString("\nNot now: what was verified for these became void while the run went on. Do nothing about them; " +
			"`pslan apply` verifies it again and asks anew.\n\n")
		for _, n := range void {
			fmt.Fprintf(b, "- %s (`%s`)\n", mdText(InstructionsFor(n.Task, r.SyncByOperator).Title), mdCode(string(n.Step.Address)))
		}
	}
	b.WriteString("\n---\n\n")
	if len(open) > 0 {
		b.WriteString("When all boxes are ticked, run `pslan apply`. It looks for the effects first and goes on from what it sees.\n")
	} else {
		b.WriteString("Run `pslan apply`.\n")
	}
	return b.Flush()
}

func writeNeed(b *bufio.Writer, n *apply.OperatorNeed, syncByOperator bool) {
	in := InstructionsFor(n.Task, syncByOperator)
	fmt.Fprintf(b, "\n- [ ] **%s** (`%s`)\n\n", mdText(in.Title), mdCode(string(n.Step.Address)))
	if !n.ValidUntil.IsZero() {
		fmt.Fprintf(b, "  Only until %s: after that, do not do it, and run `pslan apply` again.\n\n", n.ValidUntil.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if n.Check != "" {
		fmt.Fprintf(b, "  Right before: %s\n\n", mdText(n.Check))
	}
	for i, s := range in.Steps {
		fmt.Fprintf(b, "  %d. %s\n", i+1, mdText(s))
	}
	fmt.Fprintf(b, "\n  How to see that it is done: %s\n", mdText(in.Check))
}

// mdText makes a text safe to stand in markdown: names of images and servers may
// hold anything.
func mdText(s string) string {
	var b strings.Builder
	for _, r := range printable(s) {
		switch r {
		case '\\', '`', '*', '_', '[', ']', '<', '>':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mdCode makes a text safe to stand between two backquotes.
func mdCode(s string) string { return strings.ReplaceAll(printable(s), "`", "'") }

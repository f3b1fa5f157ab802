package view

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/finding"
	"pslan/internal/proposal"
	"pslan/internal/wording"
)

// Plan shows what would be done: the differences, the steps, and last, right above
// the summary, the risks.
func (h *human) Plan(pr *proposal.Proposal, o PlanOptions) {
	p := h.outPage()
	h.images, h.byHand = countImages(pr), SyncByOperator(pr.Plan.Steps)
	p.changes(pr, o.Verbose)
	l := listOf(pr.Plan.Steps, o.Done)
	p.steps(pr, l, o.Verbose)
	if o.Done == nil {
		p.forecast(&pr.Plan.Forecast, o.Verbose)
	}
	for _, d := range pr.Notes {
		h.noteAbout(p, d)
	}
	h.findings(p, pr.Findings, o.Verbose)
	p.summary(pr, l)
	h.hints(p, pr, o)
	p.Flush()
}

// countImages counts the images that a plan has steps for.
func countImages(pr *proposal.Proposal) int {
	seen := make(map[string]struct{})
	for i := range pr.Plan.Steps {
		if s := &pr.Plan.Steps[i]; !s.Image.IsZero() {
			seen[s.Label] = struct{}{}
		}
	}
	return len(seen)
}

// changes writes the differences, and apart from them those that are blocked.
func (p *page) changes(pr *proposal.Proposal, verbose bool) {
	ordered := inReadingOrder(pr.Plan.Changes)
	isBlocked := func(c diff.Change) bool { return len(c.Head().Blocked) > 0 }
	var open, blocked []diff.Change
	for _, c := range ordered {
		if isBlocked(c) {
			blocked = append(blocked, c)
		} else {
			open = append(open, c)
		}
	}
	if len(open) > 0 {
		p.text("Signs: ", p.legend(open), "\n\n")
		p.text("pslan will perform the following actions:\n\n")
		p.list(open, verbose)
	}
	rest := blocksWithoutChange(pr)
	if len(blocked)+len(rest) == 0 {
		return
	}
	p.text(p.with(sgrBold+sgrRed, "Blocked"), ", and not counted below:\n\n")
	p.list(blocked, verbose)
	for _, line := range rest {
		p.prose("  ", line)
	}
	if len(rest) > 0 {
		p.text("\n")
	}
}

// legend explains the signs that occur.
func (p *page) legend(changes []diff.Change) string {
	words := [...]string{diff.Create: "create", diff.Update: "update in-place", diff.Delete: "destroy"}
	var parts []string
	for a := diff.Create; a <= diff.Delete; a++ {
		if slices.ContainsFunc(changes, func(c diff.Change) bool { return c.Head().Action == a }) {
			parts = append(parts, p.action(sign(a))+" "+words[a])
		}
	}
	return strings.Join(parts, ", ")
}

// list writes changes, those of a shape that is too frequent as one entry.
func (p *page) list(changes []diff.Change, verbose bool) {
	var all folds
	if !verbose {
		all = foldsOf(changes)
	}
	told := make(map[shape]bool)
	var buf []attribute
	for _, c := range changes {
		if s, f := all.of(c); f != nil {
			if !told[s] {
				told[s] = true
				p.folded(s, f)
				p.text("\n")
			}
			continue
		}
		buf = p.change(c, verbose, buf)
		p.text("\n")
	}
}

// blocksWithoutChange are what is blocked and has no change that could say so.
func blocksWithoutChange(pr *proposal.Proposal) []string {
	told := make(map[string]bool)
	for _, c := range pr.Plan.Changes {
		if len(c.Head().Blocked) > 0 {
			told[string(c.Head().Address)] = true
		}
	}
	var out []string
	for i := range pr.Plan.Blocks {
		b := &pr.Plan.Blocks[i]
		if told[string(b.Address)] {
			continue
		}
		line := "# " + printable(string(b.Address)) + " is blocked by " + string(b.Code)
		if b.Detail != "" {
			line += ": " + printableLines(b.Detail)
		}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// noteAbout shows a note or warning about the files, in short.
func (h *human) noteAbout(p *page, d *diag.Diagnostic) {
	pr := h.problemOf(d)
	if d.Severity != diag.Note {
		p.problem(pr)
		return
	}
	p.text(p.level("Note"), ": ", printable(d.Summary), "\n")
	text := printableLines(d.Detail)
	if !d.Subject.IsZero() {
		text += " (" + placeOf(d.Subject) + ")"
	}
	p.prose("  ", text)
	p.text("\n")
}

// summary writes the fixed lines.
func (p *page) summary(pr *proposal.Proposal, l listed) {
	c := pr.Counts()
	if pr.Plan.Partial {
		p.prose("", "This plan is partial: -target or -exclude chose some of the changes. What was left out is not shown and not counted.")
		p.text("\n")
	}
	if pr.Empty() {
		p.text(p.bold("No changes."), " Your infrastructure matches the configuration.\n")
	} else {
		p.text(p.bold("Plan:"))
		p.printf(" %d to add, %d to change, %d to destroy.\n", c.Add, c.Change, c.Destroy)
		p.blockedLine(c.Blocked)
	}
	if n := len(l.steps); n > 0 || len(pr.Findings) > 0 {
		t := totalsOf(pr, l)
		downloads := "0"
		if t.downloads > 0 {
			downloads = fmt.Sprintf("%d (%s)", t.downloads, wording.Size(t.bytes))
		}
		line := fmt.Sprintf("Steps: %d. Downloads: %s. Origin moves: %d. Deletions: %d. Findings: %s.",
			n, downloads, t.moves, t.deletions, tally(pr.Findings))
		if p.box {
			line = strings.Join(wrap(line, p.width), "\n")
		}
		p.text(line, "\n")
	}
	if line := undeclaredLine(pr); line != "" {
		if p.box {
			line = strings.Join(wrap(line, p.width), "\n")
		}
		p.text(line, "\n")
	}
	if pr.Plan.ID != "" {
		p.text("Plan ID: ", printable(pr.Plan.ID), "\n")
	}
}

// blockedLine is a fixed line, printed where something is blocked.
func (p *page) blockedLine(n int) {
	if n > 0 {
		p.printf("Blocked: %d images.\n", n)
	}
}

// hints say what to do next.
func (h *human) hints(p *page, pr *proposal.Proposal, o PlanOptions) {
	if o.SavedTo != "" {
		p.text("\nSaved the plan to: ", printable(o.SavedTo), "\n")
	}
	if h.Automation || o.ForApply || o.Show {
		return
	}
	if slices.ContainsFunc(pr.Findings, func(f finding.Finding) bool { return f.Severity >= finding.Warning }) {
		p.text("\n")
		p.prose("", "To read what a finding means and what to do: pslan explain CODE")
	}
	switch {
	case len(pr.Plan.Steps) == 0:
	case o.SavedTo != "":
		p.text("\nTo perform exactly these steps, run: pslan apply ", shellWord(o.SavedTo), "\n")
	default:
		p.text("\n")
		p.prose("", "Note: The plan was not saved (-out=FILE), so pslan apply will make a new one and ask again.")
	}
}

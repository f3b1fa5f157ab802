package view

import (
	"fmt"
	"strings"

	"pslan/internal/proposal"
)

// stepLine is one line of the steps section, laid out.
type stepLine struct {
	number, op, text, remark string
}

// steps writes the steps section: number, operation, what happens, and in the right
// column the risk, or how long it takes.
func (p *page) steps(pr *proposal.Proposal, l listed, verbose bool) {
	steps := l.steps
	if len(steps) == 0 {
		return
	}
	w := newStepWriter(steps, pr.Meta.Verify)
	var lines []stepLine
	numbers, ops := 0, 0
	for _, g := range groups(steps, verbose) {
		line := stepLine{number: l.numberOf(g), op: steps[g.steps[0]].Op.String(), text: w.text(g), remark: w.remark(g)}
		numbers, ops = max(numbers, len(line.number)), max(ops, len(line.op))
		lines = append(lines, line)
	}
	title := "Steps"
	if len(steps) < len(pr.Plan.Steps) {
		title = "Steps that remain"
	}
	p.text(p.bold(title), ", in the order they will run:\n")
	numbers = max(numbers, 4)
	indent := numbers + 2 + ops + 2
	column := p.remarkColumn(lines, indent)
	for i := range lines {
		line := &lines[i]
		p.text(strings.Repeat(" ", numbers-len(line.number)), line.number, "  ", pad(line.op, ops), "  ")
		p.stepText(line, indent, column)
	}
	p.text("\n")
}

// numberOf is the number of a line's step, or those of its steps: 1-212; 7+ where
// they do not stand together.
func (l *listed) numberOf(g group) string {
	first, last := l.numbers[g.steps[0]], l.numbers[g.steps[len(g.steps)-1]]
	switch {
	case len(g.steps) == 1:
		return fmt.Sprint(first)
	case last-first == len(g.steps)-1:
		return fmt.Sprintf("%d-%d", first, last)
	}
	return fmt.Sprintf("%d+", first)
}

// remarkColumn is where the right column begins: behind the longest text, as far
// as the page allows.
func (p *page) remarkColumn(lines []stepLine, indent int) int {
	texts, remarks := 0, 0
	for i := range lines {
		texts = max(texts, columns(lines[i].text))
		remarks = max(remarks, columns(lines[i].remark))
	}
	return min(indent+texts+2, p.width-remarks)
}

// narrowestText is the least width of a step's text; below it a remark stands on a
// line of its own.
const narrowestText = 24

// stepText writes the text of a step, wrapped behind its operation, and its remark
// in the right column of the first line.
func (p *page) stepText(line *stepLine, indent, column int) {
	room := max(p.width-indent, narrowestText)
	beside := line.remark != "" && columns(line.text)+2+columns(line.remark) > room
	if beside && column-2-indent >= narrowestText {
		room = column - 2 - indent
	}
	text := wrap(line.text, room)
	fits := columns(text[0])+2+columns(line.remark) <= p.width-indent
	for i, piece := range text {
		if i > 0 {
			p.text(strings.Repeat(" ", indent))
		}
		p.text(piece)
		if i == 0 && fits && line.remark != "" {
			p.text(strings.Repeat(" ", max(column-indent-columns(piece), 2)), p.remark(line.remark))
		}
		p.text("\n")
	}
	if !fits && line.remark != "" {
		p.text(strings.Repeat(" ", indent), p.remark(line.remark), "\n")
	}
}

// remark paints a risk.
func (p *page) remark(s string) string {
	switch s {
	case originMoves:
		return p.with(sgrBold+sgrMagenta, s)
	case deletesData:
		return p.with(sgrBold+sgrRed, s)
	}
	return s
}

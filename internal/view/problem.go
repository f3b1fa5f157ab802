package view

import (
	"bufio"
	"fmt"
	"strings"

	"pslan/internal/diag"
)

// problem is a diagnostic or a finding, ready to be laid out: what is wrong in one
// line, where, and what to know and do.
type problem struct {
	level string // Error, Warning, Note
	title string // without the level
	at    diag.Range
	in    string
	// source is the line at the place, from the column sourceFrom (1: its beginning).
	source     string
	sourceFrom int32
	body       []string // paragraphs
}

// page is where text is laid out.
type page struct {
	*bufio.Writer
	paint
	width int
	box   bool // ╷│╵ around problems
}

// printf is Fprintf to the page; a write that fails is remembered by whoever holds
// the stream.
func (p *page) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// text writes parts one after the other.
func (p *page) text(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

// prose writes a text wrapped to the page, each line behind indent.
func (p *page) prose(indent, text string) {
	for _, line := range wrap(text, min(p.width, widestProse)-columns(indent)) {
		if line != "" {
			p.text(indent)
		}
		p.text(line, "\n")
	}
}

// problem lays out one problem, in a box on a terminal, else from column 0.
func (p *page) problem(pr *problem) {
	width := min(p.width, widestProse)
	if p.box {
		width -= len("│ ")
	}
	lines := p.problemLines(pr, width)
	if !p.box {
		p.text(strings.Join(lines, "\n"), "\n\n")
		return
	}
	bar := func(sign string) string { return p.levelColour(pr.level, sign) }
	p.text(bar("╷"), "\n")
	for _, line := range lines {
		p.text(strings.TrimRight(bar("│")+" "+line, " "), "\n")
	}
	p.text(bar("╵"), "\n")
}

// levelColour paints the box in the colour of the level, not bold.
func (p *page) levelColour(level, s string) string {
	switch level {
	case "Error":
		return p.with(sgrRed, s)
	case "Warning":
		return p.with(sgrMagenta, s)
	}
	return s
}

func (p *page) problemLines(pr *problem, width int) []string {
	heading := wrap(pr.level+": "+printable(pr.title), width)
	for i, line := range heading {
		if i == 0 {
			rest := strings.TrimPrefix(line, pr.level+":")
			heading[i] = p.level(pr.level) + p.bold(":"+rest)
			continue
		}
		heading[i] = p.bold(line)
	}
	lines := heading
	if place := p.placeLines(pr); len(place) > 0 {
		lines = append(append(lines, ""), place...)
	}
	for _, paragraph := range pr.body {
		if paragraph == "" {
			continue
		}
		lines = append(append(lines, ""), wrap(printableLines(paragraph), width)...)
	}
	return lines
}

// placeLines are where it is, and the source line with the place underlined.
func (p *page) placeLines(pr *problem) []string {
	if pr.at.IsZero() {
		return nil
	}
	where := "  on " + printable(pr.at.Filename)
	if pr.at.Start.Line > 0 {
		where += fmt.Sprintf(" line %d", pr.at.Start.Line)
	}
	if pr.in != "" {
		where += ", in " + printable(pr.in)
	}
	if pr.source == "" {
		return []string{where}
	}
	cut := ""
	if pr.sourceFrom > 1 {
		cut = "..."
	}
	return []string{where + ":", fmt.Sprintf("  %d: %s%s", pr.at.Start.Line, cut, p.sourceLine(pr))}
}

// maxSource is how many runes of a source line are shown.
const maxSource = 200

func (p *page) sourceLine(pr *problem) string {
	line := []rune(firstLine(pr.source))
	if len(line) > maxSource {
		line = line[:maxSource]
	}
	from := int(pr.at.Start.Column - max(pr.sourceFrom, 1))
	to := int(pr.at.End.Column - max(pr.sourceFrom, 1))
	if pr.at.End.Line > pr.at.Start.Line {
		to = len(line)
	}
	from, to = min(max(from, 0), len(line)), min(max(to, 0), len(line))
	if from >= to {
		return printable(string(line))
	}
	return printable(string(line[:from])) + p.underline(printable(string(line[from:to]))) + printable(string(line[to:]))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimRight(line, "\r")
}

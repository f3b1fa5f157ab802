package cli

import (
	"fmt"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// contextLines is how many unchanged lines stand around a change.
const contextLines = 3

// diffLine is one line of a comparison; kind is ' ', '-' or '+'.
type diffLine struct {
	kind byte
	text string
}

// unifiedDiff returns the difference of two texts in the unified format. The
// names are old/NAME and new/NAME, with "/" whatever the system's separator is.
func unifiedDiff(name, before, after string) string {
	lines := compareLines(before, after)
	name = strings.ReplaceAll(name, `\`, "/")
	var b strings.Builder
	fmt.Fprintf(&b, "--- old/%s\n+++ new/%s\n", name, name)
	for from := 0; from < len(lines); {
		if lines[from].kind == ' ' {
			from++
			continue
		}
		first, end := hunkAround(lines, from)
		writeHunk(&b, lines, first, end)
		from = end
	}
	return b.String()
}

// compareLines compares line by line. Without a timeout the result is always the
// same, and go-diff has done lines rightly since 1.4.0.
func compareLines(before, after string) []diffLine {
	m := diffmatchpatch.New()
	m.DiffTimeout = 0
	a, b, texts := m.DiffLinesToChars(before, after)
	kinds := map[diffmatchpatch.Operation]byte{
		diffmatchpatch.DiffEqual: ' ', diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+',
	}
	var lines []diffLine
	for _, d := range m.DiffCharsToLines(m.DiffMain(a, b, false), texts) {
		for text := range strings.Lines(d.Text) {
			lines = append(lines, diffLine{kinds[d.Type], text})
		}
	}
	return lines
}

// hunkAround returns the hunk that begins with the change at from: changes with at
// most two contexts between them stand in one.
func hunkAround(lines []diffLine, from int) (first, end int) {
	first = max(0, from-contextLines)
	last := from // the last change of the hunk
	for i := from; i < len(lines) && i-last <= 2*contextLines; i++ {
		if lines[i].kind != ' ' {
			last = i
		}
	}
	return first, min(len(lines), last+1+contextLines)
}

func writeHunk(b *strings.Builder, lines []diffLine, first, end int) {
	oldLine, newLine := 1, 1
	for _, l := range lines[:first] {
		if l.kind != '+' {
			oldLine++
		}
		if l.kind != '-' {
			newLine++
		}
	}
	olds, news := 0, 0
	for _, l := range lines[first:end] {
		if l.kind != '+' {
			olds++
		}
		if l.kind != '-' {
			news++
		}
	}
	fmt.Fprintf(b, "@@ -%s +%s @@\n", span(oldLine, olds), span(newLine, news))
	for _, l := range lines[first:end] {
		text, ended := strings.CutSuffix(l.text, "\n")
		fmt.Fprintf(b, "%c%s\n", l.kind, strings.TrimSuffix(text, "\r"))
		if !ended {
			b.WriteString("\\ No newline at end of file\n")
		}
	}
}

// span is a hunk's place: the line before it where it has none of its own.
func span(line, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", line-1)
	case 1:
		return fmt.Sprint(line)
	default:
		return fmt.Sprintf("%d,%d", line, count)
	}
}

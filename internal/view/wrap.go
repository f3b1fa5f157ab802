package view

import (
	"strings"
	"unicode/utf8"
)

// columns is the width of a text on a terminal, one column a rune.
func columns(s string) int { return utf8.RuneCountInString(s) }

// wrap breaks a text into lines of at most width columns. Lines of the text stay
// lines; one that is indented or begins a list keeps its indentation, and is broken
// only if it does not fit. A word that is wider than a line is not broken: paths
// and GUIDs are there to be copied.
func wrap(text string, width int) []string {
	var out []string
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		if columns(line) <= width {
			out = append(out, line)
			continue
		}
		out = append(out, wrapLine(line, width)...)
	}
	return out
}

func wrapLine(line string, width int) []string {
	body := strings.TrimLeft(line, " ")
	first := line[:len(line)-len(body)]
	rest := first
	if strings.HasPrefix(body, "- ") {
		rest += "  "
	}
	var out []string
	var b strings.Builder
	b.WriteString(first)
	at, fresh := len(first), true
	for word := range strings.FieldsSeq(body) {
		n := columns(word)
		if !fresh && at+1+n > width {
			out = append(out, b.String())
			b.Reset()
			b.WriteString(rest)
			at, fresh = len(rest), true
		}
		if !fresh {
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at, fresh = at+n, false
	}
	return append(out, b.String())
}

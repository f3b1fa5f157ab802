package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pslan/internal/estate"
)

// printable makes a text from the estate or from a file safe for a terminal:
// whatever a terminal would obey instead of show is written as an escape. Line
// ends stay only where the text may have several lines.
func printable(s string) string { return escape(s, false) }

func printableLines(s string) string { return escape(s, true) }

func escape(s string, lines bool) string {
	if shows(s, lines) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n' && lines, visible(r):
			b.WriteRune(r)
		case r == '\t':
			b.WriteString("    ")
		case r == '\r' && lines && strings.HasPrefix(s[i+n:], "\n"):
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
		i += n
	}
	return b.String()
}

func shows(s string, lines bool) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && (c != '\n' || !lines) || c == 0x7f {
			return allVisible(s, lines)
		}
	}
	return true
}

func allVisible(s string, lines bool) bool {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !visible(r) && (r != '\n' || !lines) {
			return false
		}
		i += n
	}
	return true
}

// visible reports whether a terminal shows a rune. Marks that turn the direction of
// writing are not shown: with them one name looks like another.
func visible(r rune) bool { return r == ' ' || unicode.IsPrint(r) }

// quoted is a text as it would be written in the files.
func quoted(s string) string { return strconv.Quote(s) }

// quotedList writes ["PS008", "PS010"].
func quotedList(items []string) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoted(item))
	}
	b.WriteByte(']')
	return b.String()
}

// lasts writes a duration as Terraform does, to the second: 9m40s.
func lasts(d time.Duration) string { return d.Round(time.Second).String() }

// roughly writes an estimate to two units: 45s, 18m, 2h5m, 3d4h.
func roughly(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Round(time.Second).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Round(time.Minute).Minutes()))
	case d < day:
		d = d.Round(time.Minute)
		return units(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "m")
	}
	d = d.Round(time.Hour)
	return units(int(d/day), "d", int(d%day/time.Hour), "h")
}

func units(big int, bigName string, small int, smallName string) string {
	if small == 0 {
		return strconv.Itoa(big) + bigName
	}
	return strconv.Itoa(big) + bigName + strconv.Itoa(small) + smallName
}

// count writes "1 image", "12 images", "2 copies".
func count(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y"):
		return strconv.Itoa(n) + " " + strings.TrimSuffix(one, "y") + "ies"
	}
	return strconv.Itoa(n) + " " + one + "s"
}

// names joins names for a sentence, at most limit of them: "A, B and 3 more".
func names(all []string, limit int) string {
	shown := all
	if len(all) > limit+1 {
		shown = all[:limit]
	}
	var b strings.Builder
	for i, name := range shown {
		switch {
		case i == 0:
		case i == len(all)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(printable(name))
	}
	if rest := len(all) - len(shown); rest > 0 {
		fmt.Fprintf(&b, " and %d more", rest)
	}
	return b.String()
}

// assignmentText writes an assignment as the files would: "all", a list of
// servers, or sites.
func assignmentText(a *estate.AssignmentNames) string {
	switch a.Mode {
	case estate.AssignAll:
		return `"all"`
	case estate.AssignServers:
		return quotedList(a.Servers)
	case estate.AssignSites:
		return "sites " + quotedList(a.Sites)
	case estate.AssignAutomatic:
		return "automatic, sites " + quotedList(a.Sites)
	}
	return "unknown"
}

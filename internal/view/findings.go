package view

import (
	"fmt"
	"strings"

	"pslan/internal/finding"
)

// More findings than foldFindings of one code and severity are told once, with the
// addresses of the first foldAddresses.
const (
	foldFindings  = 5
	foldAddresses = 10
)

// findings writes the risk section. What matters most stands last, where a reader
// of a log begins: notes, what is acknowledged, warnings, errors.
func (h *human) findings(p *page, all []finding.Finding, verbose bool) {
	ranks := [4][]*finding.Finding{}
	for i := range all {
		f := &all[i]
		ranks[rank(f)] = append(ranks[rank(f)], f)
	}
	for n, list := range ranks {
		for len(list) > 0 {
			same := 1
			for same < len(list) && list[same].Code == list[0].Code && list[same].Severity == list[0].Severity {
				same++
			}
			switch {
			case n == 0:
				p.notes(list[:same], verbose)
			case same > foldFindings && !verbose:
				h.foldedFinding(p, list[:same])
			default:
				for rest := list[:same]; len(rest) > 0; {
					at := samePlace(rest)
					h.finding(p, rest[:at])
					rest = rest[at:]
				}
			}
			list = list[same:]
		}
	}
	if p.box && len(all) > 0 {
		p.text("\n")
	}
}

func rank(f *finding.Finding) int {
	switch {
	case f.Severity == finding.Note:
		return 0
	case f.Acked != nil:
		return 1
	case f.Severity == finding.Warning:
		return 2
	}
	return 3
}

func levelOf(f *finding.Finding) string {
	if f.Severity == finding.Error {
		return "Error"
	}
	return "Warning"
}

func title(f *finding.Finding) string {
	t := f.Title + " [" + string(f.Code) + "]"
	if f.Acked != nil {
		t += ", acknowledged"
	}
	return t
}

// samePlace is how many findings at the beginning of a list have one place, one way
// out and one acknowledgement: they are told as one.
func samePlace(list []*finding.Finding) int {
	f, n := list[0], 1
	for n < len(list) && list[n].Range == f.Range && list[n].Fix == f.Fix && sameAck(list[n].Acked, f.Acked) {
		n++
	}
	return n
}

func sameAck(a, b *finding.Acknowledgement) bool { return a == b || a != nil && b != nil && *a == *b }

// finding writes warnings or errors of one code and place whole.
func (h *human) finding(p *page, list []*finding.Finding) {
	f := list[0]
	pr := h.place(f)
	if len(list) > 1 {
		pr.title += fmt.Sprintf(", %d times", len(list))
	}
	for rest := list; len(rest) > 0; {
		same := 1
		for same < len(rest) && rest[same].Detail == rest[0].Detail {
			same++
		}
		pr.body = append(pr.body, subjectsOf(rest[:same])+rest[0].Detail)
		rest = rest[same:]
	}
	switch {
	case f.Acked != nil:
		pr.body = append(pr.body, acknowledged(f.Acked))
	case f.Fix != "":
		pr.body = append(pr.body, toFix(f.Fix))
	}
	if blocks := blockedBy(list); blocks != "" && f.Acked == nil {
		pr.body = append(pr.body, "This blocks "+blocks+".")
	}
	p.problem(pr)
}

func blockedBy(list []*finding.Finding) string {
	var blocks []string
	for _, f := range list {
		if f.Blocks && f.Address != "" {
			blocks = append(blocks, string(f.Address))
		}
	}
	return names(blocks, foldAddresses)
}

// toFix is the last line of a finding: what to do, as the end of a sentence.
func toFix(fix string) string {
	if len(fix) > 1 && fix[0] >= 'A' && fix[0] <= 'Z' && fix[1] >= 'a' && fix[1] <= 'z' {
		fix = strings.ToLower(fix[:1]) + fix[1:]
	}
	return "To fix it now: " + fix
}

// subjectsOf names what findings are about, where their place does not.
func subjectsOf(list []*finding.Finding) string {
	f := list[0]
	words := f.Address.Words()
	if f.Address == "" || len(list) == 1 && len(words) == 2 && f.In == words[0]+" "+quoted(words[1]) {
		return ""
	}
	addresses := make([]string, len(list))
	for i := range list {
		addresses[i] = string(list[i].Address)
	}
	return names(addresses, foldAddresses) + ": "
}

func (h *human) place(f *finding.Finding) *problem {
	pr := &problem{level: levelOf(f), title: title(f), at: f.Range, in: f.In}
	if h.Source != nil && !f.Range.IsZero() {
		if line, ok := h.Source(f.Range.Filename, int(f.Range.Start.Line)); ok {
			pr.source = line
		}
	}
	return pr
}

// acknowledged tells who said yes to what, and until when.
func acknowledged(a *finding.Acknowledgement) string {
	text := "Acknowledged"
	if !a.Range.IsZero() {
		text += fmt.Sprintf(" in %s line %d", a.Range.Filename, a.Range.Start.Line)
	}
	if a.Day != "" {
		text += ", until " + a.Day
	}
	if a.Ticket != "" {
		text += ", " + a.Ticket
	}
	return text + ": " + strings.TrimSuffix(a.Reason, ".") + "."
}

// foldedFinding writes many findings of one code as one.
func (h *human) foldedFinding(p *page, list []*finding.Finding) {
	f := list[0]
	pr := &problem{level: levelOf(f), title: fmt.Sprintf("%s, %d times", title(f), len(list))}
	addresses := make([]string, len(list))
	for i := range list {
		addresses[i] = string(list[i].Address)
	}
	pr.body = append(pr.body, "On "+names(addresses, foldAddresses)+".")
	pr.body = append(pr.body, fmt.Sprintf("%s: %s", f.Address, f.Detail))
	switch {
	case f.Acked != nil:
		pr.body = append(pr.body, acknowledged(f.Acked))
	case f.Fix != "":
		pr.body = append(pr.body, toFix(f.Fix))
	}
	pr.body = append(pr.body, "The others read alike; -verbose shows each.")
	p.problem(pr)
}

// notes writes notes of one code in short: the title once, then a line or two each.
func (p *page) notes(list []*finding.Finding, verbose bool) {
	p.text(p.level("Note"), ": ", printable(list[0].Title), " [", string(list[0].Code), "]\n")
	if len(list) > foldFindings && !verbose {
		addresses := make([]string, len(list))
		for i := range list {
			addresses[i] = string(list[i].Address)
		}
		p.prose("  ", names(addresses, foldAddresses))
	} else {
		for _, f := range list {
			text := printableLines(f.Detail)
			if f.Address != "" {
				text = printable(string(f.Address)) + ": " + text
			}
			if f.Acked != nil {
				text += " " + printable(acknowledged(f.Acked))
			}
			p.prose("  ", strings.TrimSpace(text))
		}
	}
	p.text("\n")
}

// tally counts findings for the summary: 1 error, 2 warnings (1 acknowledged).
func tally(all []finding.Finding) string {
	var errors, warnings, notes, acked int
	for i := range all {
		switch all[i].Severity {
		case finding.Error:
			errors++
		case finding.Warning:
			warnings++
		default:
			notes++
		}
		if all[i].Acked != nil {
			acked++
		}
	}
	var parts []string
	for _, part := range []struct {
		n    int
		name string
	}{{errors, "error"}, {warnings, "warning"}, {notes, "note"}} {
		if part.n > 0 {
			parts = append(parts, count(part.n, part.name))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	text := strings.Join(parts, ", ")
	if acked > 0 {
		text += fmt.Sprintf(" (%d acknowledged)", acked)
	}
	return text
}

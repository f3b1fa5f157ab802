package view

import (
	"pslan/internal/diag"
	"pslan/internal/finding"
)

// diagnostic is a problem as Terraform's JSON formats have it. A finding is one
// too, with the keys that only findings have.
type diagnostic struct {
	Severity string   `json:"severity"`
	Summary  string   `json:"summary"`
	Detail   string   `json:"detail"`
	Range    *span    `json:"range,omitempty"`
	Snippet  *snippet `json:"snippet,omitempty"`

	Code         finding.Code `json:"code,omitempty"`
	Address      string       `json:"address,omitempty"`
	Server       string       `json:"server,omitempty"`
	Fix          string       `json:"fix,omitempty"`
	Blocks       bool         `json:"blocks,omitempty"`
	Acknowledged *accepted    `json:"acknowledged,omitempty"`
}

type span struct {
	Filename string `json:"filename"`
	Start    place  `json:"start"`
	End      place  `json:"end"`
}

type place struct {
	Line   int32 `json:"line"`
	Column int32 `json:"column"`
	Byte   int32 `json:"byte"`
}

// snippet is the source at the place. Offsets are bytes in Code.
type snippet struct {
	Context   *string  `json:"context"` // the block; null where there is none
	Code      string   `json:"code"`
	StartLine int32    `json:"start_line"`
	Start     int      `json:"highlight_start_offset"`
	End       int      `json:"highlight_end_offset"`
	Values    []string `json:"values"` // always empty: no values are shown
}

type accepted struct {
	Reason  string `json:"reason"`
	Ticket  string `json:"ticket,omitempty"`
	Expires string `json:"expires,omitempty"`
}

func diagnosticOf(d *diag.Diagnostic) *diagnostic {
	return &diagnostic{
		Severity: d.Severity.String(), Summary: d.Summary, Detail: d.Detail,
		Range: spanOf(d.Subject), Snippet: snippetOf(d.Subject, d.In, d.Source, d.SourceFrom),
	}
}

func findingDiagnostic(f *finding.Finding, source string) *diagnostic {
	d := &diagnostic{
		Severity: f.Severity.String(), Summary: f.Title, Detail: f.Detail,
		Range: spanOf(f.Range), Snippet: snippetOf(f.Range, f.In, source, 0),
		Code: f.Code, Address: string(f.Address), Server: f.Server, Fix: f.Fix, Blocks: f.Blocks,
	}
	if a := f.Acked; a != nil {
		d.Acknowledged = &accepted{Reason: a.Reason, Ticket: a.Ticket, Expires: a.Day}
	}
	return d
}

func spanOf(r diag.Range) *span {
	if r.IsZero() {
		return nil
	}
	return &span{Filename: r.Filename, Start: place(r.Start), End: place(r.End)}
}

// snippetOf finds the place within its source line, whose first column is from.
func snippetOf(r diag.Range, in, source string, from int32) *snippet {
	if r.IsZero() || source == "" {
		return nil
	}
	s := &snippet{Code: source, StartLine: r.Start.Line, Values: []string{}}
	if in != "" {
		s.Context = &in
	}
	from = max(from, 1)
	s.Start = byteAt(source, int(r.Start.Column-from))
	s.End = len(firstLine(source))
	if r.End.Line == r.Start.Line {
		s.End = byteAt(source, int(r.End.Column-from))
	}
	s.End = max(s.End, s.Start)
	return s
}

// byteAt is the offset of the n-th rune of a text, or its end.
func byteAt(s string, n int) int {
	for i := range s {
		if n <= 0 {
			return i
		}
		n--
	}
	return len(s)
}

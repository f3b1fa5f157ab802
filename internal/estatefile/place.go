package estatefile

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v15/textseg"

	"pslan/internal/diag"
)

const (
	maxProblems  = 50
	excerptCells = 120 // of a source line
)

// placer knows which line the buffer begins in.
type placer struct {
	lines int32 // complete lines before buf[0]
	cells int32 // characters of the line that buf[0] stands in, before buf[0]
}

// drop counts the lines of what leaves the buffer.
func (p *placer) drop(b []byte) {
	if n := bytes.Count(b, newline); n > 0 {
		p.lines += int32(n)
		p.cells = 0
		b = b[bytes.LastIndexByte(b, '\n')+1:]
	}
	p.cells += int32(utf8.RuneCount(b))
}

var newline = []byte{'\n'}

// problems collects what is wrong, up to a limit.
type problems struct {
	name  string
	diags diag.Diagnostics
	more  int
	thing func() string // names what is being read
}

// pos is the place of an offset that is still in the buffer.
func (s *scanner) posOf(offset int64) diag.Pos {
	i := max(0, min(int(offset-s.base), s.end))
	before := s.buf[:i]
	line, cells := s.place.lines, s.place.cells
	if n := bytes.Count(before, newline); n > 0 {
		line += int32(n)
		cells = 0
		before = before[bytes.LastIndexByte(before, '\n')+1:]
	}
	n, err := textseg.TokenCount(before, textseg.ScanGraphemeClusters)
	if err != nil {
		n = len(before)
	}
	return diag.Pos{Line: line + 1, Column: cells + int32(n) + 1, Byte: int32(min(s.base+int64(i), math.MaxInt32))}
}

// spot is where a problem is, kept until it can be told.
type spot struct {
	at     diag.Range
	source string
	from   int32
	in     string
}

// spot remembers a stretch of the input that is still in the buffer.
func (s *scanner) spot(at, until int64) spot {
	if len(s.diags) >= maxProblems {
		return spot{} // nobody will be told
	}
	s.need(aheadBytes) // for the excerpt
	start := s.posOf(at)
	sp := spot{at: diag.Range{Filename: s.name, Start: start, End: s.posOf(max(until, at))}}
	sp.source, sp.from = s.excerpt(at, start.Column)
	if s.thing != nil {
		sp.in = s.thing()
	}
	return sp
}

// excerpt is the source line around an offset, cut where it is very long, and the
// column at which it begins.
func (s *scanner) excerpt(at int64, column int32) (string, int32) {
	i := max(0, min(int(at-s.base), s.end))
	begin := bytes.LastIndexByte(s.buf[:i], '\n') + 1
	stop := s.end
	if n := bytes.IndexByte(s.buf[i:s.end], '\n'); n >= 0 {
		stop = i + n
	}
	whole := begin > 0 || s.place.cells == 0
	if stop-begin <= excerptCells && whole {
		return clean(s.buf[begin:stop]), 0
	}
	from := max(begin, i-excerptCells/2)
	for from < i && !utf8.RuneStart(s.buf[from]) {
		from++
	}
	to := min(stop, from+excerptCells)
	for to < stop && !utf8.RuneStart(s.buf[to]) {
		to++
	}
	n, err := textseg.TokenCount(s.buf[from:i], textseg.ScanGraphemeClusters)
	if err != nil {
		n = i - from
	}
	return clean(s.buf[from:to]), max(1, column-int32(n))
}

// clean makes a piece of the input safe to show.
func clean(b []byte) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r == utf8.RuneError:
			return '?'
		}
		return r
	}, strings.TrimRight(string(b), "\r"))
}

// problem reports what is wrong between two offsets.
func (s *scanner) problem(at, until int64, summary, detail string) {
	s.add(diag.Error, s.spot(at, until), summary, detail)
}

// found counts what was reported.
func (p *problems) found() int { return len(p.diags) + p.more }

// add reports what is wrong at a spot.
func (s *scanner) add(severity diag.Severity, where spot, summary, detail string) {
	if len(s.diags) >= maxProblems {
		s.more++
		return
	}
	d := &diag.Diagnostic{
		Severity: severity, Summary: summary, Detail: detail,
		Subject: where.at, Source: where.source, SourceFrom: where.from, In: where.in,
	}
	s.diags = append(s.diags, d)
}

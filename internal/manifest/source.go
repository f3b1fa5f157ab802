package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apparentlymart/go-textseg/v15/textseg"

	"pslan/internal/diag"
)

// The limits of what is read.
const (
	maxSize     = 16 << 30 // bytes of one part, unpacked
	maxValue    = 4 << 20  // bytes of one value: a file, a text, something unknown
	maxFiles    = 200_000  // of one package, as when folders are read
	maxPackages = 1_000_000
	maxParts    = 10_000
	maxProblems = 50
	keepBytes   = 64 << 10 // kept of what was read, so that problems can show their line
	sourceBytes = 400      // of a line that is shown
)

// source is the input of the JSON decoder. It keeps what was read lately, to tell
// lines and columns, and bounds what one value can take.
type source struct {
	in    io.Reader
	left  int    // bytes that the present value may still take
	tail  []byte // what was read last
	base  int64  // offset of tail[0]
	lines int32  // complete lines before tail[0]
}

var errValue = errors.New("one value is larger than 4 MiB, and no name, path or message is")

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	if s.left <= 0 {
		return 0, errValue
	}
	n, err := s.in.Read(b[:min(len(b), s.left)])
	s.left -= n
	s.tail = append(s.tail, b[:n]...)
	return n, err
}

// next begins another value: what lies long before an offset is not needed any more.
func (s *source) next(offset int64) {
	s.left = maxValue
	drop := int(offset-s.base) - keepBytes
	if drop < 8*keepBytes {
		return
	}
	if i := bytes.LastIndexByte(s.tail[:drop], '\n'); i >= 0 {
		drop = i + 1
	}
	s.lines += int32(bytes.Count(s.tail[:drop], newline))
	s.base += int64(drop)
	s.tail = append(s.tail[:0], s.tail[drop:]...)
}

var newline = []byte{'\n'}

// value is the offset at which the next value begins, behind an offset.
func (s *source) value(offset int64) int64 {
	for i := offset - s.base; i >= 0 && i < int64(len(s.tail)); i++ {
		if !bytes.ContainsRune([]byte(" \t\r\n,:"), rune(s.tail[i])) {
			return s.base + i
		}
	}
	return offset
}

// place is the place of an offset, with its line where that is short.
func (s *source) place(name string, offset int64) (at diag.Range, line string) {
	i := max(0, min(int(offset-s.base), len(s.tail)))
	begin := bytes.LastIndexByte(s.tail[:i], '\n') + 1
	n, err := textseg.TokenCount(s.tail[begin:i], textseg.ScanGraphemeClusters)
	if err != nil {
		n = i - begin
	}
	p := diag.Pos{
		Line:   s.lines + int32(bytes.Count(s.tail[:i], newline)) + 1,
		Column: int32(n) + 1,
		Byte:   int32(min(s.base+int64(i), math.MaxInt32)),
	}
	end := bytes.IndexByte(s.tail[i:], '\n')
	if end < 0 {
		end = len(s.tail) - i
	}
	if whole := s.tail[begin : i+end]; len(whole) <= sourceBytes {
		line = string(bytes.ToValidUTF8(bytes.TrimRight(whole, "\r"), []byte("?")))
	}
	until := p
	until.Column++
	until.Byte++
	return diag.Range{Filename: name, Start: p, End: until}, line
}

// problems collects what is wrong, up to a limit.
type problems struct {
	name   string
	diags  diag.Diagnostics
	unsaid int    // problems beyond that
	in     string // what is being read
}

func (p *problems) add(s *source, offset int64, summary, detail string, args ...any) {
	if len(p.diags) >= maxProblems {
		p.unsaid++
		return
	}
	at, line := s.place(p.name, offset)
	p.diags = append(p.diags, &diag.Diagnostic{
		Severity: diag.Error, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: at, Source: line, In: p.in,
	})
}

// found counts what was reported.
func (p *problems) found() int { return len(p.diags) + p.unsaid }

// list returns what was found, sorted, with a last word where there was more.
func (p *problems) list() diag.Diagnostics {
	ds := p.diags.Sort()
	if p.unsaid > 0 {
		ds = ds.Errorf(diag.Range{}, "More problems in the manifest", "%s has %d more problems that are not shown.", p.name, p.unsaid)
	}
	return ds
}

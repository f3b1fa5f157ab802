package agentfile

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The limits of one file. A snapshot of 200,000 files, each an element with five
// children and a path of 200 characters in UTF-16, stays below them.
const (
	maxBytes    = 256 << 20
	maxToken    = 1 << 20 // bytes of one element's tag, or of one stretch of text
	maxDepth    = 64
	maxElements = 2_000_000
	maxFiles    = 200_000
	maxText     = 32 << 10 // bytes of one value: the longest path of Windows
)

// Error is a file that cannot be used.
type Error struct {
	Line    int // 0: not at one line
	Problem string
}

// Error returns "line n: problem".
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
}

// source is the input of the XML decoder: UTF-8, counted. Being an io.ByteReader it
// is read byte by byte, so that left bounds what one token can take.
type source struct {
	in    *bufio.Reader
	sure  bool // the encoding was told by the first bytes
	total int64
	token int
}

var (
	errTooLarge = &Error{Problem: fmt.Sprintf("it is larger than %d MiB", maxBytes>>20)}
	errToken    = &Error{Problem: fmt.Sprintf("one element is larger than %d MiB", maxToken>>20)}
)

// ReadByte implements io.ByteReader.
func (s *source) ReadByte() (byte, error) {
	if s.total++; s.total > maxBytes {
		return 0, errTooLarge
	}
	if s.token++; s.token > maxToken {
		return 0, errToken
	}
	return s.in.ReadByte()
}

// Read implements io.Reader, for encodings that are read through a decoder.
func (s *source) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	c, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	b[0] = c
	return 1, nil
}

// newSource finds out by its first bytes whether the input is UTF-8 or UTF-16. What
// the XML declaration says of it comes second: programs of the platform write
// encoding="utf-16" over UTF-8 text.
func newSource(in io.Reader) (*source, error) {
	b := bufio.NewReader(in)
	head, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var order unicode.Endianness
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, err := b.Discard(3)
		return &source{in: b, sure: true}, err
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{'<', 0}):
		order = unicode.LittleEndian
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}), bytes.HasPrefix(head, []byte{0, '<'}):
		order = unicode.BigEndian
	default:
		return &source{in: b}, nil
	}
	wide := io.LimitReader(b, 2*maxBytes+2)
	plain := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(wide)
	return &source{in: bufio.NewReader(plain), sure: true}, nil
}

// charset serves encodings that the XML declaration names.
func (s *source) charset(label string, in io.Reader) (io.Reader, error) {
	if s.sure {
		return in, nil
	}
	switch strings.ToLower(strings.TrimSpace(label)) {
	case "utf-16", "utf-16le", "utf-16be", "unicode", "utf8", "us-ascii", "ascii":
		return in, nil
	case "windows-1252", "iso-8859-1", "latin1":
		return charmap.Windows1252.NewDecoder().Reader(in), nil
	}
	return nil, &Error{Problem: fmt.Sprintf("its encoding %q is not known here", label)}
}

// fact is a value with the name of the attribute or element that held it, in lower
// case.
type fact struct{ name, value string }

// element is an element that is being read.
type element struct {
	name     string // in lower case
	line     int
	attrs    int    // how many of facts are attributes
	facts    []fact // its attributes, then its children that hold only a text
	text     []byte
	long     bool // the text is longer than any value
	children bool
	useful   bool // something below it was understood
}

// leaf reports whether the element holds nothing but a text.
func (e *element) leaf() bool { return !e.children && e.attrs == 0 && !e.long }

// walk reads XML and calls end for each element when it ends, its parent last. A
// leaf with a text is no call but a fact of its parent; the root is always one.
func walk(in io.Reader, end func(e, parent *element) error) error {
	src, err := newSource(in)
	if err != nil {
		return err
	}
	w := walker{d: xml.NewDecoder(src), end: end}
	w.d.CharsetReader = src.charset
	for {
		src.token = 0
		t, err := w.d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return w.problem(err)
		}
		if err := w.take(t); err != nil {
			return err
		}
	}
	if w.elements == 0 {
		return &Error{Problem: "it holds no XML element"}
	}
	return nil
}

type walker struct {
	d        *xml.Decoder
	end      func(e, parent *element) error
	open     []element
	elements int
}

func (w *walker) line() int {
	line, _ := w.d.InputPos()
	return line
}

// problem words an error of the decoder.
func (w *walker) problem(err error) error {
	var syntax *xml.SyntaxError
	var own *Error
	switch {
	case errors.As(err, &own):
		return &Error{Line: w.line(), Problem: own.Problem}
	case errors.As(err, &syntax):
		return &Error{Line: syntax.Line, Problem: "broken XML: " + syntax.Msg}
	}
	return err
}

func (w *walker) take(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return w.start(t)
	case xml.EndElement:
		return w.finish()
	case xml.CharData:
		if len(w.open) > 0 {
			e := &w.open[len(w.open)-1]
			if len(e.text)+len(t) > maxText {
				e.long = true
			} else {
				e.text = append(e.text, t...)
			}
		}
	case xml.Directive: // a DTD could define entities, and no file of the agent has one
		return &Error{Line: w.line(), Problem: "it has a document type definition, which is not read"}
	}
	return nil
}

func (w *walker) start(t xml.StartElement) error {
	if w.elements++; w.elements > maxElements {
		return &Error{Line: w.line(), Problem: fmt.Sprintf("it has more than %d elements", maxElements)}
	}
	switch {
	case len(w.open) >= maxDepth:
		return &Error{Line: w.line(), Problem: fmt.Sprintf("its elements are nested more than %d deep", maxDepth)}
	case len(w.open) > 0:
		w.open[len(w.open)-1].children = true
	case w.elements > 1:
		return &Error{Line: w.line(), Problem: "broken XML: a second root element"}
	}
	e := element{name: strings.ToLower(t.Name.Local), line: w.line()}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || strings.HasSuffix(a.Name.Space, "/XMLSchema-instance") {
			continue
		}
		e.facts = append(e.facts, fact{strings.ToLower(a.Name.Local), strings.TrimSpace(a.Value)})
	}
	e.attrs = len(e.facts)
	w.open = append(w.open, e)
	return nil
}

func (w *walker) finish() error {
	last := len(w.open) - 1
	e := w.open[last]
	w.open = w.open[:last]
	if last == 0 {
		return w.end(&e, nil)
	}
	parent := &w.open[last-1]
	if e.leaf() {
		if text := strings.TrimSpace(string(e.text)); text != "" {
			parent.facts = append(parent.facts, fact{e.name, text})
		}
		return nil // an empty element says nothing
	}
	return w.end(&e, parent)
}

package estatefile

import (
	"errors"
	"io"
	"unicode/utf8"
)

// The limits of what is read.
const (
	bufferSize = 256 << 10
	keepBytes  = 32 << 10 // kept of what was read, so that problems can show their line
	maxText    = 1 << 20  // bytes of one JSON string
	maxDepth   = 64
	aheadBytes = 160 // enough for any number, literal, digest, GUID or time
)

// scanner takes JSON apart, token by token, from a buffer that slides over the
// input. After a syntax error it is at its end for good: next returns 0, and the
// loops of its callers run out.
type scanner struct {
	in     io.Reader
	buf    []byte
	pos    int   // buf[pos:end] is not taken yet
	end    int   //
	base   int64 // offset of buf[0] in the input
	ended  bool  // nothing more comes
	cutOff bool  // a packed input ends before its own end
	failed bool  // a syntax error was reported
	at     int64 // offset of the value or key that was looked at last
	key    []byte
	keyAt  int64
	keyBuf [64]byte
	text   []byte // unescaped texts
	place  placer
	problems
}

// start makes the scanner read in.
func (s *scanner) start(in io.Reader) {
	s.in, s.buf = in, make([]byte, bufferSize)
	s.need(3)
	if s.end >= 3 && s.buf[0] == 0xEF && s.buf[1] == 0xBB && s.buf[2] == 0xBF { // a byte order mark
		copy(s.buf, s.buf[3:s.end])
		s.end -= 3
		s.base = 3
	}
}

// need makes at least n bytes from pos contiguous, or all there are left.
func (s *scanner) need(n int) {
	for s.end-s.pos < n && !s.ended {
		s.fill()
	}
}

// fill reads more, dropping what is neither needed nor kept.
func (s *scanner) fill() {
	if s.end == len(s.buf) {
		drop := max(0, min(s.pos-keepBytes, int(s.at-s.base)))
		if drop < len(s.buf)/4 {
			s.buf = append(s.buf, make([]byte, len(s.buf))...) // one long text
		}
		if drop > 0 {
			s.place.drop(s.buf[:drop])
			copy(s.buf, s.buf[drop:s.end])
			s.base += int64(drop)
			s.pos -= drop
			s.end -= drop
		}
	}
	for range 100 {
		n, err := s.in.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.ended = true
			if !errors.Is(err, io.EOF) {
				s.readError(err)
			}
			return
		}
		if n > 0 {
			return
		}
	}
	s.ended = true
	s.readError(io.ErrNoProgress)
}

// fail reports a syntax error at the next byte and ends the reading.
func (s *scanner) fail(summary, detail string) {
	if s.failed {
		return
	}
	here := s.base + int64(s.pos)
	s.problem(here, here+1, summary, detail)
	s.stop()
}

// stop ends the reading without a word.
func (s *scanner) stop() {
	s.failed, s.ended = true, true
	s.pos = s.end
}

// next skips white space and returns the byte after it without taking it; 0 at the
// end of the input.
func (s *scanner) next() byte {
	for {
		for s.pos < s.end {
			switch c := s.buf[s.pos]; c {
			case ' ', '\n', '\t', '\r':
				s.pos++
			default:
				return c
			}
		}
		if s.ended {
			return 0
		}
		s.at = s.base + int64(s.pos)
		s.fill()
	}
}

// value is next for the first byte of a value; it notes where the value stands.
func (s *scanner) value() byte {
	c := s.next()
	s.at = s.base + int64(s.pos)
	return c
}

// member steps to the next member of the object whose brace was taken, leaving
// its key in s.key. It takes the closing brace and returns false at the end.
func (s *scanner) member(first bool) bool {
	c := s.next()
	if c == '}' {
		s.pos++
		return false
	}
	if !first {
		if c != ',' {
			s.unexpected(`a comma or "}"`)
			return false
		}
		s.pos++
		c = s.next()
	}
	if c != '"' {
		s.unexpected("a key in double quotes")
		return false
	}
	s.keyAt = s.base + int64(s.pos)
	s.at = s.keyAt
	k, ok := s.str()
	if !ok {
		return false
	}
	s.key = append(s.keyBuf[:0], k[:min(len(k), len(s.keyBuf))]...)
	if s.next() != ':' {
		s.unexpected("a colon after the key")
		return false
	}
	s.pos++
	return true
}

// element steps to the next element of the array whose bracket was taken. It
// takes the closing bracket and returns false at the end.
func (s *scanner) element(first bool) bool {
	c := s.next()
	if c == ']' {
		s.pos++
		return false
	}
	if first {
		if c == 0 {
			s.unexpected(`a value or "]"`)
		}
		return c != 0
	}
	if c != ',' {
		s.unexpected(`a comma or "]"`)
		return false
	}
	s.pos++
	if c = s.next(); c == ']' || c == 0 {
		s.unexpected("a value after the comma")
		return false
	}
	return true
}

const (
	plain = iota
	quote
	escape
	control
)

// textClass says what a byte means inside a JSON string.
var textClass = func() (t [256]uint8) {
	for c := range ' ' {
		t[c] = control
	}
	t['"'], t['\\'] = quote, escape
	return t
}()

// str takes the string whose opening quote stands at s.at and is the next byte. The bytes it returns
// hold until the next byte is taken.
func (s *scanner) str() ([]byte, bool) {
	s.pos++
	i := s.pos
	ascii := byte(0)
	for {
		buf := s.buf[:s.end]
		for i < len(buf) && textClass[buf[i]] == plain {
			ascii |= buf[i]
			i++
		}
		start := int(s.at-s.base) + 1 // fill keeps what stands from at on
		if i < len(buf) {
			switch textClass[buf[i]] {
			case quote:
				t := buf[start:i]
				if ascii >= utf8.RuneSelf && !utf8.Valid(t) {
					s.notUTF8(start)
					return nil, false
				}
				s.pos = i + 1
				return t, true
			case escape:
				return s.escaped(start, i)
			default:
				s.pos = i
				s.fail(syntaxError, controlDetail)
				return nil, false
			}
		}
		if i-start > maxText || s.ended {
			s.pos = i
			s.textEnd(i - start)
			return nil, false
		}
		before := s.base
		s.pos = i
		s.fill()
		i -= int(s.base - before)
	}
}

func (s *scanner) textEnd(n int) {
	if n > maxText {
		s.fail("Text too long", "A text in the file is longer than 1 MiB. No name, location or message is: the file is damaged or something else than an estate file.")
		return
	}
	s.unexpected("the closing quote of a text")
}

// notUTF8 reports the first wrong byte from buf[i] on.
func (s *scanner) notUTF8(i int) {
	for {
		r, n := utf8.DecodeRune(s.buf[i:s.end])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		i += n
	}
	s.pos = i
	s.fail("Not UTF-8", notUTF8Detail)
}

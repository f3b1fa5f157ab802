package estatefile

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

const syntaxError = "Broken JSON"

// escaped takes the rest of a string that holds escapes: buf[start:i] is plain,
// buf[i] is the first backslash.
func (s *scanner) escaped(start, i int) ([]byte, bool) {
	s.text = append(s.text[:0], s.buf[start:i]...)
	s.pos = i
	for {
		s.need(1)
		if s.pos == s.end {
			s.textEnd(0)
			return nil, false
		}
		c := s.buf[s.pos]
		switch textClass[c] {
		case quote:
			s.pos++
			if !utf8.Valid(s.text) {
				s.pos = int(s.at - s.base)
				s.fail("Not UTF-8", notUTF8Detail)
				return nil, false
			}
			return s.text, true
		case escape:
			if !s.escapeSequence() {
				return nil, false
			}
		case control:
			s.fail(syntaxError, controlDetail)
			return nil, false
		default:
			s.text = append(s.text, c)
			s.pos++
		}
		if len(s.text) > maxText {
			s.textEnd(len(s.text))
			return nil, false
		}
	}
}

func (s *scanner) escapeSequence() bool {
	s.need(12)
	rest := s.buf[s.pos:s.end]
	if len(rest) < 2 {
		s.pos = s.end
		s.textEnd(0)
		return false
	}
	c := rest[1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.escapedRune(rest)
	default:
		s.fail(syntaxError, fmt.Sprintf("\\%c is no escape of JSON. A backslash in a path must be written twice: \\\\\\\\PS008\\\\share.", c))
		return false
	}
	s.text = append(s.text, c)
	s.pos += 2
	return true
}

func (s *scanner) escapedRune(rest []byte) bool {
	r, ok := hexRune(rest)
	if !ok {
		s.fail(syntaxError, "\\u must be followed by four hexadecimal digits.")
		return false
	}
	n := 6
	if utf16.IsSurrogate(r) {
		low, _ := hexRune(rest[6:])
		r = utf16.DecodeRune(r, low)
		n = 12
		if r == utf8.RuneError {
			s.fail(syntaxError, "Half of a surrogate pair stands alone: the text was cut in the middle of a character.")
			return false
		}
	}
	s.text = utf8.AppendRune(s.text, r)
	s.pos += n
	return true
}

// hexRune reads \uXXXX.
func hexRune(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		v := hexValue[c]
		if v > 15 {
			return 0, false
		}
		r = r<<4 | rune(v)
	}
	return r, true
}

// hexValue is the value of a hexadecimal digit, 255 for every other byte.
var hexValue = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range "0123456789abcdef" {
		t[c] = uint8(i)
	}
	for i, c := range "ABCDEF" {
		t[c] = uint8(10 + i)
	}
	return t
}()

// number takes a number and returns its text, which holds until the next byte is
// taken.
func (s *scanner) number() ([]byte, bool) {
	s.need(aheadBytes)
	b := s.buf[s.pos:s.end]
	i := 0
	digits := func() bool {
		from := i
		for i < len(b) && '0' <= b[i] && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	zero := i < len(b) && b[i] == '0'
	from := i
	ok := digits() && (!zero || i == from+1)
	if ok && i < len(b) && b[i] == '.' {
		i++
		ok = digits()
	}
	if ok && i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		ok = digits()
	}
	if !ok || i >= aheadBytes {
		s.fail(syntaxError, "This is no number as JSON writes it.")
		return nil, false
	}
	s.pos += i
	return b[:i], true
}

// literal takes true, false or null.
func (s *scanner) literal(word string) bool {
	s.need(aheadBytes)
	b := s.buf[s.pos:s.end]
	if len(b) < len(word) || string(b[:len(word)]) != word {
		s.unexpected("a value")
		return false
	}
	s.pos += len(word)
	return true
}

// skip takes a whole value that nobody wants, depth levels down in the file.
func (s *scanner) skip(depth int) {
	if depth > maxDepth {
		s.fail("Nested too deeply", fmt.Sprintf("Objects and lists are nested more than %d deep. An estate file needs 6: the file is damaged or something else than an estate file.", maxDepth))
		return
	}
	switch c := s.value(); c {
	case '"':
		s.str()
	case '{':
		s.pos++
		for first := true; s.member(first); first = false {
			s.skip(depth + 1)
		}
	case '[':
		s.pos++
		for first := true; s.element(first); first = false {
			s.skip(depth + 1)
		}
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case 'n':
		s.literal("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.number()
	default:
		s.unexpected("a value")
	}
}

const (
	notUTF8Detail = "The file holds bytes that are not UTF-8. Save it as UTF-8, or record it again with \"pslan snapshot\"."
	controlDetail = "A line break or another control character stands inside a text. The closing quote is missing, or the character must be written as an escape such as \\n."
)

// unexpected reports that something else than want stands next.
func (s *scanner) unexpected(want string) {
	if s.failed {
		return
	}
	s.need(8)
	if s.pos == s.end {
		s.cut(want)
		return
	}
	rest := s.buf[s.pos:s.end]
	r, n := utf8.DecodeRune(rest)
	switch {
	case r == utf8.RuneError && n <= 1:
		s.fail("Not UTF-8", notUTF8Detail)
	case r == '\'':
		s.fail(syntaxError, fmt.Sprintf("Expected %s, found a single quote. JSON writes texts in double quotes.", want))
	case r == '}' || r == ']':
		s.fail(syntaxError, fmt.Sprintf("Expected %s, found %q. Is there a comma too many before it?", want, r))
	case r == '/' || r == '#':
		s.fail(syntaxError, fmt.Sprintf("Expected %s, found %q. JSON has no comments.", want, r))
	default:
		s.fail(syntaxError, fmt.Sprintf("Expected %s, found %q.", want, r))
	}
}

// cut reports that the input ends too early.
func (s *scanner) cut(want string) {
	s.fail("Truncated estate file", fmt.Sprintf("The file ends here, where %s had to follow. It was not copied or written to its end: copy it again, or record it again with \"pslan snapshot\".", want))
}

package config

import (
	"bytes"
	"fmt"
)

// The bounds of what is handed to a parser. The parsers recurse, and a Go stack
// that overflows cannot be caught; an honest file comes nowhere near any of them.
const (
	maxFileBytes = 64 << 20
	maxDepth     = 200       // of brackets, strings with templates and blocks
	maxChain     = 2000      // operators and template directives of one expression, nested ones included
	maxWords     = 4_000_000 // words and signs of one top-level block, or of one JSON file
)

// overLimit says which bound was passed, and where.
type overLimit struct {
	offset int
	what   string // full sentence
}

// The kinds of frames: an open bracket is its own kind.
const (
	frameQuote    = '"' // a quoted template
	frameHeredoc  = 'h'
	frameSequence = '$' // ${ or %{ inside a template
	frameBare     = 't' // a template without quotes: a string of a JSON file
)

// frame is one thing that was opened and not yet closed.
type frame struct {
	kind      byte
	lineStart bool   // heredoc: nothing but literal text so far on this line
	ops       int32  // operators of the expression under way in it
	marker    []byte // heredoc
}

// scanner follows native syntax as the lexer of hclsyntax does, without making
// tokens: it knows at every byte what is open. Where it cannot be sure that it
// sees what the lexer sees, it says so (odd).
type scanner struct {
	src   []byte
	i     int
	stack []frame
	topOp int32 // operators under way outside of every frame
	chain int   // sum of all operators under way
	words int
	odd   bool
	// unclosed: no "*/" stands in the rest of the file.
	unclosed bool
	over     *overLimit
}

func (s *scanner) limit(what string) {
	if s.over == nil {
		s.over = &overLimit{offset: s.i, what: what}
	}
	s.i = len(s.src)
}

func (s *scanner) ops() *int32 {
	if n := len(s.stack); n > 0 {
		return &s.stack[n-1].ops
	}
	return &s.topOp
}

func (s *scanner) operator() {
	*s.ops()++
	if s.chain++; s.chain > maxChain {
		s.limit(fmt.Sprintf("An expression has more than %d operators.", maxChain))
	}
}

// endOfExpression forgets the operators of the innermost frame: what follows is
// another expression.
func (s *scanner) endOfExpression() {
	ops := s.ops()
	s.chain -= int(*ops)
	*ops = 0
}

func (s *scanner) push(f frame) {
	s.stack = append(s.stack, f)
	if len(s.stack) > maxDepth {
		s.limit(fmt.Sprintf("The nesting is deeper than %d levels.", maxDepth))
	}
}

func (s *scanner) pop() {
	s.endOfExpression()
	s.stack = s.stack[:len(s.stack)-1]
}

// step moves over one word or sign. It must not be called at the end.
func (s *scanner) step() {
	if s.words++; s.words > maxWords {
		s.limit(fmt.Sprintf("There are more than %d words and signs in one block.", maxWords))
		return
	}
	if n := len(s.stack); n > 0 {
		switch s.stack[n-1].kind {
		case frameQuote, frameBare:
			s.quoted()
			return
		case frameHeredoc:
			s.heredoc()
			return
		}
	}
	s.plain()
}

// plain moves over one word or sign outside of templates.
func (s *scanner) plain() {
	c := s.src[s.i]
	switch {
	case c == ' ' || c == '\t' || c == '\r':
		s.i++
		s.words--
	case isLetter(c):
		s.word()
	case '0' <= c && c <= '9':
		s.number()
	case c == '"':
		s.i++
		s.push(frame{kind: frameQuote})
	case c == '\n':
		s.i++
		if n := len(s.stack); n == 0 || s.stack[n-1].kind == '{' {
			s.endOfExpression()
		}
	case c == ',':
		s.i++
		s.endOfExpression()
	case c == '#' || c == '/' && s.peek(1) == '/':
		// The newline that ends a comment is left for the next step.
		s.i = s.lineEnd()
	case c == '/' && s.peek(1) == '*' && s.closedComment():
	case c == '{' || c == '(' || c == '[':
		s.operator()
		s.i++
		s.push(frame{kind: c})
	case c == '}' || c == ')' || c == ']':
		s.i++
		s.closing(c)
	case c == '<' && s.peek(1) == '<' && s.openHeredoc():
	case c >= 0x80:
		s.odd = true
		s.i++
	default:
		s.operator()
		s.i++
	}
}

// closedComment moves over a comment in /* */. One that is never closed is none: the
// lexer reads on after its slash.
func (s *scanner) closedComment() bool {
	if s.unclosed {
		return false
	}
	n := bytes.Index(s.src[s.i+2:], []byte("*/"))
	s.unclosed = n < 0
	if n >= 0 {
		s.i += n + 4
	}
	return n >= 0
}

func (s *scanner) peek(n int) byte {
	if s.i+n < len(s.src) {
		return s.src[s.i+n]
	}
	return 0
}

func (s *scanner) lineEnd() int {
	if n := bytes.IndexByte(s.src[s.i:], '\n'); n >= 0 {
		return s.i + n
	}
	return len(s.src)
}

func (s *scanner) word() {
	for s.i < len(s.src) && isWord(s.src[s.i]) {
		s.i++
	}
}

func (s *scanner) number() {
	for s.i < len(s.src) {
		switch c := s.src[s.i]; {
		case '0' <= c && c <= '9' || c == '.':
			s.i++
		case (c == 'e' || c == 'E') && isDigit(s.peek(1)):
			s.i += 2
		case (c == 'e' || c == 'E') && (s.peek(1) == '+' || s.peek(1) == '-') && isDigit(s.peek(2)):
			s.i += 3
		default:
			return
		}
	}
}

// closing closes as the lexer does: a brace closes the nearest brace or template
// sequence, whatever round and square brackets were left open in between.
func (s *scanner) closing(c byte) {
	if c != '}' {
		opened := byte('(')
		if c == ']' {
			opened = '['
		}
		if n := len(s.stack); n > 0 && s.stack[n-1].kind == opened {
			s.pop()
		} else {
			s.odd = true
		}
		return
	}
	for n := len(s.stack); n > 0; n-- {
		switch s.stack[n-1].kind {
		case '{', frameSequence:
			for len(s.stack) >= n {
				s.pop()
			}
			return
		}
		s.odd = true
	}
	s.odd = true
}

// openHeredoc begins a heredoc if one stands here: <<EOT or <<-EOT and a newline.
func (s *scanner) openHeredoc() bool {
	i := s.i + 2
	if i < len(s.src) && s.src[i] == '-' {
		i++
	}
	start := i
	for i < len(s.src) && (isWord(s.src[i]) || s.src[i] >= 0x80) {
		if s.src[i] >= 0x80 {
			s.odd = true
		}
		i++
	}
	if i == start || !isLetter(s.src[start]) && s.src[start] < 0x80 {
		return false
	}
	marker := s.src[start:i]
	if i < len(s.src) && s.src[i] == '\r' {
		i++
	}
	if i >= len(s.src) || s.src[i] != '\n' {
		return false
	}
	s.i = i + 1
	s.push(frame{kind: frameHeredoc, marker: marker, lineStart: true})
	return true
}

// quoted moves over literal text of a quoted or bare template up to its end or to
// the next sequence.
func (s *scanner) quoted() {
	bare := s.stack[len(s.stack)-1].kind == frameBare
	for s.i < len(s.src) {
		switch c := s.src[s.i]; {
		case c == '"' && !bare:
			s.i++
			s.pop()
			return
		case c == '\\' && !bare:
			s.i++
			if n := s.peek(0); s.i < len(s.src) && n != '\n' && n != '\r' {
				s.i++
			}
		case c == '$' || c == '%':
			if s.sequence(c) {
				return
			}
		default:
			s.i++
		}
	}
}

// heredoc moves over the rest of one line of a heredoc, or up to the next sequence.
func (s *scanner) heredoc() {
	top := &s.stack[len(s.stack)-1]
	if end := s.lineEnd(); top.lineStart && end < len(s.src) && bytes.Equal(bytes.TrimSpace(s.src[s.i:end]), top.marker) {
		s.i = end
		s.pop()
		return
	}
	for s.i < len(s.src) {
		switch c := s.src[s.i]; c {
		case '\n':
			s.i++
			top.lineStart = true
			return
		case '$', '%':
			top.lineStart = false
			if s.sequence(c) {
				return
			}
		default:
			s.i++
		}
	}
}

// sequence moves over a $ or % in a template and reports whether a template
// sequence began there. "$${" is text. What the lexer makes of three and more in a
// row is not guessed.
func (s *scanner) sequence(c byte) bool {
	switch {
	case s.peek(1) == '{':
		if c == '%' {
			s.operator()
		}
		if s.over != nil {
			return true
		}
		s.i += 2
		s.push(frame{kind: frameSequence})
		return true
	case s.peek(1) == c && s.peek(2) == '{':
		s.i += 3
	default:
		s.odd = s.odd || s.peek(1) == c && s.peek(2) == c
		s.i++
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '-' }

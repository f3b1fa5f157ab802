package config

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// pieceBytes is the size from which a piece is closed. hclsyntax reads pieces of
// 4 to 16 KiB faster than one big file, because less is live at once.
const pieceBytes = 8 << 10

// piece is a stretch of a native file that holds whole top-level items.
//
// Cutting is safe even where the scanner errs: a piece that begins where the lexer
// of the whole file would begin a top-level item and that parses without error ends
// at such a place too, since the lexer would report whatever was still open. So the
// pieces of a file without errors are what the whole file would have been.
type piece struct {
	src  []byte
	pos  hcl.Pos // of its first byte
	late bool    // holds blocks that nothing refers to, and nothing else
}

// isLate reports whether blocks of a type are read in the second half of a Load:
// there may be very many of them, and no other block refers to them.
func isLate(blockType []byte) bool {
	switch string(blockType) {
	case "image", "images", "pct_package":
		return true
	}
	return false
}

// cut divides a native file at the borders of its top-level items, checking the
// bounds on the way.
func cut(src []byte) ([]piece, *overLimit) { return cutAt(src, pieceBytes) }

// cutAt is cut with the size from which a piece is closed.
func cutAt(src []byte, size int) ([]piece, *overLimit) {
	c := cutter{scanner: scanner{src: src}, itemStart: -1, line: 1, size: size}
	if bytes.HasPrefix(src, []byte(byteOrderMark)) {
		c.i = len(byteOrderMark)
	}
	for c.i < len(src) {
		c.next()
	}
	if c.over != nil {
		return nil, c.over
	}
	if c.itemStart >= 0 {
		c.itemEnd(len(src))
	}
	c.close(len(src))
	if c.odd {
		if over := checkTokens(src, hclsyntax.LexConfig); over != nil {
			return nil, over
		}
	}
	return c.pieces, nil
}

type cutter struct {
	scanner
	pieces    []piece
	size      int
	itemStart int // -1 between items
	itemLate  bool
	start     int // of the piece under way
	border    int // end of its last item
	line      int // of start
	filled    bool
	late      bool
}

func (c *cutter) next() {
	if len(c.stack) > 0 {
		c.step()
		return
	}
	b := c.src[c.i]
	if c.itemStart < 0 && b != ' ' && b != '\t' && b != '\r' && b != '\n' && b != '#' && b != '/' {
		c.itemStart = c.i
		c.words = 0
		c.itemLate = isLate(firstWord(c.src[c.i:]))
	}
	c.step()
	if b == '\n' && c.itemStart >= 0 && c.over == nil {
		c.itemEnd(c.i)
	}
}

func firstWord(src []byte) []byte {
	n := 0
	for n < len(src) && isWord(src[n]) {
		n++
	}
	return src[:n]
}

// mayCut reports whether a piece may begin at a place. The lexer drops a byte order
// mark at the beginning of what it is given, and only there.
func (c *cutter) mayCut(at int) bool { return !bytes.HasPrefix(c.src[at:], []byte(byteOrderMark)) }

// itemEnd adds the item under way to a piece.
func (c *cutter) itemEnd(end int) {
	if c.filled && c.late != c.itemLate && c.mayCut(c.border) {
		c.close(c.border)
	}
	c.filled, c.late, c.border, c.itemStart = true, c.itemLate, end, -1
	if c.border-c.start >= c.size && c.mayCut(c.border) {
		c.close(c.border)
	}
}

func (c *cutter) close(end int) {
	if c.filled {
		src := c.src[c.start:end:end]
		c.pieces = append(c.pieces, piece{src: src, pos: hcl.Pos{Line: c.line, Column: 1, Byte: c.start}, late: c.late})
		c.line += bytes.Count(src, []byte{'\n'})
		c.start, c.filled = end, false
	}
}

// lexer is hclsyntax.LexConfig or one of its sisters.
type lexer func(src []byte, filename string, start hcl.Pos) (hclsyntax.Tokens, hcl.Diagnostics)

// checkTokens checks the bounds on real tokens, where the scanner was not sure. It
// costs as much as half a parse, so it is the exception.
func checkTokens(src []byte, lex lexer) *overLimit {
	s := scanner{src: src}
	tokens, _ := lex(src, "", hcl.Pos{Line: 1, Column: 1})
	for i := range tokens {
		t := &tokens[i]
		s.i = t.Range.Start.Byte
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack:
			s.operator()
			s.push(frame{kind: byte(t.Type)})
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			s.push(frame{kind: frameQuote})
		case hclsyntax.TokenTemplateInterp:
			s.push(frame{kind: frameSequence})
		case hclsyntax.TokenTemplateControl:
			s.operator()
			s.push(frame{kind: frameSequence})
		case hclsyntax.TokenCBrace, hclsyntax.TokenTemplateSeqEnd:
			s.closing('}')
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack:
			s.closing(byte(t.Type))
		case hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if len(s.stack) > 0 {
				s.pop()
			}
		case hclsyntax.TokenComma:
			s.endOfExpression()
		case hclsyntax.TokenNewline:
			if n := len(s.stack); n == 0 || s.stack[n-1].kind == '{' {
				s.endOfExpression()
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenComment, hclsyntax.TokenNumberLit,
			hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenEOF:
		default:
			s.operator()
		}
		if s.over != nil {
			return s.over
		}
	}
	return nil
}

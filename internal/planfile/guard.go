package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
)

// guard takes the bytes of a JSON text: it sums them, and refuses what is nested
// deeper than any plan before a decoder sees it.
type guard struct {
	hash     hash.Hash
	depth    int
	inString bool
	escaped  bool
}

func newGuard() *guard { return &guard{hash: sha256.New()} }

// Write implements io.Writer.
func (g *guard) Write(p []byte) (int, error) {
	for i, c := range p {
		switch {
		case g.escaped:
			g.escaped = false
		case g.inString:
			g.escaped = c == '\\'
			g.inString = c != '"'
		case c == '"':
			g.inString = true
		case c == '{' || c == '[':
			if g.depth++; g.depth > maxDepth {
				return i, fmt.Errorf("it is nested more than %d levels deep, and no plan is", maxDepth)
			}
		case c == '}' || c == ']':
			g.depth--
		}
	}
	return g.hash.Write(p)
}

func (g *guard) sum() string { return hex.EncodeToString(g.hash.Sum(nil)) }

// open reports whether the text ends within a string, a list or an object.
func (g *guard) open() bool { return g.inString || g.depth > 0 }

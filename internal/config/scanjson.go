package config

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// checkJSON checks the bounds of a JSON file, and of the templates in its strings.
func checkJSON(src []byte) *overLimit {
	depth, words := 0, 0
	for i := 0; i < len(src); {
		c := src[i]
		if c == ' ' || c == '\n' || c == '\r' || c == '\t' {
			i++
			continue
		}
		start := i
		switch c {
		case '"':
			i = jsonString(src, i)
			if over := checkJSONTemplate(src[start:i]); over != nil {
				return &overLimit{offset: start, what: over.what}
			}
		case '{', '[':
			if depth++; depth > maxDepth {
				return &overLimit{offset: i, what: fmt.Sprintf("The nesting is deeper than %d levels.", maxDepth)}
			}
			i++
		case '}', ']':
			depth = max(depth-1, 0)
			i++
		default:
			i++
		}
		if words++; words > maxWords {
			return &overLimit{offset: start, what: fmt.Sprintf("There are more than %d words and signs in one file.", maxWords)}
		}
	}
	return nil
}

// jsonString returns the end of the string that begins at i, as hcl/json finds it:
// a control character ends it too.
func jsonString(src []byte, i int) int {
	for i++; i < len(src); i++ {
		switch c := src[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			if i+1 < len(src) && src[i+1] >= ' ' {
				i++
			}
		case c < ' ':
			return i
		}
	}
	return len(src)
}

func checkJSONTemplate(quoted []byte) *overLimit {
	if bytes.IndexByte(quoted, '{') < 0 && bytes.IndexByte(quoted, '\\') < 0 {
		return nil
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return nil // the parser says so
	}
	return checkTemplate([]byte(text))
}

// checkTemplate checks the bounds of a template without quotes.
func checkTemplate(src []byte) *overLimit {
	return scanAll(scanner{src: src, stack: []frame{{kind: frameBare}}}, hclsyntax.LexTemplate)
}

// checkExpression checks the bounds of one expression.
func checkExpression(src []byte) *overLimit {
	return scanAll(scanner{src: src}, hclsyntax.LexExpression)
}

func scanAll(s scanner, lex lexer) *overLimit {
	for s.i < len(s.src) {
		s.step()
	}
	if s.over == nil && s.odd {
		return checkTokens(s.src, lex)
	}
	return s.over
}

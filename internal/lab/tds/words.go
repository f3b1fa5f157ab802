package tds

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words of Transact-SQL, as far as statements that read tables are made of them.

type wordKind uint8

const (
	wordEnd    wordKind = iota
	wordName            // plain: a name or a keyword
	wordQuoted          // a name in brackets or double quotes
	wordText            // 'text' or N'text'
	wordNumber
	wordVariable // @name or @@name
	wordSign
)

type word struct {
	kind wordKind
	text string
}

// is tells whether a word is a keyword or a sign.
func (w word) is(text string) bool {
	return (w.kind == wordName || w.kind == wordSign) && strings.EqualFold(w.text, text)
}

func (w word) String() string {
	if w.kind == wordEnd {
		return "the end"
	}
	return w.text
}

const (
	maxStatement = 256 << 10 // bytes
	maxWords     = 20_000
)

// words takes a batch apart.
func words(text string) ([]word, *Problem) {
	if len(text) > maxStatement {
		return nil, problem(103, 15, "The statement is longer than %d bytes.", maxStatement)
	}
	var all []word
	for {
		text = strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == 0xFEFF })
		if text == "" {
			return all, nil
		}
		if len(all) == maxWords {
			return nil, problem(191, 15, "The statement has more than %d words.", maxWords)
		}
		rest, skipped, p := comment(text)
		if p != nil {
			return nil, p
		}
		if skipped {
			text = rest
			continue
		}
		w, rest, p := nextWord(text)
		if p != nil {
			return nil, p
		}
		all, text = append(all, w), rest
	}
}

// comment skips one comment; those in /* */ may hold others.
func comment(text string) (rest string, skipped bool, p *Problem) {
	if strings.HasPrefix(text, "--") {
		_, rest, _ = strings.Cut(text, "\n")
		return rest, true, nil
	}
	if !strings.HasPrefix(text, "/*") {
		return text, false, nil
	}
	for depth, at := 0, 0; at+1 < len(text); {
		switch text[at : at+2] {
		case "/*":
			depth++
			at += 2
		case "*/":
			depth--
			at += 2
			if depth == 0 {
				return text[at:], true, nil
			}
		default:
			at++
		}
	}
	return "", false, problem(113, 15, "Missing end comment mark '*/'.")
}

func nextWord(text string) (w word, rest string, p *Problem) {
	switch c := text[0]; {
	case c == '[':
		return enclosed(wordQuoted, text, ']')
	case c == '"':
		return enclosed(wordQuoted, text, '"')
	case c == '\'':
		return enclosed(wordText, text, '\'')
	case (c == 'N' || c == 'n') && strings.HasPrefix(text[1:], "'"):
		return enclosed(wordText, text[1:], '\'')
	case '0' <= c && c <= '9':
		n := 1
		for n < len(text) && '0' <= text[n] && text[n] <= '9' {
			n++
		}
		return word{wordNumber, text[:n]}, text[n:], nil
	case c == '<' && strings.HasPrefix(text, "<>"), c == '!' && strings.HasPrefix(text, "!="):
		return word{wordSign, "<>"}, text[2:], nil
	}
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRuneInString(text[n:])
		if !(unicode.IsLetter(r) || r == '_' || r == '#' || r == '@' || n > 0 && (unicode.IsDigit(r) || r == '$')) {
			break
		}
		n += size
	}
	switch {
	case n == 0:
		_, size := utf8.DecodeRuneInString(text)
		return word{wordSign, text[:size]}, text[size:], nil
	case text[0] == '@':
		return word{wordVariable, text[:n]}, text[n:], nil
	}
	return word{wordName, text[:n]}, text[n:], nil
}

// enclosed reads what stands between two signs; the sign itself stands there twice.
func enclosed(kind wordKind, text string, end byte) (word, string, *Problem) {
	var b strings.Builder
	for at := 1; at < len(text); at++ {
		if text[at] != end {
			b.WriteByte(text[at])
			continue
		}
		if at+1 < len(text) && text[at+1] == end {
			b.WriteByte(end)
			at++
			continue
		}
		return word{kind, b.String()}, text[at+1:], nil
	}
	return word{}, "", problem(105, 15, "Unclosed quotation mark after the character string '%s'.", shortened(b.String()))
}

// shortened is the beginning of a text, for messages.
func shortened(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

package cli

import (
	"errors"
	"strings"
)

var (
	errOpenQuote     = errors.New("a quote is not closed")
	errOpenBackslash = errors.New("it ends in a backslash")
)

// splitWords splits a line into words as a shell does, without running one:
// blanks separate, single quotes keep everything, double quotes keep blanks. A
// backslash takes away the meaning of a quote, a blank or a backslash after it,
// and stands for itself before anything else, so that C:\plans\a needs no care.
func splitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	inWord, escaped := false, false
	for _, r := range line {
		switch {
		case escaped:
			if !strings.ContainsRune("\\\"' \t\n\r", r) {
				word.WriteRune('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case strings.ContainsRune(" \t\n\r", r):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	switch {
	case quote != 0:
		return nil, errOpenQuote
	case escaped:
		return nil, errOpenBackslash
	case inWord:
		words = append(words, word.String())
	}
	return words, nil
}

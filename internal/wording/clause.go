package wording

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clause turns a sentence into the part of one that may follow a semicolon: without its
// last period, and with a small first letter unless its first word is a name or a sign.
func Clause(sentence string) string {
	s := strings.TrimSuffix(strings.TrimSpace(sentence), ".")
	first, size := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[size:])
	if unicode.IsUpper(first) && unicode.IsLower(second) {
		return string(unicode.ToLower(first)) + s[size:]
	}
	return s
}

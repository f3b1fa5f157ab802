package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string
	}{
		{"", nil},
		{"  \t ", nil},
		{"-no-color", []string{"-no-color"}},
		{" -no-color   -out=plan ", []string{"-no-color", "-out=plan"}},
		{`-var 'a=b c'`, []string{"-var", "a=b c"}},
		{`-var "a=b c"`, []string{"-var", "a=b c"}},
		{`-var a="b c"d`, []string{"-var", "a=b cd"}},
		{`""`, []string{""}},
		{`a '' b`, []string{"a", "", "b"}},
		{`a\ b`, []string{"a b"}},
		{`\"a\"`, []string{`"a"`}},
		{`"a \"b\""`, []string{`a "b"`}},
		{`'a \"b\"'`, []string{`a \"b\"`}},
		{`-out=C:\plans\move`, []string{`-out=C:\plans\move`}},
		{`\\\\srv\share`, []string{`\\srv\share`}},
		{"a\nb\r\nc", []string{"a", "b", "c"}},
		{"-var name=$HOME;ls", []string{"-var", "name=$HOME;ls"}},
	} {
		got, err := splitWords(c.line)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("splitWords(%q) = %q, %v; want %q", c.line, got, err, c.want)
		}
	}
	for line, want := range map[string]error{`'a`: errOpenQuote, `a "b`: errOpenQuote, `a\`: errOpenBackslash} {
		if got, err := splitWords(line); !errors.Is(err, want) {
			t.Errorf("splitWords(%q) = %q, %v; want the error %v", line, got, err, want)
		}
	}
}

func FuzzSplitWords(f *testing.F) {
	for _, seed := range []string{"", "a b", `'a b' "c\"d" e\ f`, `\`, `'`, "\xff \"\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := splitWords(line)
		if err != nil {
			return
		}
		// Quoting what came out gives the same words again.
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
		}
		again, err := splitWords(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(again, words) {
			t.Errorf("%q splits into %q; quoted, these split into %q, %v", line, words, again, err)
		}
	})
}

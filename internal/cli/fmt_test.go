package cli

import (
	"testing"
)

func FuzzFormat(f *testing.F) {
	for _, seed := range []string{
		"", "a = 1\n", "image \"x\" {\n name=1\n}\n", "\xef\xbb\xbfa=1\r\nb  =  2\r\n", "a = <<-E\n  x\n  E\n", "a = [1,\n2]", "x {", "\x00", "a = \"${b", "}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := source{name: "a.hcl"}
		s.format(text)
		if s.problems.HasErrors() {
			if s.after != nil {
				t.Errorf("%q has syntax errors, and still there is a text to write", text)
			}
			return
		}
		again := source{name: "a.hcl"}
		again.format(s.after)
		if again.problems.HasErrors() {
			t.Errorf("%q was formatted into %q, whose syntax is wrong: %v", text, s.after, again.problems)
		}
	})
}

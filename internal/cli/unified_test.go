package cli

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestUnifiedDiff(t *testing.T) {
	numbers := strings.Split("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", " ")
	long := strings.Join(numbers, "\n") + "\n"
	for _, c := range []struct {
		name, before, after, want string
	}{
		{"one line", "a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"added to nothing", "", "a\n", "@@ -0,0 +1 @@\n+a\n"},
		{"all taken away", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"no line end before", "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"two hunks", long, strings.Replace(strings.Replace(long, "2\n", "two\n", 1), "15\n", "fifteen\n", 1),
			"@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -12,5 +12,5 @@\n 12\n 13\n 14\n-15\n+fifteen\n 16\n"},
		{"near changes share a hunk", long, strings.Replace(strings.Replace(long, "4\n", "four\n", 1), "8\n", "eight\n", 1),
			"@@ -1,11 +1,11 @@\n 1\n 2\n 3\n-4\n+four\n 5\n 6\n 7\n-8\n+eight\n 9\n 10\n 11\n"},
	} {
		want := "--- old/dir/a.hcl\n+++ new/dir/a.hcl\n" + c.want
		if got := unifiedDiff("dir/a.hcl", c.before, c.after); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, want)
		}
	}
}

// What is compared is never lost: the kept and taken lines are the text before,
// the kept and added lines the text after.
func TestCompareLinesLosesNothing(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "", "  x = 1", "ü"}), 0, 40).Draw(t, "lines")
		return strings.Join(lines, "\n")
	})
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var gotBefore, gotAfter strings.Builder
		for _, l := range compareLines(before, after) {
			if l.kind != '+' {
				gotBefore.WriteString(l.text)
			}
			if l.kind != '-' {
				gotAfter.WriteString(l.text)
			}
		}
		if gotBefore.String() != before || gotAfter.String() != after {
			t.Fatalf("comparing %q with %q gives %q and %q", before, after, gotBefore.String(), gotAfter.String())
		}
	})
}

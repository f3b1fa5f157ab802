package view

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pslan/internal/wording"
)

func TestSizes(t *testing.T) {
	tests := map[int64]string{
		-1: "an unknown size", 0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 13314398617: "12.4 GiB",
		1<<30 - 1: "1.0 GiB", 1 << 40: "1.0 TiB", 1 << 60: "1024.0 PiB",
	}
	for n, want := range tests {
		if got := wording.Size(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	if got := wording.Share(7623566950, 13314398617); got != "7.1/12.4 GiB" {
		t.Errorf("the share is %q", got)
	}
	if got := wording.Share(3, 1000); got != "3/1000 B" {
		t.Errorf("the share is %q", got)
	}
}

func TestEstimates(t *testing.T) {
	tests := map[time.Duration]string{
		-time.Second: "0s", 45 * time.Second: "45s", 18 * time.Minute: "18m", 2*time.Hour + 5*time.Minute: "2h5m",
		3 * time.Hour: "3h", 76 * time.Hour: "3d4h", 48 * time.Hour: "2d", 59*time.Minute + 40*time.Second: "60m",
	}
	for d, want := range tests {
		if got := roughly(d); got != want {
			t.Errorf("%s is about %q, want %q", d, got, want)
		}
	}
}

func TestNamesAreCountedWhereTheyAreMany(t *testing.T) {
	tests := []struct {
		all  []string
		want string
	}{
		{nil, ""},
		{[]string{"A"}, "A"},
		{[]string{"A", "B"}, "A and B"},
		{[]string{"A", "B", "C"}, "A, B and C"}, // one more is named, not counted
		{[]string{"A", "B", "C", "D"}, "A, B and 2 more"},
	}
	for _, tt := range tests {
		if got := names(tt.all, 2); got != tt.want {
			t.Errorf("%q are told as %q, want %q", tt.all, got, tt.want)
		}
	}
}

func TestEscapes(t *testing.T) {
	tests := map[string]string{
		"Köln": "Köln", "日本": "日本", "a\tb": "a    b", "\x1b[31m": `\x1b[31m`, "\u202e": `\u202e`, "\xff": `\xff`, "a\nb": `a\nb`, "it's": "it's",
	}
	for in, want := range tests {
		if got := printable(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := printableLines("a\r\nb\x07"); got != "a\nb\\a" {
		t.Errorf("lines are shown as %q", got)
	}
}

func TestWrapKeepsWordsListsAndIndentation(t *testing.T) {
	text := "One two three four.\n\n  - a list item that is long\n    as it is\nC:\\a\\path\\that\\is\\wider\\than\\the\\line"
	want := strings.Join([]string{
		"One two three", "four.", "", "  - a list", "    item that", "    is long", "    as it is", `C:\a\path\that\is\wider\than\the\line`,
	}, "\n")
	if got := strings.Join(wrap(text, 13), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z0-9 \n-]{0,200}`).Draw(t, "text")
		width := rapid.IntRange(1, 60).Draw(t, "width")
		lines := wrap(text, width)
		if got, want := strings.Fields(strings.Join(lines, "\n")), strings.Fields(text); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("words were lost: %q", lines)
		}
		for _, line := range lines {
			if columns(line) > width && len(strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "- "))) > 1 {
				t.Fatalf("%q is wider than %d and could be broken", line, width)
			}
		}
	})
}

package wording

import (
	"testing"
	"time"
)

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "an unknown size", 0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 13314398617: "12.4 GiB",
		1<<30 - 1: "1.0 GiB", 1 << 40: "1.0 TiB", 1 << 60: "1024.0 PiB",
	} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
	if got := Share(7623566950, 13314398617); got != "7.1/12.4 GiB" {
		t.Errorf("Share = %q", got)
	}
	if got := Share(3, 9); got != "3/9 B" {
		t.Errorf("Share = %q", got)
	}
}

func TestList(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{nil, "none"}, {[]string{"A"}, "A"}, {[]string{"A", "B"}, "A and B"}, {[]string{"A", "B", "C"}, "A, B and C"},
		{[]string{"A", "B", "C", "D"}, "A, B and 2 more"},
	} {
		if got := List(c.names, 2); got != c.want {
			t.Errorf("List(%v) = %q, want %q", c.names, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"owner", "assignment", "name", "PS010", "PS011"}
	for given, want := range map[string]string{
		"onwer": "owner", "asignment": "assignment", "Owner": "owner", "owner": "", "": "", "zzz": "", "ps01": "PS010", "ps012": "PS010", "packages": "",
	} {
		if got := Nearest(given, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", given, got, want)
		}
	}
	if got := DidYouMean("nmae", known); got != ` Did you mean "name"?` {
		t.Errorf("DidYouMean = %q", got)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 59 * time.Second: "59 seconds", time.Minute: "1 minute", 90 * time.Second: "1 minute",
		time.Hour: "1 hour", 90 * time.Minute: "90 minutes", 26 * time.Hour: "26 hours", 24 * time.Hour: "1 day", 75 * time.Hour: "3 days",
	} {
		if got := Span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 2: "2 files", 1000: "1000 files"} {
		if got := Count(n, "file", "files"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

package cli

import (
	"testing"
	"time"
)

func TestParseSpan(t *testing.T) {
	const day = 24 * time.Hour
	for written, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "30m": 30 * time.Minute, "12h": 12 * time.Hour, "8d": 8 * day, "1d12h": 36 * time.Hour,
		"1d2h3m4s": day + 2*time.Hour + 3*time.Minute + 4*time.Second, "3653d": 3653 * day,
	} {
		if got, err := parseSpan(written); err != nil || got != want {
			t.Errorf("parseSpan(%q) = %v, %v; want %v", written, got, err, want)
		}
	}
	for _, written := range []string{"", "8", "d", "-8d", "8 d", "8w", "1.5h", "0s", "3654d", "3653d1s", "99999999999999999999d", "8d8"} {
		if got, err := parseSpan(written); err == nil {
			t.Errorf("parseSpan(%q) = %v, want an error", written, got)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, seed := range []string{"8d", "1d12h", "9223372036854775807s", "d8", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		if d, err := parseSpan(written); err == nil && (d <= 0 || d > maxSpan) {
			t.Errorf("parseSpan(%q) = %v, beyond its bounds", written, d)
		}
	})
}

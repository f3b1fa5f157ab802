package content

import "testing"

func TestSlashes(t *testing.T) {
	for dir, want := range map[string][2]string{
		"smp/images/WIN7":     {"smp/images", "WIN7"},
		"images":              {".", "images"},
		"//smp/images/WIN7":   {"//smp/images", "WIN7"},
		"//smp/images/a b/":   {"//smp/images", "a b"},
		"/lab/smp/images/WIN": {"/lab/smp/images", "WIN"},
	} {
		if parent, base := splitSlash(dir); parent != want[0] || base != want[1] {
			t.Errorf("%s: %q and %q, want %q", dir, parent, base, want)
		}
		if got, again := joinSlash(want[0], want[1]), joinSlash(dir); got != again {
			t.Errorf("%s: joined again it is %s, want %s", dir, got, again)
		}
	}
}

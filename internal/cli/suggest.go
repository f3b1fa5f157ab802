package cli

import (
	"strings"

	"pslan/internal/wording"
)

// nearest returns the candidate that was probably meant, "" where none is near:
// one that begins with what was written, else one that is a typing mistake or two
// away.
func nearest(written string, candidates []string) string {
	if low := strings.ToLower(written); len(low) >= 3 {
		for _, c := range candidates {
			if strings.HasPrefix(c, low) {
				return c
			}
		}
	}
	return wording.Nearest(written, candidates)
}

// didYouMean returns " Did you mean X?" with the nearest candidate after a prefix,
// "" where none is near.
func didYouMean(written, prefix string, candidates []string) string {
	if c := nearest(written, candidates); c != "" {
		return " Did you mean " + prefix + c + "?"
	}
	return ""
}

package cli

import (
	"strings"

	"github.com/agext/levenshtein"
)

// nearest returns the candidate that was probably meant, "" where none is near:
// one that begins with what was written, else one that a typing mistake or two
// away. The first of equals wins.
func nearest(written string, candidates []string) string {
	if written == "" {
		return ""
	}
	low := strings.ToLower(written)
	best, bestDistance := "", 1+mistakes(low)
	for _, c := range candidates {
		d := levenshtein.Distance(low, strings.ToLower(c), nil)
		if len(low) >= 3 && strings.HasPrefix(c, low) {
			d = min(d, 1)
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// didYouMean returns " Did you mean X?" with the nearest candidate after a prefix,
// "" where none is near.
func didYouMean(written, prefix string, candidates []string) string {
	if c := nearest(written, candidates); c != "" {
		return " Did you mean " + prefix + c + "?"
	}
	return ""
}

// mistakes is how many typing mistakes a word of this length may have; two
// letters the wrong way round are two.
func mistakes(word string) int {
	switch {
	case len(word) <= 3:
		return 1
	case len(word) <= 7:
		return 2
	default:
		return 3
	}
}

package config

import (
	"fmt"
	"slices"
)

// didYouMean returns ` Did you mean "x"?` for the known name that is nearest to a
// given one, "" if none is near.
func didYouMean(given string, known []string) string {
	if best := nearest(given, known); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}

// nearest is the known name that is nearest to a given one, "" if none is near.
func nearest(given string, known []string) string {
	best, distance := "", max(1, min(len(given)/3, 3))+1
	for _, name := range slices.Sorted(slices.Values(known)) {
		if name == given {
			continue
		}
		if d := editDistance(given, name, distance); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// editDistance is the number of letters to insert, delete, replace or swap with
// their neighbour; limit or more is all the same.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

package diff

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
)

// didYouMean returns ` Did you mean "X"?` for the nearest name, "" if none is near.
func didYouMean(given string, names []string) string {
	best, bestCost := "", 1+(len(given)+1)/3
	for _, n := range names {
		if c := distance(estate.Fold(given), estate.Fold(n), bestCost); c < bestCost {
			best, bestCost = n, c
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", best)
}

// distance is the edit distance of two texts, or at least limit if it is not below limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal, least := row[0], i
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
			least = min(least, cost)
		}
		if least >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}

// listOf joins names for a sentence: "A, B and C", or the first n "and 12 more".
func listOf(names []string, n int) string {
	names = slices.Clone(names)
	if len(names) > n {
		names = append(names[:n], fmt.Sprintf("%d more", len(names)-n))
	}
	switch len(names) {
	case 0:
		return "none"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

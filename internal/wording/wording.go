// Package wording holds the words that messages of all kinds share, so that a size,
// a list of names and a "Did you mean" read the same wherever they stand.
package wording

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/agext/levenshtein"
)

// Size writes a number of bytes: 12.4 GiB. A negative one is not known.
func Size(n int64) string {
	if n < 0 {
		return "an unknown size"
	}
	unit, name := unitOf(n)
	if unit == 1 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return fmt.Sprintf("%.1f %s", float64(n)/unit, name)
}

// Span writes a duration in its largest unit: 3 days, 26 hours, 40 minutes.
func Span(d time.Duration) string {
	n, unit := int(d/time.Second), "second"
	switch {
	case d >= 48*time.Hour || d == 24*time.Hour:
		n, unit = int(d/(24*time.Hour)), "day"
	case d >= 2*time.Hour || d == time.Hour:
		n, unit = int(d/time.Hour), "hour"
	case d >= time.Minute:
		n, unit = int(d/time.Minute), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// Share writes a part and its whole in the unit of the whole: 7.1/12.4 GiB.
func Share(done, total int64) string {
	unit, name := unitOf(total)
	if unit == 1 {
		return fmt.Sprintf("%d/%d B", done, total)
	}
	return fmt.Sprintf("%.1f/%.1f %s", float64(done)/unit, float64(total)/unit, name)
}

// unitOf is the unit in which a size has one to four digits before the point.
func unitOf(n int64) (unit float64, name string) {
	names := [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	i := 0
	for unit = 1; i < len(names)-1 && float64(n)/unit >= 1023.95; i++ {
		unit *= 1024
	}
	return unit, names[i]
}

// List joins names for a sentence: "A, B and C"; of more than most+1 names the
// first ones "and 12 more"; "none" for none.
func List(names []string, most int) string {
	if len(names) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	switch len(names) {
	case 0:
		return "none"
	case 1:
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Nearest returns the known name that was probably meant, "" where none is near.
// Case does not count; of equals the first in sorted order wins, so that the same
// mistake always gets the same answer.
func Nearest(given string, known []string) string {
	if given == "" || len(given) > 256 {
		return ""
	}
	low := strings.ToLower(given)
	best, bestCost := "", 1+mistakes(low)
	for _, name := range known {
		if name == given || abs(len(name)-len(low)) > 3 {
			continue
		}
		cost := levenshtein.Distance(low, strings.ToLower(name), nil)
		if cost < bestCost || cost == bestCost && best != "" && name < best {
			best, bestCost = name, cost
		}
	}
	return best
}

// DidYouMean is ` Did you mean "x"?` with the nearest known name, "" where none is near.
func DidYouMean(given string, known []string) string {
	if name := Nearest(given, known); name != "" {
		return fmt.Sprintf(" Did you mean %q?", name)
	}
	return ""
}

// mistakes is how many typing mistakes a word of this length may have; two letters
// the wrong way round are two.
func mistakes(word string) int {
	switch {
	case len(word) <= 2:
		return 1
	case len(word) <= 7:
		return 2
	default:
		return 3
	}
}

func abs(n int) int { return max(n, -n) }

// Count returns a number with its word: 1 operation, 7 operations.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

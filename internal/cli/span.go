package cli

import (
	"strconv"
	"strings"
	"time"
)

// maxSpan bounds what the lab is asked to live through at once: ten years.
const maxSpan = 3653 * 24 * time.Hour

// parseSpan reads a span of time: 90s, 30m, 12h, 8d, or several together, 1d12h.
func parseSpan(written string) (time.Duration, error) {
	wrong := problem("Invalid duration", "%q is no duration. Write whole numbers with s, m, h or d: 90s, 30m, 12h, 8d, 1d12h; at most 3653d.", written)
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	total := time.Duration(0)
	rest := written
	for rest != "" {
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end <= 0 {
			return 0, wrong
		}
		n, err := strconv.ParseInt(rest[:end], 10, 64)
		unit := units[rest[end]]
		if err != nil || unit == 0 || n > int64(maxSpan/unit) {
			return 0, wrong
		}
		total += time.Duration(n) * unit
		if total > maxSpan {
			return 0, wrong
		}
		rest = rest[end+1:]
	}
	if total <= 0 {
		return 0, wrong
	}
	return total, nil
}

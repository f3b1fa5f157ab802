package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var (
	errDuration  = errors.New(`a duration is numbers with units: "30m", "48h", "7d", "1d12h" (s, m, h, d)`)
	errLong      = errors.New("a duration must be more than nothing and less than ten years")
	errBandwidth = errors.New(`a bandwidth is a number and a unit: "100Mbps" (bps, kbps, Mbps, Gbps; bits a second)`)
	errWide      = errors.New("a bandwidth must be at least 1bps and at most 100000Gbps")
)

// parseDuration reads whole numbers with units, each unit at most once and the
// bigger before the smaller.
func parseDuration(s string) (time.Duration, error) {
	const most = 10 * 365 * 24 * time.Hour
	units := []struct {
		letter byte
		length time.Duration
	}{{'d', 24 * time.Hour}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second}}
	var total time.Duration
	next := 0
	for len(s) > 0 {
		digits := 0
		for digits < len(s) && isDigit(s[digits]) {
			digits++
		}
		if digits == 0 || digits == len(s) {
			return 0, errDuration
		}
		for next < len(units) && units[next].letter != s[digits] {
			next++
		}
		if next == len(units) {
			return 0, errDuration
		}
		n, err := strconv.ParseInt(s[:digits], 10, 32)
		if err != nil || time.Duration(n) > most/units[next].length {
			return 0, errLong
		}
		total += time.Duration(n) * units[next].length
		s = s[digits+1:]
		next++
	}
	if total <= 0 || total > most {
		return 0, errLong
	}
	return total, nil
}

// parseBandwidth reads a number with a unit into bits a second.
func parseBandwidth(s string) (int64, error) {
	digits := strings.TrimRight(s, "bpskMGKmg")
	factor, ok := map[string]float64{"bps": 1, "kbps": 1e3, "mbps": 1e6, "gbps": 1e9}[strings.ToLower(s[len(digits):])]
	digits = strings.TrimSpace(digits)
	if !ok || digits == "" || strings.Trim(digits, "0123456789.") != "" {
		return 0, errBandwidth
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, errBandwidth
	}
	if n *= factor; n < 1 || n > 1e14 || math.IsNaN(n) {
		return 0, errWide
	}
	return int64(math.Round(n)), nil
}

package agentfile

import (
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"pslan/internal/estate"
)

// hinted reports whether the name of a value ends in one of some words: "FileSize"
// is hinted at by "size".
func hinted(name string, words ...string) bool {
	for _, w := range words {
		if strings.HasSuffix(name, w) {
			return true
		}
	}
	return false
}

// number reads a whole number that is not negative.
func number(s string) (int64, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// guid reads a GUID, with or without braces.
func guid(s string) (estate.GUID, bool) {
	if len(s) != 36 && len(s) != 38 {
		return estate.GUID{}, false
	}
	g, err := estate.ParseGUID(s)
	return g, err == nil && !g.IsZero()
}

// The times that integers can mean, as Unix seconds: 1980 to 2200. Other numbers are
// sizes or flags.
const (
	earliest = 315_532_800
	latest   = 7_258_118_400
	// filetimeEpoch is 1970 as FILETIME has it: 100 ns since 1601.
	filetimeEpoch = 116_444_736_000_000_000
)

// fileTime reads a FILETIME. No size is so large a number.
func fileTime(s string) (time.Time, bool) {
	n, ok := number(s)
	if !ok {
		return time.Time{}, false
	}
	n -= filetimeEpoch
	if n < earliest*10_000_000 || n > latest*10_000_000 {
		return time.Time{}, false
	}
	return time.Unix(n/10_000_000, n%10_000_000*100).UTC(), true
}

// epoch reads seconds since 1970, as the platform's package versions seem to be (I,
// KB 180560). A size may look the same.
func epoch(s string) (time.Time, bool) {
	n, ok := number(s)
	if !ok || n < earliest || n > latest {
		return time.Time{}, false
	}
	return time.Unix(n, 0).UTC(), true
}

// zoned and local are the texts of times: ISO 8601 in its usual forms and
// yyyy-MM-dd HH:mm:ss. Seconds may have a fraction.
var (
	zoned = [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00"}
	local = [...]string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02"}
)

// textTime reads a time that is written out. noZone: it says no time zone, which
// none of the sources does either (N), and was read as UTC.
func textTime(s string) (t time.Time, noZone, ok bool) {
	if len(s) < 10 || len(s) > 40 || s[4] != '-' {
		return time.Time{}, false, false
	}
	for _, layout := range zoned {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), false, sane(t)
		}
	}
	for _, layout := range local {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true, sane(t)
		}
	}
	return time.Time{}, false, false
}

func sane(t time.Time) bool { return t.Unix() >= earliest && t.Unix() <= latest }

// relativePath reads a path of a file below the package's folder, with either kind
// of slash, and cleans it. folder: it ends in a slash.
func relativePath(s string) (p string, folder, ok bool) {
	if s == "" || len(s) > maxText || !utf8.ValidString(s) || strings.ContainsFunc(s, noPath) {
		return "", false, false
	}
	s = strings.ReplaceAll(s, `\`, "/")
	if s[0] == '/' {
		return "", false, false
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == ".." {
			return "", false, false
		}
	}
	folder = strings.HasSuffix(s, "/")
	p = norm.NFC.String(path.Clean(s))
	return p, folder || p == ".", true
}

// noPath reports characters that no path of a package server on Windows has. U+FFFD
// stands for bytes that could not be read.
func noPath(r rune) bool {
	return r < ' ' || r == 0x7f || r == utf8.RuneError || strings.ContainsRune(`<>:"|?*`, r)
}

// looksOther reports values that could be a path and are more likely something else:
// numbers, GUIDs, times, truth values, hashes.
func looksOther(s string) bool {
	if _, ok := number(s); ok {
		return true
	}
	if _, ok := guid(s); ok {
		return true
	}
	if _, _, ok := textTime(s); ok {
		return true
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no":
		return true
	}
	return len(s) >= 32 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

package estatefile

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
)

const (
	maxInterned    = 1 << 16
	maxInternedLen = 256
)

// values reads the typed values of an estate file. A value that is not what is
// wanted is reported and skipped, so that the reading goes on behind it; what is
// returned then is the zero value.
type values struct {
	scanner
	interned map[string]string
	timeText []byte // the last time read: neighbours are often the same
	time     estate.Time
}

// enter takes the opening brace or bracket of a value.
func (v *values) enter(open byte, want string) bool {
	if v.value() != open {
		v.wrong(want)
		return false
	}
	v.pos++
	return true
}

// wrong reports that the next value is not what the key wants, and skips it.
func (v *values) wrong(want string) {
	c := v.next()
	if c == 0 {
		v.unexpected(want)
		return
	}
	key, at, before := string(v.key), v.at, v.found()
	v.skip(nestedDepth)
	if v.failed && v.found() > before {
		return // it is no value at all
	}
	found := "a number"
	switch c {
	case '"':
		found = "a text"
	case '{':
		found = "an object"
	case '[':
		found = "a list"
	case 't', 'f':
		found = "true or false"
	case 'n':
		v.problem(at, v.offset(), "Null value", fmt.Sprintf("%q is null, and %s is expected. What the platform does not tell is left out: remove the key.", key, want))
		return
	}
	v.problem(at, v.offset(), "Wrong type", fmt.Sprintf("%q holds %s, and %s is expected.", key, found, want))
}

// nestedDepth is deeper than any value of the known shape.
const nestedDepth = 6

// offset of the next byte.
func (v *values) offset() int64 { return v.base + int64(v.pos) }

// wrongValue reports a value of the right type, just taken, that says nothing usable.
func (v *values) wrongValue(summary, format string, args ...any) {
	v.problem(v.at, v.offset(), summary, fmt.Sprintf(format, args...))
}

// bytes takes a text. It holds until the next byte is taken.
func (v *values) bytes() ([]byte, bool) {
	if v.value() != '"' {
		v.wrong("a text")
		return nil, false
	}
	return v.str()
}

// string takes a text that is not often repeated.
func (v *values) string() string {
	b, _ := v.bytes()
	return string(b)
}

// word takes a text that is repeated many times, and keeps it once.
func (v *values) word() string {
	b, _ := v.bytes()
	return v.intern(b)
}

func (v *values) intern(b []byte) string {
	if s, ok := v.interned[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(v.interned) < maxInterned && len(s) <= maxInternedLen {
		v.interned[s] = s
	}
	return s
}

// nameValue takes the name of something, which may hold no control characters: they
// would reach terminals and reports.
func (v *values) nameValue() string {
	b, ok := v.bytes()
	if !ok {
		return ""
	}
	s := string(b)
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }) {
		v.wrongValue("Control character in a name", "%q holds a control character (%s), and no name of the platform does.", string(v.key), strconv.QuoteToASCII(s))
		return ""
	}
	return s
}

// enum takes one of a few words.
func enum[T any](v *values, parse func(string) (T, bool), known string) T {
	var zero T
	b, ok := v.bytes()
	if !ok {
		return zero
	}
	s := v.intern(b)
	t, ok := parse(s)
	if !ok {
		v.wrongValue("Unknown word", "%q cannot be %s. It is one of: %s.", string(v.key), shown(s), known)
		return zero
	}
	return t
}

// count takes a number of things or bytes, or a version.
func (v *values) count() int64 {
	switch c := v.value(); {
	case c == '-' || '0' <= c && c <= '9':
	default:
		v.wrong("a whole number")
		return 0
	}
	b, ok := v.number()
	if !ok {
		return 0
	}
	if len(b) <= 18 {
		n := int64(0)
		for _, c := range b {
			if c < '0' || c > '9' {
				return v.badCount(b)
			}
			n = n*10 + int64(c-'0')
		}
		return n
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n < 0 {
		return v.badCount(b)
	}
	return n
}

func (v *values) badCount(b []byte) int64 {
	s := string(b)
	switch {
	case strings.ContainsAny(s, ".eE"):
		v.wrongValue("Not a whole number", "%q is %s, and a whole number is expected.", string(v.key), s)
	case s[0] == '-':
		v.wrongValue("Negative number", "%q is %s, and there can be no fewer than 0. What the platform does not tell is left out: remove the key.", string(v.key), s)
	default:
		v.wrongValue("Number too large", "%q is %s, larger than any number that the platform has.", string(v.key), s)
	}
	return 0
}

func (v *values) bool() bool {
	switch v.value() {
	case 't':
		return v.literal("true")
	case 'f':
		v.literal("false")
	default:
		v.wrong("true or false")
	}
	return false
}

// guid takes a GUID, in any case, with or without braces; "" is none.
func (v *values) guid() estate.GUID {
	b, ok := v.bytes()
	if !ok {
		return estate.GUID{}
	}
	if g, ok := plainGUID(b); ok {
		return g
	}
	s := string(b)
	g, err := estate.ParseGUID(s)
	if err != nil {
		v.wrongValue("Broken GUID", "%q is %s: %v.", string(v.key), shown(s), err)
	}
	return g
}

// digest takes a digest; "" is none.
func (v *values) digest() estate.Digest {
	b, ok := v.bytes()
	if !ok {
		return estate.Digest{}
	}
	if d, ok := plainDigest(b); ok {
		return d
	}
	s := string(b)
	d, err := estate.ParseDigest(s)
	if err != nil {
		v.wrongValue("Broken digest", "%q is %s: %v.", string(v.key), shown(s), err)
	}
	return d
}

// moment takes a time; "" is none.
func (v *values) moment() estate.Time {
	b, ok := v.bytes()
	if !ok || len(b) == 0 {
		return 0
	}
	if string(b) == string(v.timeText) {
		return v.time
	}
	t, ok := plainTime(b)
	if !ok {
		s := string(b)
		parsed, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || parsed.Year() < 1678 || parsed.Year() > 2261 {
			v.wrongValue("Broken time", "%q is %s. A time looks like 2026-11-22T10:00:00Z.", string(v.key), shown(s))
			return 0
		}
		t = estate.TimeOf(parsed)
	}
	v.timeText, v.time = append(v.timeText[:0], b...), t
	return t
}

// shown quotes a text for a message, cut where it is long.
func shown(s string) string {
	const limit = 80
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return strconv.Quote(s)
}

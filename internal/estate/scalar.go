package estate

import (
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Fold returns the form of a name, host or GUID text under which two spellings
// that differ only in case are equal. It allocates only when it has to.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return strings.ToLower(strings.ToUpper(s))
		}
		if 'A' <= c && c <= 'Z' {
			return foldASCIIFrom(s, i)
		}
	}
	return s
}

func foldASCIIFrom(s string, first int) string {
	b := []byte(s)
	for i := first; i < len(b); i++ {
		c := b[i]
		if c >= utf8.RuneSelf {
			return strings.ToLower(strings.ToUpper(s))
		}
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// CompareFold orders two texts as comparing their Fold would, without allocating
// for plain ASCII: for sorting many names.
func CompareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x|y >= utf8.RuneSelf {
			return strings.Compare(Fold(a), Fold(b))
		}
		if x == y {
			continue
		}
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			// A later letter beyond ASCII may fold to other bytes, but only behind this place.
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// GUID identifies a resource of the platform. The zero GUID means "none".
type GUID [16]byte

var errGUID = errors.New("a GUID has 32 hexadecimal digits, as in 6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001")

// ParseGUID reads a GUID in any case, with or without braces. An empty text is
// the zero GUID.
func ParseGUID(s string) (GUID, error) {
	var g GUID
	if s == "" {
		return g, nil
	}
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return GUID{}, errGUID
	}
	n := 0
	for i := 0; i < 36; i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		v, ok := hexDigit(s[i])
		if !ok {
			return GUID{}, errGUID
		}
		g[n/2] = g[n/2]<<4 | v
		n++
	}
	return g, nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// IsZero reports whether g is the zero GUID.
func (g GUID) IsZero() bool { return g == GUID{} }

// String returns the GUID in lower case without braces, "" for the zero GUID.
func (g GUID) String() string {
	if g.IsZero() {
		return ""
	}
	return string(g.AppendText(nil))
}

// AppendText appends the text of String to b.
func (g GUID) AppendText(b []byte) []byte {
	if g.IsZero() {
		return b
	}
	var h [32]byte
	hex.Encode(h[:], g[:])
	b = append(b, h[0:8]...)
	for i := 8; i < 20; i += 4 {
		b = append(b, '-')
		b = append(b, h[i:i+4]...)
	}
	b = append(b, '-')
	return append(b, h[20:]...)
}

// Digest is a SHA-256. The zero Digest means "not known".
type Digest [32]byte

const digestPrefix = "sha256:"

var errDigest = errors.New(`a digest is "sha256:" and 64 hexadecimal digits`)

// ParseDigest reads "sha256:…". An empty text is the zero Digest.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if s == "" {
		return d, nil
	}
	if len(s) != len(digestPrefix)+64 || s[:len(digestPrefix)] != digestPrefix {
		return d, errDigest
	}
	for i, n := len(digestPrefix), 0; i < len(s); i, n = i+1, n+1 {
		v, ok := hexDigit(s[i])
		if !ok {
			return Digest{}, errDigest
		}
		d[n/2] = d[n/2]<<4 | v
	}
	return d, nil
}

// IsZero reports whether the digest is not known.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns "sha256:…", "" for the zero Digest.
func (d Digest) String() string {
	if d.IsZero() {
		return ""
	}
	return string(d.AppendText(nil))
}

// AppendText appends the text of String to b.
func (d Digest) AppendText(b []byte) []byte {
	if d.IsZero() {
		return b
	}
	b = append(b, digestPrefix...)
	return hex.AppendEncode(b, d[:])
}

// Time is a moment in nanoseconds since 1970 UTC. Zero means "not known" or "not set".
type Time int64

// TimeOf converts a time.Time; the zero time becomes zero.
func TimeOf(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixNano())
}

// Time converts back, in UTC; zero becomes the zero time.Time.
func (t Time) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(t)).UTC()
}

// IsZero reports whether the moment is not known.
func (t Time) IsZero() bool { return t == 0 }

// String returns RFC 3339 in UTC, "" for zero.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return t.Time().Format(time.RFC3339Nano)
}

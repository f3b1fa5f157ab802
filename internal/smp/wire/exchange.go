package wire

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pslan/internal/pattern"
)

// Exchange is one try of a call, for a log. It holds no header, no password and no
// more than the beginning of what was sent and received.
type Exchange struct {
	At                      time.Time
	Took                    time.Duration
	Service, Method, Object string
	Binding                 Binding // "": the service's description
	Verb, URL               string
	Try                     int // 1 for the first
	Status                  int // 0: no answer
	RequestBytes            int
	ReplyBytes              int
	Request, Reply          string // their beginnings, one line each
	Err                     error  // nil: a good reply
}

const (
	logScanned = 64 << 10
	logShown   = 1 << 10
)

// secretNames are the names of parameters, elements and attributes whose values are
// nobody's business.
const secretNames = `[\w.:-]*(?:passw|pwd|secret|token|credential|authoriz|cookie)[\w.:-]*`

var (
	secretElement   = pattern.Lazy(`(?is)((?:<|&lt;)` + secretNames + `(?:\s[^<>&]*)?(?:>|&gt;))(.*?)(</|&lt;/|$)`)
	secretAttribute = pattern.Lazy(`(?is)(\b` + secretNames + `\s*=\s*)("[^"]*(?:"|$)|'[^']*(?:'|$)|&quot;.*?(?:&quot;|$))`)
	secretField     = pattern.Lazy(`(?i)((?:^|&|\?|\s)` + secretNames + `=)([^&\s]*)`)
	secretName      = pattern.Lazy(`(?i)^` + secretNames + `$`)
)

const hidden = "(hidden)"

// scrub makes a text fit for a log: no secrets by name, none of those given, one
// line, short.
func scrub(text string, secrets ...string) string {
	text = shorten(text, logScanned)
	for _, s := range secrets {
		if len(s) > 2 {
			text = strings.ReplaceAll(text, s, hidden)
		}
	}
	text = secretElement().ReplaceAllString(text, "${1}"+hidden+"${3}")
	text = secretAttribute().ReplaceAllString(text, "${1}"+hidden)
	text = secretField().ReplaceAllString(text, "${1}"+hidden)
	return shorten(oneLine(text), logShown)
}

// shown is what of a call's parameters goes into a log.
func (c Call) shown(secrets ...string) string {
	var b strings.Builder
	for _, p := range c.Params {
		if b.Len() > 0 {
			b.WriteString(" ")
		}
		b.WriteString(p.Name + "=")
		switch {
		case secretName().MatchString(p.Name):
			b.WriteString(hidden)
		case p.Null:
			b.WriteString("(null)")
		default:
			b.WriteString(scrub(p.text(), secrets...))
		}
	}
	return shorten(b.String(), logShown)
}

// shorten cuts a text to so many bytes, between characters.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// oneLine makes a text one line that no terminal takes for a command.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

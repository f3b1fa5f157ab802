package smp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/pattern"
)

// pseudonyms put made-up words in the place of everything that could tell whose
// platform this is. The same word gets the same one everywhere, so that what belongs
// together still does.
type pseudonyms struct {
	words map[string]string // folded original -> made-up
	count map[string]int
	names []string // originals that must not be seen, the longest first
}

func newPseudonyms() *pseudonyms {
	return &pseudonyms{words: map[string]string{}, count: map[string]int{}}
}

// of is the made-up word for an original.
func (p *pseudonyms) of(kind, original string) string {
	key := kind + " " + estate.Fold(strings.TrimSpace(original))
	if w, ok := p.words[key]; ok {
		return w
	}
	p.count[kind]++
	w := kind + "-" + strconv.Itoa(p.count[kind])
	if kind == "guid" {
		w = fmt.Sprintf("00000000-0000-4000-8000-%012d", p.count[kind])
	}
	p.words[key] = w
	return w
}

// known adds names that may stand anywhere, in the middle of other texts too. Very
// short ones would be found in every word, and are no secret.
func (p *pseudonyms) known(kind string, names ...string) {
	for _, n := range names {
		for _, form := range []string{n, plainHost(n), label(plainHost(n))} {
			if form = strings.TrimSpace(form); len(form) < 3 || slices.ContainsFunc(p.names, func(have string) bool { return strings.EqualFold(have, form) }) {
				continue
			}
			p.names = append(p.names, form)
			p.words["name "+estate.Fold(form)] = p.of(kind, form)
		}
	}
	slices.SortFunc(p.names, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
}

var (
	guidText = pattern.Lazy(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	hostText = pattern.Lazy(`\\\\[\w.\-$]+`)
	userText = pattern.Lazy(`(?i)\b[a-z][\w.\-]*\\[a-z_][\w.\-$]*`)
	mailText = pattern.Lazy(`(?i)\b[\w.+\-]+@[\w\-]+\.[\w.\-]+`)
	urlText  = pattern.Lazy(`(?i)\bhttps?://[^\s"'<>]+`)
	addrText = pattern.Lazy(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`)
	quoted   = pattern.Lazy(`"[^"\n]{1,200}"|'[^'\n]{1,200}'`)
)

// public are addresses that the vendor's and Microsoft's own descriptions hold.
func public(url string) bool {
	for _, host := range []string{"http://altiris.", "http://schemas.", "http://microsoft.com/", "http://www.w3.org/", "http://tempuri.org"} {
		if strings.HasPrefix(strings.ToLower(url), host) {
			return true
		}
	}
	return false
}

// text replaces in a free text what is known or looks like a name.
func (p *pseudonyms) text(s string) string {
	s = guidText().ReplaceAllStringFunc(s, func(g string) string { return p.of("guid", g) })
	s = urlText().ReplaceAllStringFunc(s, func(u string) string {
		if public(u) {
			return u
		}
		return p.of("url", u)
	})
	s = mailText().ReplaceAllStringFunc(s, func(m string) string { return p.of("user", m) })
	s = hostText().ReplaceAllStringFunc(s, func(h string) string { return `\\` + p.of("host", strings.TrimPrefix(h, `\\`)) })
	s = p.hide(s)
	s = userText().ReplaceAllStringFunc(s, func(u string) string { return p.of("user", u) })
	return addrText().ReplaceAllStringFunc(s, func(a string) string { return p.of("address", a) })
}

// message is text of a message, in which what is quoted is somebody's.
func (p *pseudonyms) message(s string) string {
	s = quoted().ReplaceAllStringFunc(s, func(q string) string {
		if harmless(q[1 : len(q)-1]) {
			return q
		}
		return q[:1] + p.value(q[1:len(q)-1]) + q[:1]
	})
	return p.text(s)
}

// hide replaces the names that are known, wherever they stand.
func (p *pseudonyms) hide(s string) string {
	for _, name := range p.names {
		s = replaceFold(s, name, p.words["name "+estate.Fold(name)])
	}
	return s
}

// replaceFold replaces without regard to case.
func replaceFold(s, old, with string) string {
	folded, key := strings.ToLower(s), strings.ToLower(old)
	if len(folded) != len(s) || !strings.Contains(folded, key) {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(folded, key)
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i] + with)
		s, folded = s[i+len(old):], folded[i+len(old):]
	}
}

// plainWords are values that the platform's documentation or pslan itself has.
var plainWords = []string{
	"all", "individually", "site", "sites", "servers", "automatic", "unc", "local", "url", "library", "empty", "normal", "hidden", "read only", "ns",
	"true", "false", "yes", "no", "ready", "pending", "deleted", "completed", "failed", "started", "not started", "online", "offline", "external",
	"windows", "linux", "winpe", "x86", "x64", "image", "pct", "backup", "managed", "legacy", "package", "ghost", "rdeploy", "rapideploy",
	"server job", "server task", "client job", "client task", "utf-8", "utf-16", "1.0", "8.0",
}

var plainValue = pattern.Lazy(`^[-+]?[0-9]{0,20}(\.[0-9]+)?$|^\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*(Z|[+-]\d\d:\d\d)?$`)

func harmless(value string) bool {
	v := strings.TrimSpace(value)
	return plainValue().MatchString(v) || slices.Contains(plainWords, strings.ToLower(v))
}

// value is a value of a record: unless it is harmless, nothing of it stays but its
// shape.
func (p *pseudonyms) value(s string) string {
	switch {
	case harmless(s):
		return s
	case guidText().FindString(s) == strings.Trim(s, "{} "):
		return guidText().ReplaceAllStringFunc(s, func(g string) string { return p.of("guid", g) })
	case strings.HasPrefix(s, `\\`):
		parts := strings.Split(strings.TrimPrefix(s, `\\`), `\`)
		for i, part := range parts {
			switch {
			case i == 0:
				parts[i] = p.of("host", part)
			case guidText().MatchString(part):
				parts[i] = p.value(part)
			case part != "":
				parts[i] = p.of("folder", part)
			}
		}
		return `\\` + strings.Join(parts, `\`)
	case strings.ContainsAny(s, ",;") && guidText().MatchString(s):
		return guidText().ReplaceAllStringFunc(strings.Map(func(r rune) rune {
			if strings.ContainsRune("0123456789abcdefABCDEF-{},; ", r) {
				return r
			}
			return -1
		}, s), func(g string) string { return p.of("guid", g) })
	}
	return p.of("text", s)
}

// leaks names an original that is still to be seen, "" if there is none.
func (p *pseudonyms) leaks(text string) string {
	folded := strings.ToLower(text)
	for _, name := range p.names {
		if strings.Contains(folded, strings.ToLower(name)) {
			return name
		}
	}
	return ""
}

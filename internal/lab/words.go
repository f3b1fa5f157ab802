package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// parser turns the words of lab break and lab do into a command.
type parser struct {
	w     *world.World
	forms []form
	name  string // of the command, for messages: "lab break"
}

func wrong(hint, format string, args ...any) error {
	return &world.Refusal{Kind: platform.KindBadInput, Text: fmt.Sprintf(format, args...), Hint: hint}
}

// parse reads one command. Verb and server may come in either order.
func (p *parser) parse(words []string) (c world.Command, err error) {
	var later time.Duration
	if len(words) > 1 && words[0] == "in" {
		if later, err = parseDuration(words[1]); err != nil {
			return c, err
		}
		words = words[2:]
	}
	if len(words) == 0 {
		return c, wrong(p.verbsHint(), "%s needs to be told what", p.name)
	}
	f := p.form(words[0])
	rest := words[1:]
	if f == nil && len(words) > 1 {
		if f = p.form(words[1]); f != nil {
			rest = slices.Concat(words[:1], words[2:])
		}
	}
	if f == nil {
		return c, p.unknownVerb(words)
	}
	c = world.Command{Verb: f.verb, Server: -1, Image: -1, Preboot: -1, In: later}
	for kind := range strings.FieldsSeq(f.args) {
		kind, optional := strings.CutSuffix(kind, "?")
		if len(rest) == 0 {
			if optional {
				p.preset(&c)
				continue
			}
			return c, wrong("Write: pslan "+p.name+" "+f.usage(), "%s: %s is missing", f.verb, kindWords[kind])
		}
		n, err := p.word(&c, kind, rest)
		if err != nil {
			return c, err
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return c, wrong("Write: pslan "+p.name+" "+f.usage(), "%s: there is a word too many: %q", f.verb, rest[0])
	}
	return c, nil
}

// preset fills in a duration that was left out.
func (p *parser) preset(c *world.Command) {
	switch c.Verb {
	case world.Hang:
		c.For = 6 * time.Hour
	case world.Random:
		c.For = 24 * time.Hour
	}
}

func (p *parser) form(word string) *form {
	word = strings.ReplaceAll(estate.Fold(word), "_", "-")
	for i := range p.forms {
		if string(p.forms[i].verb) == word {
			return &p.forms[i]
		}
	}
	return nil
}

func (p *parser) unknownVerb(words []string) error {
	word := words[0]
	if len(words) > 1 && p.w.ServerNumber(word) >= 0 {
		word = words[1]
	}
	return wrong(meant(word, p.verbs())+p.verbsHint(), "%s knows no %q", p.name, word)
}

func (p *parser) verbs() []string {
	var verbs []string
	for i := range p.forms {
		verbs = append(verbs, string(p.forms[i].verb))
	}
	return verbs
}

func (p *parser) verbsHint() string { return "Known are: " + strings.Join(p.verbs(), ", ") + "." }

// word reads one argument, or all that are left, and returns how many it read.
func (p *parser) word(c *world.Command, kind string, rest []string) (n int, err error) {
	word := rest[0]
	switch kind {
	case "server":
		c.Server, err = p.server(word)
	case "image":
		c.Image, err = p.image(word)
	case "preboot":
		c.Preboot, err = p.preboot(word)
	case "assignment":
		c.Assignment, err = p.assignment(rest)
		return len(rest), err
	case "location":
		if c.Text = word; world.HostOf(word) == "" {
			err = wrong(`It looks like \\smp02\NSCap\bin\Images\WIN11.`, "%q is no location", word)
		}
	case "smp":
		c.Text = word
	case "request":
		c.Text, err = request(word)
	case "duration":
		c.For, err = parseDuration(word)
		if c.For < 0 && c.Verb != world.Jump {
			err = wrong("", "%q is less than no time", word)
		}
	case "mood":
		if c.Text = estate.Fold(word); !slices.Contains(world.Moods(), c.Text) {
			err = wrong(meant(word, world.Moods())+"Known are: "+strings.Join(world.Moods(), ", ")+".", "the operator cannot be %q", word)
		}
	case "count":
		c.Text = word
		if k, bad := strconv.Atoi(word); bad != nil || k < 1 || k > 10_000 {
			err = wrong("", "%q is no number from 1 to 10000", word)
		}
	}
	return 1, err
}

func (p *parser) server(word string) (int32, error) {
	if s := p.w.ServerNumber(word); s >= 0 {
		return s, nil
	}
	for i := range p.w.Servers { // one that lost its role can still be switched on, and then loses its folders
		if s := &p.w.Servers[i]; s.Retired && !s.Wiped && estate.Fold(s.Name) == estate.Fold(word) {
			return int32(i), nil
		}
	}
	if estate.Fold(word) == "smp" {
		return int32(estate.SMP), nil
	}
	var names []string
	for i := range p.w.Servers {
		if !p.w.Servers[i].Retired {
			names = append(names, p.w.Servers[i].Name)
		}
	}
	return -1, wrong(meant(word, names)+listed("The package servers are", names), "there is no package server %q", word)
}

func (p *parser) image(word string) (int32, error) {
	if g, err := estate.ParseGUID(word); err == nil && !g.IsZero() {
		if i := p.w.ImageNumber(g); i >= 0 {
			return i, nil
		}
		return -1, wrong("", "there is no image or package with the GUID %s", g)
	}
	var names, same []string
	at := int32(-1)
	for i := range p.w.Images {
		img := &p.w.Images[i]
		names = append(names, img.Name)
		if estate.Fold(img.Name) == estate.Fold(word) {
			at = int32(i)
			same = append(same, img.GUID.String())
		}
	}
	switch len(same) {
	case 1:
		return at, nil
	case 0:
		return -1, wrong(meant(word, names)+listed("The images are", names), "there is no image %q", word)
	}
	return -1, wrong("Name one by its GUID: "+strings.Join(same, ", ")+".", "%d images are called %q", len(same), word)
}

func (p *parser) preboot(word string) (int32, error) {
	var names []string
	for i := range p.w.Preboots {
		if b := &p.w.Preboots[i]; estate.Fold(b.Name) == estate.Fold(word) || b.GUID.String() == estate.Fold(word) {
			return int32(i), nil
		}
		names = append(names, p.w.Preboots[i].Name)
	}
	return -1, wrong(meant(word, names)+listed("The preboot configurations are", names), "there is no preboot configuration %q", word)
}

// assignment reads "all", servers, or sites.
func (p *parser) assignment(words []string) (*world.Assignment, error) {
	if len(words) == 1 && estate.Fold(words[0]) == "all" {
		return &world.Assignment{Mode: estate.AssignAll}, nil
	}
	a := &world.Assignment{Mode: estate.AssignServers}
	for _, word := range words {
		name, site := strings.CutPrefix(word, "site:")
		if site {
			if !slices.ContainsFunc(p.w.Sites, func(s string) bool { return estate.Fold(s) == estate.Fold(name) }) {
				return nil, wrong(meant(name, p.w.Sites)+listed("The sites are", p.w.Sites), "there is no site %q", name)
			}
			a.Sites = append(a.Sites, name)
			continue
		}
		s, err := p.server(word)
		if err != nil {
			return nil, err
		}
		if s < 0 {
			return nil, wrong("", "the SMP is not a package server and cannot be assigned")
		}
		a.Servers = append(a.Servers, s)
	}
	switch {
	case len(a.Sites) > 0 && len(a.Servers) > 0:
		return nil, wrong("", "an assignment is by servers or by sites, not both")
	case len(a.Sites) > 0:
		a.Mode = estate.AssignSites
	}
	return a, nil
}

func request(word string) (string, error) {
	key := strings.ReplaceAll(estate.Fold(word), "_", "-")
	var names []string
	for _, r := range requestWords {
		if slices.Contains(r.words, key) {
			return string(r.verb), nil
		}
		names = append(names, r.words[0])
	}
	return "", wrong(meant(word, names)+"Known are: "+strings.Join(names, ", ")+".", "there is no request %q", word)
}

// parseDuration reads what time.ParseDuration reads, and days.
func parseDuration(word string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(word, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n > -36500 && n < 36500 {
			return time.Duration(n * 24 * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(word)
	if err != nil || d.Abs() > 100*365*24*time.Hour {
		return 0, wrong("", "%q is no duration such as 90s, 20m, 3h or 8d", word)
	}
	return d, nil
}

// meant is a "Did you mean" before another sentence, "" where nothing is near.
func meant(word string, names []string) string {
	if hint := wording.DidYouMean(word, names); hint != "" {
		return hint[1:] + " "
	}
	return ""
}

// listed names what there is, not more than a screen takes.
func listed(what string, names []string) string {
	const most = 20
	if len(names) == 0 {
		return "There are none."
	}
	if len(names) > most {
		return fmt.Sprintf("%s: %s and %d more.", what, strings.Join(names[:most], ", "), len(names)-most)
	}
	return what + ": " + strings.Join(names, ", ") + "."
}

package serve

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
)

// Call is a call as the journal keeps it.
type Call struct {
	Number   int
	At       time.Time // the lab's time
	Service  string
	Method   string // as it was called
	Protocol string // get, post, soap11, soap12
	User     string
	Args     []Arg
	Changes  bool   // the method changes something
	Status   int    // of the answer; 0: none was sent
	Error    string // what the method said; "" where it went well
	Trouble  string // its kind, if it met one
}

// Arg is an argument of a call, as text.
type Arg struct{ Name, Value string }

// Arg returns the value of an argument, "" if there is none.
func (c *Call) Arg(name string) string {
	for _, a := range c.Args {
		if strings.EqualFold(a.Name, name) {
			return a.Value
		}
	}
	return ""
}

const maxJournal = 20_000

// Calls is how many calls have ended.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Journal returns the calls that have ended, the oldest first; of very many the newest.
func (s *Server) Journal() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal)
}

func (s *Server) keep(c Call) {
	s.mu.Lock()
	s.calls++
	c.Number = s.calls
	if len(s.journal) == maxJournal {
		s.journal = slices.Delete(s.journal, 0, maxJournal/10)
	}
	s.journal = append(s.journal, c)
	s.mu.Unlock()
	if s.log != nil {
		s.log(c)
	}
}

// arg is a bound argument.
type arg struct {
	text string
	null bool
	list []estate.GUID
}

// call is one call while it is carried out.
type call struct {
	server  *Server
	ctx     context.Context
	variant *variant
	args    map[string]arg
	draws   *draws
	user    string
	trouble *Trouble
}

func (c *call) text(name string) string { return c.args[name].text }
func (c *call) null(name string) bool   { return c.args[name].null }

// flag reads a boolean that has been bound.
func (c *call) flag(name string) bool {
	v := strings.ToLower(c.args[name].text)
	return v == "true" || v == "1"
}

// number reads an integer that has been bound.
func (c *call) number(name string) int {
	n, _ := strconv.Atoi(c.args[name].text)
	return n
}

// guid reads a GUID from either overload.
func (c *call) guid(name string) (estate.GUID, error) {
	text := strings.TrimSpace(c.args[name].text)
	g, err := estate.ParseGUID(text)
	if err != nil || text == "" {
		return g, invalid(name, "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)")
	}
	return g, nil
}

// guids reads a list of GUIDs, with commas and perhaps blanks between them.
func (c *call) guids(name string) ([]estate.GUID, error) {
	if c.args[name].list != nil {
		return c.args[name].list, nil
	}
	var out []estate.GUID
	for word := range strings.SplitSeq(c.args[name].text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		g, err := estate.ParseGUID(word)
		if err != nil {
			return nil, invalid(name, word+" is no GUID")
		}
		out = append(out, g)
	}
	return out, nil
}

func (c *call) journalArgs() []Arg {
	var out []Arg
	for _, p := range c.variant.params {
		if a := c.args[p.name]; !a.null {
			out = append(out, Arg{p.name, a.text})
		}
	}
	return out
}

// String is the call as one line.
func (c Call) String() string {
	var b strings.Builder
	b.WriteString(c.At.UTC().Format(time.DateTime) + " " + c.Service + "." + c.Method + " " + c.Protocol)
	if c.User != "" {
		b.WriteString(" by " + c.User)
	}
	for _, a := range c.Args {
		value := a.Value
		if len(value) > 200 {
			value = value[:200] + "..."
		}
		b.WriteString(" " + a.Name + "=" + strconv.Quote(value))
	}
	b.WriteString(": " + strconv.Itoa(c.Status))
	if c.Error != "" {
		b.WriteString(" " + strconv.Quote(c.Error))
	}
	if c.Trouble != "" {
		b.WriteString(" (" + c.Trouble + ")")
	}
	return b.String()
}

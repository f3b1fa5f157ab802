package estatefile

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/wording"
)

const maxSpots = 20_000 // names kept with the place where they were met first

// names numbers the things that are referred to by name (servers, sites), in the
// order in which they are met, whether they are declared by then or not.
type names struct {
	byText map[string]int32 // as spelled
	byFold map[string]int32
	list   []name
}

type name struct {
	text     string // as declared; until then as met first
	declared int32  // place among the declared ones, -1 while it is not declared
	first    spot   // where it was met first, if that was before it was declared
	met      int    // how often it was met before it was declared
}

func newNames() names {
	return names{byText: map[string]int32{}, byFold: map[string]int32{}}
}

// number returns the number of a name, and whether it is new.
func (n *names) number(b []byte) (id int32, fresh bool) {
	if id, ok := n.byText[string(b)]; ok {
		return id, false
	}
	text := string(b)
	fold := estate.Fold(text)
	id, ok := n.byFold[fold]
	if !ok {
		id = int32(len(n.list))
		n.byFold[fold] = id
		n.list = append(n.list, name{text: text, declared: -1})
	}
	if len(n.byText) < maxInterned {
		n.byText[text] = id
	}
	return id, !ok
}

// refer takes the name that a value refers to, whether declared yet or not.
func (r *reader) refer(n *names) (id int32, ok bool) {
	b, ok := r.bytes()
	if !ok {
		return 0, false
	}
	if len(b) == 0 {
		r.wrongValue("Empty name", "%q names nothing.", string(r.key))
		return 0, false
	}
	return r.referTo(n, b), true
}

func (r *reader) referTo(n *names, b []byte) int32 {
	id, fresh := n.number(b)
	if nm := &n.list[id]; nm.declared < 0 {
		nm.met++
		if fresh && id < maxSpots {
			nm.first = r.spot(r.at, r.offset())
		}
	}
	return id
}

// undeclared reports the names that were referred to and never declared.
func (r *reader) undeclared(n *names, summary, what string) {
	var known []string
	for i := range n.list {
		if n.list[i].declared >= 0 {
			known = append(known, n.list[i].text)
		}
	}
	slices.SortFunc(known, estate.CompareFold)
	for i := range n.list {
		nm := &n.list[i]
		if nm.declared >= 0 {
			continue
		}
		detail := fmt.Sprintf("No %s of this file is called %s.%s", what, shown(nm.text), suggestion(nm.text, known))
		if nm.met > 1 {
			detail += fmt.Sprintf(" The name stands in %d places; this is the first.", nm.met)
		}
		r.add(severityError, nm.first, summary, detail)
	}
}

// suggestion is " Did you mean …?", or what there is, or nothing.
func suggestion(given string, known []string) string {
	near := wording.DidYouMean(given, known)
	switch {
	case near != "":
		return near
	case len(known) == 0:
		return " The file declares none."
	case len(known) <= 8:
		return " There are: " + strings.Join(known, ", ") + "."
	}
	return ""
}

package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pslan/internal/diff"
)

// fold is one entry for many changes of the same shape.
type fold struct {
	first     diff.Change
	addresses []string // of the first few
	count     int
	bytes     int64
	servers   map[string]struct{} // of copies
}

// Changes beyond foldChanges of one shape are folded to one entry.
const (
	foldChanges = 50
	foldNames   = 3
)

// shape is what changes have in common that are folded: what is done, between
// which servers, and to which settings. Where a change of the assignment is part
// of it, the two assignments are. A coarse shape of copies leaves the servers out.
type shape struct {
	kind                 string
	action               diff.Action
	from, to             string
	assignment, location string
	converts             bool
	blocked              string
}

func shapeOf(c diff.Change, coarse bool) shape {
	h := c.Head()
	s := shape{kind: h.Address.Type(), action: h.Action}
	for _, code := range h.Blocked {
		s.blocked += string(code) + " "
	}
	switch c := c.(type) {
	case *diff.ImageChange:
		s.from, s.to = c.OwnerBefore, c.OwnerAfter
		s.converts = c.FormatBefore != c.FormatAfter
		if !c.AssignmentBefore.Equal(&c.AssignmentAfter) {
			s.assignment = assignmentText(&c.AssignmentBefore) + " -> " + assignmentText(&c.AssignmentAfter)
		}
		if c.LocationBefore != c.LocationAfter {
			s.location = hostOf(c.LocationBefore) + " -> " + hostOf(c.LocationAfter)
		}
	case *diff.CopyChange:
		s.from, s.to = c.From, c.Server
		if coarse {
			s.from, s.to = "", ""
		}
	default:
		s.from = string(h.Address) // never folded
	}
	return s
}

// hostOf is the server of a UNC path, for a reader.
func hostOf(location string) string {
	rest, ok := strings.CutPrefix(location, `\\`)
	if !ok {
		return location
	}
	host, _, _ := strings.Cut(rest, `\`)
	return `\\` + host
}

// folds are the shapes that are folded.
type folds map[shape]*fold

// foldsOf counts changes by shape: those that are frequent between the same servers
// first, and of the other copies those that are frequent on any servers.
func foldsOf(changes []diff.Change) folds {
	if len(changes) <= foldChanges {
		return nil
	}
	out := make(folds)
	out.count(changes, false)
	rest := make([]diff.Change, 0, len(changes))
	for _, c := range changes {
		if _, isCopy := c.(*diff.CopyChange); isCopy && out[shapeOf(c, false)] == nil {
			rest = append(rest, c)
		}
	}
	out.count(rest, true)
	return out
}

// count adds the shapes that more than foldChanges of the changes have.
func (fs folds) count(changes []diff.Change, coarse bool) {
	counted := make(map[shape]*fold)
	for _, c := range changes {
		s := shapeOf(c, coarse)
		f := counted[s]
		if f == nil {
			f = &fold{first: c, servers: map[string]struct{}{}}
			counted[s] = f
		}
		f.count++
		if len(f.addresses) < foldNames {
			f.addresses = append(f.addresses, string(c.Head().Address))
		}
		if cc, ok := c.(*diff.CopyChange); ok {
			f.bytes += max(cc.Bytes, 0)
			f.servers[cc.Server] = struct{}{}
		}
	}
	for s, f := range counted {
		if f.count > foldChanges {
			fs[s] = f
		}
	}
}

// of finds the entry that a change is folded into.
func (fs folds) of(c diff.Change) (shape, *fold) {
	if fs == nil {
		return shape{}, nil
	}
	s := shapeOf(c, false)
	if f := fs[s]; f != nil {
		return s, f
	}
	s = shapeOf(c, true)
	return s, fs[s]
}

// folded writes one entry for many changes.
func (p *page) folded(s shape, f *fold) {
	h := f.first.Head()
	what := "images"
	switch s.kind {
	case "copy":
		what = "copies"
	case "pct_package":
		what = "PCT packages"
	}
	p.text("  ", p.bold(fmt.Sprintf("# %d %s", f.count, what)), " ", outcomeOf(h.Action, s.blocked != ""), "\n")
	list := f.addresses
	rest := ""
	if f.count > len(list) {
		rest = fmt.Sprintf(" and %d more", f.count-len(list))
	}
	p.prose("  # ", "("+printable(strings.Join(list, ", "))+rest+"; -verbose shows each)")
	if s.blocked != "" {
		p.prose("  # ", "(blocked by "+strings.Join(strings.Fields(s.blocked), ", ")+")")
	}
	p.text("  ", p.action(sign(h.Action)), " ", what)
	switch {
	case s.kind != "copy":
	case s.to != "":
		p.text(" on ", quoted(s.to))
	default:
		p.text(" on ", count(len(f.servers), "server"))
	}
	p.text(" {\n")
	p.attributes(foldedLines(f, s), false)
	p.text("    }\n")
}

func foldedLines(f *fold, s shape) []attribute {
	switch c := f.first.(type) {
	case *diff.CopyChange:
		all := copyLines(c, nil)
		for i := range all {
			if all[i].name == "bytes" {
				text := strconv.FormatInt(f.bytes, 10) + " in all"
				all[i].before, all[i].after = text, text
			}
		}
		return slices.DeleteFunc(all, func(a attribute) bool { return a.name == "files" || a.name == "from" && s.from == "" })
	case *diff.ImageChange:
		all := slices.DeleteFunc(imageLines(c, nil), func(a attribute) bool { return a.same })
		for i := range all {
			if all[i].name == "location" {
				before, after, _ := strings.Cut(s.location, " -> ")
				all[i].before, all[i].after = quoted(before), quoted(after)
			}
		}
		return all
	}
	return nil
}

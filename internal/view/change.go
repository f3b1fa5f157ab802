package view

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"pslan/internal/diff"
	"pslan/internal/estate"
)

// signs of the actions.
func sign(a diff.Action) string { return [...]string{"+", "~", "-"}[a] }

// outcome is what will have happened to a change's object.
func outcomeOf(a diff.Action, blocked bool) string {
	will := "will be "
	if blocked {
		will = "would be "
	}
	return will + [...]string{"created", "updated in-place", "destroyed"}[a]
}

// attribute is one line of a change's block.
type attribute struct {
	name          string
	before, after string // as they are shown
	action        diff.Action
	// same: it stays; shown only where asked for, or where always is set.
	same, always bool
	// lists are the elements of a list that may be shown one a line.
	listBefore, listAfter []string
}

// attributes collects the lines of a change into buf.
func attributes(c diff.Change, buf []attribute) []attribute {
	buf = buf[:0]
	switch c := c.(type) {
	case *diff.ImageChange:
		return imageLines(c, buf)
	case *diff.CopyChange:
		return copyLines(c, buf)
	case *diff.ServerChange:
		return append(buf,
			attribute{name: "host", before: quoted(c.Host), action: diff.Delete},
			attribute{name: "sites", before: quotedList(c.Sites), action: diff.Delete})
	case *diff.PrebootChange:
		return append(buf,
			attribute{name: "name", after: quoted(c.Name), same: true, always: true},
			attribute{name: "connects_to", before: quoted(c.ConnectsToBefore), after: quoted(c.ConnectsToAfter), action: diff.Update})
	}
	return buf
}

func imageLines(c *diff.ImageChange, buf []attribute) []attribute {
	text := func(name, before, after string) attribute {
		return attribute{name: name, before: quoted(before), after: quoted(after), same: before == after, action: diff.Update}
	}
	buf = append(buf, attribute{name: "name", after: quoted(c.Name), same: true, always: true})
	if !c.Package.IsZero() {
		buf = append(buf, attribute{name: "package", after: quoted(c.Package.String()), same: true, always: true})
	}
	if c.FormatBefore != c.FormatAfter {
		buf = append(buf, text("format", c.FormatBefore.String(), c.FormatAfter.String()))
	}
	buf = append(buf, text("owner", c.OwnerBefore, c.OwnerAfter))
	assignment := attribute{name: "assignment", action: diff.Update, same: c.AssignmentBefore.Equal(&c.AssignmentAfter)}
	assignment.before, assignment.after = assignmentText(&c.AssignmentBefore), assignmentText(&c.AssignmentAfter)
	if c.AssignmentBefore.Mode == estate.AssignServers && c.AssignmentAfter.Mode == estate.AssignServers {
		assignment.listBefore, assignment.listAfter = c.AssignmentBefore.Servers, c.AssignmentAfter.Servers
	}
	return append(buf, assignment, text("location", c.LocationBefore, c.LocationAfter))
}

func copyLines(c *diff.CopyChange, buf []attribute) []attribute {
	number := func(name string, n int64) {
		if n != estate.Unknown {
			text := strconv.FormatInt(n, 10)
			buf = append(buf, attribute{name: name, before: text, after: text, action: c.Action})
		}
	}
	if c.Files != 0 || c.Action == diff.Delete { // a copy of nothing: there is no reference
		number("bytes", c.Bytes)
	}
	if c.Action == diff.Delete {
		number("files", c.Files)
		return buf
	}
	if c.From != "" {
		buf = append(buf, attribute{name: "from", after: quoted(c.From), action: diff.Create})
	}
	return buf
}

// change writes the block of one change.
func (p *page) change(c diff.Change, verbose bool, buf []attribute) []attribute {
	h := c.Head()
	blocked := len(h.Blocked) > 0
	p.text("  ", p.bold("# "+printable(string(h.Address))), " ", outcomeOf(h.Action, blocked), "\n")
	for _, remark := range remarks(c, verbose) {
		p.prose("  # ", "("+remark+")")
	}
	buf = attributes(c, buf)
	p.text("  ", p.action(sign(h.Action)), " ", blockHeader(h.Address), " {\n")
	p.attributes(buf, verbose)
	p.text("    }\n")
	return buf
}

// blockHeader is an address as a block begins in the files: image "golden" "K".
func blockHeader(a estate.Address) string {
	words := a.Words()
	for i := 1; i < len(words); i++ {
		words[i] = quoted(words[i])
	}
	words[0] = printable(words[0])
	return strings.Join(words, " ")
}

// remarks say what the attributes do not.
func remarks(c diff.Change, verbose bool) []string {
	var out []string
	if codes := c.Head().Blocked; len(codes) > 0 {
		text := make([]string, len(codes))
		for i, code := range codes {
			text[i] = string(code)
		}
		out = append(out, "blocked by "+names(text, len(text)))
	}
	switch c := c.(type) {
	case *diff.ImageChange:
		if verbose {
			out = append(out, "image GUID "+c.GUID.String())
		}
	case *diff.CopyChange:
		switch {
		case c.Action == diff.Delete:
			text := "its files on " + printable(c.Server) + " will be deleted"
			if c.Bytes == estate.Unknown {
				text += "; what lies there is not known"
			}
			out = append(out, text)
		case c.Class.HasFiles():
			out = append(out, "there now: "+c.Class.String())
		}
	case *diff.ServerChange:
		out = append(out, "its package service role is removed, and its package folders with it")
	}
	return out
}

// attributes writes the lines of a block, their names aligned over all of them.
func (p *page) attributes(list []attribute, verbose bool) {
	width, hidden := 0, 0
	for i := range list {
		width = max(width, len(list[i].name))
	}
	for i := range list {
		a := &list[i]
		switch {
		case !a.same:
			p.attribute(a, width)
		case a.always || verbose:
			p.text("        ", pad(a.name, width), " = ", a.after, "\n")
		default:
			hidden++
		}
	}
	if hidden > 0 {
		p.printf("        # (%s hidden)\n", count(hidden, "unchanged attribute"))
	}
}

// attribute writes one that differs.
func (p *page) attribute(a *attribute, width int) {
	p.text("      ", p.action(sign(a.action)), " ", pad(a.name, width), " = ")
	switch a.action {
	case diff.Create:
		p.text(a.after, "\n")
	case diff.Delete:
		p.text(a.before, " -> null\n")
	case diff.Update:
		room := p.width - 8 - width - 3
		if columns(a.before)+4+columns(a.after) > room && len(a.listBefore)+len(a.listAfter) > 2 {
			p.listChange(a)
			return
		}
		if columns(a.before)+4+columns(a.after) > room {
			p.text(a.before, "\n", strings.Repeat(" ", 8+width), "-> ", a.after, "\n")
			return
		}
		p.text(a.before, " -> ", a.after, "\n")
	}
}

// listChange writes what comes to a list and what goes from it, one a line.
func (p *page) listChange(a *attribute) {
	p.text("[\n")
	same := 0
	for _, x := range a.listBefore {
		if slices.Contains(a.listAfter, x) {
			same++
		} else {
			p.text("          ", p.action("-"), " ", quoted(x), "\n")
		}
	}
	for _, x := range a.listAfter {
		if !slices.Contains(a.listBefore, x) {
			p.text("          ", p.action("+"), " ", quoted(x), "\n")
		}
	}
	if same > 0 {
		p.printf("            # (%s hidden)\n", count(same, "unchanged element"))
	}
	p.text("        ]\n")
}

func pad(s string, width int) string {
	if n := columns(s); n < width {
		return s + strings.Repeat(" ", width-n)
	}
	return s
}

// inReadingOrder sorts changes as people read them: each image with its copies,
// then the boot environments, then the servers that go.
func inReadingOrder(changes []diff.Change) []diff.Change {
	type entry struct {
		change diff.Change
		label  string
		group  int
	}
	entries := make([]entry, len(changes))
	for i, c := range changes {
		entries[i] = entry{change: c}
		switch c := c.(type) {
		case *diff.ImageChange:
			entries[i].label, _ = c.Address.ImageLabel()
		case *diff.CopyChange:
			entries[i].label, entries[i].group = c.Label, 0
		case *diff.PrebootChange:
			entries[i].group = 1
		default:
			entries[i].group = 2
		}
	}
	isCopy := func(c diff.Change) int {
		if _, ok := c.(*diff.CopyChange); ok {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.label, b.label), cmp.Compare(isCopy(a.change), isCopy(b.change)))
	})
	out := make([]diff.Change, len(entries))
	for i := range entries {
		out[i] = entries[i].change
	}
	return out
}

package proposal

import (
	"strconv"
	"strings"

	"pslan/internal/diff"
	"pslan/internal/estate"
)

// Counts returns the numbers of the fixed lines: changes by action, blocked ones
// left out, and the number of images that something keeps from their declared state.
func (p *Proposal) Counts() Counts {
	var c Counts
	blocked := make(map[string]struct{})
	for _, change := range p.Plan.Changes {
		h := change.Head()
		if len(h.Blocked) > 0 {
			if label, ok := imageLabel(h.Address); ok {
				blocked[label] = struct{}{}
			}
			continue
		}
		switch h.Action {
		case diff.Create:
			c.Add++
		case diff.Update:
			c.Change++
		case diff.Delete:
			c.Destroy++
		}
	}
	for i := range p.Plan.Blocks {
		if b := &p.Plan.Blocks[i]; b.Image >= 0 {
			if label, ok := imageLabel(b.Address); ok {
				blocked[label] = struct{}{}
			}
		}
	}
	c.Blocked = len(blocked)
	return c
}

// Empty reports whether there is nothing to do and nothing that cannot be done:
// only then may "No changes." be said.
func (p *Proposal) Empty() bool {
	return len(p.Plan.Changes) == 0 && len(p.Plan.Steps) == 0 && len(p.Plan.Blocks) == 0
}

// imageLabel is what the addresses of an image and of its copies have in common;
// it is unique over images, groups and PCT packages. ok is false for servers and
// preboot configurations.
func imageLabel(a estate.Address) (label string, ok bool) {
	switch a.Type() {
	case "image", "images", "pct_package":
		return a.Name(), true
	case "copy":
		name := a.Name()
		return strings.TrimSuffix(name, lastKey(name)), true
	}
	return "", false
}

// lastKey returns the last ["…"] of an address, a quoted text in brackets.
func lastKey(name string) string {
	for i := range name {
		if name[i] != '[' {
			continue
		}
		quoted, err := strconv.QuotedPrefix(name[i+1:])
		if err == nil && i+1+len(quoted)+1 == len(name) {
			return name[i:]
		}
	}
	return ""
}

package proposal

import "pslan/internal/diff"

// Counts returns the numbers of the fixed lines: changes by action, blocked ones
// left out, and the number of images that something keeps from their declared state.
func (p *Proposal) Counts() Counts {
	var c Counts
	blocked := make(map[string]struct{})
	for _, change := range p.Plan.Changes {
		h := change.Head()
		if len(h.Blocked) > 0 {
			if label, ok := h.Address.ImageLabel(); ok {
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
		if label, ok := p.Plan.Blocks[i].Address.ImageLabel(); ok {
			blocked[label] = struct{}{}
		}
	}
	c.Blocked = len(blocked)
	return c
}

// UndeclaredChanged is the number of images that no block names and the plan changes all
// the same, because of the lifecycle of a server.
func (p *Proposal) UndeclaredChanged() int {
	images := make(map[string]struct{})
	for _, change := range p.Plan.Changes {
		if h := change.Head(); h.Address.Undeclared() && len(h.Blocked) == 0 {
			label, _ := h.Address.ImageLabel()
			images[label] = struct{}{}
		}
	}
	return len(images)
}

// Empty reports whether there is nothing to do and nothing that cannot be done:
// only then may "No changes." be said.
func (p *Proposal) Empty() bool {
	return len(p.Plan.Changes) == 0 && len(p.Plan.Steps) == 0 && len(p.Plan.Blocks) == 0
}

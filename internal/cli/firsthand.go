package cli

import (
	"context"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/proposal"
)

// confirmed is an estate that was observed to plan, in which the assignments of some
// images are the platform's own word: the same one, or, where one of them was not, one
// that was observed anew.
func (a *app) confirmed(ctx context.Context, g *ground, e *estate.Estate, hash bool, images []estate.GUID) (*estate.Estate, error) {
	p, ok := g.platform.(platform.Confirmer)
	if !ok {
		return e, nil
	}
	if same, err := p.Confirm(ctx, images); same || err != nil {
		return e, err
	}
	a.log.Debug("assignments were not confirmed; everything is read again")
	return a.observeToPlan(ctx, g, hash)
}

// concerned are the images that a proposal changes, or would.
func concerned(p *proposal.Proposal) []estate.GUID {
	if p == nil {
		return nil
	}
	seen := map[estate.GUID]bool{{}: true}
	var images []estate.GUID
	add := func(g estate.GUID) {
		if !seen[g] {
			seen[g] = true
			images = append(images, g)
		}
	}
	for i := range p.Plan.Steps {
		add(p.Plan.Steps[i].Image)
	}
	for _, c := range p.Plan.Changes {
		switch c := c.(type) {
		case *diff.ImageChange:
			add(c.GUID)
		case *diff.CopyChange:
			if p.Estate != nil { // a saved plan has none, and its steps tell
				add(p.Estate.Images[c.Image].GUID)
			}
		}
	}
	return images
}

// plannedBefore are the images of the saved plan and of the earlier run's.
func (r *applying) plannedBefore() []estate.GUID {
	images := concerned(r.saved)
	if e := r.earlier; e != nil && e.planErr == nil {
		images = append(images, concerned(e.plan)...)
	}
	return images
}

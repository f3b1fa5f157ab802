package smp

import "pslan/internal/platform"

var _ platform.Resumer = (*Platform)(nil)

// Resume implements platform.Resumer: sources that name the old or the new owner of
// these packages are no contradiction, as if they had been taken here. Who has no
// package has no sources that could disagree.
func (p *Platform) Resume(taking []platform.Transfer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range taking {
		if !t.Image.Package.IsZero() {
			p.taking[t.Image.Package] = transfer{from: t.From, to: t.To}
		}
	}
}

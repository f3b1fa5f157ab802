package simulation

import "slices"

// Shrink drops acts, rounds, images, declarations and settings from a scenario as
// long as broken still says that the same promise is broken.
func Shrink(s *Scenario, broken func(*Scenario) bool) *Scenario {
	for smaller := true; smaller; {
		smaller = false
		for _, next := range cuts(s) {
			if broken(next) {
				s, smaller = next, true
				break
			}
		}
	}
	return s
}

// cuts are all scenarios that are one thing smaller, the largest cuts first.
func cuts(s *Scenario) []*Scenario {
	var out []*Scenario
	add := func(change func(c *Scenario)) {
		c := *s
		c.Servers, c.Images, c.Rounds, c.Acts = slices.Clone(s.Servers), slices.Clone(s.Images), slices.Clone(s.Rounds), slices.Clone(s.Acts)
		change(&c)
		out = append(out, &c)
	}
	if len(s.Acts) > 1 {
		add(func(c *Scenario) { c.Acts = nil })
	}
	for i := range s.Acts {
		add(func(c *Scenario) { c.Acts = slices.Delete(c.Acts, i, i+1) })
	}
	for i := range s.Images {
		if len(s.Images) > 1 {
			add(func(c *Scenario) { c.Images = slices.Delete(c.Images, i, i+1) })
		}
	}
	for i := range s.Rounds {
		if len(s.Rounds) > 1 {
			add(func(c *Scenario) { c.Rounds = slices.Delete(c.Rounds, i, i+1) })
		}
		if r := s.Rounds[i]; r != (Round{Parallelism: 8}) {
			add(func(c *Scenario) { c.Rounds[i] = Round{Parallelism: 8} })
			if r.Wait > 0 {
				add(func(c *Scenario) { c.Rounds[i].Wait = 0 })
			}
		}
	}
	for i := range s.Images {
		cutImage(s, i, add)
	}
	for i := range s.Servers {
		v := &s.Servers[i]
		if v.Lifecycle != 0 {
			add(func(c *Scenario) { c.Servers[i].Lifecycle, c.Servers[i].Successor = 0, "" })
		}
		if v.Off {
			add(func(c *Scenario) { c.Servers[i].Off = false })
		}
		if v.Free >= 0 {
			add(func(c *Scenario) { c.Servers[i].Free = -1 })
		}
	}
	return append(out, plainer(s)...)
}

func cutImage(s *Scenario, i int, add func(func(*Scenario))) {
	m := &s.Images[i]
	if m.Declared || m.Group {
		add(func(c *Scenario) {
			k := &c.Images[i]
			k.Declared, k.Group, k.WantOwner, k.Want, k.Reference, k.MinCopies, k.Abandon = false, false, "", nil, "", 0, false
		})
	}
	if m.Want != nil {
		add(func(c *Scenario) { c.Images[i].Want = nil })
	}
	if m.WantOwner != "" {
		add(func(c *Scenario) { c.Images[i].WantOwner = "" })
	}
	if m.Reference != "" {
		add(func(c *Scenario) { c.Images[i].Reference = "" })
	}
	if m.MinCopies > 0 {
		add(func(c *Scenario) { c.Images[i].MinCopies = 0 })
	}
	if m.Abandon {
		add(func(c *Scenario) { c.Images[i].Abandon = false })
	}
	if m.Bytes > 1000 {
		add(func(c *Scenario) { c.Images[i].Bytes = int64(300 * m.Files) })
	}
	for k := range m.Copies {
		if m.Copies[k].Mark != 0 {
			add(func(c *Scenario) {
				c.Images[i].Copies = slices.Clone(c.Images[i].Copies)
				c.Images[i].Copies[k].Mark = 0
			})
		}
	}
}

// plainer are the scenarios with one setting at its default.
func plainer(s *Scenario) []*Scenario {
	var out []*Scenario
	add := func(differs bool, change func(c *Scenario)) {
		if differs {
			c := *s
			change(&c)
			out = append(out, &c)
		}
	}
	add(s.Lag > 0, func(c *Scenario) { c.Lag = 0 })
	add(s.Skew != 0, func(c *Scenario) { c.Skew = 0 })
	add(s.ByOperator, func(c *Scenario) { c.ByOperator = false })
	add(s.Absent, func(c *Scenario) { c.Absent = false })
	add(s.SizeOnly, func(c *Scenario) { c.SizeOnly = false })
	add(s.Policy.MinCopies > 1, func(c *Scenario) { c.Policy.MinCopies = 1 })
	add(s.Policy.MaxDownloads > 0, func(c *Scenario) { c.Policy.MaxDownloads = 0 })
	add(s.Policy.PerServer > 0, func(c *Scenario) { c.Policy.PerServer = 0 })
	return out
}

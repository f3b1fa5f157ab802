package plan

import (
	"slices"
	"strings"

	"pslan/internal/estate"
)

// Selection is -target and -exclude: parts of the plan by address or by server.
type Selection struct {
	Targets, Excludes []Target
}

// Target names a block, a member, or (Server) all moves off a server.
type Target struct {
	Address estate.Address
	Server  estate.ServerID // NoServer for an address
}

// Matches reports whether an address is the target's, an instance of it or a member of it.
func (t Target) Matches(a estate.Address) bool {
	return t.Server == estate.NoServer && (a == t.Address || strings.HasPrefix(string(a), string(t.Address)+"["))
}

func (t Target) matchesMove(m *moving) bool {
	if t.Server != estate.NoServer {
		return m.Path[0] == t.Server || slices.Contains(m.Loses, t.Server)
	}
	return t.Matches(m.address)
}

func (b *builder) matchesStep(t Target, s *Step) bool {
	if t.Server != estate.NoServer {
		return s.Address == b.Resolved.Servers[t.Server].Address
	}
	return t.Matches(s.Address)
}

// choose cuts the plan to the selection: what the chosen steps need comes along,
// what needs an excluded step goes with it.
func (b *builder) choose() {
	sel := b.Selection
	if len(sel.Targets) == 0 && len(sel.Excludes) == 0 {
		return
	}
	b.plan.Partial = true
	keep := make([]bool, len(b.steps))
	chosen := make([]bool, len(b.moves))
	for i := range b.moves {
		m := &b.moves[i]
		chosen[i] = len(sel.Targets) == 0 || slices.ContainsFunc(sel.Targets, func(t Target) bool { return t.matchesMove(m) })
		chosen[i] = chosen[i] && !slices.ContainsFunc(sel.Excludes, func(t Target) bool { return t.matchesMove(m) })
		for _, n := range m.Steps {
			keep[n] = keep[n] || chosen[i]
		}
	}
	for i := range b.steps {
		s := &b.steps[i]
		if s.Image.IsZero() && !keep[i] {
			keep[i] = len(sel.Targets) == 0 || slices.ContainsFunc(sel.Targets, func(t Target) bool { return b.matchesStep(t, s) })
			keep[i] = keep[i] && !slices.ContainsFunc(sel.Excludes, func(t Target) bool { return b.matchesStep(t, s) })
		}
	}
	b.close(keep, len(sel.Targets) > 0)
	b.cut(keep, chosen)
}

// close adds what kept steps need (targets), or drops what needs a dropped step.
// Needs may point forward in the builder's order, so it goes on until nothing changes.
func (b *builder) close(keep []bool, pull bool) {
	for changed := true; changed; {
		changed = false
		for i := range b.steps {
			for _, n := range b.steps[i].Needs {
				if keep[i] && !keep[n] {
					changed = true
					if pull && !b.excluded(n) {
						keep[n] = true
					} else {
						keep[i] = false
					}
				}
			}
		}
	}
}

func (b *builder) excluded(n StepNo) bool {
	return slices.ContainsFunc(b.Selection.Excludes, func(t Target) bool { return b.matchesStep(t, &b.steps[n]) })
}

// cut removes what is not kept and renumbers the rest.
func (b *builder) cut(keep, chosen []bool) {
	place := make([]StepNo, len(b.steps))
	var steps []Step
	for i := range b.steps {
		place[i] = noStep
		if keep[i] {
			place[i] = StepNo(len(steps))
			steps = append(steps, b.steps[i])
		}
	}
	for i := range steps {
		for k, n := range steps[i].Needs {
			steps[i].Needs[k] = place[n]
		}
	}
	b.steps = steps
	var moves []moving
	for i := range b.moves {
		m := b.moves[i]
		had := len(m.Steps)
		m.Steps = slices.DeleteFunc(m.Steps, func(n StepNo) bool { return place[n] == noStep })
		for k, n := range m.Steps {
			m.Steps[k] = place[n]
		}
		if len(m.Steps) < had {
			m.shrunk = m.shrunk && b.stillShrinks(&m)
		}
		if chosen[i] || len(m.Steps) > 0 {
			moves = append(moves, m)
		}
	}
	b.moves = moves
	b.cutBlocks()
}

func (b *builder) stillShrinks(m *moving) bool {
	return slices.ContainsFunc(m.Steps, func(n StepNo) bool { return b.steps[n].Op == Unassign })
}

// cutBlocks drops the blocks of what was not chosen.
func (b *builder) cutBlocks() {
	kept := map[int32]bool{}
	for i := range b.moves {
		kept[b.moves[i].Image] = true
		b.moves[i].Blocks = nil
	}
	var blocks []Block
	for _, blk := range b.plan.Blocks {
		if blk.Image >= 0 && !kept[blk.Image] || blk.Image < 0 && !b.serverChosen(blk.Server) {
			continue
		}
		blocks = append(blocks, blk)
	}
	b.plan.Blocks = blocks
	for i := range b.moves {
		for n := range blocks {
			if blocks[n].Image == b.moves[i].Image {
				b.moves[i].Blocks = append(b.moves[i].Blocks, int32(n))
			}
		}
	}
}

// serverChosen reports whether the retirement of a server belongs to the selection.
func (b *builder) serverChosen(id estate.ServerID) bool {
	addr := b.Resolved.Servers[id].Address
	is := func(t Target) bool { return t.Server == id || t.Matches(addr) }
	sel := b.Selection
	return (len(sel.Targets) == 0 || slices.ContainsFunc(sel.Targets, is)) && !slices.ContainsFunc(sel.Excludes, is)
}

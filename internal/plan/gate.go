package plan

import (
	"maps"
	"slices"

	"pslan/internal/estate"
)

// gateOf returns the first sync of a server that holds copies to be saved or
// taken before anything else refreshes it; it is made when first asked for.
func (b *builder) gateOf(id estate.ServerID) *gate {
	g := b.gate[id]
	if g == nil {
		name := b.e.ServerName(id)
		g = &gate{step: b.add(b.serverStep(id, Step{
			Op: Sync, By: BySMP, Servers: []string{name}, MustReach: []string{name}, Limit: b.Policy.Timeouts.Sync,
		}))}
		b.gate[id] = g
	}
	return g
}

// gates puts every other sync of a gated server behind its gate, waits for room
// behind the deletions that make it, and marks syncs that delete. What a gate waits
// for, assignments and repairs, needs no sync itself: so no two gates wait for each other.
func (b *builder) gates() {
	b.barRepairs()
	byName := map[string]*gate{}
	for _, id := range slices.Sorted(maps.Keys(b.gate)) {
		g := b.gate[id]
		s := &b.steps[g.step]
		for _, n := range g.needs {
			if !slices.Contains(s.Needs, n) {
				s.Needs = append(s.Needs, n)
			}
		}
		byName[b.e.ServerName(id)] = g
	}
	for i := range b.steps {
		s := &b.steps[i]
		if s.Op != Sync {
			continue
		}
		for _, name := range s.Servers {
			if g := byName[name]; g != nil && g.step != StepNo(i) && !slices.Contains(s.Needs, g.step) {
				s.Needs = append(s.Needs, g.step)
			}
			if b.risky[b.Index.Server(name)] {
				s.Risk = DeletesData
			}
		}
	}
	for _, r := range b.roomNeeds {
		for _, move := range r.freed {
			for _, n := range b.moves[move].last {
				if n != noStep && !b.ancestors(n)[r.step] {
					b.steps[r.step].Needs = append(b.steps[r.step].Needs, n)
				}
			}
		}
	}
}

// manyRepairs is from how many takes on a gate joins them for the syncs behind.
const manyRepairs = 16

// barRepairs puts every sync of a server behind the takes that save images from
// following it, or from being followed there, and behind the assignments that save the
// copy which is left when this server's goes. None of them needs a sync.
func (b *builder) barRepairs() {
	syncs := b.syncsOf(b.repairs)
	for _, id := range slices.Sorted(maps.Keys(b.repairs)) {
		takes, waits := b.repairs[id], syncs[b.e.ServerName(id)]
		if b.gate[id] != nil || len(takes) > manyRepairs && len(waits) > 0 { // behind a gate comes every other sync anyway
			g := b.gateOf(id)
			g.needs = append(g.needs, takes...)
			continue
		}
		for _, n := range waits {
			s := &b.steps[n]
			for _, take := range takes {
				if !slices.Contains(s.Needs, take) {
					s.Needs = append(s.Needs, take)
				}
			}
		}
	}
}

// syncsOf finds the syncs that refresh some servers, by name.
func (b *builder) syncsOf(servers map[estate.ServerID][]StepNo) map[string][]StepNo {
	if len(servers) == 0 {
		return nil
	}
	syncs := make(map[string][]StepNo, len(servers))
	for id := range servers {
		syncs[b.e.ServerName(id)] = nil
	}
	for i := range b.steps {
		if b.steps[i].Op != Sync {
			continue
		}
		for _, name := range b.steps[i].Servers {
			if n, wanted := syncs[name]; wanted {
				syncs[name] = append(n, StepNo(i))
			}
		}
	}
	return syncs
}

// ancestors are all steps that come before a step by what it needs.
func (b *builder) ancestors(z StepNo) map[StepNo]bool {
	seen := map[StepNo]bool{}
	stack := []StepNo{z}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, up := range b.steps[n].Needs {
			if !seen[up] {
				seen[up] = true
				stack = append(stack, up)
			}
		}
	}
	return seen
}

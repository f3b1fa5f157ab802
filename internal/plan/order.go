package plan

import (
	"cmp"
	"slices"
	"strconv"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

// ordered is the steps in their printed order.
type ordered struct {
	steps []Step
	place []StepNo // from the builder's number to the printed one
}

// order sorts the steps: by how long a chain stands before them, then by
// operation, then by address. What a step needs always comes before it, and the
// same operation on many images stands together.
func (b *builder) order() ordered {
	level := b.levels()
	at := make([]StepNo, len(b.steps))
	for i := range at {
		at[i] = StepNo(i)
	}
	slices.SortFunc(at, func(x, y StepNo) int {
		s, t := &b.steps[x], &b.steps[y]
		return cmp.Or(
			cmp.Compare(level[x], level[y]), cmp.Compare(s.Op, t.Op), cmp.Compare(s.Address, t.Address),
			cmp.Compare(s.Server, t.Server), slices.Compare(s.Servers, t.Servers), cmp.Compare(x, y),
		)
	})
	out := ordered{steps: make([]Step, len(at)), place: make([]StepNo, len(at))}
	for to, from := range at {
		out.place[from] = StepNo(to)
		out.steps[to] = b.steps[from]
	}
	ids := make(map[string]int, len(at))
	for i := range out.steps {
		s := &out.steps[i]
		for k, n := range s.Needs {
			s.Needs[k] = out.place[n]
		}
		slices.Sort(s.Needs)
		s.Needs = slices.Compact(s.Needs)
		s.ID = stepID(s)
		if ids[s.ID]++; ids[s.ID] > 1 {
			s.ID += "#" + strconv.Itoa(ids[s.ID])
		}
	}
	return out
}

func stepID(s *Step) string {
	id := s.Op.String() + ":" + string(s.Address)
	if s.Server != "" && s.Address.Type() != "package_server" {
		id += ":" + s.Server
	}
	return id
}

// levels gives each step the length of the longest chain before it. Steps on a
// cycle keep level 0; Check finds them.
func (b *builder) levels() []int32 {
	level := make([]int32, len(b.steps))
	open := make([]int32, len(b.steps))
	after := make([][]StepNo, len(b.steps))
	var ready []StepNo
	for i := range b.steps {
		open[i] = int32(len(b.steps[i].Needs))
		for _, n := range b.steps[i].Needs {
			after[n] = append(after[n], StepNo(i))
		}
		if open[i] == 0 {
			ready = append(ready, StepNo(i))
		}
	}
	for len(ready) > 0 {
		n := ready[0]
		ready = ready[1:]
		for _, a := range after[n] {
			level[a] = max(level[a], level[n]+1)
			if open[a]--; open[a] == 0 {
				ready = append(ready, a)
			}
		}
	}
	return level
}

// heldBack blocks the retirement of a server that law 15 would hold back after
// the plan, and tells whether it did.
func (b *builder) heldBack(id estate.ServerID) bool {
	addr := b.Resolved.Servers[id].Address
	points := Drained(b.Index, id, b.drainOptions(id))
	for i := range points {
		p := &points[i]
		if p.OK || p.Accepted {
			continue
		}
		b.blockServer(id, addr, p.Code, heldBackBy(p.Code, b.e.ServerName(id))+holdsBack(p))
	}
	return !Safe(points)
}

// heldBackBy says what would not hold after the plan, for a point of law 15.
func heldBackBy(code finding.Code, server string) string {
	switch code {
	case codeRetiredOwns:
		return "After this plan " + server + " would still own images: "
	case codeLastCopy:
		return "After this plan " + server + " would hold copies that are needed: "
	case codeLocation:
		return "After this plan locations would still name " + server + ": "
	case codeSiteBare:
		return "Without " + server + " these sites would have no package server: "
	case codePreboot:
		return "After this plan preboot configurations would still need " + server + ": "
	default:
		return "Backup images would be left behind on " + server + ": "
	}
}

func holdsBack(p *DrainPoint) string {
	s := ""
	for i, h := range p.Holds[:min(len(p.Holds), 5)] {
		if i > 0 {
			s += "; "
		}
		s += h
	}
	if p.Count > 5 {
		s += "; and " + strconv.Itoa(p.Count-5) + " more"
	}
	return s + "."
}

// drainOptions are those of the state after the plan.
func (b *builder) drainOptions(id estate.ServerID) DrainOptions {
	if b.after == nil {
		b.after = b.afterPlan()
	}
	opt := DrainOptionsOf(b.Resolved)
	opt.Accepted = b.Accepted[b.Resolved.Servers[id].Address]
	opt.after = b.after
	return opt
}

func (b *builder) afterPlan() *afterPlan {
	a := &afterPlan{owner: map[int32]estate.ServerID{}, coming: map[int32][]estate.ServerID{}, assignment: map[int32]*estate.Assignment{}, location: map[int32]string{}, connectsTo: map[int32]string{}}
	for i := range b.moves {
		m := &b.moves[i]
		if m.whole {
			continue
		}
		if m.OwnerMoves() && m.reached != m.Path[0] {
			a.owner[m.Image] = m.reached
		}
		switch {
		case m.shrunk:
			a.assignment[m.Image] = &m.Final
		case m.stop == "" || m.stopAt > Assign:
			a.assignment[m.Image] = &m.Between
		}
		if m.stop == "" || m.stopAt > VerifyCopy {
			a.coming[m.Image] = slices.Concat(m.Creates, m.Path[1:])
		}
		if m.delta.LocationMoves && m.stop == "" {
			a.location[m.Image] = m.delta.Location
		}
	}
	for _, p := range b.Resolved.Preboots {
		a.connectsTo[p.Preboot] = p.Block.ConnectsTo
	}
	return a
}

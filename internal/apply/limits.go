package apply

import (
	"slices"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// limits bind the downloads that pslan starts. A download is a wait_copy step: it
// takes a slot when the step that sets it off (Starts > 0) is taken up, and gives
// it back when it is settled, however it ended.
type limits struct {
	plan.Limits
	taken map[plan.StepNo]struct{}
	of    map[string]int // downloads in flight by server, as target and as source
	// held are ready steps over a limit, by the server whose limit it is ("" for the
	// whole estate). A freed slot wakes as many as may go; nothing is scanned twice.
	held map[string]*stepHeap
}

func newLimits(l plan.Limits) limits {
	return limits{Limits: l, taken: map[plan.StepNo]struct{}{}, of: map[string]int{}, held: map[string]*stepHeap{}}
}

// admit takes the slots for the downloads that a step sets off, or puts the step
// aside until one is free. A start that is over a limit all by itself goes alone.
func (m *machine) admit(no plan.StepNo) bool {
	if m.step(no).Starts == 0 {
		return true
	}
	downloads := m.downloads(no)
	if over, server := m.limits.over(m.plan, downloads); over {
		h := m.limits.held[server]
		if h == nil {
			h = &stepHeap{}
			m.limits.held[server] = h
		}
		h.push(no)
		return false
	}
	for _, d := range downloads {
		m.limits.taken[d] = struct{}{}
		for _, server := range ends(m.step(d)) {
			m.limits.of[server]++
		}
	}
	return true
}

// downloads are the open wait_copy steps that a step sets off and that have no
// slot yet: all of its image that come after it.
func (m *machine) downloads(start plan.StepNo) []plan.StepNo {
	var out []plan.StepNo
	for _, no := range m.images.of(m.step(start).Image) {
		if m.step(no).Op != plan.WaitCopy || m.state(no).settled() || no < start {
			continue
		}
		if _, has := m.limits.taken[no]; !has {
			out = append(out, no)
		}
	}
	return out
}

// over reports whether downloads do not fit now, and whose limit it is.
func (l *limits) over(p *plan.Plan, downloads []plan.StepNo) (bool, string) {
	if len(downloads) == 0 {
		return false, ""
	}
	if l.MaxDownloads > 0 && len(l.taken) > 0 && len(l.taken)+len(downloads) > l.MaxDownloads {
		return true, ""
	}
	if l.PerServer <= 0 {
		return false, ""
	}
	more := map[string]int{}
	for _, d := range downloads {
		for _, server := range ends(&p.Steps[d]) {
			more[server]++
			if n := l.of[server]; n > 0 && n+more[server] > l.PerServer {
				return true, server
			}
		}
	}
	return false, ""
}

// ends are the two servers of a download, the second left out where it is not known.
func ends(s *plan.Step) []string {
	to, from := estate.Fold(s.Server), estate.Fold(s.From)
	if from == "" || from == to {
		return []string{to}
	}
	return []string{to, from}
}

// freeSlot gives back the slot of a settled download and wakes those who wait for it.
func (m *machine) freeSlot(no plan.StepNo) {
	if _, has := m.limits.taken[no]; !has {
		return
	}
	delete(m.limits.taken, no)
	for _, server := range ends(m.step(no)) {
		if m.limits.of[server]--; m.limits.of[server] == 0 {
			delete(m.limits.of, server)
		}
		m.wake(server)
	}
	m.wake("")
}

// wake makes the first of the steps held by a limit ready again; whether it may go
// is decided when it is taken. One that meets another limit is put aside there.
// Those held by the whole estate's limit are woken until one fits, because the
// freed slot may not be of use to the first.
func (m *machine) wake(server string) {
	h := m.limits.held[server]
	for h != nil && len(*h) > 0 {
		no := h.pop()
		if m.state(no) != ready {
			continue
		}
		if over, other := m.limits.over(m.plan, m.downloads(no)); over && other != server {
			at := m.limits.held[other]
			if at == nil {
				at = &stepHeap{}
				m.limits.held[other] = at
			}
			at.push(no)
			continue
		} else if over {
			h.push(no)
			break
		}
		m.ready.push(no)
		break
	}
	if h != nil && len(*h) == 0 {
		delete(m.limits.held, server)
	}
}

// overstep lets the first of the steps that limits hold go, when nothing else can: a
// download in flight may wait, through a sync that others need as well, for the very
// start that its slot keeps from going.
func (m *machine) overstep() bool {
	first, where := noStep, ""
	for server, h := range m.limits.held {
		for _, no := range *h {
			if m.state(no) == ready && (first == noStep || no < first) {
				first, where = no, server
			}
		}
	}
	if first == noStep {
		return false
	}
	h := m.limits.held[where]
	*h = slices.DeleteFunc(*h, func(no plan.StepNo) bool { return no == first })
	slices.Sort(*h) // a sorted list is a heap
	for _, d := range m.downloads(first) {
		m.limits.taken[d] = struct{}{}
		for _, server := range ends(m.step(d)) {
			m.limits.of[server]++
		}
	}
	m.ready.push(first)
	return true
}

// imageSteps finds the steps of an image, in plan order.
type imageSteps struct {
	order []plan.StepNo
	spans map[estate.GUID][2]int32
}

func newImageSteps(p *plan.Plan) imageSteps {
	x := imageSteps{spans: map[estate.GUID][2]int32{}}
	for i := range p.Steps {
		if !p.Steps[i].Image.IsZero() {
			x.order = append(x.order, plan.StepNo(i))
		}
	}
	slices.SortStableFunc(x.order, func(a, b plan.StepNo) int {
		g, h := p.Steps[a].Image, p.Steps[b].Image
		return slices.Compare(g[:], h[:])
	})
	for i, no := range x.order {
		g := p.Steps[no].Image
		if span, ok := x.spans[g]; ok {
			x.spans[g] = [2]int32{span[0], int32(i + 1)}
		} else {
			x.spans[g] = [2]int32{int32(i), int32(i + 1)}
		}
	}
	return x
}

func (x *imageSteps) of(g estate.GUID) []plan.StepNo {
	span := x.spans[g]
	return x.order[span[0]:span[1]]
}

func containsName(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return sameName(n, name) })
}

func sameName(a, b string) bool { return a == b || estate.Fold(a) == estate.Fold(b) }

package plan

import (
	"fmt"
	"slices"

	"pslan/internal/diff"
	"pslan/internal/estate"
)

// CheckInput is what Check replays.
type CheckInput struct {
	Plan     *Plan
	Estate   *estate.Estate
	Index    *estate.Index
	Resolved *diff.Resolved
}

// Violation is a promise that a replay broke: a bug in the planner.
type Violation struct {
	Promise string // P1 … P5, or "graph"
	Step    string // id of the step
	What    string
	Order   string // which legal order
}

// String returns one line for the report.
func (v Violation) String() string {
	return fmt.Sprintf("%s broken by %s (%s order): %s", v.Promise, v.Step, v.Order, v.What)
}

// Check replays a plan on a model of the platform at its most hostile and returns
// every broken promise. The model: a copy that loses its assignment is gone at
// once; a refreshed server deletes what is marked and follows an owner whose
// content is not good; a download brings the wrong bytes until it was verified; a
// take moves the owner and nothing else. Promises are checked after every step of
// several legal orders: the printed one, the one that does everything as late as
// possible, and one that finishes image by image.
func Check(in CheckInput) []Violation {
	if v := checkGraph(in.Plan); v != nil {
		return v
	}
	var out []Violation
	for _, o := range []struct {
		name  string
		order []StepNo
	}{
		{"printed", printed(in.Plan)},
		{"reversed", reversed(in.Plan)},
		{"depth-first", depthFirst(in.Plan)},
	} {
		m := newModel(in, o.name)
		for _, n := range o.order {
			m.step(&in.Plan.Steps[n])
		}
		out = append(out, m.broken...)
	}
	return out
}

// checkGraph: needs stand earlier, so the printed order is legal and there is no cycle.
func checkGraph(p *Plan) []Violation {
	var out []Violation
	for i := range p.Steps {
		for _, n := range p.Steps[i].Needs {
			if n < 0 || int(n) >= i {
				out = append(out, Violation{Promise: "graph", Step: p.Steps[i].ID, What: "it needs a step that does not stand before it", Order: "printed"})
				break
			}
		}
	}
	return out
}

func printed(p *Plan) []StepNo {
	out := make([]StepNo, len(p.Steps))
	for i := range out {
		out[i] = StepNo(i)
	}
	return out
}

// reversed takes, of the steps that are ready, always the one that stands last in
// the printed order.
func reversed(p *Plan) []StepNo {
	open, after := dependents(p)
	var ready []StepNo
	for i := range open {
		if open[i] == 0 {
			ready = append(ready, StepNo(i))
		}
	}
	out := make([]StepNo, 0, len(p.Steps))
	for len(ready) > 0 {
		n := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		out = append(out, n)
		for _, a := range after[n] {
			if open[a]--; open[a] == 0 {
				ready = append(ready, a)
			}
		}
	}
	return out
}

func dependents(p *Plan) (open []int32, after [][]StepNo) {
	open, after = make([]int32, len(p.Steps)), make([][]StepNo, len(p.Steps))
	for i := range p.Steps {
		open[i] = int32(len(p.Steps[i].Needs))
		for _, n := range p.Steps[i].Needs {
			after[n] = append(after[n], StepNo(i))
		}
	}
	return open, after
}

// depthFirst goes back from each last step to what it needs: image by image.
func depthFirst(p *Plan) []StepNo {
	done := make([]bool, len(p.Steps))
	out := make([]StepNo, 0, len(p.Steps))
	var stack []StepNo
	for i := range p.Steps {
		// Walking steps by address keeps an image's steps together.
		stack = append(stack, StepNo(i))
	}
	slices.SortStableFunc(stack, func(x, y StepNo) int {
		switch a, b := p.Steps[x].Address, p.Steps[y].Address; {
		case a > b: // a stack is taken from its end
			return -1
		case a < b:
			return 1
		}
		return int(y) - int(x)
	})
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		if done[n] {
			stack = stack[:len(stack)-1]
			continue
		}
		ready := true
		for _, need := range p.Steps[n].Needs {
			if !done[need] {
				stack = append(stack, need)
				ready = false
			}
		}
		if ready {
			done[n] = true
			out = append(out, n)
			stack = stack[:len(stack)-1]
		}
	}
	return out
}

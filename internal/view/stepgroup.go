package view

import (
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// group is a line of the steps section: one step, or many that do the same.
type group struct {
	steps  []plan.StepNo
	coarse bool // the same operation, on different servers
}

// Where one operation has more than foldLines lines in a row, they are one, whatever
// their servers.
const foldLines = 12

// groups cuts the steps into lines. Steps of one operation that stand together and
// do not need each other may be told in any order, so those of the same shape
// become one line. Nothing moves past a step that it needs.
func groups(steps []plan.Step, verbose bool) []group {
	var out []group
	for from := 0; from < len(steps); {
		to := runEnd(steps, from)
		out = appendRun(out, steps, from, to, verbose)
		from = to
	}
	return out
}

// runEnd is the end of the steps from a place on that have one operation, one actor
// and one risk, and of which none needs another.
func runEnd(steps []plan.Step, from int) int {
	first := &steps[from]
	for i := from + 1; i < len(steps); i++ {
		s := &steps[i]
		if s.Op != first.Op || s.By != first.By || s.Risk != first.Risk {
			return i
		}
		for _, need := range s.Needs {
			if int(need) >= from {
				return i
			}
		}
	}
	return len(steps)
}

func appendRun(out []group, steps []plan.Step, from, to int, verbose bool) []group {
	if verbose || to-from == 1 {
		return appendEach(out, from, to)
	}
	shapes := shapesOf(steps, from, to)
	if len(shapes) > foldLines {
		whole := group{coarse: true}
		for i := from; i < to; i++ {
			whole.steps = append(whole.steps, plan.StepNo(i))
		}
		return append(out, whole)
	}
	for _, g := range shapes { // in the order of their first steps
		out = append(out, group{steps: g})
	}
	return out
}

func appendEach(out []group, from, to int) []group {
	for i := from; i < to; i++ {
		out = append(out, group{steps: []plan.StepNo{plan.StepNo(i)}})
	}
	return out
}

// shapesOf sorts steps by what they have in common, in the order of their first.
func shapesOf(steps []plan.Step, from, to int) [][]plan.StepNo {
	var out [][]plan.StepNo
	at := make(map[stepShape]int)
	for i := from; i < to; i++ {
		s := shapeOfStep(&steps[i])
		n, ok := at[s]
		if !ok {
			n = len(out)
			at[s] = n
			out = append(out, nil)
		}
		out[n] = append(out[n], plan.StepNo(i))
	}
	return out
}

// stepShape is what steps have in common that are told in one line.
type stepShape struct {
	server, from, servers, skipped string
	mode                           estate.AssignmentMode
	location                       string
}

func shapeOfStep(s *plan.Step) stepShape {
	shape := stepShape{server: s.Server, from: s.From, servers: joined(s.Servers), skipped: joined(s.Skipped)}
	if a := s.After.Assignment; a != nil {
		shape.mode = a.Mode
	}
	if l := s.After.Location; l != nil {
		shape.location = hostOf(*l)
	}
	return shape
}

// joined makes a list comparable; one name, the usual case, costs nothing.
func joined(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	n := 0
	for _, s := range list {
		n += len(s) + 1
	}
	b := make([]byte, 0, n)
	for _, s := range list {
		b = append(append(b, s...), 0)
	}
	return string(b)
}

// subject names the images of a group, or counts them where they are many. A move
// may pass the same one twice.
func (g group) subject(steps []plan.Step) string {
	labels := make([]string, len(g.steps))
	for i, no := range g.steps {
		labels[i] = labelOf(&steps[no])
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	if len(labels) <= namedImages {
		return names(labels, namedImages)
	}
	return count(len(labels), "image")
}

// namedImages is how many images a line names before it counts them.
const namedImages = 3

// labelOf is the image of a step for people: its label, or the name of one that no
// block names.
func labelOf(s *plan.Step) string {
	if strings.HasPrefix(s.Label, "[") {
		if words := s.Address.Words(); len(words) > 1 {
			return words[1]
		}
	}
	return s.Label
}

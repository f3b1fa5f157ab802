package world

import (
	"cmp"

	"pslan/internal/estate"
)

// What waits to happen, in the order in which things of one moment happen.
const (
	evUpdateStart = iota + 1
	evUpdateFinish
	evUpdateSchedule
	evRefreshSchedule
	evRefresh
	evStatus
	evRebuilt
	evCommand // an operator or a fault, later
	evTask
	evPoints
)

var eventWords = [...]string{"", "membership update begins", "membership update ends", "scheduled membership update",
	"scheduled refresh", "refresh that was asked for", "status event arrives", "preboot configuration is rebuilt", "later",
	"client task", "distribution points are updated"}

// Event is something that will happen at a moment. Events of one moment are
// ordered by kind, server and image, so the order of requests does not matter.
type Event struct {
	At     estate.Time
	Kind   int
	Server int32
	Image  int32
	Seq    int64 // among equals
	Said   *Said
	Do     *Command
	Text   string `json:",omitempty"` // of a task: its instance
}

func (e *Event) before(o *Event) bool {
	return cmp.Or(cmp.Compare(e.At, o.At), cmp.Compare(e.Kind, o.Kind), cmp.Compare(e.Server, o.Server),
		cmp.Compare(e.Image, o.Image), cmp.Compare(e.Seq, o.Seq)) < 0
}

// at puts an event into the queue.
func (w *World) at(e Event) {
	e.Seq = w.Faults.Seq
	w.Faults.Seq++
	w.Queue = append(w.Queue, e)
	q := w.Queue
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if !q[i].before(&q[up]) {
			break
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
}

func (w *World) pop() Event {
	q := w.Queue
	top := q[0]
	last := len(q) - 1
	q[0] = q[last]
	q[last] = Event{}
	q = q[:last]
	for i := 0; ; {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(q) && q[child].before(&q[least]) {
				least = child
			}
		}
		if least == i {
			break
		}
		q[i], q[least] = q[least], q[i]
		i = least
	}
	w.Queue = q
	return top
}

// Pending tells in words what waits to happen, the earliest first, at most n of it;
// status events and schedules are left out.
func (w *World) Pending(n int) []Happening {
	q := make([]Event, 0, len(w.Queue))
	for i := range w.Queue {
		switch w.Queue[i].Kind {
		case evStatus, evRefreshSchedule, evUpdateSchedule:
		default:
			q = append(q, w.Queue[i])
		}
	}
	sortEvents(q)
	var out []Happening
	for i := range q[:min(n, len(q))] {
		e := &q[i]
		h := Happening{At: e.At, What: eventWords[e.Kind], Server: e.Server, Image: e.Image}
		if e.Do != nil {
			h.What, h.Server, h.Image = string(e.Do.Verb), e.Do.Server, e.Do.Image
			h.Note = string(e.Do.By)
		}
		out = append(out, h)
	}
	return out
}

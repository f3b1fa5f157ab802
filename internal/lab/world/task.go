package world

import (
	"slices"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// TaskRun is one run of a client task: what the task service of the SMP keeps of it.
type TaskRun struct {
	Instance string // its GUID
	Task     string // the GUID of the task
	Name     string // of this run, as its caller calls it
	Asked    estate.Time
	GivesUp  estate.Time // servers that are off until then have failed
	Parts    []TaskPart
	Reads    bool `json:",omitempty"` // its script only looks: nobody refreshes
}

// TaskPart is what one server does of a run.
type TaskPart struct {
	Server       int32
	Began, Ended estate.Time
	Failed       bool
}

// A task server hands tasks out at once where the agent is there, and the agent
// needs a while.
const (
	taskWaits  = 30 * time.Second
	taskTakes  = 20 * time.Second
	tasksKept  = 200
	taskGiveUp = 12 * time.Hour
)

// runTask has servers run a client task, which refreshes them unless it only reads. Those that are off do it when they
// are back, unless the run has been given up by then.
func (w *World) runTask(c *Command) error {
	t := *c.Run
	if len(t.Parts) == 0 {
		return refuse(platform.KindRefused, "", "the task names no computer")
	}
	t.Asked = w.Now
	if t.GivesUp <= w.Now {
		t.GivesUp = after(w.Now, taskGiveUp)
	}
	t.Parts = slices.Clone(t.Parts)
	if len(w.Tasks) == tasksKept {
		w.Tasks = slices.Delete(w.Tasks, 0, 1)
	}
	w.Tasks = append(w.Tasks, t)
	for _, p := range t.Parts {
		w.happen("task given", p.Server, -1, t.Name)
		wait := between(w.draw("task "+t.Instance, p.Server, 0), time.Second, taskWaits)
		w.at(Event{At: after(w.Now, wait), Kind: evTask, Server: p.Server, Image: -1, Text: t.Instance})
	}
	return nil
}

// stepTask is the next moment of one server's part: it begins, ends, or waits on.
func (w *World) stepTask(e *Event) {
	i := slices.IndexFunc(w.Tasks, func(t TaskRun) bool { return t.Instance == e.Text })
	if i < 0 {
		return
	}
	t := &w.Tasks[i]
	n := slices.IndexFunc(t.Parts, func(p TaskPart) bool { return p.Server == e.Server })
	if n < 0 || t.Parts[n].Ended != 0 {
		return
	}
	p, srv := &t.Parts[n], w.server(e.Server)
	switch {
	case w.Now >= t.GivesUp || srv.Retired:
		p.Ended, p.Failed = w.Now, true
		w.happen("task failed", e.Server, -1, t.Name)
	case srv.Off:
		w.at(Event{At: min(after(w.Now, time.Minute), t.GivesUp), Kind: evTask, Server: e.Server, Image: -1, Text: e.Text})
	case p.Began == 0:
		p.Began = w.Now
		if !t.Reads {
			w.refresh(e.Server)
		}
		takes := between(w.draw("task takes "+t.Instance, e.Server, 0), time.Second, taskTakes)
		w.at(Event{At: after(w.Now, takes), Kind: evTask, Server: e.Server, Image: -1, Text: e.Text})
	default:
		p.Ended = w.Now
		w.happen("task ended", e.Server, -1, t.Name)
	}
}

// updatePoints has the snapshot of a package made anew, after a while, from what
// its source holds. For a package that a server owns that is the server's folder:
// from an empty one comes an empty snapshot.
func (w *World) updatePoints(i int32) error {
	if w.image(i).Package.IsZero() {
		return refuse(platform.KindRefused, "", "the image %s has no package", w.image(i).Name)
	}
	takes := between(w.draw("distribution points", i, 0), 30*time.Second, 5*time.Minute)
	w.at(Event{At: after(w.Now, takes), Kind: evPoints, Server: -1, Image: i})
	w.happen("distribution points asked for", -1, i, "")
	return nil
}

func (w *World) stepPoints(i int32) {
	img := w.image(i)
	files, up := w.source(img)
	if img.Owner == estate.NoServer || !up {
		w.happen("in vain", -1, i, "the owner does not answer")
		return
	}
	if img.Owner.IsServer() {
		if img.copyOf(int32(img.Owner)) != nil {
			w.ownerSnapshot(int32(img.Owner), i)
		}
		return
	}
	w.publish(i, files)
}

// setServerFolder changes where package servers keep a package; "" is their default.
func (w *World) setServerFolder(i int32, to string) {
	img := w.image(i)
	if img.ServerFolder == to {
		return
	}
	w.happen(FolderMoved, -1, i, img.ServerFolder+" to "+to)
	img.ServerFolder = to
}

func (w *World) soundTasks() bool {
	return !slices.ContainsFunc(w.Tasks, func(t TaskRun) bool {
		return slices.ContainsFunc(t.Parts, func(p TaskPart) bool { return p.Server < 0 || int(p.Server) >= len(w.Servers) })
	})
}

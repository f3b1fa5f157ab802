package world

import (
	"slices"
	"strconv"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Faults is what is set to go wrong.
type Faults struct {
	Seq        int64 // numbers events
	Next       []RequestFault
	HangUpdate time.Duration // how long the next membership update hangs
	Operator   string        // "", late, wrong-image, never
}

// RequestFault waits for the next request of a verb ("any" for whichever comes).
type RequestFault struct {
	Verb  Verb
	Fault Verb // fail-next, lose-answer, ignore-next
}

// AnyRequest is the verb of a request fault that any request meets.
const AnyRequest Verb = "any"

// Moods are what the simulated operator can be told to be.
var moods = []string{"well", "late", "wrong-image", "never"}

// Moods returns the words for the verb "operator".
func Moods() []string { return slices.Clone(moods) }

// meant is the verb by which a fault for a request is named: a task is one way of
// asking for a refresh.
func (v Verb) meant() Verb {
	if v == RunTask {
		return Refresh
	}
	return v
}

func (w *World) requestFault(v Verb) Verb {
	for n, f := range w.Faults.Next {
		if f.Verb == v || f.Verb == AnyRequest {
			w.Faults.Next = slices.Delete(w.Faults.Next, n, n+1)
			return f.Fault
		}
	}
	return ""
}

// breakIt is every fault.
func (w *World) breakIt(c *Command) error {
	switch c.Verb {
	case ServerOff, ServerOn, NoSpace, Space, Slow, Fast, Stuck, Unstuck, Mute, Unmute:
		w.breakServer(c)
	case Empty, Missing, Partial, Wrong, Cut:
		return w.breakCopy(c)
	case FailNext, LoseNext, IgnoreOne:
		w.Faults.Next = append(w.Faults.Next, RequestFault{Verb: Verb(c.Text), Fault: c.Verb})
	case Hang:
		w.Faults.HangUpdate = c.For
	case Jump:
		w.jump(c.For)
	case Operator:
		if w.Faults.Operator = c.Text; c.Text == moods[0] {
			w.Faults.Operator = ""
		}
	case Random:
		w.randomFaults(c)
	default:
		return refuse(platform.KindUnsupported, "", "%q is nothing that can be done", c.Verb)
	}
	return nil
}

func (w *World) breakServer(c *Command) {
	s := w.server(c.Server)
	switch c.Verb {
	case ServerOff:
		s.Off = true
	case ServerOn:
		if s.Off {
			s.Off = false
			w.comeBack(c.Server)
		}
	case NoSpace, Space:
		s.Full = c.Verb == NoSpace
	case Slow, Fast:
		s.Slow = c.Verb == Slow
	case Stuck, Unstuck:
		s.Stuck = c.Verb == Stuck
	case Mute, Unmute:
		s.Mute = c.Verb == Mute
	}
	w.rated = false
	w.happen(string(c.Verb), c.Server, -1, string(c.By))
}

// comeBack: an agent that starts fetches its policy, and learns what it missed.
func (w *World) comeBack(s int32) {
	srv := w.server(s)
	if srv.Retired {
		if !srv.Wiped {
			w.wipe(s)
		}
		return
	}
	srv.LastSeen = w.Now
	w.requestRefresh(s, "start")
}

func (w *World) breakCopy(c *Command) error {
	img := w.image(c.Image)
	files, set := w.filesOf(c.Server, c.Image)
	if set == nil {
		return refuse(platform.KindNotFound, "", "%s holds no copy of %s", w.serverName(c.Server), img.Name)
	}
	switch c.Verb {
	case Empty:
		set(true, nil)
	case Missing:
		set(false, nil)
	case Partial:
		if len(files) == 0 {
			return refuse(platform.KindRefused, "", "the copy of %s on %s is empty already", img.Name, w.serverName(c.Server))
		}
		if len(files) == 1 {
			set(true, prefix(files, files[0].Bytes/2, 1))
		} else {
			n := (len(files) + 1) / 2
			set(true, files[:n:n])
		}
	case Wrong:
		if len(files) == 0 {
			return refuse(platform.KindRefused, "", "the copy of %s on %s is empty, so no byte of it can be wrong", img.Name, w.serverName(c.Server))
		}
		bad := slices.Clone(files)
		last := &bad[len(bad)-1]
		last.Label = "wrong " + strconv.FormatUint(w.draw("wrong", c.Server, c.Image), 16) + " " + last.Label
		set(true, bad)
	case Cut:
		if c.Server < 0 {
			return refuse(platform.KindUnsupported, "", "the SMP downloads nothing")
		}
		n, running := w.jobIndex(c.Server, c.Image)
		if !running {
			return refuse(platform.KindNotFound, "pslan lab show lists the downloads.", "%s downloads nothing of %s now", w.serverName(c.Server), img.Name)
		}
		w.bank(&w.Jobs[n])
	}
	if c.Server >= 0 {
		w.dropJob(c.Server, c.Image)
	}
	w.happen(string(c.Verb), c.Server, c.Image, string(c.By))
	return nil
}

// filesOf returns the files of an image in one place and how to change them; nil
// if there is no such place.
func (w *World) filesOf(s, i int32) ([]File, func(folder bool, files []File)) {
	img := w.image(i)
	if s >= 0 && !img.Package.IsZero() {
		c := img.copyOf(s)
		if c == nil {
			c = &Copy{}
		}
		return c.Files, func(folder bool, files []File) { w.setFiles(s, i, folder, files) }
	}
	n := w.FolderNumber(img.Location)
	if n < 0 || s == int32(estate.SMP) && img.Owner != estate.SMP {
		return nil, nil
	}
	return w.Folders[n].Files, func(exists bool, files []File) { w.setFolder(n, exists, files) }
}

func (w *World) serverName(s int32) string {
	if s >= 0 {
		return w.Servers[s].Name
	}
	return "the SMP"
}

// randomFaults spreads a number of faults over a time, all drawn from the seed.
func (w *World) randomFaults(c *Command) {
	kinds := []Verb{ServerOff, NoSpace, Slow, Stuck, Mute, Empty, Missing, Partial, Wrong, Cut,
		FailNext, LoseNext, IgnoreOne, NewOwner, NewAssign, Hang, Jump, Operator}
	n, _ := strconv.Atoi(c.Text)
	r := w.draw("random faults", int32(n), int32(w.Faults.Seq))
	pick := func(of int) int { r = mix(r); return int(r % uint64(max(of, 1))) }
	for range n {
		f := Command{Verb: kinds[pick(len(kinds))], By: ByFault, Server: -1, Image: -1, Preboot: -1}
		if len(w.Servers) == 0 || len(w.Images) == 0 {
			return
		}
		f.Server, f.Image = int32(pick(len(w.Servers))), int32(pick(len(w.Images)))
		at := between(mix(r), 0, c.For)
		lasts := between(mix(r+1), time.Minute, 12*time.Hour)
		w.fillFault(&f, pick, lasts)
		w.at(Event{At: after(w.Now, at), Kind: evCommand, Server: f.Server, Image: f.Image, Do: &f})
		if undo, ok := undone[f.Verb]; ok {
			w.at(Event{At: after(w.Now, at+lasts), Kind: evCommand, Server: f.Server, Image: -1,
				Do: &Command{Verb: undo, By: ByFault, Server: f.Server, Image: -1, Preboot: -1}})
		}
	}
}

// undone names what ends a fault that lasts.
var undone = map[Verb]Verb{ServerOff: ServerOn, NoSpace: Space, Slow: Fast, Stuck: Unstuck, Mute: Unmute}

func (w *World) fillFault(f *Command, pick func(int) int, lasts time.Duration) {
	requests := []Verb{Assign, UpdateMembers, Refresh, Take, AskOperator, AnyRequest}
	switch f.Verb {
	case FailNext, LoseNext, IgnoreOne:
		f.Text = string(requests[pick(len(requests))])
	case NewAssign:
		f.Assignment = &Assignment{Mode: estate.AssignAll}
		if pick(2) == 0 {
			f.Assignment = &Assignment{Mode: estate.AssignServers, Servers: []int32{f.Server}}
		}
	case Hang:
		f.For = lasts
	case Jump:
		f.For = lasts / 4
	case Operator:
		f.Text = moods[pick(len(moods))]
	}
}

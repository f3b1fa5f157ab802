package world

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Verb is what a command does.
type Verb string

// What can be asked of the platform, or done by an operator.
const (
	Assign        Verb = "assign"
	UpdateMembers Verb = "update-membership"
	Refresh       Verb = "refresh"
	Take          Verb = "take-ownership"
	SetLocation   Verb = "set-location"
	Rebuild       Verb = "rebuild"
	AskOperator   Verb = "ask-operator"
	ClearCopy     Verb = "clear-copy"
	CopyFiles     Verb = "copy-files"
	Convert       Verb = "convert"
	ChangeProfile Verb = "change-profile"
	Retire        Verb = "retire"
	PutFiles      Verb = "put-files"
	RunTask       Verb = "run-task" // a client task, which has servers refresh
	UpdatePoints  Verb = "update-distribution-points"
)

// What only time, the folders and faults do.
const (
	Run       Verb = "run"     // let time pass until To
	Look      Verb = "look"    // what lies in the folders is what Found says
	ServerOff Verb = "off"     // and so on: a server or a copy breaks, or is mended
	ServerOn  Verb = "on"      //
	NoSpace   Verb = "full"    //
	Space     Verb = "room"    //
	Slow      Verb = "slow"    //
	Fast      Verb = "fast"    //
	Stuck     Verb = "stuck"   //
	Unstuck   Verb = "unstuck" //
	Mute      Verb = "lose-status"
	Unmute    Verb = "keep-status"
	Empty     Verb = "empty"
	Missing   Verb = "missing"
	Partial   Verb = "partial"
	Wrong     Verb = "wrong"
	Cut       Verb = "cut"
	FailNext  Verb = "fail-next"
	LoseNext  Verb = "lose-answer"
	IgnoreOne Verb = "ignore-next"
	NewOwner  Verb = "owner"
	NewAssign Verb = "assignment"
	Hang      Verb = "hang-update"
	Jump      Verb = "jump"
	Operator  Verb = "operator"
	Random    Verb = "random"
)

// By says whose command it is.
type By string

// A request of pslan goes through the faults set for requests; the others do not.
const (
	ByRequest  By = "request"
	ByOperator By = "operator"
	ByFault    By = "fault"
	ByTime     By = "time"
)

// Command is one thing done to a world. Which fields count depends on the verb;
// servers, images and preboot configurations are named by index, -1 for none.
type Command struct {
	Verb       Verb
	By         By
	Server     int32
	Image      int32
	Preboot    int32
	Assignment *Assignment            `json:",omitempty"`
	From       string                 `json:",omitempty"` // copy-files
	Text       string                 `json:",omitempty"` // copy-files, set-location, change-profile: to; request faults: the verb; operator: the mood; random: how many
	Files      []string               `json:",omitempty"` // clear-copy: which; empty: all
	For        time.Duration          `json:",omitempty"` // hang-update, jump, random
	In         time.Duration          `json:",omitempty"` // later; 0: now
	To         estate.Time            `json:",omitempty"` // run
	Found      []Found                `json:",omitempty"` // look
	Task       *platform.OperatorTask `json:",omitempty"` // ask-operator
	Run        *TaskRun               `json:",omitempty"` // run-task
	Folder     *string                `json:",omitempty"` // assign: where the servers keep the package; nil: as it was
}

// Found is what lies in a place, as somebody looked.
type Found struct {
	Server, Image int32 // as in Change
	Folder        bool
	Files         []File
}

// Refusal is why a command was not carried out.
type Refusal struct {
	Kind platform.Kind
	Text string
	Hint string
}

// Error returns the reason.
func (r *Refusal) Error() string { return r.Text }

func refuse(kind platform.Kind, hint, format string, args ...any) error {
	return &Refusal{Kind: kind, Text: fmt.Sprintf(format, args...), Hint: hint}
}

// Do carries out a command. An error means that nothing was done, or, for a
// request whose answer was lost, that it is not known.
func (w *World) Do(c Command) error {
	if c.In > 0 {
		later := c
		later.In = 0
		w.at(Event{At: after(w.Now, c.In), Kind: evCommand, Server: c.Server, Image: c.Image, Do: &later})
		return nil
	}
	if c.By != ByRequest {
		return w.do(&c)
	}
	w.asked = true
	defer func() { w.asked = false }()
	switch w.requestFault(c.Verb.meant()) {
	case FailNext:
		w.happen("request failed", c.Server, c.Image, string(c.Verb))
		return refuse(platform.KindRefused, "Ask again; if it stays so, look into the log of the SMP.", "the SMP answered with an error and did nothing")
	case IgnoreOne:
		w.happen("request ignored", c.Server, c.Image, string(c.Verb))
		return nil
	case LoseNext:
		if err := w.do(&c); err != nil {
			return err
		}
		w.happen("answer lost", c.Server, c.Image, string(c.Verb))
		return refuse(platform.KindUnreachable, "Look whether it was done before asking again.", "the connection was lost before the answer came")
	}
	return w.do(&c)
}

// do dispatches a command; it has no faults of its own.
func (w *World) do(c *Command) error {
	if err := w.valid(c); err != nil {
		return err
	}
	switch c.Verb {
	case Run:
		w.run(c.To)
	case Look:
		w.look(c.Found)
	case Assign, NewAssign:
		return w.assign(c)
	case RunTask:
		return w.runTask(c)
	case UpdatePoints:
		return w.updatePoints(c.Image)
	case UpdateMembers:
		w.requestUpdate()
	case Refresh:
		return w.askRefresh(c.Server)
	case Take, NewOwner:
		return w.take(c)
	case SetLocation:
		return w.setLocation(c.Image, c.Text)
	case Rebuild:
		return w.rebuild(c.Preboot)
	case AskOperator:
		return w.askOperator(c.Task)
	case ClearCopy:
		return w.clearCopy(c)
	case CopyFiles:
		return w.copyFiles(c)
	case Convert:
		return w.convert(c.Image)
	case ChangeProfile:
		return w.changeProfile(c.Preboot, c.Text)
	case Retire:
		return w.retire(c.Server)
	case PutFiles:
		return w.putFiles(c.Server, c.Image)
	default:
		return w.breakIt(c)
	}
	return nil
}

// valid refuses what points nowhere: a command may come from a damaged record.
func (w *World) valid(c *Command) error {
	if int(c.Server) >= len(w.Servers) || int(c.Image) >= len(w.Images) || int(c.Preboot) >= len(w.Preboots) {
		return refuse(platform.KindNotFound, "", "%s names something that is not there", c.Verb)
	}
	needs := func(what string, have bool) error {
		if have {
			return nil
		}
		return refuse(platform.KindNotFound, "", "%s needs %s", c.Verb, what)
	}
	var err error
	switch c.Verb {
	case Refresh, Retire, ServerOff, ServerOn, NoSpace, Space, Slow, Fast, Stuck, Unstuck, Mute, Unmute:
		err = needs("a package server", c.Server >= 0)
	case Take, NewOwner, ClearCopy, PutFiles, Empty, Missing, Partial, Wrong, Cut:
		err = errors.Join(needs("a package server", c.Server >= 0 || c.Server == int32(estate.SMP)), needs("an image", c.Image >= 0))
	case SetLocation, CopyFiles, Convert, UpdatePoints:
		err = needs("an image", c.Image >= 0)
	case Assign, NewAssign:
		err = errors.Join(needs("an image", c.Image >= 0), needs("an assignment", c.Assignment != nil))
	case Rebuild, ChangeProfile:
		err = needs("a preboot configuration", c.Preboot >= 0)
	case AskOperator:
		err = needs("a task", c.Task != nil)
	case RunTask:
		err = needs("a run of package servers", c.Run != nil && !slices.ContainsFunc(c.Run.Parts, func(p TaskPart) bool {
			return p.Server < 0 || int(p.Server) >= len(w.Servers)
		}))
	case Look:
		if slices.ContainsFunc(c.Found, func(f Found) bool { return !w.hasPlace(f.Server, f.Image) }) {
			err = needs("places that are there", false)
		}
	}
	return err
}

func (w *World) hasPlace(s, i int32) bool {
	if s == atFolder {
		return i >= 0 && int(i) < len(w.Folders)
	}
	return s >= 0 && int(s) < len(w.Servers) && i >= 0 && int(i) < len(w.Images)
}

// look takes over what lies in the folders: they are the truth for files.
func (w *World) look(places []Found) {
	for i := range places {
		f := &places[i]
		if f.Server == atFolder {
			w.setFolder(f.Image, f.Folder, f.Files)
			w.happen("files changed by hand", -1, -1, w.Folders[f.Image].Location)
			continue
		}
		w.setFiles(f.Server, f.Image, f.Folder, f.Files)
		w.dropJob(f.Server, f.Image)
		w.happen("files changed by hand", f.Server, f.Image, countFiles(f.Files))
	}
}

package world

import (
	"slices"
	"time"

	"pslan/internal/estate"
)

// The words of the servers for a copy.
const (
	ready       = "Ready"
	pending     = "Pending"
	downloading = "Downloading"
	deleted     = "Deleted"
	noRoom      = "Insufficient disk space"
)

func (w *World) startSchedules() {
	for s := range w.Servers {
		// Never in the first quarter of an hour: a rehearsal starts calm.
		quiet := w.Rules.RefreshEvery / 4
		first := quiet + between(w.drawAt(0, "offset", int32(s), 0), 0, w.Rules.RefreshEvery-quiet)
		w.at(Event{At: after(w.Now, first), Kind: evRefreshSchedule, Server: int32(s), Image: -1})
		if !w.Servers[s].Off {
			w.Servers[s].Refreshed = after(w.Now, first-w.Rules.RefreshEvery)
		}
	}
	first := w.Rules.UpdateEvery/4 + between(w.drawAt(0, "offset", -1, 0), 0, w.Rules.UpdateEvery*3/4)
	w.at(Event{At: after(w.Now, first), Kind: evUpdateSchedule, Server: -1, Image: -1})
	w.Update.Started = after(w.Now, first-w.Rules.UpdateEvery)
	w.Update.Finished = after(w.Update.Started, time.Minute)
}

// setAssignment changes the SMP's record; servers learn of it much later.
func (w *World) setAssignment(i int32, a Assignment, who string) {
	img := w.image(i)
	img.Assignment = a
	if !slices.Contains(w.Update.Changed, i) {
		w.Update.Changed = append(w.Update.Changed, i)
		slices.Sort(w.Update.Changed)
	}
	w.happen("assignment changed", -1, i, who)
}

// requestUpdate starts a membership update in a moment, or, if one runs, after it:
// what changed since the running one began is not in it.
func (w *World) requestUpdate() {
	if w.Update.Running {
		w.Update.Again = true
		return
	}
	for i := range w.Queue {
		if w.Queue[i].Kind == evUpdateStart {
			return
		}
	}
	w.at(Event{At: after(w.Now, between(w.draw("update", 0, 0), time.Second, 5*time.Second)), Kind: evUpdateStart, Server: -1, Image: -1})
}

func (w *World) startUpdate(planned bool) {
	if w.Update.Running {
		w.Update.Again = true
		return
	}
	u := &w.Update
	u.Running, u.Since, u.Planned = true, w.Now, planned
	u.Taken, u.Changed = append(u.Taken[:0], u.Changed...), u.Changed[:0]
	for _, i := range u.Taken {
		w.Images[i].Taken = w.Images[i].Assignment
	}
	takes := between(w.draw("update takes", 0, 0), 40*time.Second, 90*time.Second)
	if w.Faults.HangUpdate > 0 {
		takes, w.Faults.HangUpdate = w.Faults.HangUpdate, 0
	}
	w.at(Event{At: after(w.Now, takes), Kind: evUpdateFinish, Server: -1, Image: -1})
	w.happen("membership update began", -1, -1, u.turn())
}

// turn tells updates of the schedule from those that were asked for.
func (u *Update) turn() string {
	if u.Planned {
		return OnSchedule
	}
	return ""
}

func (w *World) finishUpdate() {
	u := &w.Update
	for _, i := range u.Taken {
		w.Images[i].Known = w.Images[i].Taken
	}
	u.Taken = u.Taken[:0]
	u.Running, u.Started, u.Finished = false, u.Since, w.Now
	w.happen("membership update ended", -1, -1, u.turn())
	for i := range w.Images { // the SMP looks after the packages it owns itself
		if w.Images[i].Owner == estate.SMP && !w.Images[i].Package.IsZero() {
			w.publish(int32(i), w.folder(w.Images[i].Location).Files)
		}
	}
	if u.Again {
		u.Again = false
		w.requestUpdate()
	}
}

// publish makes the snapshot of a package from what its owner holds. If that is
// nothing, it is the snapshot of nothing.
func (w *World) publish(i int32, files []File) bool {
	img := w.image(i)
	if img.Published && lists(img.Snapshot, files) || !img.Published && len(files) == 0 {
		return false
	}
	img.Snapshot, img.Published = entriesOf(files), true
	img.Version = max(img.Version+1, int64(w.Now)/1e9)
	w.rated = false
	w.happen("snapshot made", int32(img.Owner), i, countFiles(files))
	return true
}

// requestRefresh has a server fetch its policy in a few seconds to a minute.
func (w *World) requestRefresh(s int32, purpose string) estate.Time {
	at := after(w.Now, between(w.draw(purpose, s, 0), 2*time.Second, time.Minute))
	w.at(Event{At: at, Kind: evRefresh, Server: s, Image: -1})
	return at
}

// refresh is a server's policy refresh: it learns what it shall hold.
func (w *World) refresh(s int32) {
	srv := w.server(s)
	if srv.Off || srv.Retired {
		return
	}
	srv.Refreshed, srv.LastSeen = w.Now, w.Now
	w.happen("policy refreshed", s, -1, "")
	for i := range w.Images {
		img := &w.Images[i]
		if img.Package.IsZero() {
			continue
		}
		in := w.covers(&img.Known, s)
		c := img.copyOf(s)
		if img.Known.Mode == estate.AssignUnknown {
			in = c != nil && c.InPolicy
		}
		if in || c != nil || img.Owner == estate.ServerID(s) {
			w.refreshCopy(s, int32(i), in)
		}
	}
}

func (w *World) refreshCopy(s, i int32, in bool) {
	img := w.image(i)
	c := img.needCopy(s)
	w.manage(img, c)
	owner := img.Owner == estate.ServerID(s)
	switch {
	case in:
		c.InPolicy = true
		if c.MarkedAt != 0 {
			w.touch(place{s, i})
			c.MarkedAt, c.DeleteAfter = 0, 0
			w.happen("mark taken off", s, i, "")
		}
		if !owner {
			w.follow(s, i)
		}
	case c.InPolicy:
		w.touch(place{s, i})
		c.InPolicy = false
		c.MarkedAt, c.DeleteAfter = w.Now, after(w.Now, w.Rules.DeleteUnused)
		w.dropJob(s, i)
		w.happen("marked for deletion", s, i, "")
		w.say(s, i, deleted)
	case c.MarkedAt != 0 && w.Now >= c.DeleteAfter:
		w.removeUnused(s, i)
	}
	if owner {
		w.ownerSnapshot(s, i)
	}
}

func (w *World) manage(img *Image, c *Copy) {
	managed := estate.ManagedExternal
	if img.Owner == estate.ServerID(c.Server) {
		managed = estate.ManagedLocal
	}
	c.Managed = managed
}

// removeUnused is the end of a mark: the package folder goes.
func (w *World) removeUnused(s, i int32) {
	c := w.image(i).copyOf(s)
	if len(c.Files) > 0 {
		w.happen(FilesRemoved, s, i, "unused since "+c.MarkedAt.String())
	}
	w.setFiles(s, i, false, nil)
	c.Holding = Holding{}
	c.Managed = estate.ManagedUnknown
	w.say(s, i, "")
}

// ownerSnapshot: the owner has no other source than its disk.
func (w *World) ownerSnapshot(s, i int32) {
	img := w.image(i)
	c := img.copyOf(s)
	w.dropJob(s, i)
	w.publish(i, c.Files)
	if c.Version != img.Version || !sameEntries(c.Snapshot, img.Snapshot) {
		w.touch(place{s, i})
		c.Snapshot, c.Version = img.Snapshot, img.Version
	}
	if c.InPolicy {
		w.say(s, i, ready)
	}
}

// sameEntries tells whether two snapshots are the same slice or list the same.
func sameEntries(a, b []Entry) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b))
}

// follow brings a copy towards the owner's snapshot: files are checked by name,
// size and time, no more. What is not listed goes, what is missing is downloaded,
// what has the right size stays and gets the listed time.
func (w *World) follow(s, i int32) {
	img := w.image(i)
	c := img.copyOf(s)
	_, up := w.source(img)
	if !img.Published || img.Owner == estate.NoServer || !up && c.Version != img.Version && c.Version != 0 {
		return // a new snapshot comes from the owner, too
	}
	if c.Folder && asListed(img.Snapshot, c.Files) {
		w.complete(s, i)
		return
	}
	kept, need, changed := held(img.Snapshot, c.Files)
	if changed || !c.Folder {
		if len(kept) < len(c.Files) {
			w.happen(FilesRemoved, s, i, countFiles(c.Files)+" not in the snapshot of "+w.ownerName(img))
		}
		w.setFiles(s, i, true, kept)
	}
	if len(need) > 0 {
		w.startJob(s, i, need)
		return
	}
	w.complete(s, i)
}

func (w *World) complete(s, i int32) {
	img := w.image(i)
	c := img.copyOf(s)
	w.dropJob(s, i)
	if c.Version != img.Version || !sameEntries(c.Snapshot, img.Snapshot) {
		w.touch(place{s, i})
		c.Snapshot, c.Version = img.Snapshot, img.Version
	}
	w.say(s, i, ready)
}

// asListed reports whether files are just what a snapshot lists, as far as a server
// can tell.
func asListed(snapshot []Entry, files []File) bool {
	if len(snapshot) != len(files) {
		return false
	}
	for j := range files {
		if e := &snapshot[j]; files[j].Bytes != e.Bytes || files[j].Mod != e.Mod || files[j].Path != e.Path {
			return false
		}
	}
	return true
}

// held splits a copy by a snapshot: the files that stay, with their times put
// right, and the entries that are still to come. Files that are shorter than
// listed stay until they are complete. changed: the files are not what they were.
func held(snapshot []Entry, files []File) (kept []File, need []Entry, changed bool) {
	kept = make([]File, 0, len(files))
	for j := range snapshot {
		e := &snapshot[j]
		f := findFile(files, e.Path)
		switch {
		case f == nil || f.Bytes > e.Bytes:
			need = append(need, *e)
		case f.Bytes < e.Bytes:
			need = append(need, *e)
			kept = append(kept, *f)
		default:
			fixed := *f
			changed = changed || fixed.Mod != e.Mod
			fixed.Mod = e.Mod
			kept = append(kept, fixed)
		}
	}
	return kept, need, changed || len(kept) != len(files)
}

// say sends a status event, if the status is a new one. It arrives later, or never.
func (w *World) say(s, i int32, status string) {
	c := w.image(i).copyOf(s)
	if c.Status == status && c.Sent == c.Version {
		return
	}
	c.Sent = c.Version
	c.Status = status
	if w.Servers[s].Mute {
		w.happen("status event lost", s, i, status)
		return
	}
	said := &Said{Known: status != "", Status: status, At: w.Now, Version: c.Version}
	delay := between(w.draw("status", s, i), 30*time.Second, w.Rules.StatusAtMost)
	w.at(Event{At: after(w.Now, delay), Kind: evStatus, Server: s, Image: i, Said: said})
}

func (w *World) hear(s, i int32, said *Said) {
	c := w.image(i).copyOf(s)
	if c == nil || said.At < c.Said.At && c.Said.Known {
		return // an older event that was overtaken
	}
	c.Said = *said
	w.happen("status event arrived", s, i, said.Status)
}

package world

import (
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Estate is what the SMP says now: its records, and what status events have told
// it. How a copy is managed and whether it is marked is read from the servers that
// are up. There is no evidence in it. Only the images asked for are in it, all if
// images is nil.
func (w *World) Estate(images []estate.GUID) *estate.Estate {
	e := &estate.Estate{TakenAt: w.Now, Source: "lab", SMP: w.SMP, Sites: w.Sites}
	ids := w.listServers(e)
	e.Preboots = make([]estate.Preboot, len(w.Preboots))
	for i, p := range w.Preboots {
		e.Preboots[i] = estate.Preboot{Name: p.Name, GUID: p.GUID, ConnectsTo: p.ConnectsTo}
	}
	numbers := w.chosen(images)
	e.Images = make([]estate.Image, 0, len(numbers))
	for _, i := range numbers {
		e.Images = append(e.Images, w.tell(i, ids))
	}
	return e
}

// chosen returns the numbers of images in the order of the estate.
func (w *World) chosen(images []estate.GUID) []int32 {
	if images == nil {
		all := make([]int32, len(w.Images))
		for i := range all {
			all[i] = int32(i)
		}
		return all
	}
	some := make([]int32, 0, len(images))
	for _, g := range images {
		if i := w.ImageNumber(g); i >= 0 {
			some = append(some, i)
		}
	}
	slices.Sort(some)
	return slices.Compact(some)
}

// listServers lists the servers that have the role, and returns their numbers in
// the estate by their index here.
func (w *World) listServers(e *estate.Estate) []estate.ServerID {
	ids := make([]estate.ServerID, len(w.Servers))
	e.Servers = make([]estate.PackageServer, 0, len(w.Servers))
	for i := range w.Servers {
		s := &w.Servers[i]
		if ids[i] = estate.NoServer; s.Retired {
			continue
		}
		ids[i] = estate.ServerID(len(e.Servers))
		state := estate.Online
		switch {
		case s.Untold:
			state = estate.StateUnknown
		case s.Off:
			state = estate.Offline
		}
		free := s.Free
		if s.Full {
			free = 0
		}
		e.Servers = append(e.Servers, estate.PackageServer{
			Name: s.Name, Host: s.Host, GUID: s.GUID, Sites: s.Sites, State: state, LastSeen: s.LastSeen,
			FreeBytes: free, TotalBytes: s.Total,
		})
	}
	return ids
}

func (w *World) tell(i int32, ids []estate.ServerID) estate.Image {
	img := &w.Images[i]
	out := estate.Image{
		Name: img.Name, GUID: img.GUID, Package: img.Package, Kind: img.Kind, Format: img.Format, Location: img.Location,
		Owner: img.Owner, Version: img.Version, Assignment: estate.Assignment{Mode: img.Assignment.Mode, Sites: img.Assignment.Sites},
	}
	if img.Owner.IsServer() {
		out.Owner = ids[img.Owner]
	}
	for _, s := range img.Assignment.Servers {
		if ids[s].IsServer() {
			out.Assignment.Servers = append(out.Assignment.Servers, ids[s])
		}
	}
	if c := img.Content; c != nil {
		out.Content = &estate.Content{Files: c.Files, Bytes: c.Bytes, Digest: c.Digest, Listing: c.Listing,
			Version: c.Version, From: c.From, TakenAt: c.TakenAt}
	}
	w.tellCopies(img, &out, ids)
	return out
}

func (w *World) tellCopies(img *Image, out *estate.Image, ids []estate.ServerID) {
	out.Copies = make([]estate.Copy, 0, len(img.Copies)+1)
	if img.Owner == estate.SMP {
		out.Copies = append(out.Copies, estate.Copy{Server: estate.SMP, Managed: estate.ManagedLocal, Status: ready, StatusAt: w.Update.Finished, Version: img.Version})
	}
	next := 0
	for s := range w.Servers {
		var c *Copy
		if next < len(img.Copies) && img.Copies[next].Server == int32(s) {
			c = &img.Copies[next]
			next++
		}
		if !ids[s].IsServer() {
			continue
		}
		assigned := !img.Package.IsZero() && w.covers(&img.Assignment, int32(s))
		owner := img.Owner == estate.ServerID(s)
		if c == nil && (assigned || owner) {
			out.Copies = append(out.Copies, estate.Copy{Server: ids[s]})
		}
		if c == nil || !c.Said.Known && c.MarkedAt == 0 && c.DeleteAfter == 0 && !assigned && !owner {
			continue
		}
		out.Copies = append(out.Copies, estate.Copy{
			Server: ids[s], Managed: c.Managed, Status: c.Said.Status, StatusAt: c.Said.At, Version: c.Said.Version, DeleteAfter: c.DeleteAfter,
		})
	}
}

// Sync is how far membership updates and refreshes have come.
func (w *World) Sync() *platform.SyncState {
	st := &platform.SyncState{
		Now: w.Now.Time(), UpdateStarted: w.Update.Started.Time(), UpdateFinished: w.Update.Finished.Time(),
		UpdateRunning: w.Update.Running, Refreshed: make(map[string]time.Time, len(w.Servers)),
	}
	for i := range w.Servers {
		if s := &w.Servers[i]; !s.Retired && s.Refreshed != 0 {
			st.Refreshed[s.Name] = s.Refreshed.Time()
		}
	}
	return st
}

// ServerAssignment turns named servers into indices. missing are the names that no
// server has.
func (w *World) ServerAssignment(n *estate.AssignmentNames) (a Assignment, missing []string) {
	a = Assignment{Mode: n.Mode, Sites: n.Sites}
	for _, name := range n.Servers {
		if s := w.ServerNumber(name); s >= 0 {
			a.Servers = append(a.Servers, s)
		} else {
			missing = append(missing, name)
		}
	}
	for _, site := range n.Sites {
		if !slices.ContainsFunc(w.Sites, func(have string) bool { return estate.Fold(have) == estate.Fold(site) }) {
			missing = append(missing, "site "+strings.TrimSpace(site))
		}
	}
	return a, missing
}

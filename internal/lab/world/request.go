package world

import (
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

func (w *World) assign(c *Command) error {
	img := w.image(c.Image)
	a := *c.Assignment
	switch {
	case img.Package.IsZero():
		return refuse(platform.KindRefused, "A legacy image gets a package when it is converted; a backup image never has one.",
			"the image %s has no package, so it has no assignment", img.Name)
	case a.Mode == estate.AssignUnknown:
		return refuse(platform.KindRefused, "", "an assignment needs a mode")
	}
	for _, s := range a.Servers {
		if s < 0 || int(s) >= len(w.Servers) || w.Servers[s].Retired {
			return refuse(platform.KindNotFound, "", "the assignment names a package server that is not there")
		}
	}
	a.Servers, a.Sites = slices.Clone(a.Servers), slices.Clone(a.Sites)
	slices.Sort(a.Servers)
	a.Servers = slices.Compact(a.Servers)
	if c.Folder != nil {
		w.setServerFolder(c.Image, *c.Folder)
	}
	w.setAssignment(c.Image, a, string(c.By))
	return nil
}

func (w *World) askRefresh(s int32) error {
	srv := w.server(s)
	if srv.Off || srv.Retired {
		return refuse(platform.KindUnreachable, "Switch it on: pslan lab break "+srv.Name+" on.", "%s does not answer", srv.Name)
	}
	w.requestRefresh(s, "refresh")
	return nil
}

// take moves the owner on the SMP, at once and silently, and nothing else: not the
// assignment, not a file. Whether the copy is any good is not looked at.
func (w *World) take(c *Command) error {
	img := w.image(c.Image)
	if err := w.mayTake(c, img); err != nil {
		return err
	}
	if img.Owner == estate.ServerID(c.Server) {
		return nil
	}
	if s := int32(img.Owner); img.Owner.IsServer() {
		img.Location = moveHost(img.Location, &w.Servers[s], &w.Servers[c.Server])
	}
	img.Owner = estate.ServerID(c.Server)
	w.dropJob(c.Server, c.Image)
	w.rated = false
	w.happen("ownership taken", c.Server, c.Image, string(c.By))
	return nil
}

func (w *World) mayTake(c *Command, img *Image) error {
	if c.Server < 0 {
		return refuse(platform.KindUnsupported, "", "the SMP cannot take ownership")
	}
	srv := w.server(c.Server)
	cp := img.copyOf(c.Server)
	switch {
	case img.Package.IsZero():
		return refuse(platform.KindRefused, "", "the image %s has no package, so it is not in the window of any package server", img.Name)
	case img.Owner == estate.SMP:
		return refuse(platform.KindRefused, "", "the image %s is kept on the SMP; there is no way to move it to a package server", img.Name)
	case srv.Retired:
		return refuse(platform.KindNotFound, "", "%s is no package server any more", srv.Name)
	case c.Verb == NewOwner:
		return nil // somebody else found a way
	case srv.Off:
		return refuse(platform.KindUnreachable, "Switch it on: pslan lab break "+srv.Name+" on.", "%s does not answer", srv.Name)
	case cp == nil || !cp.InPolicy && cp.MarkedAt == 0:
		return refuse(platform.KindRefused, "Assign it, then a membership update and a refresh.",
			"%s does not know the package of %s yet, so it is not in its window", srv.Name, img.Name)
	}
	return nil
}

// moveHost puts the new owner's host into a location that names the old one's.
func moveHost(location string, old, next *Server) string {
	host := HostOf(location)
	key := estate.Fold(host)
	to := next.Name
	switch key {
	case "":
		return location
	case estate.Fold(old.Name), estate.Fold(firstLabel(old.Host)):
	case estate.Fold(old.Host):
		to = next.Host
	default:
		return location
	}
	rest := location[2+len(host):]
	// A package folder's share carries the package's GUID, which does not change.
	return location[:2] + to + rest
}

func (w *World) setLocation(i int32, to string) error {
	img := w.image(i)
	switch {
	case img.Owner != estate.SMP:
		return refuse(platform.KindRefused, "", "the image %s is not kept on the SMP; its location follows its owner", img.Name)
	case HostOf(to) == "" || strings.ContainsAny(to, "\x00\n"):
		return refuse(platform.KindRefused, `Write it as \\host\share\folder.`, "%q is no location", to)
	}
	img.Location = to
	w.rated = false
	w.happen("location changed", -1, i, to)
	return nil
}

func (w *World) rebuild(n int32) error {
	w.Preboots[n].Building = true
	takes := between(w.draw("rebuild", n, 0), 2*time.Minute, 10*time.Minute)
	w.at(Event{At: after(w.Now, takes), Kind: evRebuilt, Server: -1, Image: n})
	w.happen("rebuild began", -1, -1, w.Preboots[n].Name)
	return nil
}

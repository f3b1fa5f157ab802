package world

import (
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// askOperator leaves a task with the simulated operator, who does it after a while:
// later, on the wrong image, or not at all, if his mood is set so.
func (w *World) askOperator(t *platform.OperatorTask) error {
	c := w.OperatorCommand(t)
	if c.Verb == "" {
		return refuse(platform.KindUnsupported, "", "the operator does not know how to %q", t.Op)
	}
	w.happen("operator asked", c.Server, c.Image, string(c.Verb))
	r := w.draw("operator "+string(t.Op), c.Server, c.Image)
	takes := between(r, w.Rules.OperatorTakes/10, w.Rules.OperatorTakes)
	switch w.Faults.Operator {
	case "never":
		return nil
	case "late":
		takes += between(mix(r), 2*time.Hour, 30*time.Hour)
	case "wrong-image":
		c.Image = w.otherImage(c.Image, mix(r))
	}
	w.at(Event{At: after(w.Now, takes), Kind: evCommand, Server: c.Server, Image: c.Image, Do: &c})
	return nil
}

// OperatorCommand is the command that does a task for an operator; its verb is "" for a
// task that nobody knows, and what is not there has the number -1.
func (w *World) OperatorCommand(t *platform.OperatorTask) Command {
	c := Command{By: ByOperator, Server: -1, Image: -1, Preboot: -1, From: t.From, Text: t.To, Files: t.Files}
	if t.Server != "" {
		if c.Server = w.ServerNumber(t.Server); estate.Fold(t.Server) == "smp" {
			c.Server = int32(estate.SMP)
		}
	}
	if c.Image = w.ImageNumber(t.Image.Image); c.Image < 0 {
		c.Image = w.ImageNumber(t.Image.Package)
	}
	c.Preboot = w.PrebootNumber(t.Preboot)
	c.Verb = map[platform.OperatorOp]Verb{
		platform.OpTakeOwnership: Take, platform.OpClearCopy: ClearCopy, platform.OpCopyFiles: CopyFiles,
		platform.OpConvert: Convert, platform.OpChangeProfile: ChangeProfile, platform.OpRetireServer: Retire,
		platform.OpRefresh: Refresh,
	}[t.Op]
	return c
}

// PrebootNumber finds a preboot configuration by its GUID; -1 if there is none.
func (w *World) PrebootNumber(g estate.GUID) int32 {
	if g.IsZero() {
		return -1
	}
	return int32(slices.IndexFunc(w.Preboots, func(p Preboot) bool { return p.GUID == g }))
}

// otherImage is the line beside the right one in a window.
func (w *World) otherImage(i int32, r uint64) int32 {
	n := int32(len(w.Images))
	if i < 0 || n < 2 {
		return i
	}
	return (i + 1 + int32(r%uint64(n-1))) % n
}

// clearCopy removes files of a copy by hand: those named, or all.
func (w *World) clearCopy(c *Command) error {
	if c.Server < 0 {
		return refuse(platform.KindUnsupported, "", "only the copy of a package server can be cleared")
	}
	cp := w.image(c.Image).copyOf(c.Server)
	if err := w.reachable(c.Server); err != nil {
		return err
	}
	if cp == nil || len(cp.Files) == 0 {
		return nil
	}
	kept := slices.DeleteFunc(slices.Clone(cp.Files), func(f File) bool {
		return len(c.Files) == 0 || slices.ContainsFunc(c.Files, func(name string) bool {
			name = strings.ReplaceAll(name, `\`, "/")
			return name == f.Path || name == "cache/"+f.Path
		})
	})
	w.setFiles(c.Server, c.Image, cp.Folder, kept)
	w.dropJob(c.Server, c.Image)
	w.happen("copy cleared", c.Server, c.Image, string(c.By))
	return nil
}

func (w *World) reachable(s int32) error {
	if s >= 0 && (w.Servers[s].Off || w.Servers[s].Retired) {
		return refuse(platform.KindUnreachable, "Switch it on: pslan lab break "+w.Servers[s].Name+" on.", "%s does not answer", w.Servers[s].Name)
	}
	return nil
}

// putFiles brings the right files of an image from elsewhere into a package folder.
func (w *World) putFiles(s, i int32) error {
	img := w.image(i)
	if len(img.Right) == 0 {
		return refuse(platform.KindNotFound, "Put files into the folder by hand.", "nothing ever told what the files of %s are", img.Name)
	}
	if w.atLocation(img) {
		n := w.FolderNumber(img.Location)
		if img.Location == "" {
			return refuse(platform.KindNotFound, "", "the image %s has no location", img.Name)
		}
		if n < 0 {
			w.needFolder(img.Location)
			n = int32(len(w.Folders) - 1)
		}
		w.setFolder(n, true, union(img.Right, w.Folders[n].Files))
		return nil
	}
	if s < 0 {
		return refuse(platform.KindUnsupported, "", "the image %s is not kept on the SMP", img.Name)
	}
	if err := w.reachable(s); err != nil {
		return err
	}
	w.setFiles(s, i, true, img.Right)
	w.dropJob(s, i)
	w.happen("files put by hand", s, i, countFiles(img.Right))
	return nil
}

// copyFiles copies the folder of an image to another location.
func (w *World) copyFiles(c *Command) error {
	img := w.image(c.Image)
	from := c.From
	if from == "" {
		from = img.Location
	}
	switch {
	case HostOf(c.Text) == "":
		return refuse(platform.KindRefused, `Write it as \\host\share\folder.`, "%q is no location", c.Text)
	case !w.atLocation(img):
		return refuse(platform.KindRefused, "", "the files of %s lie in the package folder of %s, not at a location", img.Name, w.ownerName(img))
	case !w.folder(from).Exists:
		return refuse(platform.KindNotFound, "", "there is no folder %s", from)
	}
	files := w.folder(from).Files
	w.needFolder(c.Text)
	w.setFolder(w.FolderNumber(c.Text), true, files)
	w.happen("files copied", -1, c.Image, c.Text)
	return nil
}

// convert gives a legacy image a package, assigned to all. Without a folder it
// fails; with an empty one it makes an empty package.
func (w *World) convert(i int32) error {
	img := w.image(i)
	folder := w.folder(img.Location)
	owner := int32(img.Owner)
	if !img.Owner.IsServer() {
		owner = w.ServerOfLocation(img.Location)
	}
	switch {
	case img.Format != estate.Legacy:
		return refuse(platform.KindRefused, "", "the image %s has the managed format already", img.Name)
	case img.Location == "" || !folder.Exists:
		return refuse(platform.KindNotFound, "", "the folder of the image %s does not exist", img.Name)
	case owner < 0:
		return refuse(platform.KindRefused, "", "the location %s names no package server", img.Location)
	}
	if err := w.reachable(owner); err != nil {
		return err
	}
	files := folder.Files
	img.Format, img.Package = estate.Managed, w.newGUID(img.GUID)
	img.Owner = estate.ServerID(owner)
	img.Location = `\\` + w.Servers[owner].Name + `\PkgSvrHost$\{` + img.Package.String() + `}`
	img.Version = int64(w.Now) / 1e9
	img.Snapshot, img.Published = entriesOf(files), true
	w.byGUID, w.rated = nil, false
	w.setFiles(owner, i, true, files)
	c := img.needCopy(owner)
	c.InPolicy, c.Managed, c.Status = true, estate.ManagedLocal, ""
	c.Snapshot, c.Version = img.Snapshot, img.Version
	w.say(owner, i, ready)
	w.setAssignment(i, Assignment{Mode: estate.AssignAll}, "conversion")
	w.happen("converted", owner, i, countFiles(files))
	return nil
}

func (w *World) newGUID(of estate.GUID) (g estate.GUID) {
	a, b := w.Seed, w.Seed
	for i, x := range of {
		a, b = mix(a^uint64(x)), mix(b^uint64(x)<<8^uint64(i))
	}
	for i := range 8 {
		g[i], g[8+i] = byte(a>>(8*i)), byte(b>>(8*i))
	}
	g[6], g[8] = g[6]&0x0f|0x40, g[8]&0x3f|0x80
	return g
}

func (w *World) changeProfile(n int32, to string) error {
	if to == "" {
		return refuse(platform.KindRefused, "", "a connection profile names an SMP")
	}
	w.Preboots[n].ConnectsTo = to
	w.happen("profile changed", -1, -1, w.Preboots[n].Name+" to "+to)
	return nil
}

// retire removes the package service role: the SMP forgets the server, and its
// package folders go, at once or when it comes back.
func (w *World) retire(s int32) error {
	srv := w.server(s)
	if srv.Retired {
		return nil
	}
	srv.Retired, w.rated = true, false
	w.happen("role removed", s, -1, "")
	for i := range w.Images {
		img := w.image(int32(i))
		if n, ok := slices.BinarySearch(img.Assignment.Servers, s); ok {
			a := img.Assignment
			a.Servers = slices.Delete(slices.Clone(a.Servers), n, n+1)
			w.setAssignment(int32(i), a, "role removed")
		}
		if img.Owner == estate.ServerID(s) {
			img.Owner = estate.NoServer
		}
	}
	if !srv.Off {
		w.wipe(s)
	}
	return nil
}

// wipe removes all package folders of a server.
func (w *World) wipe(s int32) {
	for i := range w.Images {
		c := w.image(int32(i)).copyOf(s)
		if c == nil {
			continue
		}
		if len(c.Files) > 0 {
			w.happen(FilesRemoved, s, int32(i), "the role was removed")
		}
		w.setFiles(s, int32(i), false, nil)
		*c = Copy{Server: s}
		w.dropJob(s, int32(i))
	}
	w.server(s).Wiped = true
}

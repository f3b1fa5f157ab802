package world

import (
	"slices"
	"strings"

	"pslan/internal/estate"
)

// place is where files lie: the copy of an image on a server, or, with server SMP,
// a folder by its number.
type place struct{ server, image int32 }

const atFolder = int32(estate.SMP)

// Change is what a command did to what lies in one place. Whoever keeps the
// folders brings them from Before to After; doing it twice does no harm.
type Change struct {
	// Server is the index of a server and Image that of an image; or Server is
	// estate.SMP and Image the index of a folder.
	Server, Image int32
	Before, After Holding
}

// IsFolder reports whether the change is one of World.Folders.
func (c *Change) IsFolder() bool { return c.Server == atFolder }

// Changes returns what changed since the last call, in the order in which the
// places were first touched.
func (w *World) Changes() []Change {
	out := w.changes
	for i := range out {
		out[i].After = w.holding(place{out[i].Server, out[i].Image})
	}
	w.changes, w.order = nil, nil
	return out
}

func (w *World) holding(p place) Holding {
	if p.server == atFolder {
		return Holding{Folder: w.Folders[p.image].Exists, Files: w.Folders[p.image].Files}
	}
	if c := w.Copy(p.server, p.image); c != nil {
		return c.Holding
	}
	return Holding{}
}

// touch remembers what lay in a place before it changes.
func (w *World) touch(p place) {
	if _, ok := w.order[p]; ok {
		return
	}
	if w.order == nil {
		w.order = map[place]int{}
	}
	w.order[p] = len(w.changes)
	w.changes = append(w.changes, Change{Server: p.server, Image: p.image, Before: w.holding(p)})
}

// setFiles changes the files of a copy and the room on its server.
func (w *World) setFiles(s, i int32, folder bool, files []File) {
	w.touch(place{s, i})
	img := w.image(i)
	c := img.needCopy(s)
	if srv := w.server(s); srv.Free != estate.Unknown {
		srv.Free += img.nominal(sizeOf(c.Files)) - img.nominal(sizeOf(files))
		srv.Free = max(srv.Free, 0)
		if srv.Total > 0 {
			srv.Free = min(srv.Free, srv.Total)
		}
	}
	c.Folder, c.Files = folder, files
	if img.Owner == estate.ServerID(s) {
		w.rated = false
	}
}

func (w *World) setFolder(n int32, exists bool, files []File) {
	w.touch(place{atFolder, n})
	w.Folders[n].Exists, w.Folders[n].Files = exists, files
	w.rated = false
}

// atLocation reports whether the image's own files lie where its location says,
// and not in a package folder of its owner.
func (w *World) atLocation(img *Image) bool {
	return img.Owner == estate.SMP || img.Package.IsZero()
}

// SameLocation reports whether two spellings name one folder.
func SameLocation(a, b string) bool { return locationKey(a) == locationKey(b) }

func locationKey(location string) string {
	return strings.TrimRight(estate.Fold(strings.ReplaceAll(location, "/", `\`)), `\`)
}

// FolderNumber finds the folder of a location; -1 if nothing was ever there.
func (w *World) FolderNumber(location string) int32 {
	key := locationKey(location)
	return int32(slices.IndexFunc(w.Folders, func(f Folder) bool { return locationKey(f.Location) == key }))
}

// folder returns the folder of a location, an empty one that is not kept if there is none.
func (w *World) folder(location string) *Folder {
	if n := w.FolderNumber(location); n >= 0 && location != "" {
		return &w.Folders[n]
	}
	return &Folder{Location: location}
}

func (w *World) needFolder(location string) *Folder {
	n := w.FolderNumber(location)
	if n < 0 {
		w.Folders = append(w.Folders, Folder{Location: location})
		n = int32(len(w.Folders) - 1)
	}
	return &w.Folders[n]
}

func (w *World) sharers(location string) int {
	n := 0
	for i := range w.Images {
		if w.atLocation(&w.Images[i]) && SameLocation(w.Images[i].Location, location) {
			n++
		}
	}
	return n
}

// HostOf returns the host of a UNC path, "" if it is none.
func HostOf(location string) string {
	rest, ok := strings.CutPrefix(strings.ReplaceAll(location, "/", `\`), `\\`)
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, `\`)
	return host
}

// ServerOfLocation returns the server whose host a location names, -1 for none.
func (w *World) ServerOfLocation(location string) int32 {
	if host := HostOf(location); host != "" {
		return w.hostNumber(host)
	}
	return -1
}

// source returns the files that others can download from the owner now, and
// whether the owner can be reached at all.
func (w *World) source(img *Image) (files []File, up bool) {
	switch {
	case img.Owner == estate.SMP:
		f := w.folder(img.Location)
		return f.Files, true
	case img.Owner.IsServer():
		s := int32(img.Owner)
		if w.Servers[s].Off || w.Servers[s].Retired {
			return nil, false
		}
		if c := img.copyOf(s); c != nil {
			return c.Files, true
		}
		return nil, true
	}
	return nil, false
}

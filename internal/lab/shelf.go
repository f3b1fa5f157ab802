package lab

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

const (
	serversDir   = "servers"
	locationsDir = "locations"
	deliveryDir  = "Package Delivery"
	statusDir    = "Package Server Agent/PackageStatus"
)

// shelf knows where in the lab's folder things lie, and brings the folders to what
// the world says.
type shelf struct {
	disk  Disk
	bytes map[blob][]byte // made bytes, kept while the lab is open
}

type blob struct {
	label, path string
	n           int64
}

// maxBlobs bounds what is kept of made bytes.
const maxBlobs = 4096

// folderName makes one folder's name of any text: what no file system takes is
// replaced, and then a hash keeps different texts apart.
func folderName(text string, keep string) string {
	clean := strings.Map(func(r rune) rune {
		if r < 32 || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, text)
	clean = strings.TrimRight(clean, ". ")
	if clean == keep && clean != "" && len(clean) <= 120 {
		return clean
	}
	if len(clean) > 100 {
		clean = strings.ToValidUTF8(clean[:100], "")
	}
	sum := uint32(2166136261)
	for i := 0; i < len(keep); i++ {
		sum = (sum ^ uint32(keep[i])) * 16777619
	}
	return fmt.Sprintf("%s~%08x", clean, sum)
}

func serverDir(name string) string { return serversDir + "/" + folderName(name, name) }

// packageName is how ITMS calls the folder of a package.
func packageName(g estate.GUID) string { return "{" + strings.ToUpper(g.String()) + "}" }

// locationDir is the folder of a location: all locations lie side by side.
func locationDir(location string) string {
	key := estate.Fold(strings.Trim(strings.ReplaceAll(location, "/", `\`), `\`))
	key = strings.ReplaceAll(key, `\`, "!")
	return locationsDir + "/" + folderName(key, key)
}

// everything is all that lies in a world, as a change from nothing.
func everything(w *world.World) []world.Change {
	var all []world.Change
	for i := range w.Images {
		for j := range w.Images[i].Copies {
			c := &w.Images[i].Copies[j]
			if c.Folder || c.Version != 0 || c.MarkedAt != 0 {
				all = append(all, world.Change{Server: c.Server, Image: int32(i), After: c.Holding})
			}
		}
	}
	for n := range w.Folders {
		f := &w.Folders[n]
		all = append(all, world.Change{Server: int32(estate.SMP), Image: int32(n), After: world.Holding{Folder: f.Exists, Files: f.Files}})
	}
	return all
}

// makeRoots makes the folders that are there from the first.
func (s *shelf) makeRoots(w *world.World) error {
	if err := s.disk.MakeDir(locationsDir); err != nil {
		return err
	}
	for i := range w.Servers {
		if err := s.disk.MakeDir(serverDir(w.Servers[i].Name) + "/" + deliveryDir); err != nil {
			return err
		}
	}
	return nil
}

// fill makes all that lies in a new world, from several goroutines: most of the
// time a file system makes its caller wait.
func (s *shelf) fill(w *world.World) error {
	const workers, part = 4, 64
	all := everything(w)
	if len(all) <= part {
		return s.follow(w, all)
	}
	var group errgroup.Group
	group.SetLimit(workers)
	for some := range slices.Chunk(all, part) {
		group.Go(func() error {
			mine := shelf{disk: s.disk}
			return mine.follow(w, some)
		})
	}
	return group.Wait()
}

// follow brings the folders to what changed. Doing it twice does no harm.
func (s *shelf) follow(w *world.World, changes []world.Change) error {
	for i := range changes {
		var err error
		if c := &changes[i]; c.IsFolder() {
			err = s.files(w, c, locationDir(w.Folders[c.Image].Location))
		} else {
			err = s.packageFolder(w, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) packageFolder(w *world.World, c *world.Change) error {
	server := serverDir(w.Servers[c.Server].Name)
	name := packageName(w.Images[c.Image].Package)
	dir := server + "/" + deliveryDir + "/" + name
	if !c.After.Folder && c.After.Version == 0 {
		if err := s.disk.Remove(dir); err != nil {
			return err
		}
	} else if err := s.files(w, c, dir+"/cache"); err != nil {
		return err
	}
	if c.After.Version != 0 && (c.After.Version != c.Before.Version || !slices.Equal(c.After.Snapshot, c.Before.Snapshot)) {
		text := snapshotXML(name, c.After.Version, c.After.Snapshot)
		if err := s.disk.Write(dir+"/snapshot.xml", text, w.Now.Time()); err != nil {
			return err
		}
	}
	if c.After.MarkedAt == c.Before.MarkedAt {
		return nil
	}
	status := server + "/" + statusDir + "/" + name
	if c.After.MarkedAt == 0 {
		return s.disk.Remove(status)
	}
	text := fmt.Appendf(nil, "%s<PackageStatus Status=\"Deleted\" Time=\"%s\" />\n", xml.Header, c.After.MarkedAt.Time().Format(time.RFC3339))
	return s.disk.Write(status+"/PackageStatus.xml", text, w.Now.Time())
}

// files brings one folder of files from before to after.
func (s *shelf) files(w *world.World, c *world.Change, dir string) error {
	if !c.After.Folder {
		return s.disk.Remove(dir)
	}
	if !c.Before.Folder {
		if err := s.disk.MakeDir(dir); err != nil {
			return err
		}
	}
	for i := range c.Before.Files {
		if f := &c.Before.Files[i]; fileAt(c.After.Files, f.Path) == nil {
			if err := s.disk.Remove(dir + "/" + f.Path); err != nil {
				return err
			}
		}
	}
	for i := range c.After.Files {
		f := &c.After.Files[i]
		old := fileAt(c.Before.Files, f.Path)
		if old != nil && *old == *f {
			continue
		}
		if err := s.file(w, c, dir, old, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) file(w *world.World, c *world.Change, dir string, old, f *world.File) error {
	name := dir + "/" + f.Path
	if old != nil && old.Label == f.Label && old.Bytes == f.Bytes {
		if err := s.disk.SetTime(name, f.Mod.Time()); err == nil {
			return nil
		}
	}
	data := s.make(f)
	if f.IsFound() {
		if data = s.copyOf(w, c, f); data == nil {
			return nil // its only source is gone: the next look finds what lies there
		}
	}
	return s.disk.Write(name, data, f.Mod.Time())
}

// make returns the bytes of a file that the world made.
func (s *shelf) make(f *world.File) []byte {
	key := blob{f.Label, f.Path, f.Bytes}
	if data, ok := s.bytes[key]; ok {
		return data
	}
	if s.bytes == nil || len(s.bytes) >= maxBlobs {
		s.bytes = map[blob][]byte{}
	}
	data := world.Bytes(f.Label, f.Path, f.Bytes)
	s.bytes[key] = data
	return data
}

// copyOf fetches the bytes of a file that somebody brought, from any place where
// they lie; nil if there is none.
func (s *shelf) copyOf(w *world.World, c *world.Change, f *world.File) []byte {
	try := func(dir string, files []world.File) []byte {
		if have := fileAt(files, f.Path); have == nil || have.Label != f.Label || have.Bytes < f.Bytes {
			return nil
		}
		data, err := s.disk.ReadFrom(dir+"/"+f.Path, 0)
		if err != nil || int64(len(data)) < f.Bytes {
			return nil
		}
		return data[:f.Bytes:f.Bytes]
	}
	if !c.IsFolder() {
		img := &w.Images[c.Image]
		for i := range img.Copies {
			if img.Copies[i].Server == c.Server {
				continue
			}
			if data := try(s.cache(w, img.Copies[i].Server, c.Image), img.Copies[i].Files); data != nil {
				return data
			}
		}
	}
	for n := range w.Folders {
		if data := try(locationDir(w.Folders[n].Location), w.Folders[n].Files); data != nil {
			return data
		}
	}
	return nil
}

func (s *shelf) cache(w *world.World, server, image int32) string {
	return path.Join(serverDir(w.Servers[server].Name), deliveryDir, packageName(w.Images[image].Package), "cache")
}

func fileAt(files []world.File, name string) *world.File {
	n, ok := slices.BinarySearchFunc(files, name, func(f world.File, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return nil
	}
	return &files[n]
}

// snapshotXML lists the files of a package as its snapshot does.
func snapshotXML(name string, version int64, entries []world.Entry) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	fmt.Fprintf(&b, "<Snapshot PackageId=%q Version=\"%d\">\n", name, version)
	for i := range entries {
		b.WriteString("  <File Path=\"")
		_ = xml.EscapeText(&b, []byte(entries[i].Path)) // a buffer takes everything
		fmt.Fprintf(&b, "\" Size=\"%d\" Modified=\"%s\" />\n", entries[i].Bytes, entries[i].Mod.Time().Format(time.RFC3339))
	}
	b.WriteString("</Snapshot>\n")
	return b.Bytes()
}

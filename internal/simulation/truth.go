package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"html"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/platform"
)

// truth is what is so of one image, whatever anybody says: who owns it, where it is
// assigned, and what truly lies on the disks.
type truth struct {
	there    bool
	owner    string // a server's name, "smp", "" in doubt
	mode     estate.AssignmentMode
	setting  string // the whole assignment, to compare
	assigned []bool // by server of the scenario
	location string
	managed  bool // it has a package
	record   *estate.Content
	copies   []held // by server; the last one is what lies at the location
	servers  *servers
}

// held is one copy on a disk.
type held struct {
	folder  bool
	files   int
	digest  estate.Digest // over hashes, sizes and paths
	listing estate.Digest // over sizes and paths
	stamp   estate.Digest // over sizes, paths and times
	marked  bool
	due     estate.Time
	managed estate.ManagedBy // how the server takes itself to be tied to the package
	version int64            // as the platform says
	bytes   int64
	lists   listed // what the snapshot.xml beside it lists
	each    []file // sorted by path
}

// file is one file of a copy.
type file struct {
	path     string
	bytes    int64
	modified time.Time
	sum      estate.Digest
}

// same reports whether a file lists as another one does.
func (f *file) same(g *file) bool {
	return f.path == g.path && f.bytes == g.bytes && f.modified.Equal(g.modified)
}

// listed is what a snapshot.xml lists: paths and sizes, no hashes.
type listed struct {
	files   int
	bytes   int64
	listing estate.Digest
	version int64
}

// servers is what is so of the servers.
type servers struct {
	listed, up []bool
}

// reader reads the truth: the disk's bytes by itself, and the SMP's records from
// the lab behind the stage.
type reader struct {
	scenario *Scenario
	lab      *lab.Lab
	disk     *disk
	known    map[string]seen // what was read of folders
}

// seen is what was read of a folder in one of its states.
type seen struct {
	state
	held
}

// all is what the platform knows of everything.
func (r *reader) all() *estate.Estate {
	e, err := r.lab.ReadEstate(context.Background(), platform.Scope{})
	if err != nil {
		panic(err)
	}
	return e
}

// sync is how far the platform's updates and refreshes are.
func (r *reader) sync() *platform.SyncState {
	s, err := r.lab.ReadSync(context.Background())
	if err != nil {
		panic(err)
	}
	return s
}

func (r *reader) read(i int) (*truth, *servers) {
	g := guidOf(imageNumber(r.scenario.Images[i].Name), false)
	e, err := r.lab.ReadEstate(context.Background(), platform.Scope{Images: []estate.GUID{g}})
	if err != nil {
		panic(err) // the lab behind the stage has no faults of its own
	}
	n := len(r.scenario.Servers)
	v := &servers{listed: make([]bool, n), up: make([]bool, n)}
	t := &truth{assigned: make([]bool, n), copies: make([]held, n+1), servers: v}
	ids := make([]estate.ServerID, n)
	for k := range ids {
		ids[k] = estate.NoServer
	}
	for id := range e.Servers {
		k := int(r.scenario.number(e.Servers[id].Name))
		ids[k], v.listed[k], v.up[k] = estate.ServerID(id), true, e.Servers[id].State != estate.Offline
	}
	if len(e.Images) == 0 {
		return t, v
	}
	img := &e.Images[0]
	t.there, t.owner, t.mode, t.location, t.managed = true, e.ServerName(img.Owner), img.Assignment.Mode, img.Location, !img.Package.IsZero()
	t.record = img.Content
	names := e.NameAssignment(&img.Assignment)
	t.setting = settingOf(&names)
	for k := range n {
		t.assigned[k] = ids[k].IsServer() && covers(e, &img.Assignment, ids[k])
		if !t.managed {
			continue
		}
		dir := "servers/" + r.scenario.Servers[k].Name + "/Package Delivery/{" + strings.ToUpper(img.Package.String()) + "}"
		t.copies[k] = r.look(dir)
	}
	for c := range img.Copies {
		if from := &img.Copies[c]; from.Server.IsServer() {
			to := &t.copies[r.scenario.number(e.ServerName(from.Server))]
			to.marked, to.due, to.managed = !from.DeleteAfter.IsZero(), from.DeleteAfter, from.Managed
			to.version = from.Version
		}
	}
	if !t.managed || t.owner == "smp" {
		if dir, err := r.lab.LocationDir(img.Location); err == nil {
			t.copies[n] = r.look(dir)
		}
	}
	return t, v
}

// covers reports whether an assignment has a server among its members.
func covers(e *estate.Estate, a *estate.Assignment, id estate.ServerID) bool {
	switch a.Mode {
	case estate.AssignAll:
		return true
	case estate.AssignServers:
		for _, s := range a.Servers {
			if s == id {
				return true
			}
		}
	case estate.AssignSites, estate.AssignAutomatic:
		for _, site := range e.Servers[id].Sites {
			for _, s := range a.Sites {
				if strings.EqualFold(s, site) {
					return true
				}
			}
		}
	}
	return false
}

func settingOf(a *estate.AssignmentNames) string {
	s, t := append([]string(nil), a.Servers...), append([]string(nil), a.Sites...)
	sort.Strings(s)
	sort.Strings(t)
	return a.Mode.String() + "|" + strings.Join(s, ",") + "|" + strings.Join(t, ",")
}

// look sums up a package folder, or a location: what it sees is what it saw as long as
// nothing was changed there.
func (r *reader) look(dir string) held {
	is := r.disk.state(dir)
	if s, ok := r.known[dir]; ok && s.state == is {
		return s.held
	}
	var h held
	if packageFolder(dir) == dir {
		r.folder(dir+"/cache", &h)
		h.lists = r.snapshot(dir + "/snapshot.xml")
	} else {
		r.folder(dir, &h)
	}
	r.known[dir] = seen{is, h}
	return h
}

// folder sums up the files below a folder of the disk.
func (r *reader) folder(dir string, h *held) {
	digest, listing, stamp := sha256.New(), sha256.New(), sha256.New()
	var line []byte
	err := fs.WalkDir(r.disk.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(r.disk.FS(), name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		h.files++
		h.bytes += int64(len(data))
		f := file{name[len(dir)+1:], int64(len(data)), info.ModTime(), sha256.Sum256(data)}
		h.each = append(h.each, f)
		line = f.line(line[:0])
		digest.Write(line)
		listing.Write(line[2*len(f.sum)+2:])
		stamp.Write(strconv.AppendInt(line, f.modified.UnixNano(), 10)[2*len(f.sum)+2:])
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		panic(err)
	}
	h.folder = true
	if h.files > 0 {
		digest.Sum(h.digest[:0])
		listing.Sum(h.listing[:0])
		stamp.Sum(h.stamp[:0])
	}
}

// line appends the file's line in the digest of a package.
func (f *file) line(to []byte) []byte {
	to = append(hex.AppendEncode(to, f.sum[:]), "  "...)
	to = append(strconv.AppendInt(to, f.bytes, 10), "  "...)
	return append(append(to, f.path...), '\n')
}

// digestOf is the digest of a package with these files.
func digestOf(files []file) (d estate.Digest) {
	h := sha256.New()
	var line []byte
	for i := range files {
		line = files[i].line(line[:0])
		h.Write(line)
	}
	h.Sum(d[:0])
	return d
}

// snapshot reads what a snapshot.xml of the lab lists, one file a line.
func (r *reader) snapshot(name string) (s listed) {
	data, err := fs.ReadFile(r.disk.FS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return s
	}
	if err != nil {
		panic(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if n, err := strconv.ParseInt(attribute(line, "Version"), 10, 64); err == nil && strings.HasPrefix(line, "<Snapshot") {
			s.version = n
		}
		size, err := strconv.ParseInt(attribute(line, "Size"), 10, 64)
		if err != nil {
			continue
		}
		s.files++
		s.bytes += size
		lines = append(lines, attribute(line, "Path")+"\x00"+strconv.FormatInt(size, 10))
	}
	if s.files == 0 {
		return s
	}
	sort.Strings(lines)
	h := sha256.New()
	for _, l := range lines {
		name, size, _ := strings.Cut(l, "\x00")
		h.Write([]byte(size + "  " + name + "\n"))
	}
	h.Sum(s.listing[:0])
	return s
}

// attribute is the value of an attribute in a line of XML.
func attribute(line, name string) string {
	_, rest, _ := strings.Cut(line, " "+name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}

// diskHash is a hash of everything on the disk: folders, files, times, bytes.
func (r *reader) diskHash() string {
	h := sha256.New()
	err := fs.WalkDir(r.disk.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		h.Write([]byte(name + "\x00"))
		if d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(r.disk.FS(), name)
		h.Write(strconv.AppendInt(nil, info.ModTime().UnixNano(), 10))
		h.Write(data)
		return err
	})
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

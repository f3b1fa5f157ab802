package world

import (
	"math/bits"
	"slices"
	"sort"
	"time"

	"pslan/internal/estate"
)

// World is the whole state. It is plain data; Encode and Decode keep all of it.
// Servers, images and folders are never reordered: their indices are names that
// hold for the life of a lab. A retired server stays in the list.
type World struct {
	Seed     uint64
	Now      estate.Time
	SMP      estate.Server
	Sites    []string
	Servers  []Server
	Images   []Image
	Preboots []Preboot
	Folders  []Folder // what lies at locations: images on the SMP, legacy and backup images
	Update   Update
	Faults   Faults
	Queue    []Event // a heap, the earliest first
	Jobs     []Job   // sorted by image, then server
	Tasks    []TaskRun
	Lately   []Happening
	// History is a running hash of everything that happened.
	History uint64
	Rules   Rules

	changes []Change
	order   map[place]int
	rated   bool // Jobs carry the rates of this moment
	byGUID  map[estate.GUID]int32
	trace   func(Happening)
	asked   bool // what happens now was asked for, and would not have happened by itself
}

// Rules are the settings of the simulated installation.
type Rules struct {
	Bandwidth     int64         // bytes a second between two servers
	DeleteUnused  time.Duration // from losing the assignment to losing the files
	RefreshEvery  time.Duration
	UpdateEvery   time.Duration
	StatusAtMost  time.Duration // a status event takes 30 s to this
	OperatorTakes time.Duration // the simulated operator needs a tenth of this to all of it
}

// DefaultRules are those of a usual installation: 100 Mbit/s, a week until unused
// files go, hourly refreshes, a membership update every four hours.
func DefaultRules() Rules {
	return Rules{
		Bandwidth: 12_500_000, DeleteUnused: 7 * 24 * time.Hour, RefreshEvery: time.Hour,
		UpdateEvery: 4 * time.Hour, StatusAtMost: 5 * time.Minute, OperatorTakes: 20 * time.Minute,
	}
}

// Server is a package server.
type Server struct {
	Name, Host string
	GUID       estate.GUID
	Sites      []string
	Untold     bool // the seed did not know whether it is up; the SMP does not either
	Off        bool
	Retired    bool // its role was removed; its folders go when it is up
	Wiped      bool // they are gone
	Full       bool // fault: no room at all
	Slow       bool // fault: a tenth of the bandwidth
	Stuck      bool // fault: downloads do not move
	Mute       bool // fault: its status events are lost
	Free       int64
	Total      int64
	LastSeen   estate.Time
	Refreshed  estate.Time
}

// Image is an image with its package.
type Image struct {
	Name       string
	GUID       estate.GUID
	Package    estate.GUID
	Kind       estate.Kind
	Format     estate.Format
	Location   string
	Owner      estate.ServerID // index into World.Servers, SMP or NoServer
	Assignment Assignment      // on the SMP
	Known      Assignment      // what the last membership update worked out
	Taken      Assignment      // what the running update works out
	Version    int64
	Published  bool    // Snapshot stands for something: an owner has made one
	Snapshot   []Entry // as the owner last made it
	Content    *Content
	Right      []File // the files that the image is meant to consist of
	Nominal    int64  // the size it pretends to have, and
	Scaled     int64  // the size of Right
	Copies     []Copy // sorted by server
	// ServerFolder is where package servers keep the package; "": where they keep all.
	ServerFolder string
}

// Content is the recorded content that the platform reports.
type Content struct {
	Files, Bytes    int64 // nominal
	Digest, Listing estate.Digest
	Version         int64
	From            string
	TakenAt         estate.Time
}

// Assignment names servers by index.
type Assignment struct {
	Mode    estate.AssignmentMode
	Servers []int32
	Sites   []string
}

// Copy is what one server has and knows of a package, and what the SMP was told.
type Copy struct {
	Server int32
	Holding
	InPolicy bool
	Managed  estate.ManagedBy
	Status   string // the server's own word
	Sent     int64  // version of the last status event
	Said     Said   // what reached the SMP
}

// Holding is what lies on a disk for one package. Its slices are never changed in
// place: a change puts new ones there.
type Holding struct {
	Folder      bool
	Files       []File      // sorted by path
	Snapshot    []Entry     // of snapshot.xml
	Version     int64       // of snapshot.xml; 0: there is none
	MarkedAt    estate.Time // not zero: PackageStatus.xml says Deleted
	DeleteAfter estate.Time
}

// File is one file. Its bytes are the first Bytes of what its Label stands for.
type File struct {
	Path  string
	Bytes int64
	Mod   estate.Time
	Label string
}

// Entry is a file as a snapshot lists it.
type Entry struct {
	Path  string
	Bytes int64
	Mod   estate.Time
}

// Said is the status of a copy as the SMP knows it.
type Said struct {
	Known   bool
	Status  string
	At      estate.Time
	Version int64
}

// Folder is a folder that a location names.
type Folder struct {
	Location string
	Exists   bool
	Files    []File
}

// Preboot is a preboot configuration.
type Preboot struct {
	Name       string
	GUID       estate.GUID
	ConnectsTo string
	Rebuilt    estate.Time
	Building   bool
}

// Update is the state of the membership updates.
type Update struct {
	Started, Finished estate.Time // of the newest that has finished
	Running           bool
	Since             estate.Time // of the running one
	Planned           bool        // it was the schedule's turn
	Again             bool        // another one was asked for meanwhile
	Changed           []int32     // images whose assignment changed since the last one began
	Taken             []int32     // images that the running one works on
}

func (w *World) image(i int32) *Image   { return &w.Images[i] }
func (w *World) server(s int32) *Server { return &w.Servers[s] }

// ImageNumber finds an image by its GUID, or by its package's; -1 if there is none.
func (w *World) ImageNumber(g estate.GUID) int32 {
	if w.byGUID == nil {
		w.byGUID = make(map[estate.GUID]int32, 2*len(w.Images))
		for i := range w.Images {
			if p := w.Images[i].Package; !p.IsZero() {
				w.byGUID[p] = int32(i)
			}
		}
		for i := range w.Images {
			w.byGUID[w.Images[i].GUID] = int32(i)
		}
	}
	if n, ok := w.byGUID[g]; ok && !g.IsZero() {
		return n
	}
	return -1
}

// ServerNumber finds a server that has not been retired by its name; -1 if there is none.
func (w *World) ServerNumber(name string) int32 {
	key := estate.Fold(name)
	for i := range w.Servers {
		if !w.Servers[i].Retired && estate.Fold(w.Servers[i].Name) == key {
			return int32(i)
		}
	}
	return -1
}

// hostNumber finds a server by name, host or the host's first label.
func (w *World) hostNumber(host string) int32 {
	key := estate.Fold(host)
	for i := range w.Servers {
		s := &w.Servers[i]
		if estate.Fold(s.Name) == key || estate.Fold(s.Host) == key || estate.Fold(firstLabel(s.Host)) == key {
			return int32(i)
		}
	}
	return -1
}

func firstLabel(host string) string {
	for i := 0; i < len(host); i++ {
		if host[i] == '.' {
			return host[:i]
		}
	}
	return host
}

// copyOf returns the copy on a server, nil if the server knows nothing of it.
func (img *Image) copyOf(s int32) *Copy {
	n := sort.Search(len(img.Copies), func(i int) bool { return img.Copies[i].Server >= s })
	if n < len(img.Copies) && img.Copies[n].Server == s {
		return &img.Copies[n]
	}
	return nil
}

// Copy returns the copy of an image on a server, nil if there is none.
func (w *World) Copy(s, i int32) *Copy { return w.Images[i].copyOf(s) }

func (img *Image) needCopy(s int32) *Copy {
	n := sort.Search(len(img.Copies), func(i int) bool { return img.Copies[i].Server >= s })
	if n == len(img.Copies) || img.Copies[n].Server != s {
		img.Copies = slices.Insert(img.Copies, n, Copy{Server: s})
	}
	return &img.Copies[n]
}

// covers reports whether an assignment has a server among its members.
func (w *World) covers(a *Assignment, s int32) bool {
	switch a.Mode {
	case estate.AssignAll:
		return true
	case estate.AssignServers:
		_, ok := slices.BinarySearch(a.Servers, s)
		return ok
	case estate.AssignSites, estate.AssignAutomatic:
		for _, mine := range w.Servers[s].Sites {
			for _, site := range a.Sites {
				if estate.Fold(mine) == estate.Fold(site) {
					return true
				}
			}
		}
	}
	return false
}

// nominal scales real bytes of an image up to the size it pretends to have: all of
// its files give exactly the whole.
func (img *Image) nominal(b int64) int64 { return Scale(b, img.Nominal, img.Scaled) }

// Scale returns n*to/from rounded down, n itself where there is no scale.
func Scale(n, to, from int64) int64 {
	if from <= 0 || to <= 0 || n <= 0 {
		return max(n, 0)
	}
	hi, lo := bits.Mul64(uint64(n), uint64(to))
	if hi >= uint64(from) {
		return 1<<63 - 1
	}
	q, _ := bits.Div64(hi, lo, uint64(from))
	return int64(min(q, 1<<63-1))
}

func sizeOf(files []File) (n int64) {
	for i := range files {
		n += files[i].Bytes
	}
	return n
}

func after(t estate.Time, d time.Duration) estate.Time { return t + estate.Time(d) }

package world

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
)

// New makes a world from an observed estate.
//
// What lies on the disks follows from the evidence in it. Digests are labels: equal
// ones give equal bytes, others other bytes; equal listings give equal names and
// sizes. A copy with fewer files than the reference content has the first of its
// files, one with as many files and fewer bytes has the last one cut short. Where
// nobody looked, the owner holds the recorded content, if there is one, and every
// other server holds nothing, whatever its status says. A server that is off keeps
// what it has. Servers know their policy as it is, except copies marked for deletion.
func New(e *estate.Estate, seed uint64, rules Rules) (*World, error) {
	if err := check(e); err != nil {
		return nil, err
	}
	w := &World{Seed: seed, Now: e.TakenAt, SMP: e.SMP, Sites: e.Sites, Rules: rules}
	if w.Now == 0 {
		w.Now = estate.Time(1_767_225_600_000_000_000) // any moment will do: 2026-01-01
	}
	for i := range e.Servers {
		s := &e.Servers[i]
		w.Servers = append(w.Servers, Server{
			Name: s.Name, Host: s.Host, GUID: s.GUID, Sites: s.Sites, Off: s.State == estate.Offline,
			Untold: s.State == estate.StateUnknown, Free: s.FreeBytes, Total: s.TotalBytes, LastSeen: s.LastSeen,
		})
	}
	for _, p := range e.Preboots {
		w.Preboots = append(w.Preboots, Preboot{Name: p.Name, GUID: p.GUID, ConnectsTo: p.ConnectsTo})
	}
	w.Images = make([]Image, len(e.Images))
	recorded := make([][]File, len(e.Images))
	shared := map[string]string{}
	for i := range e.Images {
		recorded[i] = w.seedImage(int32(i), e, shared)
	}
	for i := range w.Images {
		w.seedContent(&w.Images[i], e.Images[i].Content, recorded[i])
	}
	w.startSchedules()
	w.changes, w.order = nil, nil
	return w, nil
}

// check refuses numbers that point nowhere; readers of estate files never make them.
func check(e *estate.Estate) error {
	known := func(id estate.ServerID) bool { return id < estate.ServerID(len(e.Servers)) && id >= estate.SMP }
	seen := make(map[estate.GUID]string, len(e.Images))
	for i := range e.Images {
		img := &e.Images[i]
		if img.GUID.IsZero() {
			return fmt.Errorf("the image %s has no GUID", img.Name)
		}
		if other, ok := seen[img.GUID]; ok {
			return fmt.Errorf("the images %s and %s have the same GUID %s", other, img.Name, img.GUID)
		}
		seen[img.GUID] = img.Name
		ids := append([]estate.ServerID{img.Owner}, img.Assignment.Servers...)
		for j := range img.Copies {
			ids = append(ids, img.Copies[j].Server)
		}
		for _, id := range ids {
			if !known(id) {
				return fmt.Errorf("the image %s names package server number %d of %d", img.Name, id, len(e.Servers))
			}
		}
	}
	return nil
}

// seedImage makes an image with its copies and returns its recorded files. shared
// remembers after which image the files in a folder are called: several images may
// have one folder, and then the same files.
func (w *World) seedImage(i int32, e *estate.Estate, shared map[string]string) []File {
	from, img := &e.Images[i], &w.Images[i]
	*img = Image{
		Name: from.Name, GUID: from.GUID, Package: from.Package, Kind: from.Kind, Format: from.Format,
		Location: from.Location, Owner: from.Owner, Assignment: seedAssignment(&from.Assignment), Version: from.Version,
	}
	img.Known, img.Taken = img.Assignment, img.Assignment
	ref, name := referenceOf(e, from), from.Name
	if ref != nil && w.atLocation(img) {
		key := locationKey(from.Location) + label(from, ref.Digest, ref.Listing)
		if first, ok := shared[key]; ok {
			name = first
		}
		shared[key] = name
	}
	m := newMaker(from, name, w.Now)
	if ref != nil {
		img.Right = m.make(label(from, ref.Digest, ref.Listing), listing(from, ref), ref.Files, ref.Bytes)
		img.Nominal, img.Scaled = max(ref.Bytes, 0), sizeOf(img.Right)
		img.Snapshot, img.Published = entriesOf(img.Right), true
		if img.Version == 0 {
			img.Version = ref.Version
		}
	}
	s := seeding{w: w, from: from, img: img, m: m, ref: ref}
	for j := range from.Copies {
		s.copy(&from.Copies[j])
	}
	s.owner()
	if from.Content == nil {
		return nil
	}
	return s.recorded().Files
}

func seedAssignment(a *estate.Assignment) Assignment {
	out := Assignment{Mode: a.Mode, Sites: slices.Clone(a.Sites)}
	for _, id := range a.Servers {
		if id.IsServer() {
			out.Servers = append(out.Servers, int32(id))
		}
	}
	slices.Sort(out.Servers)
	out.Servers = slices.Compact(out.Servers)
	return out
}

// referenceOf is the content that an image is meant to have: what the owner was
// seen to hold, else what was recorded, else the fullest copy that anybody saw.
func referenceOf(e *estate.Estate, img *estate.Image) *estate.Content {
	if ref := e.Judge(img, estate.NoServer).Reference; ref.Origin != estate.NoReference {
		return &ref.Content
	}
	var best *estate.Content
	for j := range img.Copies {
		if ev := &img.Copies[j].Evidence; ev.Sight == estate.Seen && ev.Files > 0 && (best == nil || ev.Bytes > best.Bytes) {
			best = &estate.Content{Files: ev.Files, Bytes: ev.Bytes, Digest: ev.Digest, Listing: ev.Listing, Version: img.Copies[j].Version}
		}
	}
	return best
}

// label stands for bytes: the digest where one was taken, else the listing.
func label(img *estate.Image, digest, listing estate.Digest) string {
	switch {
	case !digest.IsZero():
		return digest.String()
	case !listing.IsZero():
		return "listing " + listing.String()
	}
	return "content of " + img.GUID.String()
}

func listing(img *estate.Image, c *estate.Content) string {
	if !c.Listing.IsZero() {
		return c.Listing.String()
	}
	return label(img, c.Digest, c.Listing)
}

// seeding makes the copies of one image.
type seeding struct {
	w    *World
	from *estate.Image
	img  *Image
	m    *maker
	ref  *estate.Content
}

// files are what a copy holds by its evidence.
func (s *seeding) files(ev *estate.Evidence) []File {
	if ev.Sight != estate.Seen || ev.Files <= 0 {
		return nil
	}
	seen := &estate.Content{Files: ev.Files, Bytes: ev.Bytes, Digest: ev.Digest, Listing: ev.Listing}
	if s.ref == nil {
		return s.m.make(label(s.from, ev.Digest, ev.Listing), listing(s.from, seen), ev.Files, ev.Bytes)
	}
	switch ev.Against(s.ref) {
	case estate.Good:
		return s.img.Right
	case estate.ClassUnknown: // as many files and bytes, and no digest on one side
		return s.img.Right
	case estate.Partial:
		if n := int(ev.Files); n < len(s.img.Right) {
			return s.img.Right[:n:n]
		}
		cut := min(max(Scale(ev.Bytes, s.img.Scaled, s.img.Nominal), 1), s.img.Scaled-1)
		return prefix(s.img.Right, cut, int(ev.Files))
	}
	return s.m.make(label(s.from, ev.Digest, ev.Listing), listing(s.from, seen), ev.Files, ev.Bytes)
}

func (s *seeding) copy(from *estate.Copy) {
	holding := Holding{Folder: from.Evidence.Folder || from.Evidence.Files > 0, Files: s.files(&from.Evidence)}
	if from.Evidence.Sight != estate.Seen {
		holding = Holding{}
		if from.Server == s.from.Owner && s.from.Content != nil {
			holding = s.recorded()
		}
	}
	if !from.Server.IsServer() || s.from.Package.IsZero() {
		s.place(holding)
		if from.Server == estate.SMP {
			return
		}
	}
	c := s.img.needCopy(int32(from.Server))
	c.Managed, c.Status = from.Managed, from.Status
	c.Said = Said{Known: from.Status != "" || from.Version != 0, Status: from.Status, At: from.StatusAt, Version: from.Version}
	if s.from.Package.IsZero() {
		return
	}
	c.Holding = holding
	c.DeleteAfter = from.DeleteAfter
	if c.DeleteAfter != 0 {
		c.MarkedAt = after(c.DeleteAfter, -s.w.Rules.DeleteUnused)
	}
	// A copy that is neither assigned nor marked is one whose server has not heard yet.
	c.InPolicy = c.DeleteAfter == 0 && (c.Folder || s.w.covers(&s.img.Assignment, c.Server))
	if len(c.Files) > 0 {
		c.Snapshot, c.Version = s.img.Snapshot, cmpOr(from.Version, s.img.Version, 1)
	}
	c.Sent = c.Version
}

func cmpOr(vs ...int64) int64 {
	for _, v := range vs {
		if v != 0 {
			return v
		}
	}
	return 0
}

func (s *seeding) recorded() Holding {
	c := s.from.Content
	return Holding{Folder: c.Files > 0, Files: s.m.make(label(s.from, c.Digest, c.Listing), listing(s.from, c), c.Files, c.Bytes)}
}

// owner gives the owner of an image what was recorded of it, if no copy of his was listed.
func (s *seeding) owner() {
	if s.from.Content == nil || s.from.Copy(s.from.Owner) != nil {
		return
	}
	if s.from.Owner.IsServer() {
		s.copy(&estate.Copy{Server: s.from.Owner, Managed: estate.ManagedLocal})
	} else if s.from.Owner == estate.SMP || s.from.Package.IsZero() {
		s.place(s.recorded())
	}
}

// place puts files into the folder that the image's location names. Images that
// share a folder share what lies in it.
func (s *seeding) place(h Holding) {
	if s.img.Location == "" {
		return
	}
	f := s.w.needFolder(s.img.Location)
	f.Exists = f.Exists || h.Folder || len(h.Files) > 0
	f.Files = union(f.Files, h.Files)
}

func union(a, b []File) []File {
	out := slices.Clone(a)
	for i := range b {
		if findFile(a, b[i].Path) == nil {
			out = append(out, b[i])
		}
	}
	slices.SortFunc(out, func(x, y File) int { return strings.Compare(x.Path, y.Path) })
	return out
}

// seedContent computes the digests of the recorded content, now that folders shared
// by several images are complete: who looks at one sees the files of all.
func (w *World) seedContent(img *Image, c *estate.Content, files []File) {
	if c == nil {
		return
	}
	if w.atLocation(img) && len(files) > 0 && w.sharers(img.Location) > 1 {
		files = union(files, w.folder(img.Location).Files)
	}
	img.Content = &Content{
		Files: min(max(c.Files, 0), maxFiles), Bytes: max(c.Bytes, 0), Version: c.Version, From: c.From, TakenAt: c.TakenAt,
	}
	digest, listing := Digests(files)
	if img.Content.Listing = listing; !c.Digest.IsZero() {
		img.Content.Digest = digest
	}
}

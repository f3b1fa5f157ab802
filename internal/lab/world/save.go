package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
)

// The saved form: GUIDs and digests as text, and files that are those of their
// image (most are) not listed again.
type (
	savedWorld struct {
		Seed     uint64
		Now      estate.Time
		SMP      savedSMP
		Sites    []string
		Rules    Rules
		Servers  []savedServer
		Images   []savedImage
		Preboots []savedPreboot `json:",omitempty"`
		Folders  []Folder       `json:",omitempty"`
		Update   Update
		Faults   Faults
		Queue    []Event
		Jobs     []Job       `json:",omitempty"`
		Tasks    []TaskRun   `json:",omitempty"`
		Lately   []Happening `json:",omitempty"`
		History  uint64
	}
	savedSMP struct{ Name, GUID, Version string }

	savedServer struct {
		Server
		GUID string
	}
	savedPreboot struct {
		Preboot
		GUID string
	}
	savedImage struct {
		Name, GUID, Package string
		Kind, Format        string
		Location            string `json:",omitempty"`
		Owner               estate.ServerID
		Assignment          Assignment
		Known, Taken        *Assignment `json:",omitempty"` // absent: as Assignment
		Version             int64
		Published           bool
		Snapshot            *[]Entry      `json:",omitempty"` // absent: lists Right
		Content             *savedContent `json:",omitempty"`
		Right               []File
		Nominal, Scaled     int64
		Copies              []savedCopy
		ServerFolder        string `json:",omitempty"`
	}
	savedContent struct {
		Content
		Digest, Listing string
	}
	savedCopy struct {
		Server      int32
		Folder      bool
		Whole       bool     `json:",omitempty"` // Files are Right
		Files       []File   `json:",omitempty"`
		Listed      bool     `json:",omitempty"` // Snapshot is that of the image
		Snapshot    *[]Entry `json:",omitempty"`
		Version     int64
		MarkedAt    estate.Time `json:",omitempty"`
		DeleteAfter estate.Time `json:",omitempty"`
		InPolicy    bool
		Managed     string
		Status      string
		Sent        int64
		Said        Said
	}
)

// Encode returns the world as JSON, the same bytes for the same world.
func (w *World) Encode() ([]byte, error) {
	out := savedWorld{
		Seed: w.Seed, Now: w.Now, SMP: savedSMP{w.SMP.Name, w.SMP.GUID.String(), w.SMP.Version}, Sites: w.Sites, Rules: w.Rules,
		Folders: w.Folders, Update: w.Update, Faults: w.Faults, Queue: w.Queue, Jobs: w.Jobs, Tasks: w.Tasks, Lately: w.Lately, History: w.History,
	}
	for _, s := range w.Servers {
		out.Servers = append(out.Servers, savedServer{Server: s, GUID: s.GUID.String()})
	}
	for _, p := range w.Preboots {
		out.Preboots = append(out.Preboots, savedPreboot{Preboot: p, GUID: p.GUID.String()})
	}
	out.Images = make([]savedImage, len(w.Images))
	for i := range w.Images {
		out.Images[i] = saveImage(&w.Images[i])
	}
	return json.Marshal(&out)
}

func saveImage(img *Image) savedImage {
	out := savedImage{
		Name: img.Name, GUID: img.GUID.String(), Package: img.Package.String(), Kind: img.Kind.String(), Format: img.Format.String(),
		Location: img.Location, Owner: img.Owner, Assignment: img.Assignment, Version: img.Version, Published: img.Published,
		Right: img.Right, Nominal: img.Nominal, Scaled: img.Scaled, ServerFolder: img.ServerFolder,
	}
	if !sameAssignment(&img.Known, &img.Assignment) {
		out.Known = &img.Known
	}
	if !sameAssignment(&img.Taken, &img.Assignment) {
		out.Taken = &img.Taken
	}
	if !slices.Equal(img.Snapshot, entriesOf(img.Right)) {
		out.Snapshot = &img.Snapshot
	}
	if c := img.Content; c != nil {
		out.Content = &savedContent{Content: *c, Digest: c.Digest.String(), Listing: c.Listing.String()}
	}
	out.Copies = make([]savedCopy, len(img.Copies))
	for j := range img.Copies {
		out.Copies[j] = saveCopy(img, &img.Copies[j])
	}
	return out
}

func sameAssignment(a, b *Assignment) bool {
	return a.Mode == b.Mode && slices.Equal(a.Servers, b.Servers) && slices.Equal(a.Sites, b.Sites)
}

func saveCopy(img *Image, c *Copy) savedCopy {
	out := savedCopy{
		Server: c.Server, Folder: c.Folder, Version: c.Version, MarkedAt: c.MarkedAt, DeleteAfter: c.DeleteAfter,
		InPolicy: c.InPolicy, Managed: c.Managed.String(), Status: c.Status, Sent: c.Sent, Said: c.Said,
	}
	if len(c.Files) > 0 && slices.Equal(c.Files, img.Right) {
		out.Whole = true
	} else {
		out.Files = c.Files
	}
	switch {
	case len(c.Snapshot) > 0 && sameEntries(c.Snapshot, img.Snapshot):
		out.Listed = true
	case c.Snapshot != nil:
		out.Snapshot = &c.Snapshot
	}
	return out
}

// Decode reads what Encode wrote.
func Decode(data []byte) (*World, error) {
	var in savedWorld
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	w := &World{
		Seed: in.Seed, Now: in.Now, SMP: estate.Server{Name: in.SMP.Name, Version: in.SMP.Version}, Sites: in.Sites, Rules: in.Rules,
		Folders: in.Folders, Update: in.Update, Faults: in.Faults, Queue: in.Queue, Jobs: in.Jobs, Tasks: in.Tasks, Lately: in.Lately, History: in.History,
	}
	var err error
	guid := func(text string) (g estate.GUID) {
		g, bad := estate.ParseGUID(text)
		err = errors.Join(err, bad)
		return g
	}
	w.SMP.GUID = guid(in.SMP.GUID)
	for _, s := range in.Servers {
		s.Server.GUID = guid(s.GUID)
		w.Servers = append(w.Servers, s.Server)
	}
	for _, p := range in.Preboots {
		p.Preboot.GUID = guid(p.GUID)
		w.Preboots = append(w.Preboots, p.Preboot)
	}
	w.Images = make([]Image, len(in.Images))
	for i := range in.Images {
		w.Images[i].GUID, w.Images[i].Package = guid(in.Images[i].GUID), guid(in.Images[i].Package)
		err = errors.Join(err, in.Images[i].restore(&w.Images[i]))
	}
	if err == nil {
		err = w.sound()
	}
	return w, err
}

func (in *savedImage) restore(img *Image) error {
	kind, ok1 := estate.ParseKind(in.Kind)
	format, ok2 := estate.ParseFormat(in.Format)
	if !ok1 || !ok2 {
		return fmt.Errorf("image %s: unknown kind %q or format %q", in.Name, in.Kind, in.Format)
	}
	img.Name, img.Kind, img.Format, img.Location, img.Owner = in.Name, kind, format, in.Location, in.Owner
	img.Assignment, img.Known, img.Taken = in.Assignment, in.Assignment, in.Assignment
	if in.Known != nil {
		img.Known = *in.Known
	}
	if in.Taken != nil {
		img.Taken = *in.Taken
	}
	img.Version, img.Published, img.Right = in.Version, in.Published, in.Right
	img.Nominal, img.Scaled, img.ServerFolder = in.Nominal, in.Scaled, in.ServerFolder
	if in.Snapshot != nil {
		img.Snapshot = *in.Snapshot
	} else {
		img.Snapshot = entriesOf(in.Right)
	}
	if c := in.Content; c != nil {
		d, err1 := estate.ParseDigest(c.Digest)
		l, err2 := estate.ParseDigest(c.Listing)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("image %s: %w", in.Name, err)
		}
		content := c.Content
		content.Digest, content.Listing = d, l
		img.Content = &content
	}
	img.Copies = make([]Copy, len(in.Copies))
	for j := range in.Copies {
		if err := in.Copies[j].restore(img, &img.Copies[j]); err != nil {
			return err
		}
	}
	return nil
}

func (in *savedCopy) restore(img *Image, c *Copy) error {
	managed, ok := estate.ParseManagedBy(in.Managed)
	if !ok {
		return fmt.Errorf("image %s: unknown management %q", img.Name, in.Managed)
	}
	*c = Copy{Server: in.Server, InPolicy: in.InPolicy, Managed: managed, Status: in.Status, Sent: in.Sent, Said: in.Said}
	c.Holding = Holding{Folder: in.Folder, Files: in.Files, Version: in.Version, MarkedAt: in.MarkedAt, DeleteAfter: in.DeleteAfter}
	if in.Whole {
		c.Files = img.Right
	}
	if in.Listed {
		c.Snapshot = img.Snapshot
	} else if in.Snapshot != nil {
		c.Snapshot = *in.Snapshot
	}
	return nil
}

// sound refuses a world whose numbers point nowhere, whose files would lie outside
// of the lab, or whose schedules would never end: then the file was changed.
func (w *World) sound() error {
	if r := &w.Rules; r.Bandwidth <= 0 || r.Bandwidth > 1e15 || min(r.RefreshEvery, r.UpdateEvery) < time.Minute || min(r.DeleteUnused, r.StatusAtMost, r.OperatorTakes) < 0 ||
		max(r.RefreshEvery, r.UpdateEvery, r.DeleteUnused, r.StatusAtMost, r.OperatorTakes) > 10*365*24*time.Hour {
		return errors.New("the rules make no sense")
	}
	if w.Now < 0 || w.Now > endOfTime {
		return errors.New("the clock is beyond all time")
	}
	servers, images := int32(len(w.Servers)), int32(len(w.Images))
	for i := range w.Images {
		img := &w.Images[i]
		bad := img.Owner >= estate.ServerID(servers) || img.Owner < estate.SMP
		for _, a := range []*Assignment{&img.Assignment, &img.Known, &img.Taken} {
			bad = bad || slices.ContainsFunc(a.Servers, func(s int32) bool { return s < 0 || s >= servers })
		}
		for j := range img.Copies {
			bad = bad || img.Copies[j].Server < 0 || img.Copies[j].Server >= servers || j > 0 && img.Copies[j].Server <= img.Copies[j-1].Server
		}
		if bad {
			return fmt.Errorf("the image %s names a package server that is not there", img.Name)
		}
		if !img.soundFiles() {
			return fmt.Errorf("the image %s lists files that cannot be", img.Name)
		}
	}
	for i := range w.Jobs {
		if j := &w.Jobs[i]; j.Server < 0 || j.Server >= servers || j.Image < 0 || j.Image >= images ||
			w.Copy(j.Server, j.Image) == nil || !j.sound() || i > 0 && !w.Jobs[i-1].before(j) {
			return errors.New("a download names something that is not there")
		}
	}
	if !w.soundTasks() {
		return errors.New("a task names a server that is not there")
	}
	for i := range w.Folders {
		if !soundFiles(w.Folders[i].Files) {
			return fmt.Errorf("the folder %s lists files that cannot be", w.Folders[i].Location)
		}
	}
	for i := range w.Queue {
		if e := &w.Queue[i]; !w.soundEvent(e) || i > 0 && e.before(&w.Queue[(i-1)/2]) {
			return errors.New("an event names something that is not there")
		}
	}
	for _, i := range slices.Concat(w.Update.Changed, w.Update.Taken) {
		if i < 0 || i >= images {
			return errors.New("the membership update names an image that is not there")
		}
	}
	return nil
}

// maxMade is more than the size of any file that is made here.
const maxMade = 1 << 20

func soundFiles(files []File) bool {
	for i := range files {
		f := &files[i]
		if !soundPath(f.Path) || f.Bytes < 0 || f.Bytes > maxMade && !f.IsFound() || i > 0 && f.Path <= files[i-1].Path {
			return false
		}
	}
	return true
}

// soundPath: relative, below its folder, and not the folder itself.
func soundPath(p string) bool {
	if strings.ContainsAny(p, "\\\x00:") {
		return false
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

func soundEntries(entries []Entry) bool {
	files := make([]File, len(entries))
	for i, e := range entries {
		files[i] = File{Path: e.Path, Bytes: e.Bytes, Label: found}
	}
	return soundFiles(files)
}

func (img *Image) soundFiles() bool {
	if !soundFiles(img.Right) || !soundEntries(img.Snapshot) || img.Nominal < 0 || img.Scaled < 0 {
		return false
	}
	return !slices.ContainsFunc(img.Copies, func(c Copy) bool { return !soundFiles(c.Files) || !soundEntries(c.Snapshot) })
}

func (j *Job) sound() bool {
	return soundEntries(j.Need) && j.Total > 0 && j.Total < 1<<60 && j.Done >= 0 && j.Done <= j.Total && j.Shown >= 0 && j.Shown < parts
}

func (w *World) soundEvent(e *Event) bool {
	server := e.Server >= 0 && int(e.Server) < len(w.Servers)
	if e.At < 0 || e.At > endOfTime+endOfTime/2 {
		return false
	}
	switch e.Kind {
	case evRefresh, evRefreshSchedule, evTask:
		return server
	case evStatus:
		return server && e.Said != nil && e.Image >= 0 && int(e.Image) < len(w.Images)
	case evRebuilt:
		return e.Image >= 0 && int(e.Image) < len(w.Preboots)
	case evPoints:
		return e.Image >= 0 && int(e.Image) < len(w.Images)
	case evCommand:
		return e.Do != nil
	}
	return e.Kind >= evUpdateStart && e.Kind <= evUpdateSchedule
}

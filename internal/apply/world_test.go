package apply

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// fakeWorld is a platform in memory on a virtual clock, small enough to be read in
// one go: what is asked for happens after a while, unless a fault says otherwise.
type fakeWorld struct {
	mu      sync.Mutex
	now     time.Time
	events  []event
	nextSeq int
	servers []*fakeServer
	images  []*fakeImage
	boots   []estate.Preboot
	sync    platform.SyncState
	desc    platform.Description
	faults  map[string]string // "TakeOwnership win11" -> ignore, lost, dropped, refuse, other, panic
	calls   []string          // every write, in order
	looks   int               // how often it was observed
	wanted  int               // copies looked at, in all
	syncs   int               // how often ReadSync was called
	// before is called at the begin of every write, with the call; observed after every reading.
	before   func(call string)
	observed func(*Observation, []Want)
	// hearsay changes what a second-hand reading says.
	hearsay  func(*estate.Estate)
	took     map[string]time.Duration // how long things take, by word
	blind    int                      // readings that fail from now on
	hideSync bool
	looked   time.Duration // how long ago what is told of copies was seen
	byGUID   map[estate.GUID]*fakeImage
}

type fakeServer struct {
	name  string
	sites []string
	off   bool
	free  int64
}

type fakeImage struct {
	name          string
	guid, pack    estate.GUID
	format        estate.Format
	owner         string
	assigned      estate.AssignmentNames
	published     estate.AssignmentNames // as of the newest membership update
	location      string
	content       []platform.File
	copies        map[string]*fakeCopy // by server
	at            map[string][]platform.File
	record        *estate.Content
	downloadTakes time.Duration
}

type fakeCopy struct {
	folder      bool
	files       []platform.File
	managed     estate.ManagedBy
	deleteAfter time.Time
	hashedAt    time.Time
	unseen      string
	busy        bool
	agent       *estate.AgentFiles
	taken       time.Time // of the manifest that tells of it; zero: it is looked at
}

type event struct {
	at  time.Time
	seq int
	do  func()
}

var dayOne = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func newFakeWorld() *fakeWorld {
	return &fakeWorld{
		now: dayOne, faults: map[string]string{},
		desc: platform.Description{Type: "lab", Simulated: true, OperatorPresent: true},
		took: map[string]time.Duration{"update": 2 * time.Minute, "refresh": time.Minute, "take": time.Minute, "download": 10 * time.Minute, "operator": 30 * time.Minute, "assign": 0},
		sync: platform.SyncState{UpdateStarted: dayOne.Add(-time.Hour), UpdateFinished: dayOne.Add(-time.Hour + time.Minute),
			Refreshed: map[string]time.Time{}},
	}
}

func guidOf(name string) estate.GUID {
	sum := sha256.Sum256([]byte(name))
	return estate.GUID(sum[:16])
}

// filesOf makes the content that a label stands for: equal labels, equal files. A
// label ending in "!" has the sizes of the one without it, and other bytes.
func filesOf(label string, n int, each int64) []platform.File {
	var out []platform.File
	for i := range n {
		f := platform.File{Path: fmt.Sprintf("part%d.gho", i+1), Bytes: each}
		f.SHA256 = sha256.Sum256(fmt.Appendf(nil, "%s/%d", label, i))
		out = append(out, f)
	}
	return out
}

func (w *fakeWorld) server(name string) *fakeServer {
	for _, s := range w.servers {
		if sameName(s.name, name) {
			return s
		}
	}
	return nil
}

func (w *fakeWorld) image(g estate.GUID) *fakeImage {
	if len(w.byGUID) != len(w.images) {
		w.byGUID = map[estate.GUID]*fakeImage{}
		for _, i := range w.images {
			w.byGUID[i.guid] = i
		}
	}
	return w.byGUID[g]
}

func (w *fakeWorld) after(d time.Duration, do func()) {
	w.nextSeq++
	e := event{w.now.Add(d), w.nextSeq, do}
	at, _ := slices.BinarySearchFunc(w.events, e, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), a.seq-b.seq) })
	w.events = slices.Insert(w.events, at, e)
}

func (w *fakeWorld) Describe() platform.Description { return w.desc }

func (w *fakeWorld) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pause jumps to the next event, at most to until.
func (w *fakeWorld) Pause(ctx context.Context, _ time.Duration, until time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	w.runDue()
	next := until
	if len(w.events) > 0 && w.events[0].at.Before(until) {
		next = w.events[0].at
	}
	if next.After(w.now) {
		w.now = next
	}
	w.runDue()
	return nil
}

func (w *fakeWorld) runDue() {
	for {
		if len(w.events) == 0 || w.events[0].at.After(w.now) {
			return
		}
		e := w.events[0]
		w.events = w.events[1:]
		e.do()
	}
}

// write notes a call and carries it out as the fault for it says.
func (w *fakeWorld) write(call, object string, do func()) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := strings.TrimSpace(call + " " + object)
	if w.before != nil {
		w.before(name)
	}
	w.calls = append(w.calls, name)
	fault := cmp.Or(w.faults[name], w.faults[call])
	if kind, once := strings.CutSuffix(fault, "-once"); once {
		fault = kind
		delete(w.faults, name)
		delete(w.faults, call)
	}
	fail := func(kind platform.Kind, text string) error {
		return &platform.Error{Op: strings.ToLower(call), Object: object, Kind: kind, Err: errors.New(text), Hint: "try again"}
	}
	switch fault {
	case "ignore":
		return nil
	case "lost": // done, and the answer lost
		do()
		return fail(platform.KindUnreachable, "connection reset")
	case "dropped": // lost on the way there
		return fail(platform.KindUnreachable, "connection refused")
	case "refuse":
		return fail(platform.KindRefused, "not allowed")
	case "other":
		return fail(platform.KindOther, "internal server error")
	case "unsupported":
		return fail(platform.KindUnsupported, "no such call")
	case "panic":
		panic("index out of range")
	}
	do()
	return nil
}

func (w *fakeWorld) SetAssignment(_ context.Context, r platform.ImageRef, to estate.AssignmentNames) error {
	return w.write("SetAssignment", r.Name, func() {
		w.after(w.took["assign"], func() { w.image(r.Image).assigned = to })
		w.runDue()
	})
}

func (w *fakeWorld) UpdateMembership(context.Context) error {
	return w.write("UpdateMembership", "", func() {
		start := w.now
		w.sync.UpdateRunning = true
		for _, i := range w.images {
			i.published = i.assigned
		}
		w.after(w.took["update"], func() {
			w.sync.UpdateStarted, w.sync.UpdateFinished, w.sync.UpdateRunning = start, w.now, false
		})
	})
}

func (w *fakeWorld) RefreshServer(_ context.Context, server string) error {
	return w.write("RefreshServer", server, func() { w.refresh(server) })
}

func (w *fakeWorld) refresh(server string) {
	s := w.server(server)
	if s.off {
		return
	}
	w.after(w.took["refresh"], func() {
		if s.off {
			return
		}
		w.sync.Refreshed[s.name] = w.now
		for _, i := range w.images {
			w.follow(s, i)
		}
	})
}

// follow is what a server does about one image at a refresh.
func (w *fakeWorld) follow(s *fakeServer, i *fakeImage) {
	c := i.copies[s.name]
	switch {
	case s.in(&i.published):
		if c == nil {
			c = &fakeCopy{}
			i.copies[s.name] = c
		}
		c.deleteAfter, c.folder = time.Time{}, true
		c.managed = estate.ManagedExternal
		if sameName(i.owner, s.name) {
			c.managed = estate.ManagedLocal
			return
		}
		w.download(s, i, c)
	case c != nil && c.deleteAfter.IsZero():
		c.deleteAfter = w.now.Add(7 * 24 * time.Hour)
	}
}

// in reports whether an assignment covers a server.
func (s *fakeServer) in(a *estate.AssignmentNames) bool {
	switch a.Mode {
	case estate.AssignAll:
		return true
	case estate.AssignServers:
		return containsName(a.Servers, s.name)
	}
	return slices.ContainsFunc(s.sites, func(site string) bool { return containsName(a.Sites, site) })
}

func (w *fakeWorld) download(s *fakeServer, i *fakeImage, c *fakeCopy) {
	from := i.copies[i.owner]
	if c.busy || from == nil || w.server(i.owner).off || len(from.files) == 0 || sameSizes(c.files, from.files) {
		return
	}
	c.busy = true
	takes := cmp.Or(i.downloadTakes, w.took["download"])
	w.after(takes/2, func() { c.files = slices.Clone(from.files[:len(from.files)/2]) })
	w.after(takes, func() {
		if c.busy = false; w.server(i.owner).off {
			return
		}
		c.files = slices.Clone(from.files)
		s.free -= bytesOf(from.files)
	})
}

func sameSizes(a, b []platform.File) bool {
	return slices.EqualFunc(a, b, func(x, y platform.File) bool { return x.Path == y.Path && x.Bytes == y.Bytes })
}

func bytesOf(files []platform.File) int64 {
	var n int64
	for i := range files {
		n += files[i].Bytes
	}
	return n
}

func (w *fakeWorld) TakeOwnership(_ context.Context, r platform.ImageRef, server string) error {
	return w.write("TakeOwnership", r.Name, func() {
		w.after(w.took["take"], func() { w.image(r.Image).owner = server })
	})
}

func (w *fakeWorld) SetLocation(_ context.Context, r platform.ImageRef, to string) error {
	return w.write("SetLocation", r.Name, func() {
		i := w.image(r.Image)
		i.at[i.location], i.location = i.copies["smp"].files, to
		i.copies["smp"].files = i.at[to]
	})
}

func (w *fakeWorld) RebuildPreboot(_ context.Context, g estate.GUID) error {
	return w.write("RebuildPreboot", "", func() {})
}

func (w *fakeWorld) AskOperator(_ context.Context, t platform.OperatorTask) error {
	return w.write("AskOperator", string(t.Op), func() { w.after(w.took["operator"], func() { w.operate(t) }) })
}

// operate is what the simulated operator does.
func (w *fakeWorld) operate(t platform.OperatorTask) {
	i := w.image(t.Image.Image)
	switch t.Op {
	case platform.OpTakeOwnership:
		i.owner = t.Server
	case platform.OpClearCopy:
		c := i.copies[t.Server]
		c.files = slices.DeleteFunc(c.files, func(f platform.File) bool { return slices.Contains(t.Files, f.Path) })
	case platform.OpCopyFiles:
		i.at[t.To] = slices.Clone(i.content)
	case platform.OpConvert:
		i.format, i.pack = estate.Managed, guidOf("package of "+i.name)
	case platform.OpChangeProfile:
		for b := range w.boots {
			if w.boots[b].GUID == t.Preboot {
				w.boots[b].ConnectsTo = t.To
			}
		}
	case platform.OpRetireServer:
		w.servers = slices.DeleteFunc(w.servers, func(s *fakeServer) bool { return s.name == t.Server })
	case platform.OpRefresh:
		w.refresh(t.Server)
	}
}

func (w *fakeWorld) ReadSync(context.Context) (*platform.SyncState, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.syncs++
	if w.hideSync {
		return nil, &platform.Error{Op: "read sync", Kind: platform.KindUnsupported}
	}
	s := w.sync
	s.Now = w.now
	s.Refreshed = map[string]time.Time{}
	for name, at := range w.sync.Refreshed {
		s.Refreshed[strings.ToUpper(name)] = at
	}
	return &s, nil
}

// ReadEstate reads what the platform says, without looking at copies.
func (w *fakeWorld) ReadEstate(ctx context.Context, scope platform.Scope) (*estate.Estate, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	w.runDue()
	e, _ := w.estate(scope.Images)
	return e, nil
}

// Observe reads the facts of some images and looks at copies.
func (w *fakeWorld) Observe(ctx context.Context, images []estate.GUID, wants []Want) (*Observation, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	w.runDue()
	w.looks++
	w.wanted += len(wants)
	if w.blind > 0 {
		w.blind--
		return nil, &platform.Error{Op: "read estate", Kind: platform.KindUnreachable, Err: errors.New("no route to host")}
	}
	e, at := w.estate(images)
	o := &Observation{Estate: e, Index: estate.NewIndex(e)}
	for _, want := range wants {
		seen := w.see(want)
		o.Seen = append(o.Seen, seen)
		if want.Location == "" && at[want.Image] != nil {
			img := at[want.Image]
			id := estate.SMP
			if want.Server != "smp" {
				id = o.Index.Server(want.Server)
			}
			if id == estate.NoServer {
				continue
			}
			if img.Copy(id) == nil {
				img.Copies = append(img.Copies, estate.Copy{Server: id})
				slices.SortFunc(img.Copies, func(a, b estate.Copy) int { return int(a.Server) - int(b.Server) })
			}
			img.Copy(id).Evidence = seen.Evidence
		}
	}
	if w.observed != nil {
		w.observed(o, wants)
	}
	return o, nil
}

// Again is Observe.
func (w *fakeWorld) Again(ctx context.Context, images []estate.GUID, wants []Want) (*Observation, error) {
	return w.Observe(ctx, images, wants)
}

// Glance reads everything and looks at what is wanted of it.
func (w *fakeWorld) Glance(ctx context.Context, choose func(*Observation) []Want) (*Observation, error) {
	e, err := w.ReadEstate(ctx, platform.Scope{})
	if err != nil {
		return nil, err
	}
	var images []estate.GUID
	for i := range e.Images {
		images = append(images, e.Images[i].GUID)
	}
	if w.hearsay == nil {
		return w.Observe(ctx, images, choose(&Observation{Estate: e, Index: estate.NewIndex(e)}))
	}
	w.hearsay(e)
	o, err := w.Observe(ctx, images, choose(&Observation{Estate: e, Index: estate.NewIndex(e)}))
	if err == nil {
		w.hearsay(o.Estate)
	}
	return o, err
}

// All reads everything and looks at every copy.
func (w *fakeWorld) All(ctx context.Context, hash bool) (*estate.Estate, error) {
	var images []estate.GUID
	var wants []Want
	for _, i := range w.images {
		images = append(images, i.guid)
		for _, s := range w.servers {
			if i.copies[s.name] != nil {
				wants = append(wants, Want{Image: i.guid, Server: s.name, Hash: hash})
			}
		}
	}
	o, err := w.Observe(ctx, images, wants)
	if err != nil {
		return nil, err
	}
	return o.Estate, nil
}

func (w *fakeWorld) see(want Want) platform.Seen {
	i := w.image(want.Image)
	var files []platform.File
	folder, unseen, hashedAt := false, "", time.Time{}
	switch c := i.copies[want.Server]; {
	case want.Location != "" && want.Location != i.location:
		files, folder = i.at[want.Location], i.at[want.Location] != nil
	case c != nil:
		files, folder, unseen, hashedAt = c.files, c.folder, c.unseen, c.hashedAt
	}
	if s := w.server(want.Server); s != nil && s.off {
		unseen = "no route to host"
	}
	if unseen != "" {
		return platform.Seen{Evidence: estate.Evidence{Sight: estate.NotSeen, Error: unseen}}
	}
	ev := estate.Evidence{Sight: estate.Seen, Folder: folder || len(files) > 0, Files: int64(len(files)), Bytes: bytesOf(files), CheckedAt: estate.TimeOf(w.now.Add(-w.looked))}
	if c := i.copies[want.Server]; c != nil && want.Location == "" {
		ev.Agent = c.agent
		if !c.taken.IsZero() {
			ev.By, ev.CheckedAt, want.Hash = estate.ByManifests, estate.TimeOf(c.taken), true
			hashedAt = c.taken
		}
	}
	listed := slices.Clone(files)
	var lines, hashed strings.Builder
	for k := range listed {
		fmt.Fprintf(&lines, "%d  %s\n", listed[k].Bytes, listed[k].Path)
		fmt.Fprintf(&hashed, "%x  %d  %s\n", listed[k].SHA256, listed[k].Bytes, listed[k].Path)
		if !want.Hash {
			listed[k].SHA256 = estate.Digest{}
		}
	}
	if len(files) > 0 {
		ev.Listing = sha256.Sum256([]byte(lines.String()))
		if want.Hash {
			ev.Digest = sha256.Sum256([]byte(hashed.String()))
			if ev.HashedAt = estate.TimeOf(hashedAt); hashedAt.IsZero() {
				ev.HashedAt = estate.TimeOf(w.now)
			}
		}
	}
	return platform.Seen{Evidence: ev, Listing: listed}
}

// estate is what the platform says, of some images or of all.
func (w *fakeWorld) estate(images []estate.GUID) (*estate.Estate, map[estate.GUID]*estate.Image) {
	e := &estate.Estate{TakenAt: estate.TimeOf(w.now), Source: "lab", SMP: estate.Server{Name: "smp01"}, Preboots: slices.Clone(w.boots)}
	ids := map[string]estate.ServerID{"smp": estate.SMP, "": estate.NoServer}
	slices.SortFunc(w.servers, func(a, b *fakeServer) int { return strings.Compare(a.name, b.name) })
	for n, s := range w.servers {
		state := estate.Online
		if s.off {
			state = estate.Offline
		}
		ids[s.name] = estate.ServerID(n)
		e.Servers = append(e.Servers, estate.PackageServer{Name: s.name, Host: strings.ToLower(s.name) + ".contoso.com", Sites: s.sites, State: state, FreeBytes: s.free, TotalBytes: estate.Unknown})
	}
	chosen := w.images
	if images != nil {
		chosen = nil
		for _, g := range images {
			if i := w.image(g); i != nil {
				chosen = append(chosen, i)
			}
		}
	}
	for _, i := range chosen {
		img := estate.Image{Name: i.name, GUID: i.guid, Package: i.pack, Format: i.format, Location: i.location, Owner: estate.NoServer, Content: i.record}
		if id, listed := ids[i.owner]; listed {
			img.Owner = id
		}
		img.Assignment = estate.Assignment{Mode: i.assigned.Mode, Sites: i.assigned.Sites}
		for _, name := range i.assigned.Servers {
			if id, listed := ids[name]; listed {
				img.Assignment.Servers = append(img.Assignment.Servers, id)
			}
		}
		slices.Sort(img.Assignment.Servers)
		for name, c := range i.copies {
			if id, listed := ids[name]; listed {
				img.Copies = append(img.Copies, estate.Copy{Server: id, Managed: c.managed, DeleteAfter: estate.TimeOf(c.deleteAfter)})
			}
		}
		slices.SortFunc(img.Copies, func(a, b estate.Copy) int { return int(a.Server) - int(b.Server) })
		e.Images = append(e.Images, img)
	}
	e.SortImages()
	at := map[estate.GUID]*estate.Image{}
	for n := range e.Images {
		at[e.Images[n].GUID] = &e.Images[n]
	}
	return e, at
}

// count is how many calls begin with a word.
func (w *fakeWorld) count(call string) int {
	n := 0
	for _, c := range w.calls {
		if c == call || strings.HasPrefix(c, call+" ") {
			n++
		}
	}
	return n
}

var _ World = (*fakeWorld)(nil)

// platformSync is the part of a SyncState that tells of membership updates.
type platformSync struct {
	started, finished time.Time
	running           bool
}

func (s platformSync) platform() *platform.SyncState {
	return &platform.SyncState{UpdateStarted: s.started, UpdateFinished: s.finished, UpdateRunning: s.running}
}

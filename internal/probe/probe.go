package probe

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"pslan/internal/content"
	"pslan/internal/estate"
	"pslan/internal/manifest"
)

// Options say what to look at and how.
type Options struct {
	Server string // name of the package server
	Root   string // the folder that holds its package folders
	// Custom are the folders of packages that do not lie below the root: their files
	// lie in the folder itself (D, KB 180394).
	Custom map[estate.GUID]string
	// Status are the folders of status files; nil: those beside the root.
	Status []string

	ListOnly bool // hash nothing
	Rehash   bool // hash everything, touched or not
	// Known are earlier manifests of the server, by which files that were not touched
	// since are recognised.
	Known []*manifest.Manifest
	// HashMaxAge is how old a hash may be that is taken from them: disks rot without
	// anybody touching files. 0: any age.
	HashMaxAge time.Duration

	Parallel int   // files hashed at once; 0: as many as there are processors
	Rate     int64 // bytes read in a second by all together; 0: no limit
	Now      func() time.Time
}

// listParallel is how many packages are listed at once: that is waiting, mostly.
const listParallel = 16

// Probe is one look at a server.
type Probe struct {
	o       Options
	pace    *pace
	buffer  int
	started time.Time

	mu    sync.Mutex // guards what follows, and packages' results
	packs []*pack
	state Progress
}

// pack is a package that is being read.
type pack struct {
	guid  estate.GUID
	dir   string // custom folder
	tree  *content.Tree
	agent *estate.AgentFiles
	files []manifest.File // parallel to tree.Files
	errs  []error
}

// New prepares a look.
func New(o Options) *Probe {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Parallel <= 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	p := &Probe{o: o, buffer: 1 << 20}
	if o.Rate > 0 {
		p.pace = &pace{rate: o.Rate}
		// Small pieces, so that a low rate is not one long pause after the other.
		p.buffer = int(min(max(o.Rate/20, 4<<10), 1<<20))
	}
	return p
}

// Run looks, and returns the manifest. If ctx ends first, or the root cannot be
// read, there is none; Partial then tells what was seen.
func (p *Probe) Run(ctx context.Context) (*manifest.Manifest, error) {
	p.started = p.o.Now()
	delivery, err := content.OpenDelivery(p.o.Server, p.o.Root, p.o.Status)
	if err != nil {
		return nil, err
	}
	defer delivery.Close()
	folders, err := p.openCustom()
	defer closeAll(folders)
	if err != nil {
		return nil, err
	}
	takenAt := p.now()
	p.list(ctx, delivery, folders)
	p.recognise(ctx)
	if !p.o.ListOnly {
		p.hash(ctx)
		takenAt = p.now()
		p.check(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := p.manifest(slices.Clip[[]manifest.File]) // nobody changes them any more
	m.TakenAt = takenAt
	return m, nil
}

// now is the time in whole seconds: never later than it is.
func (p *Probe) now() estate.Time { return estate.TimeOf(p.o.Now().UTC().Truncate(time.Second)) }

func (p *Probe) openCustom() (map[estate.GUID]*content.Folder, error) {
	folders := map[estate.GUID]*content.Folder{}
	for _, g := range sortedGUIDs(p.o.Custom) {
		f, err := content.OpenFolder(p.o.Custom[g])
		if err != nil {
			return folders, fmt.Errorf("package %s: %w", g, err)
		}
		folders[g] = f
	}
	return folders, nil
}

func sortedGUIDs(m map[estate.GUID]string) []estate.GUID {
	all := make([]estate.GUID, 0, len(m))
	for g := range m {
		all = append(all, g)
	}
	slices.SortFunc(all, compareGUID)
	return all
}

func compareGUID(a, b estate.GUID) int { return slices.Compare(a[:], b[:]) }

func closeAll(folders map[estate.GUID]*content.Folder) {
	for _, f := range folders {
		f.Close()
	}
}

// list finds the packages and lists them.
func (p *Probe) list(ctx context.Context, d *content.Delivery, custom map[estate.GUID]*content.Folder) {
	guids := append(d.Packages(), sortedGUIDs(p.o.Custom)...)
	slices.SortFunc(guids, compareGUID)
	guids = slices.Compact(guids)
	p.mu.Lock()
	for _, g := range guids {
		p.packs = append(p.packs, &pack{guid: g, dir: p.o.Custom[g]})
	}
	p.state = Progress{Phase: Listing, Packages: len(guids)}
	p.mu.Unlock()
	each(ctx, len(guids), listParallel, func(i int) {
		one := p.packs[i]
		tree, err := listOne(ctx, d, custom[one.guid], one.guid)
		agent := d.AgentFiles(one.guid)
		p.mu.Lock()
		defer p.mu.Unlock()
		one.tree, one.agent = tree, agent
		one.fail(ctx, err)
		if tree != nil {
			one.files = make([]manifest.File, len(tree.Files))
			for k := range tree.Files {
				one.files[k].File = tree.Files[k]
				p.state.Bytes += tree.Files[k].Bytes
			}
			p.state.Files += len(tree.Files)
		}
		p.state.Listed++
	})
}

// listOne lists a package, in its own folder or below the root, not in both.
func listOne(ctx context.Context, d *content.Delivery, custom *content.Folder, g estate.GUID) (*content.Tree, error) {
	tree, err := d.List(ctx, g)
	if custom == nil {
		return tree, err
	}
	if err != nil || tree != nil && len(tree.Files) > 0 {
		return nil, fmt.Errorf("the package has a folder of its own and files below the root too: which count? Remove the wrong ones")
	}
	return custom.List(ctx)
}

// fail notes why a package is unknown. That the run ends is no reason.
func (one *pack) fail(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		one.errs = append(one.errs, err)
	}
}

// manifest makes a manifest of what was seen, with the files as keep gives them.
func (p *Probe) manifest(keep func([]manifest.File) []manifest.File) *manifest.Manifest {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := &manifest.Manifest{Server: p.o.Server, Root: p.o.Root}
	for _, one := range p.packs {
		out := manifest.Package{GUID: one.guid, Dir: one.dir, Folder: one.tree != nil, Files: keep(one.files), Agent: one.agent, Error: one.problem()}
		out.SumUp()
		m.Packages = append(m.Packages, out)
	}
	return m
}

// problem says why a package is unknown, "" if it is not.
func (one *pack) problem() string {
	const most = 5
	var texts []string
	for _, err := range one.errs {
		texts = append(texts, err.Error())
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if more := len(texts) - most; more > 1 {
		texts = append(texts[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}

// Partial makes a manifest of what was hashed so far, for a later run to go on with.
// It may be called while Run runs.
func (p *Probe) Partial() *manifest.Manifest {
	m := p.manifest(slices.Clone[[]manifest.File])
	m.Partial, m.TakenAt = true, estate.TimeOf(p.started.UTC().Truncate(time.Second))
	m.Packages = slices.DeleteFunc(m.Packages, func(one manifest.Package) bool { return len(one.Files) == 0 })
	return m
}

package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// PathOptions say where copies lie, seen from the machine that pslan runs on.
type PathOptions struct {
	// Root gives the folder that holds a server's package folders ({GUID}/cache), from
	// the server's name and host: `content { root = … }`.
	Root func(server, host string) (string, error)
	// Location gives the local path of a folder that the platform names: the location
	// of an image on the SMP or of a legacy image. nil: those cannot be seen.
	Location func(unc string) (string, error)
	// Open opens a folder for reading; nil: the disk, kept inside the folder. The
	// closer may be nil. With Open, Root and Location give slash-separated paths; two
	// slashes at the beginning, as shares have them, are kept.
	Open func(dir string) (fs.FS, io.Closer, error)
	// Now stamps the evidence; nil: the wall clock.
	Now func() time.Time
	// Parallel is how many copies are listed at once (0: 16). No more are hashed at
	// once than there are processors.
	Parallel int
	// By is the word for the evidence; "": path.
	By string
	// AgentFiles makes the eyes read what the agent left beside each copy too:
	// Evidence.Agent.
	AgentFiles bool
	// Status gives the folders that hold a server's status files ({GUID}/PackageStatus.xml),
	// which need not exist; nil: those of StatusBeside.
	Status func(server, host string) ([]string, error)
}

// NewPath makes the eyes of `method = "path"`: they read folders of this machine,
// local or mounted. Only files below a package's cache folder count; for an image
// without a package, those below its location.
//
// One call opens and lists a server's root once, however many of its copies are
// asked for: a share that is gone costs one attempt, and is told for each of them.
func NewPath(o PathOptions) platform.Eyes {
	split, join := splitSlash, joinSlash
	if o.Open == nil {
		o.Open = openDisk
		split = func(dir string) (string, string) { return filepath.Dir(dir), filepath.Base(dir) }
		join = filepath.Join
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Parallel <= 0 {
		o.Parallel = 16
	}
	if o.By == "" {
		o.By = "path"
	}
	return &pathEyes{o, split, join}
}

type pathEyes struct {
	PathOptions
	split func(dir string) (parent, base string)
	join  func(parts ...string) string
}

func openDisk(dir string) (fs.FS, io.Closer, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	return root.FS(), root, nil
}

// See implements platform.Eyes.
func (e *pathEyes) See(ctx context.Context, requests []platform.Look) ([]platform.Seen, error) {
	seen := make([]platform.Seen, len(requests))
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.look(ctx, requests, seen)
	}()
	// A read from a dead share can hang in the kernel, where no context reaches it:
	// then the caller is let go, and what is still reading ends by itself.
	select {
	case <-done:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return seen, nil
}

func (e *pathEyes) look(ctx context.Context, requests []platform.Look, seen []platform.Seen) {
	places, at := e.places(requests)
	defer func() {
		for _, p := range places {
			p.close()
		}
	}()
	each(len(places), e.Parallel, func(i int) {
		places[i].open(e.Open)
		places[i].openStatus(e.Open)
	})
	hashing := make(chan struct{}, runtime.GOMAXPROCS(0))
	each(len(requests), e.Parallel, func(i int) {
		if ctx.Err() != nil {
			return
		}
		if requests[i].Hash {
			hashing <- struct{}{}
			defer func() { <-hashing }()
		}
		seen[i] = e.one(ctx, &requests[i], at[i])
	})
}

// each calls f for 0 … n-1 from several goroutines.
func each(n, parallel int, f func(int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, parallel) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	group.Wait()
}

// one looks at one copy.
func (e *pathEyes) one(ctx context.Context, r *platform.Look, p *place) platform.Seen {
	fsys, dir, exists, err := p.folder(r)
	var files []platform.File
	var folder bool
	if err == nil && exists {
		files, folder, err = rereadTree(ctx, fsys, dir, r.Hash, r.Known)
	}
	now := estate.TimeOf(e.Now())
	seen := platform.Seen{Evidence: estate.Evidence{Sight: estate.NotSeen, By: e.By, CheckedAt: now}}
	if err == nil {
		seen = Evidence(files, folder, e.By, now)
	} else {
		seen.Evidence.Error = err.Error()
	}
	if e.AgentFiles {
		seen.Evidence.Agent = p.agentFiles(r)
	}
	return seen
}

// Evidence makes what was seen of a copy out of its listing, taken at a time.
func Evidence(files []platform.File, folder bool, by string, at estate.Time) platform.Seen {
	return EvidenceOf(Digest(files), files, folder, by, at)
}

// EvidenceOf is Evidence where the sums of the files are known.
func EvidenceOf(s Sums, files []platform.File, folder bool, by string, at estate.Time) platform.Seen {
	ev := estate.Evidence{
		Sight: estate.Seen, Folder: folder, By: by, CheckedAt: at,
		Files: s.Files, Bytes: s.Bytes, Digest: s.Digest, Listing: s.Listing,
	}
	if !s.Digest.IsZero() {
		ev.HashedAt = at
	}
	return platform.Seen{Evidence: ev, Listing: files}
}

// places finds the folder for each request: one place for all requests of a
// server, and for all locations in one folder.
func (e *pathEyes) places(requests []platform.Look) (all []*place, at []*place) {
	at = make([]*place, len(requests))
	servers := map[string]*place{}
	folders := map[string]*place{}
	for i := range requests {
		r := &requests[i]
		if r.Location != "" {
			dir, err := e.location(r.Location)
			if err != nil {
				at[i] = &place{err: err}
				continue
			}
			parent, base := e.split(dir)
			if folders[parent] == nil {
				folders[parent] = &place{dir: parent}
				all = append(all, folders[parent])
			}
			at[i] = folders[parent].location(dir, base)
			continue
		}
		if servers[r.Server] == nil {
			dir, err := e.Root(r.Server, r.Host)
			servers[r.Server] = &place{dir: dir, err: err, packages: true}
			if e.AgentFiles && err == nil {
				e.status(servers[r.Server], r)
			}
			all = append(all, servers[r.Server])
		}
		at[i] = servers[r.Server]
	}
	return all, at
}

// status says which folders may hold the status files of a server.
func (e *pathEyes) status(p *place, r *platform.Look) {
	if e.Status == nil {
		p.statusDirs = StatusBeside(p.dir, e.split, e.join)
		return
	}
	dirs, err := e.PathOptions.Status(r.Server, r.Host)
	if err != nil {
		p.status = []*place{{err: err}}
	}
	p.statusDirs = dirs
}

func (e *pathEyes) location(unc string) (string, error) {
	if e.Location == nil {
		return "", fmt.Errorf("the location %s cannot be seen from here", unc)
	}
	dir, err := e.PathOptions.Location(unc)
	if err == nil && dir == "" {
		err = fmt.Errorf("the location %s cannot be seen from here", unc)
	}
	return dir, err
}

var errNoPackage = errors.New("the image has no package and no location, so there is no folder to look at")

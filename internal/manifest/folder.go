package manifest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/packed"
)

// Taken tells of one manifest that counts.
type Taken struct {
	Server  string
	File    string // its path
	TakenAt estate.Time
}

// stamp tells whether a file was replaced since it was read.
type stamp struct {
	size     int64
	modified time.Time
}

// loaded is a file of the folder.
type loaded struct {
	stamp
	file  string
	m     *Manifest // nil: it cannot be used
	diags diag.Diagnostics
}

// folder is what was read of a folder of manifests.
type folder struct {
	files  []loaded            // sorted by name
	newest map[string]*loaded  // by server, without case
	labels map[string][]string // servers by the first label of their name, without case
}

// isManifest reports whether a name is that of a manifest's first file.
func isManifest(name string) bool {
	return strings.HasSuffix(strings.ToLower(name[:len(name)-len(packed.Suffix(name))]), ".json") && !partOf().MatchString(name)
}

// load reads the manifests of a folder, those that did not change since the last
// time not again.
func load(ctx context.Context, dir string, last *folder) (*folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of manifests, %s, cannot be read: %w", dir, fileerror.Reason(err))
	}
	f := &folder{newest: map[string]*loaded{}, labels: map[string][]string{}}
	for _, e := range entries {
		if !isManifest(e.Name()) {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name())) // links are welcome here
		if fileerror.Missing(err) || err == nil && info.IsDir() {
			continue
		}
		l := loaded{file: filepath.Join(dir, e.Name())}
		if err == nil {
			l.stamp = stamp{info.Size(), info.ModTime()}
		}
		f.files = append(f.files, l)
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range f.files {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			l := &f.files[i]
			if known := last.find(l.file); known != nil && known.stamp == l.stamp && known.m != nil {
				l.m = known.m
				return nil
			}
			l.m, l.diags = ReadFile(l.file)
			if l.m != nil && l.m.Partial {
				l.m, l.diags = nil, l.diags.Warnf(diag.Range{}, "Manifest of an interrupted probe",
					"%s is of a probe of %s that was interrupted, so it is no evidence. Run the probe to its end.", l.file, l.m.Server)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	f.index()
	return f, nil
}

// find returns a file that was read.
func (f *folder) find(file string) *loaded {
	if f == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(f.files, file, func(l loaded, file string) int { return cmp.Compare(l.file, file) })
	if !ok {
		return nil
	}
	return &f.files[i]
}

// index finds the newest manifest of each server.
func (f *folder) index() {
	for i := range f.files {
		l := &f.files[i]
		if l.m == nil {
			continue
		}
		key := estate.Fold(l.m.Server)
		if have := f.newest[key]; have == nil || have.m.TakenAt < l.m.TakenAt {
			f.newest[key] = l
		}
	}
	for key := range f.newest {
		label := firstLabel(key)
		f.labels[label] = append(f.labels[label], key)
	}
}

func firstLabel(host string) string {
	label, _, _ := strings.Cut(host, ".")
	return label
}

// of returns the manifest of a server: by its name, by its host, else by the first
// label of these, as hosts are matched everywhere. nil: there is none.
func (f *folder) of(server, host string) (*loaded, error) {
	names := []string{estate.Fold(server), estate.Fold(host)}
	var best *loaded
	for _, name := range names {
		if l := f.newest[name]; l != nil && (best == nil || best.m.TakenAt < l.m.TakenAt) {
			best = l
		}
	}
	if best != nil {
		return best, nil
	}
	for _, name := range names {
		var near []string
		for _, key := range f.labels[firstLabel(name)] {
			// Two full names with one first label are two servers.
			if name != "" && (!strings.Contains(name, ".") || !strings.Contains(key, ".")) {
				near = append(near, key)
			}
		}
		switch len(near) {
		case 0:
		case 1:
			return f.newest[near[0]], nil
		default:
			slices.Sort(near)
			return nil, fmt.Errorf("the manifests of %s may all be meant by %s: probe it again with -server=%s", strings.Join(near, " and "), server, server)
		}
	}
	return nil, nil
}

// problems are those of all files.
func (f *folder) problems() (ds diag.Diagnostics) {
	for i := range f.files {
		ds = append(ds, f.files[i].diags...)
	}
	return ds.Sort()
}

// taken lists the manifests that count, sorted by server.
func (f *folder) taken() []Taken {
	all := make([]Taken, 0, len(f.newest))
	for _, l := range f.newest {
		all = append(all, Taken{Server: l.m.Server, File: l.file, TakenAt: l.m.TakenAt})
	}
	slices.SortFunc(all, func(a, b Taken) int { return estate.CompareFold(a.Server, b.Server) })
	return all
}

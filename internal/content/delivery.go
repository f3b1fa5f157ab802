package content

import (
	"context"
	"path/filepath"
	"slices"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Delivery is the folder of a server's packages on this machine, opened, for reading
// package by package what NewPath reads copy by copy.
type Delivery struct {
	place  place
	server string
}

// OpenDelivery opens the folder that holds the package folders of a server, and
// reads which there are. status are the folders of its status files, which need not
// exist; nil: those of StatusBeside.
func OpenDelivery(server, root string, status []string) (*Delivery, error) {
	if status == nil {
		split := func(dir string) (string, string) { return filepath.Dir(dir), filepath.Base(dir) }
		status = StatusBeside(root, split, filepath.Join)
	}
	d := &Delivery{server: server, place: place{dir: root, packages: true, statusDirs: status}}
	d.place.open(openDisk)
	d.place.openStatus(openDisk)
	if d.place.err != nil {
		d.Close()
		return nil, d.place.err
	}
	return d, nil
}

// Close lets go of the folders.
func (d *Delivery) Close() { d.place.close() }

// Packages returns the packages that have a folder, sorted.
func (d *Delivery) Packages() []estate.GUID {
	all := make([]estate.GUID, 0, len(d.place.folders))
	for g := range d.place.folders {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b estate.GUID) int { return slices.Compare(a[:], b[:]) })
	return all
}

// List lists the files of a package's copy. There is no tree and no error where the
// package has no folder, or none with files in it.
func (d *Delivery) List(ctx context.Context, g estate.GUID) (*Tree, error) {
	fsys, dir, exists, err := d.place.folder(d.look(g))
	if err != nil || !exists {
		return nil, err
	}
	return ListTree(ctx, fsys, dir)
}

// AgentFiles reads what the agent left beside a package's copy; nil where there is
// nothing.
func (d *Delivery) AgentFiles(g estate.GUID) *estate.AgentFiles { return d.place.agentFiles(d.look(g)) }

func (d *Delivery) look(g estate.GUID) *platform.Look {
	return &platform.Look{Server: d.server, Image: platform.ImageRef{Package: g}}
}

// Folder is one folder of this machine that holds the files of one package by
// themselves: a custom package folder.
type Folder struct{ place place }

// OpenFolder opens a custom package folder.
func OpenFolder(dir string) (*Folder, error) {
	f := &Folder{place{dir: dir}}
	f.place.open(openDisk)
	return f, f.place.err
}

// Close lets go of the folder.
func (f *Folder) Close() { f.place.close() }

// List lists the files in the folder.
func (f *Folder) List(ctx context.Context) (*Tree, error) { return ListTree(ctx, f.place.fsys, ".") }

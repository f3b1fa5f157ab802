package content

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/platform"
)

// place is a folder that holds copies: the package folders of a server, or the
// folders that locations name.
type place struct {
	dir      string
	packages bool // its folders are called by package GUID
	fsys     fs.FS
	closer   io.Closer
	err      error                  // why it cannot be read
	folders  map[estate.GUID]string // packages: the folder's name as spelled there
	twice    map[estate.GUID]string // packages: the name of a second folder
	parent   *place                 // for one location: the folder it lies in
	base     string                 // for one location: its name there

	statusDirs []string // folders that may hold status files
	status     []*place // those that exist
}

// location is the place of one location in its parent, opened or not yet.
func (p *place) location(dir, base string) *place {
	if dir == p.dir { // the root of a share or a drive
		base = "."
	}
	return &place{parent: p, base: base}
}

// open opens the place, and reads which package folders there are: once, so that
// the spelling of a GUID never has to be guessed.
func (p *place) open(open func(string) (fs.FS, io.Closer, error)) {
	if p.err != nil {
		return
	}
	p.fsys, p.closer, p.err = open(p.dir)
	if p.err != nil {
		p.err = fmt.Errorf("the folder %s cannot be read: %w", p.dir, fileerror.Reason(p.err))
		return
	}
	if p.packages {
		if err := p.readPackages(); err != nil {
			p.err = fmt.Errorf("the folder %s cannot be read: %w", p.dir, fileerror.Reason(err))
		}
	}
}

func (p *place) readPackages() error {
	f, err := p.fsys.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return errors.New("it is no folder")
	}
	p.folders = map[estate.GUID]string{}
	for {
		entries, err := d.ReadDir(readBatch)
		for _, e := range entries {
			p.addPackage(e.Name())
		}
		if errors.Is(err, io.EOF) || err == nil && len(entries) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *place) addPackage(name string) {
	g, err := estate.ParseGUID(name)
	if err != nil || g.IsZero() {
		return // not a package's
	}
	other, have := p.folders[g]
	if !have {
		p.folders[g] = name
		return
	}
	if p.twice == nil {
		p.twice = map[estate.GUID]string{}
	}
	p.folders[g], p.twice[g] = min(name, other), max(name, other)
}

func (p *place) close() {
	if p.closer != nil {
		p.closer.Close()
	}
	for _, s := range p.status {
		s.close()
	}
}

// folder says where below the place the files of a copy lie. exists is false
// where the place was read and has no such folder.
func (p *place) folder(r *platform.Look) (fsys fs.FS, dir string, exists bool, err error) {
	if p.parent != nil {
		return p.parent.fsys, p.base, true, p.parent.err
	}
	if p.err != nil {
		return nil, "", false, p.err
	}
	if r.Image.Package.IsZero() {
		return nil, "", false, errNoPackage
	}
	name, ok := p.folders[r.Image.Package]
	if other, two := p.twice[r.Image.Package]; two {
		return nil, "", false, fmt.Errorf("there are two folders for the package, %s and %s, below %s: remove the wrong one", name, other, p.dir)
	}
	return p.fsys, name + "/cache", ok, nil
}

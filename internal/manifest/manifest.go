package manifest

import (
	"slices"
	"strings"

	"pslan/internal/content"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Manifest is what was seen of the packages of one server.
type Manifest struct {
	Server  string      // name of the package server
	TakenAt estate.Time // every file was still as listed here at this time or later
	Root    string      // the folder that was read, as it was given
	// Partial: the run was interrupted, and packages may be missing.
	Partial  bool
	Packages []Package // sorted by GUID, each once
}

// Package is what was seen of one package.
type Package struct {
	GUID   estate.GUID
	Dir    string // a custom package folder; "": below the root
	Folder bool   // the folder with its files exists
	Files  []File // sorted by path as bytes
	Sums   content.Sums
	// Agent is what the agent's own files say of the package; nil where there are none.
	Agent *estate.AgentFiles
	// Error is why the copy is unknown, "" where it was seen. Files are then what was
	// seen all the same.
	Error string
}

// File is a file of a package.
type File struct {
	platform.File
	// ID is what the server's file system knew the file by when it was hashed: the same
	// again, with the same size and time, means that it was not touched since. "": not known.
	ID string
	// HashedAt is when it was hashed; zero where it was not.
	HashedAt estate.Time
}

// SumUp fills in the sums of the package's files. With an error there are none.
func (p *Package) SumUp() {
	p.Sums = content.Sums{}
	if p.Error == "" {
		p.Sums = content.Digest(p.Listing())
	}
}

// Listing returns the files as the eyes know them.
func (p *Package) Listing() []platform.File {
	files := make([]platform.File, len(p.Files))
	for i := range p.Files {
		files[i] = p.Files[i].File
	}
	return files
}

// HashedAt is when the oldest of the package's hashes was made; zero if a file has
// none.
func (p *Package) HashedAt() (oldest estate.Time) {
	for i := range p.Files {
		switch at := p.Files[i].HashedAt; {
		case at.IsZero():
			return 0
		case i == 0 || at < oldest:
			oldest = at
		}
	}
	return oldest
}

// Package returns what was seen of a package, nil if the manifest does not have it.
func (m *Manifest) Package(g estate.GUID) *Package {
	i, ok := slices.BinarySearchFunc(m.Packages, g, func(p Package, g estate.GUID) int { return slices.Compare(p.GUID[:], g[:]) })
	if !ok {
		return nil
	}
	return &m.Packages[i]
}

// File returns a file of the package by its path, nil if there is none.
func (p *Package) File(path string) *File {
	i, ok := slices.BinarySearchFunc(p.Files, path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !ok {
		return nil
	}
	return &p.Files[i]
}

// sort puts packages and files in their order.
func (m *Manifest) sort() {
	slices.SortFunc(m.Packages, func(a, b Package) int { return slices.Compare(a.GUID[:], b.GUID[:]) })
	for i := range m.Packages {
		slices.SortFunc(m.Packages[i].Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	}
}

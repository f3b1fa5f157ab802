package smb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"

	smb2 "github.com/cloudsoda/go-smb2"
)

// file is an open file or folder.
type file struct {
	in     *folder
	name   string
	remote *smb2.File
	fresh  *info // what was told at opening, until somebody asks
	dir    bool
	size   int64 // at opening
	closed bool

	offset int64
	ahead  []*piece // requested and not yet read, in order
	next   int64    // where the next request begins
	eof    bool
}

var _ fs.ReadDirFile = (*file)(nil)

func newFile(in *folder, name string, remote *smb2.File) *file {
	// The library would close forgotten files while the garbage collector waits.
	runtime.SetFinalizer(remote, nil)
	return &file{in: in, name: name, remote: remote}
}

// identify looks at what was opened: the library follows symbolic links, and a server
// follows junctions, so only the file ID tells that it is what was meant.
func (f *file) identify() error {
	i, err := f.stat()
	if err != nil {
		return err
	}
	f.fresh, f.dir, f.size = i, i.IsDir(), i.size
	if f.dir {
		return f.in.once(f.name, &i.facts)
	}
	return nil
}

func (f *file) stat() (*info, error) {
	var got fs.FileInfo
	err := f.in.s.do(heavy, f.name, func() (err error) {
		got, err = f.remote.Stat()
		return err
	})
	if err != nil {
		return nil, err
	}
	i, err := newFacts(path.Base(f.name), got)
	if err != nil {
		return nil, err
	}
	if i.facts.Attributes&attributeDirectory != 0 {
		return i, nil
	}
	if err := f.in.same(f.name, i.facts.FileID); err != nil {
		return nil, err
	}
	if i.facts.Attributes&attributeReparse != 0 && f.in.wasListed(f.name) {
		// Only files are remembered from listings, and this is the same one: its bytes
		// are stored in another way, and the server does not say so here.
		i.mode = 0o444
	}
	return i, nil
}

// Stat implements fs.File. It fails where the file is not the one that was listed.
func (f *file) Stat() (fs.FileInfo, error) {
	if f.closed {
		return nil, failed("stat", f.name, fs.ErrClosed)
	}
	if i := f.fresh; i != nil {
		f.fresh = nil
		return i, nil
	}
	i, err := f.stat()
	if err != nil {
		return nil, failed("stat", f.name, err)
	}
	return i, nil
}

// Close implements fs.File.
func (f *file) Close() error {
	if f.closed {
		return failed("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	f.drop()
	if err := f.in.s.do(light, f.name, f.remote.Close); err != nil {
		return failed("close", f.name, err)
	}
	return nil
}

// ReadDir implements fs.ReadDirFile.
func (f *file) ReadDir(n int) ([]fs.DirEntry, error) {
	if f.closed {
		return nil, failed("readdir", f.name, fs.ErrClosed)
	}
	if !f.dir {
		return nil, failed("readdir", f.name, &Error{Kind: NotAFolder, Host: f.in.s.host, Text: "it is no folder"})
	}
	var got []fs.FileInfo
	err := f.in.s.do(heavy, f.name, func() (err error) {
		got, err = f.remote.Readdir(n)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return err
	})
	if err != nil {
		return nil, failed("readdir", f.name, err)
	}
	if n > 0 && len(got) == 0 {
		return nil, io.EOF
	}
	entries := make([]fs.DirEntry, len(got))
	for k, g := range got {
		i, err := f.entry(g)
		if err != nil {
			return nil, failed("readdir", f.name, err)
		}
		entries[k] = fs.FileInfoToDirEntry(i)
	}
	return entries, nil
}

func (f *file) entry(g fs.FileInfo) (*info, error) {
	name := g.Name()
	if !isName(name) {
		return nil, &Error{Kind: Other, Host: f.in.s.host, Text: fmt.Sprintf("the server lists the name %q, which no file can have", name)}
	}
	i, err := newFacts(name, g)
	if err != nil || !i.mode.IsRegular() {
		return i, err
	}
	return i, f.in.listed(path.Join(f.name, name), i.facts.FileID)
}

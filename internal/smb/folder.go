package smb

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	smb2 "github.com/cloudsoda/go-smb2"

	"pslan/internal/unc"
)

// folder is a folder on a share as an fs.FS. It remembers which file each name stood
// for, so that a name that stands for another one later is noticed.
type folder struct {
	s     *session
	share *smb2.Share
	path  unc.Path

	mu    sync.Mutex
	seed  maphash.Seed
	files map[uint64]uint64   // hash of a file's name -> its ID, as listed
	dirs  map[identity]string // of the folders that were opened -> their name
}

// identity is what a folder is within one copy, whatever name leads to it: a file ID
// counts on one volume only, and two volumes below one share may give out the same.
type identity struct {
	copy    string // the first name on the way, "" for the root itself
	id      uint64
	created time.Time
}

var (
	_ fs.ReadLinkFS = (*folder)(nil)
	_ fs.StatFS     = (*folder)(nil)
)

// openFolder connects the share and looks whether the folder is there.
func openFolder(s *session, p unc.Path) (*folder, error) {
	share, err := s.share(p.Share)
	if err != nil {
		return nil, err
	}
	f := &folder{s: s, share: share, path: p, seed: maphash.MakeSeed(), files: map[uint64]uint64{}, dirs: map[identity]string{}}
	var info fs.FileInfo
	err = s.do(light, p.String(), func() (err error) {
		info, err = share.Stat(f.remote("."))
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Kind: NoFolder, Host: p.Host, Text: `the share \\` + p.Host + `\` + p.Share + " has no such folder"}
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, &Error{Kind: NotAFolder, Host: p.Host, Text: "it is no folder"}
	}
	return f, nil
}

// remote is a name as the server has it.
func (f *folder) remote(name string) string {
	return strings.ReplaceAll(strings.TrimPrefix(path.Join("/", f.path.Dir, name), "/"), "/", `\`)
}

// check refuses names that would mean something else on the server: a backslash
// separates folders there, and a colon names another stream of a file.
func check(op, name string) error {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return nil
}

func failed(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Lstat tells of a file, a folder, or of a link itself.
func (f *folder) Lstat(name string) (fs.FileInfo, error) {
	if err := check("lstat", name); err != nil {
		return nil, err
	}
	var info fs.FileInfo
	err := f.s.do(light, name, func() (err error) {
		if name == "." {
			info, err = f.share.Stat(f.remote(name)) // which folder this is was said by whoever opened it
			return err
		}
		info, err = f.share.Lstat(f.remote(name))
		return err
	})
	if err != nil {
		return nil, failed("lstat", name, err)
	}
	i, err := newFacts(path.Base(name), info)
	if err != nil {
		return nil, err
	}
	return i, nil
}

// Stat is Lstat: there is nothing that a link is followed for.
func (f *folder) Stat(name string) (fs.FileInfo, error) { return f.Lstat(name) }

// ReadLink reads no link.
func (f *folder) ReadLink(name string) (string, error) {
	return "", failed("readlink", name, &Error{Kind: Link, Host: f.s.host, Text: "links are not followed"})
}

// Open opens a file or a folder for reading. Others may read and write it meanwhile,
// but not delete it.
func (f *folder) Open(name string) (fs.File, error) {
	if err := check("open", name); err != nil {
		return nil, err
	}
	var opened *smb2.File
	err := f.s.do(light, name, func() (err error) {
		opened, err = f.share.Open(f.remote(name))
		return err
	})
	if err != nil {
		return nil, failed("open", name, err)
	}
	file := newFile(f, name, opened)
	if err := file.identify(); err != nil {
		file.Close()
		return nil, failed("open", name, err)
	}
	return file, nil
}

// listed remembers a file of a listing. It fails where the name stood for another file
// before: then what was read of that one is not what lies there.
func (f *folder) listed(name string, id uint64) error {
	if id == 0 {
		return nil // the server has no file IDs
	}
	key := maphash.String(f.seed, name)
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, ok := f.files[key]; ok && known != id {
		return f.replaced(name)
	}
	f.files[key] = id
	return nil
}

// same reports whether an open file is the one that was listed, if it was.
func (f *folder) same(name string, id uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, ok := f.files[maphash.String(f.seed, name)]
	if ok && id != 0 && known != id {
		return f.replaced(name)
	}
	return nil
}

func (f *folder) wasListed(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.files[maphash.String(f.seed, name)]
	return ok
}

func (f *folder) replaced(name string) error {
	return &Error{Kind: Other, Host: f.s.host, Text: fmt.Sprintf("%s was replaced by another file meanwhile", path.Base(name))}
}

// once refuses a folder that was met under another name of the same copy, or that is
// the root: only a link on the server can make one folder appear in two places, and
// one that leads in a circle would have no end. Between two copies nothing is said:
// which of them is the link depends on who looks first.
func (f *folder) once(name string, facts *Facts) error {
	if facts.FileID == 0 {
		return nil
	}
	is := identity{id: facts.FileID, created: facts.Created}
	f.mu.Lock()
	defer f.mu.Unlock()
	other, met := f.dirs[is]
	if name != "." {
		if !met {
			is.copy, _, _ = strings.Cut(name, "/")
			is.copy = strings.ToLower(is.copy)
			other, met = f.dirs[is]
		}
	}
	if met && !strings.EqualFold(other, name) {
		return &Error{Kind: Link, Host: f.s.host, Text: fmt.Sprintf("%s and %s are one and the same folder on the server: a link leads from one to the other, and links are not followed", min(other, name), max(other, name))}
	}
	f.dirs[is] = name
	return nil
}

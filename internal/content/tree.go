package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"pslan/internal/platform"
)

// The limits of one package's folder. A package beyond them is not read.
const (
	maxFiles  = 200_000
	maxDepth  = 64
	readBatch = 1024 // directory entries at a time
)

// ReadTree lists the files below dir, and hashes them if told to. The files are
// sorted by path as bytes, their paths relative to dir, in NFC. folder is false
// where dir does not exist; that is no error, and neither is an empty folder.
//
// fsys is best os.Root.FS(), which keeps the reading inside the root even while
// somebody swaps folders for links. A link anywhere on the way or below dir is an
// error, as is everything else that keeps the files from being read exactly as
// they were listed.
func ReadTree(ctx context.Context, fsys fs.FS, dir string, hash bool) (files []platform.File, folder bool, err error) {
	folder, err = isFolder(fsys, dir)
	if err != nil || !folder {
		return nil, false, err
	}
	r := reader{ctx: ctx, fsys: fsys, root: dir}
	if err := r.list(dir, 0); err != nil {
		return nil, true, err
	}
	files = r.sorted()
	if !hash || len(files) == 0 {
		return files, true, nil
	}
	buf := make([]byte, bufferFor(files))
	for i := range files {
		if err := r.hash(&files[i], r.names[files[i].Path], buf); err != nil {
			return nil, true, err
		}
	}
	if err := r.unchanged(files); err != nil {
		return nil, true, err
	}
	return files, true, nil
}

// bufferFor is the size of the buffer that hashing needs: small folders are many,
// and each is read with a buffer of its own.
func bufferFor(files []platform.File) int64 {
	const least, most = 4 << 10, 1 << 20
	size := int64(least)
	for i := range files {
		size = max(size, files[i].Bytes)
	}
	return min(size, most)
}

// isFolder reports whether dir exists, and refuses a link or a file on the way.
func isFolder(fsys fs.FS, dir string) (bool, error) {
	if !fs.ValidPath(dir) {
		return false, fmt.Errorf("%q is no path below the root", dir)
	}
	if dir == "." {
		return statFolder(fsys, dir)
	}
	for i := 0; i <= len(dir); i++ {
		if i < len(dir) && dir[i] != '/' {
			continue
		}
		if ok, err := statFolder(fsys, dir[:i]); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func statFolder(fsys fs.FS, name string) (bool, error) {
	info, err := fs.Lstat(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("the folder %s cannot be read: %w", name, cause(err))
	case info.IsDir():
		return true, nil
	case info.Mode().IsRegular():
		return false, fmt.Errorf("%s is a file where a folder should be", name)
	}
	return false, fmt.Errorf("%s is a link, and links are not followed", name)
}

// reader is one reading of one tree.
type reader struct {
	ctx   context.Context
	fsys  fs.FS
	root  string
	files []platform.File
	names map[string]string // NFC path -> path on disk below fsys, for every file
}

// list appends the files below dir.
func (r *reader) list(dir string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("the folders are nested more than %d deep", maxDepth)
	}
	f, err := r.fsys.Open(dir)
	if err != nil {
		return r.failed(dir, err)
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return fmt.Errorf("%s is not a folder any more", r.short(dir))
	}
	for {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		entries, err := d.ReadDir(readBatch)
		for _, e := range entries {
			if err := r.entry(dir, e, depth); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return r.failed(dir, err)
		case len(entries) == 0:
			return nil
		}
	}
}

func (r *reader) entry(dir string, e fs.DirEntry, depth int) error {
	name := e.Name()
	if err := checkName(name); err != nil {
		return fmt.Errorf("in %s: %w", r.short(dir), err)
	}
	full := path.Join(dir, name)
	switch {
	case e.IsDir():
		return r.list(full, depth+1)
	case e.Type().IsRegular():
		info, err := e.Info()
		if err != nil {
			return r.failed(full, err)
		}
		return r.add(full, info)
	case e.Type()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a link, and links are not followed", r.short(full))
	}
	return fmt.Errorf("%s is neither a file nor a folder", r.short(full))
}

func (r *reader) add(full string, info fs.FileInfo) error {
	if len(r.files) >= maxFiles {
		return fmt.Errorf("there are more than %d files", maxFiles)
	}
	p := norm.NFC.String(r.short(full))
	if r.names == nil {
		r.names = make(map[string]string)
	}
	if _, twice := r.names[p]; twice {
		return fmt.Errorf("two files have the name %s, spelled with different Unicode characters", p)
	}
	r.names[p] = full
	r.files = append(r.files, platform.File{Path: p, Bytes: info.Size(), Modified: info.ModTime().UTC()})
	return nil
}

func (r *reader) sorted() []platform.File {
	slices.SortFunc(r.files, func(a, b platform.File) int { return strings.Compare(a.Path, b.Path) })
	return r.files
}

// checkName refuses names that a package server on Windows cannot have and that
// would make the lines of a digest ambiguous.
func checkName(name string) error {
	if !utf8.ValidString(name) {
		return fmt.Errorf("the name %q is not UTF-8", name)
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < ' ' || c == '\\' {
			return fmt.Errorf("the name %q holds a character that no file of a package can have", name)
		}
	}
	return nil
}

// failed words an error about a file or folder that was there a moment ago.
func (r *reader) failed(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s vanished while the copy was read", r.short(name))
	}
	return fmt.Errorf("%s cannot be read: %w", r.short(name), cause(err))
}

// short is a name relative to the folder that is read.
func (r *reader) short(name string) string {
	if r.root == "." || name == r.root {
		return name
	}
	return strings.TrimPrefix(name, r.root+"/")
}

// cause takes the path out of an error whose text will name it anyway.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

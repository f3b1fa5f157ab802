package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"pslan/internal/fileerror"
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
	return rereadTree(ctx, fsys, dir, hash, nil)
}

// rereadTree is ReadTree with hashes that are known, sorted by path: a file that has
// the path, size and time that it had when it was hashed keeps its hash.
func rereadTree(ctx context.Context, fsys fs.FS, dir string, hash bool, known []platform.File) (files []platform.File, folder bool, err error) {
	t, err := ListTree(ctx, fsys, dir)
	if t == nil || err != nil {
		return nil, t != nil, err
	}
	if !hash || len(t.Files) == 0 {
		return t.Files, true, nil
	}
	buf := make([]byte, bufferFor(t.Files))
	for i := range t.Files {
		f := &t.Files[i]
		if k, ok := slices.BinarySearchFunc(known, f.Path, func(k platform.File, path string) int { return strings.Compare(k.Path, path) }); ok &&
			known[k].Bytes == f.Bytes && known[k].Modified.Equal(f.Modified) && !known[k].SHA256.IsZero() {
			f.SHA256 = known[k].SHA256
			continue
		}
		if _, err := t.Hash(ctx, i, HashOptions{Buffer: buf}); err != nil {
			return nil, true, err
		}
	}
	if err := t.Unchanged(ctx); err != nil {
		return nil, true, err
	}
	return t.Files, true, nil
}

// Tree is a folder of files that was listed.
type Tree struct {
	// Files are sorted by path as bytes. Hash fills in their hashes.
	Files []platform.File
	fsys  fs.FS
	root  string
	names map[int]string // path on disk below fsys, where it is not root and Path
}

// name is the path on disk of a file.
func (t *Tree) name(i int) string {
	if name, ok := t.names[i]; ok {
		return name
	}
	return path.Join(t.root, t.Files[i].Path)
}

// ListTree lists a folder as ReadTree does. There is no tree and no error where the
// folder does not exist; with an error the tree is empty.
func ListTree(ctx context.Context, fsys fs.FS, dir string) (*Tree, error) {
	folder, err := isFolder(fsys, dir)
	if err != nil || !folder {
		return nil, err
	}
	r := reader{ctx: ctx, fsys: fsys, root: dir}
	t := &Tree{fsys: fsys, root: dir}
	if err := r.list(dir, 0); err != nil {
		return t, err
	}
	t.Files = r.sorted()
	t.names = map[int]string{}
	for i := range t.Files {
		if name := r.names[t.Files[i].Path]; name != t.name(i) {
			t.names[i] = name
		}
	}
	return t, nil
}

// Unchanged lists the folder once more after hashing, which may have taken an hour: a
// file that came, went or changed meanwhile makes the hashes worthless, and is an error.
func (t *Tree) Unchanged(ctx context.Context) error {
	again, err := ListTree(ctx, t.fsys, t.root)
	if err != nil {
		return err
	}
	if again == nil {
		return fmt.Errorf("the folder %s vanished while the copy was read", t.root)
	}
	if !SameListing(t.Files, again.Files) {
		return errors.New("files came, went or changed while the copy was hashed")
	}
	return nil
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
	case fileerror.Missing(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("the folder %s cannot be read: %w", name, fileerror.Reason(err))
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
		return failed(r.root, dir, err)
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return fmt.Errorf("%s is not a folder any more", below(r.root, dir))
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
			return failed(r.root, dir, err)
		case len(entries) == 0:
			return nil
		}
	}
}

func (r *reader) entry(dir string, e fs.DirEntry, depth int) error {
	name := e.Name()
	if err := checkName(name); err != nil {
		return fmt.Errorf("in %s: %w", below(r.root, dir), err)
	}
	full := path.Join(dir, name)
	switch {
	case e.IsDir():
		return r.list(full, depth+1)
	case e.Type().IsRegular():
		info, err := e.Info()
		if err != nil {
			return failed(r.root, full, err)
		}
		return r.add(full, info)
	case e.Type()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a link, and links are not followed", below(r.root, full))
	}
	return fmt.Errorf("%s is neither a file nor a folder", below(r.root, full))
}

func (r *reader) add(full string, info fs.FileInfo) error {
	if len(r.files) >= maxFiles {
		return fmt.Errorf("there are more than %d files", maxFiles)
	}
	p := norm.NFC.String(below(r.root, full))
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

// failed words an error about a file or folder below root that was there a moment ago.
func failed(root, name string, err error) error {
	switch {
	case runtime.GOOS == "windows" && unnameable(path.Base(name)):
		return fmt.Errorf("%s cannot be read: Windows opens nothing by such a name (%w)", below(root, name), fileerror.Reason(err))
	case fileerror.Missing(err):
		return fmt.Errorf("%s vanished while the copy was read", below(root, name))
	}
	return fmt.Errorf("%s cannot be read: %w", below(root, name), fileerror.Reason(err))
}

// unnameable reports whether Windows means something else by the name of a file: a
// device, or the name without its last dots and blanks.
func unnameable(name string) bool {
	return strings.TrimRight(name, ". ") != name || !filepath.IsLocal(name)
}

// below is a name relative to the folder that is read.
func below(root, name string) string {
	if root == "." || name == root {
		return name
	}
	return strings.TrimPrefix(name, root+"/")
}

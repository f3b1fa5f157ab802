package content

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"pslan/internal/platform"
)

// hash reads one file from beginning to end and refuses it if it is not, before
// and after, the file that was listed.
func (r *reader) hash(f *platform.File, name string, buf []byte) error {
	in, err := r.fsys.Open(name)
	if err != nil {
		return r.failed(name, err)
	}
	defer in.Close()
	if err := r.same(in, f); err != nil {
		return err
	}
	h := sha256.New()
	var n int64
	idle := 0
	for {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		k, err := in.Read(buf)
		h.Write(buf[:k])
		n += int64(k)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.failed(name, err)
		}
		if n > f.Bytes {
			break
		}
		if idle++; k > 0 {
			idle = 0
		}
		if idle > 100 {
			return r.failed(name, io.ErrNoProgress)
		}
	}
	if n != f.Bytes {
		return fmt.Errorf("%s changed while it was read: %d bytes were listed, %d or more were read", f.Path, f.Bytes, n)
	}
	if err := r.same(in, f); err != nil {
		return err
	}
	f.SHA256 = sum(h)
	return nil
}

func (r *reader) same(in fs.File, f *platform.File) error {
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", f.Path, cause(err))
	}
	if !info.Mode().IsRegular() || info.Size() != f.Bytes || !info.ModTime().Equal(f.Modified) {
		return fmt.Errorf("%s changed while the copy was read", f.Path)
	}
	return nil
}

// unchanged lists the folder once more after the hashing, which may have taken an
// hour: a file that came, went or changed meanwhile makes the hashes worthless.
func (r *reader) unchanged(files []platform.File) error {
	again := reader{ctx: r.ctx, fsys: r.fsys, root: r.root}
	if err := again.list(r.root, 0); err != nil {
		return err
	}
	if !SameListing(files, again.sorted()) {
		return errors.New("files came, went or changed while the copy was hashed")
	}
	return nil
}

// SameListing reports whether two listings, both sorted by path, name the same
// files with the same sizes and times: then what was hashed is what lies there,
// as far as a listing can tell.
func SameListing(a, b []platform.File) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Path != b[i].Path || a[i].Bytes != b[i].Bytes || !a[i].Modified.Equal(b[i].Modified) {
			return false
		}
	}
	return true
}

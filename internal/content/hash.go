package content

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"pslan/internal/fileerror"
	"pslan/internal/platform"
)

// HashOptions say how a file is hashed.
type HashOptions struct {
	// Buffer is what is read at once; it must not be empty.
	Buffer []byte
	// Before is called before each piece is read, with its greatest size, to slow the
	// reading down; After once it was read, with its size. Either may be nil.
	Before func(ctx context.Context, n int) error
	After  func(n int)
}

// Hash hashes one file of the tree from beginning to end, and refuses it if it is
// not, before and after, the file that was listed. It returns what Identity does.
//
// Several files of one tree may be hashed at once.
func (t *Tree) Hash(ctx context.Context, i int, o HashOptions) (id string, err error) {
	f, name := &t.Files[i], t.name(i)
	in, err := t.fsys.Open(name)
	if err != nil {
		return "", failed(t.root, name, err)
	}
	defer in.Close()
	id, err = same(in, f)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if err := t.read(ctx, in, i, h, &o); err != nil {
		return "", err
	}
	after, err := same(in, f)
	if err != nil {
		return "", err
	}
	if after != id { // somebody touched it, though neither size nor time tell: next time it is read again
		id = ""
	}
	f.SHA256 = sum(h)
	return id, nil
}

// Identity returns what the file system knows a file by, "" if it tells nothing: the
// same text again, with the same size and time, means that the file was neither
// replaced nor written to. A file that is not the one that was listed is an error.
func (t *Tree) Identity(i int) (string, error) {
	in, err := t.fsys.Open(t.name(i))
	if err != nil {
		return "", failed(t.root, t.name(i), err)
	}
	defer in.Close()
	return same(in, &t.Files[i])
}

// read reads one file to its end.
func (t *Tree) read(ctx context.Context, in io.Reader, i int, to io.Writer, o *HashOptions) error {
	f := &t.Files[i]
	var n int64
	for idle := 0; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.Before != nil {
			if err := o.Before(ctx, int(min(int64(len(o.Buffer)), max(1, f.Bytes-n)))); err != nil {
				return err
			}
		}
		k, err := in.Read(o.Buffer)
		to.Write(o.Buffer[:k])
		n += int64(k)
		if o.After != nil {
			o.After(k)
		}
		if errors.Is(err, io.EOF) || n > f.Bytes {
			break
		}
		if err != nil {
			return failed(t.root, t.name(i), err)
		}
		if idle++; k > 0 {
			idle = 0
		}
		if idle > 100 {
			return failed(t.root, t.name(i), io.ErrNoProgress)
		}
	}
	if n != f.Bytes {
		return fmt.Errorf("%s changed while it was read: %d bytes were listed, %d or more were read", f.Path, f.Bytes, n)
	}
	return nil
}

// same reports whether an open file is the one that was listed, and what the file
// system knows it by.
func same(in fs.File, f *platform.File) (id string, err error) {
	info, err := in.Stat()
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", f.Path, fileerror.Reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() != f.Bytes || !info.ModTime().Equal(f.Modified) {
		return "", fmt.Errorf("%s changed while the copy was read", f.Path)
	}
	return identity(in, info), nil
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

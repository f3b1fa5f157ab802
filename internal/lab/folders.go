package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"pslan/internal/atomicfile"
)

// Folders is a Disk in a real folder.
type Folders struct{ dir string }

// NewFolders makes a Disk of a folder, which need not exist yet.
func NewFolders(dir string) *Folders { return &Folders{dir: dir} }

const (
	lockName  = "lab.lock"
	lockWait  = 30 * time.Second
	lockRetry = 2 * time.Millisecond
)

// Path implements Disk.
func (d *Folders) Path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// Lock implements Disk, with a lock on a file: it ends with the process that holds it.
func (d *Folders) Lock(ctx context.Context) (func(), error) {
	lock := flock.New(d.Path(lockName))
	ok, err := lock.TryLock()
	if err == nil && !ok {
		wait, cancel := context.WithTimeout(ctx, lockWait)
		defer cancel()
		ok, err = lock.TryLockContext(wait, lockRetry)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = fmt.Errorf("another process has held %s for %s", d.Path(lockName), lockWait)
		}
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s cannot be locked", d.Path(lockName))
	}
	return func() { lock.Close() }, nil
}

// ReadFrom implements Disk.
func (d *Folders) ReadFrom(name string, offset int64) ([]byte, error) {
	f, err := os.Open(d.Path(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	rest := info.Size() - offset
	if rest <= 0 {
		return nil, nil
	}
	data := make([]byte, rest)
	n, err := f.ReadAt(data, offset)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return data[:n], err
}

// Replace implements Disk.
func (d *Folders) Replace(name string, data []byte) error {
	return atomicfile.Write(d.Path(name), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Append implements Disk.
func (d *Folders) Append(name string, offset int64, data []byte) error {
	f, err := os.OpenFile(d.Path(name), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return err
	} else if info.Size() > offset { // a torn record of a process that was killed
		if err := f.Truncate(offset); err != nil {
			return err
		}
	}
	if _, err := f.WriteAt(data, offset); err != nil {
		return err
	}
	return f.Close()
}

// Write implements Disk.
func (d *Folders) Write(name string, data []byte, modified time.Time) error {
	p := d.Path(name)
	err := os.WriteFile(p, data, 0o666)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(p), 0o777); err == nil {
			err = os.WriteFile(p, data, 0o666)
		}
	}
	if err != nil {
		return err
	}
	return os.Chtimes(p, modified, modified)
}

// SetTime implements Disk.
func (d *Folders) SetTime(name string, modified time.Time) error {
	return os.Chtimes(d.Path(name), modified, modified)
}

// MakeDir implements Disk.
func (d *Folders) MakeDir(name string) error { return os.MkdirAll(d.Path(name), 0o777) }

// Rename implements Disk.
func (d *Folders) Rename(name, to string) error { return os.Rename(d.Path(name), d.Path(to)) }

// Remove implements Disk.
func (d *Folders) Remove(name string) error { return os.RemoveAll(d.Path(name)) }

// Open implements Disk. No link leads out of the folder.
func (d *Folders) Open(dir string) (fs.FS, io.Closer, error) {
	root, err := os.OpenRoot(d.Path(dir))
	if err != nil {
		return nil, nil, err
	}
	return root.FS(), root, nil
}

package journal

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pslan/internal/atomicfile"
)

// file is what a Writer needs of a file that it appends to.
type file interface {
	Write([]byte) (int, error)
	Sync() error
	Size() (int64, error)
	Close() error
}

// disk is what this package needs of a file system. Tests put one in its place that
// loses what was not flushed, as a real one may.
type disk interface {
	// makeFolder makes a folder and its parents, durably.
	makeFolder(dir string) error
	// create makes a file that is not there yet, to be appended to.
	create(path string) (file, error)
	// append opens a file to be appended to.
	append(path string) (file, error)
	// mend cuts a file off at size, writes its last part, of length last, once more,
	// and flushes it. It does nothing to a file that is not as long as was found.
	mend(path string, found, size, last int64) error
	// syncFolder makes the entries of a folder durable.
	syncFolder(dir string) error
	// read opens a file, and tells its size.
	read(path string) (io.ReadCloser, int64, error)
	remove(path string) error
}

// osDisk is the file system of this machine.
type osDisk struct{}

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (d osDisk) makeFolder(dir string) error {
	made := []string{} // parents that get a new entry, the deepest first
	for p := filepath.Clean(dir); ; p = filepath.Dir(p) {
		if _, err := os.Stat(p); err == nil || filepath.Dir(p) == p {
			break
		}
		made = append(made, filepath.Dir(p))
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, p := range made {
		if err := d.syncFolder(p); err != nil {
			return err
		}
	}
	return nil
}

func (osDisk) create(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osDisk) append(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// mend uses a handle of its own: Windows cuts off nothing through one that appends.
func (osDisk) mend(path string, found, size, last int64) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if now, err := (osFile{f}).Size(); err != nil || now != found {
		return errors.Join(err, grown(path, now, found))
	}
	text := make([]byte, min(last, size))
	if _, err := f.ReadAt(text, size-int64(len(text))); err != nil {
		return err
	}
	if err := f.Truncate(size); err != nil {
		return err
	}
	if _, err := f.WriteAt(text, size-int64(len(text))); err != nil {
		return err
	}
	return f.Sync()
}

func (osDisk) syncFolder(dir string) error { return atomicfile.SyncFolder(dir) }

// read opens only what is a file: opening a pipe would wait for its other end.
func (osDisk) read(path string) (io.ReadCloser, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is no file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func (osDisk) remove(path string) error { return os.Remove(path) }

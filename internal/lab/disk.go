package lab

import (
	"context"
	"io"
	"io/fs"
	"time"
)

// Disk is where a lab keeps everything. Names are relative to the lab's folder,
// with slashes. Except for Lock, Open and Path, its methods are called only while
// the lock is held.
type Disk interface {
	// Lock keeps all other users of the same lab out until unlock is called.
	Lock(ctx context.Context) (unlock func(), err error)
	// ReadFrom returns what a file holds from an offset on.
	ReadFrom(name string, offset int64) ([]byte, error)
	// Replace puts a whole file in place of another, or leaves that as it was.
	Replace(name string, data []byte) error
	// Append writes at an offset, which is then the end of the old part.
	Append(name string, offset int64, data []byte) error
	// Write makes a file with its folders and sets its time.
	Write(name string, data []byte, modified time.Time) error
	// SetTime sets the time of a file.
	SetTime(name string, modified time.Time) error
	// MakeDir makes a folder and those it lies in.
	MakeDir(name string) error
	// Rename moves a folder or file; what has the new name must not exist.
	Rename(name, to string) error
	// Remove removes a file, or a folder with all in it. It is no error if there is none.
	Remove(name string) error
	// Open opens a folder for reading. The closer is not nil.
	Open(dir string) (fs.FS, io.Closer, error)
	// Path returns a name as people can use it.
	Path(name string) string
}

package atomicfile

import (
	"errors"
	"os"
	"syscall"
	"time"
)

func rename(from, to string) error {
	return patiently(func() error { return os.Rename(from, to) })
}

func remove(path string) error {
	return patiently(func() error { return os.Remove(path) })
}

// patiently replaces or removes a file. On Windows that is refused while somebody has
// the file open, often only for a moment (a virus scanner, an indexer, a pslan that
// looks), so it is tried for about a second.
func patiently(do func() error) error {
	const sharingViolation syscall.Errno = 32
	for wait := 5 * time.Millisecond; ; wait *= 2 {
		err := do()
		busy := errors.Is(err, sharingViolation) || errors.Is(err, syscall.ERROR_ACCESS_DENIED)
		if !busy || wait > 500*time.Millisecond {
			return err
		}
		<-time.After(wait)
	}
}

// SyncFolder makes the entries of a folder durable. It does nothing: Windows has no
// such call and needs none.
func SyncFolder(string) error { return nil }

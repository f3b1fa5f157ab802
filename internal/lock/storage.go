package lock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/gofrs/flock"

	"pslan/internal/atomicfile"
	"pslan/internal/fileerror"
)

// FormatVersion of the lock file. A reader refuses another major version.
const FormatVersion = "1.0"

const (
	maxSize = 64 << 10
	maxWord = 256
	// The guard is held for as long as it takes to read and write a small file.
	guardPoll  = 20 * time.Millisecond
	guardLimit = 20 * time.Second
)

// document is the lock as it stands in its file.
type document struct {
	FormatVersion string `json:"format_version"`
	Info
}

// guarded runs do while no other process changes the lock. Where the folder is not
// there, neither is a lock: do finds none, and nothing is created.
func (f *File) guarded(ctx context.Context, do func() error) error {
	limited, cancel := context.WithTimeout(ctx, guardLimit)
	defer cancel()
	path := f.path + ".guard"
	// Anybody who may write to the folder may take the lock, as with the lock itself;
	// and some network file systems lock only what is open for writing.
	guard := flock.New(path, flock.SetPermissions(0o666), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	_, err := guard.TryLockContext(limited, guardPoll)
	switch {
	case err == nil:
		defer guard.Close()
		return do()
	case fileerror.Missing(err):
		return do()
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("another process has held %s for %s, which is held only for a moment: look for a pslan that hangs or was suspended", path, guardLimit)
	}
	return fmt.Errorf("%s could not be locked (%w); if its file system has no locks, put the data folder (PSLAN_DATA_DIR) on one that has", path, fileerror.Reason(err))
}

// read returns who holds the lock, nil if nobody does.
func (f *File) read() (*Info, error) {
	file, err := os.Open(f.path)
	if fileerror.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, &GarbageError{Path: f.path, Err: errors.New("it is no file")}
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return nil, err
	}
	info, err := parse(text)
	if err != nil {
		return nil, &GarbageError{Path: f.path, Err: err}
	}
	return info, nil
}

// parse reads a lock. Its words are shown to people, so they must be words.
func parse(text []byte) (*Info, error) {
	if len(text) > maxSize {
		return nil, errors.New("it is longer than any lock")
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	if major, _, _ := strings.Cut(d.FormatVersion, "."); major != "1" && d.FormatVersion != "" {
		return nil, fmt.Errorf("it is of the format version %.20q; this pslan reads 1.x", d.FormatVersion)
	}
	if d.ID == "" {
		return nil, errors.New("it names no holder")
	}
	if d.Info != d.Info.printable() {
		return nil, errors.New("it holds what cannot be printed")
	}
	return &d.Info, nil
}

func (f *File) write(info *Info) error {
	return atomicfile.Write(f.path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(document{FormatVersion, *info})
	})
}

// printable is the info with what can be shown of its words.
func (i Info) printable() Info {
	for _, s := range []*string{&i.ID, &i.User, &i.Host, &i.Run, &i.Operation, &i.Processes} {
		kept := strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
				return -1
			}
			return r
		}, *s)
		if len(kept) > maxWord {
			kept = strings.ToValidUTF8(kept[:maxWord], "")
		}
		*s = kept
	}
	return i
}

package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"pslan/internal/apply"
)

const extension = ".jsonl"

// Path is where the journal of a run lies in a folder of runs.
func Path(dir, id string) string { return filepath.Join(dir, id+extension) }

// file is what a Writer needs of a file; tests put failing ones in its place.
type file interface {
	Write([]byte) (int, error)
	Sync() error
	Close() error
}

// Writer appends to a journal. Its methods may be called from several goroutines.
type Writer struct {
	mu     sync.Mutex
	f      file
	path   string
	seq    int
	hash   string
	failed error // after this nothing is written any more
}

// Create begins the journal of a new run and makes it durable, its folder's entry
// included. It fails if the run has one already.
func Create(dir string, h Header) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	path := Path(dir, h.Run)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	h.FormatVersion, h.Segment = FormatVersion, 1
	w := &Writer{f: f, path: path}
	if err := w.opened(h); err != nil {
		f.Close()
		return nil, err
	}
	if err := syncFolder(dir); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

// Open takes up a run that was cut short or goes on: a torn last line is cut off,
// durably, and a new segment begins. h gives what is new: user, host, process, version,
// inputs, approval.
func Open(dir, id string, h Header) (*Writer, *Run, error) {
	path := Path(dir, id)
	run, err := Read(path)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case run.seq == 0:
		return nil, nil, fmt.Errorf("the run %s was cut off before its first record was written: it has done nothing; delete %s", id, path)
	case run.Closed != nil && !run.Closed.GoesOn:
		return nil, nil, fmt.Errorf("the run %s has ended", id)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, err
	}
	if run.Torn {
		if err := errors.Join(f.Truncate(run.size), f.Sync()); err != nil {
			f.Close()
			return nil, nil, err
		}
	}
	w := &Writer{f: f, path: path, seq: run.seq, hash: run.hash}
	next := run.Header
	next.Segment++
	next.User, next.Host, next.PID, next.Version, next.Started = h.User, h.Host, h.PID, h.Version, h.Started
	next.Inputs, next.Approved = h.Inputs, h.Approved
	if err := w.opened(next); err != nil {
		f.Close()
		return nil, nil, err
	}
	return w, run, nil
}

func (w *Writer) opened(h Header) error {
	return w.write([]line{{Kind: apply.RecordOpened, At: h.Started.UTC(), Note: h.Run, Header: &h}})
}

// Append writes records as one group and returns when all are on disk. Records of
// the kinds opened and closed are the run's own frame, written by Create, Open and
// Close; the engine's are left out.
func (w *Writer) Append(records ...apply.Record) error {
	lines := make([]line, 0, len(records))
	for _, r := range records {
		if r.Kind == apply.RecordOpened || r.Kind == apply.RecordClosed {
			continue
		}
		lines = append(lines, line{Kind: r.Kind, Step: r.Step, At: r.At.UTC(), Note: r.Note, Servers: r.Servers, Before: r.Before, After: r.After})
	}
	if len(lines) == 0 {
		return nil
	}
	return w.write(lines)
}

// Close ends the segment, with how it ended, and closes the file.
func (w *Writer) Close(c Closing) error {
	err := w.write([]line{{Kind: apply.RecordClosed, At: c.At.UTC(), Note: c.Outcome, Closing: &c}})
	return errors.Join(err, w.Abandon())
}

// Abandon closes the file without ending the run: to whoever reads it, it was cut short.
func (w *Writer) Abandon() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = errors.New("the journal was closed")
	}
	return w.f.Close()
}

func (w *Writer) write(lines []line) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != nil {
		return w.failed
	}
	var text []byte
	seq, hash := w.seq, w.hash
	for i := range lines {
		seq++
		lines[i].Seq = seq
		sealed, err := lines[i].seal(hash)
		if err != nil {
			return err
		}
		if len(sealed) > maxLine {
			return fmt.Errorf("a record of %d bytes is larger than any that is read back", len(sealed))
		}
		text, hash = append(text, sealed...), lines[i].Hash
	}
	if _, err := w.f.Write(text); err != nil {
		w.failed = fmt.Errorf("writing the journal %s: %w", w.path, err)
		return w.failed
	}
	if err := w.f.Sync(); err != nil {
		w.failed = fmt.Errorf("flushing the journal %s to disk: %w", w.path, err)
		return w.failed
	}
	w.seq, w.hash = seq, hash
	return nil
}

// syncFolder makes the file's entry durable. Windows has no such call and needs none.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

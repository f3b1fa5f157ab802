package journal

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"pslan/internal/apply"
)

const extension = ".jsonl"

// Path is where the journal of a run lies in a folder of runs.
func Path(dir, id string) string { return filepath.Join(dir, id+extension) }

// Writer appends to a journal. Its methods may be called from several goroutines.
type Writer struct {
	mu     sync.Mutex
	f      file
	path   string
	steps  int   // of the plan
	size   int64 // of what was written
	seq    int
	hash   string
	ledger *ledger
	failed error // after this nothing is written any more
}

// Create begins the journal of a new run and makes it durable, its folder's entry
// included. It fails if the run has one already. What it cannot finish it takes away
// again: that run has done nothing.
func Create(dir string, h Header) (*Writer, error) { return create(osDisk{}, dir, h) }

func create(d disk, dir string, h Header) (*Writer, error) {
	if err := named(h.Run); err != nil {
		return nil, err
	}
	if err := d.makeFolder(dir); err != nil {
		return nil, err
	}
	path := Path(dir, h.Run)
	f, err := d.create(path)
	if err != nil {
		return nil, err
	}
	h.FormatVersion, h.Segment = FormatVersion, 1
	w := &Writer{f: f, path: path, ledger: newLedger()}
	if err = w.opened(h); err == nil {
		err = d.syncFolder(dir)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), d.remove(path))
	}
	return w, nil
}

// named refuses what cannot be a run's ID: it becomes a file's name.
func named(id string) error {
	ok := id != "" && len(id) <= 128 && id[0] != '.' && id[0] != '-'
	for _, c := range []byte(id) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-", c) >= 0)
	}
	if !ok {
		return fmt.Errorf("%s is no ID of a run: it may have letters, digits, dots, dashes and underscores", quoted(id))
	}
	return nil
}

// Open takes up a run that was cut short or goes on: a torn last line is cut off,
// durably, and a new segment begins. h gives what is new: user, host, process, version,
// inputs, approval. The Run is what stood in the journal before, with only the frame of
// its Records.
func Open(dir, id string, h Header) (*Writer, *Run, error) { return open(osDisk{}, dir, id, h) }

func open(d disk, dir, id string, h Header) (*Writer, *Run, error) {
	if err := named(id); err != nil {
		return nil, nil, err
	}
	path := Path(dir, id)
	run, err := readFile(d, path, frame)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case run.seq == 0:
		return nil, nil, fmt.Errorf("the run %s was cut off before its first record was written: it has done nothing; delete %s", id, path)
	case run.Header.Run != id:
		return nil, nil, fmt.Errorf("%s is the journal of the run %s; it was renamed or copied", path, quoted(run.Header.Run))
	case run.Closed != nil && !run.Closed.GoesOn:
		return nil, nil, fmt.Errorf("the run %s has ended", id)
	}
	// The writer before may have ended at a flush that failed. Then the last group can be
	// read and is not on disk, and flushing alone would not bring it there.
	if err := errors.Join(d.mend(path, run.found, run.size, maxGroup), d.syncFolder(dir)); err != nil {
		return nil, nil, err
	}
	f, err := d.append(path)
	if err != nil {
		return nil, nil, err
	}
	w := &Writer{f: f, path: path, size: run.size, seq: run.seq, hash: run.hash, ledger: run.ledger}
	next := run.Header
	next.Segment++
	next.User, next.Host, next.PID, next.Version, next.Started = h.User, h.Host, h.PID, h.Version, h.Started
	next.Inputs, next.Approved = h.Inputs, h.Approved
	if err := w.opened(next); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return w, run, nil
}

func (w *Writer) opened(h Header) error {
	h.Started = h.Started.UTC()
	w.steps, w.ledger.segment = h.Steps, h.Segment
	return w.write([]line{{Kind: apply.RecordOpened, At: h.Started, Note: h.Run, Header: &h}})
}

// Append writes records as one group and returns when all are on disk. Records of
// the kinds opened and closed are the run's own frame, written by Create, Open and
// Close; the engine's are left out.
func (w *Writer) Append(records ...apply.Record) error {
	lines := make([]line, 0, len(records))
	for i := range records {
		if k := records[i].Kind; k != apply.RecordOpened && k != apply.RecordClosed {
			lines = append(lines, lineOf(&records[i]))
		}
	}
	return w.write(lines)
}

// Close ends the segment, with how it ended, and closes the file.
func (w *Writer) Close(c Closing) error {
	w.mu.Lock()
	c.Counts = w.ledger.counts(w.steps)
	w.mu.Unlock()
	c.At, c.Note = c.At.UTC(), cut(c.Note)
	err := w.write([]line{{Kind: apply.RecordClosed, At: c.At, Note: c.Outcome, Closing: &c}})
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

// write is the one way into the file. Its first error is its last word.
func (w *Writer) write(lines []line) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = w.put(lines)
	}
	return w.failed
}

// put writes lines as one group, as far as a group may be large.
func (w *Writer) put(lines []line) error {
	var text []byte
	for i := range lines {
		l := &lines[i]
		if l.Header == nil && l.Closing == nil {
			if why := w.ledger.impossible(l.Step, l.Kind); why != "" {
				return fmt.Errorf("a record was kept out of the journal %s: %s", w.path, why)
			}
			w.ledger.note(l.Step, l.Kind)
		}
		l.Seq = w.seq + 1
		sealed, hash, err := l.seal(w.hash)
		if err != nil {
			return fmt.Errorf("a record was kept out of the journal %s: %w", w.path, err)
		}
		if len(sealed) > maxLine {
			return fmt.Errorf("a record was kept out of the journal %s: with %d bytes it is larger than any that is read back", w.path, len(sealed))
		}
		if len(text)+len(sealed) > maxGroup {
			if err := w.flush(text); err != nil {
				return err
			}
			text = text[:0]
		}
		text = append(text, sealed...)
		w.seq, w.hash = l.Seq, hash
	}
	return w.flush(text)
}

// grown says that somebody else has written to a journal.
func grown(path string, have, want int64) error {
	return fmt.Errorf("the journal %s has %d bytes and should have %d: another process goes on with this run, or the file was changed; nothing was added to it", path, have, want)
}

// flush brings text to the disk, behind what this writer has written and nobody else.
func (w *Writer) flush(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	switch size, err := w.f.Size(); {
	case err != nil:
		return fmt.Errorf("looking at the journal %s: %w", w.path, err)
	case size != w.size:
		return grown(w.path, size, w.size)
	case size+int64(len(text)) > maxFile:
		return fmt.Errorf("the journal %s would grow beyond %d bytes, and no larger one is read back", w.path, int64(maxFile))
	}
	n, err := w.f.Write(text)
	if err == nil && n < len(text) {
		err = fmt.Errorf("only %d of %d bytes were written", n, len(text))
	}
	if err != nil {
		return fmt.Errorf("writing the journal %s: %w", w.path, err)
	}
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("flushing the journal %s to disk: %w", w.path, err)
	}
	w.size += int64(len(text))
	return nil
}

package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"pslan/internal/apply"
)

// Run is a journal that was read.
type Run struct {
	Header  Header // of the newest segment; Started is the first one's
	Records []apply.Record
	// Steps is the last state of each step over all segments.
	Steps map[string]apply.StepHistory
	// Torn: the last line was cut off by a crash and does not count. A journal without
	// any record is torn: its process died before the first one was on disk.
	Torn   bool
	Closed *Closing // nil: the run was cut short, or goes on

	size   int64  // of the whole lines
	found  int64  // of the file, with a torn line
	hash   string // of the last record
	seq    int
	ledger *ledger
}

// Unfinished reports whether the run was cut short, or ended with work that the next
// apply takes up. A run without a record has done nothing and has nothing left.
func (r *Run) Unfinished() bool { return r.seq > 0 && (r.Closed == nil || r.Closed.GoesOn) }

// CorruptError says that a journal cannot have come about by appending.
type CorruptError struct {
	Path   string
	Record int // its number, from 1
	What   string
}

// Error names the record and what to do.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s, record %d: %s. A journal is only ever appended to, so the file was changed or damaged; nothing is taken from it. Keep it for reference, move it out of the folder, and plan again: the platform is the state",
		e.Path, e.Record, e.What)
}

// Read reads a journal and verifies it: numbers, hashes, and what may follow what.
// It changes nothing, and may be used while the run goes on.
func Read(path string) (*Run, error) { return readFile(osDisk{}, path, everything) }

// keeping says which records a reading keeps.
type keeping uint8

const (
	everything keeping = iota
	frame              // opened and closed only: memory grows with the steps, not with what befell them
)

func readFile(d disk, path string, keep keeping) (*Run, error) {
	f, size, err := d.read(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > maxFile {
		return nil, fmt.Errorf("%s has %d bytes, more than any journal that is written; it was not read", path, size)
	}
	// What is appended meanwhile is left for another time: the end that was found is one
	// between two writes, or within one.
	run, err := read(io.LimitReader(f, size), path, keep)
	if err != nil {
		return nil, err
	}
	run.found = size
	return run, nil
}

func read(r io.Reader, path string, keep keeping) (*Run, error) {
	v := newVerifier(path, keep)
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		text, err := nextLine(in)
		switch {
		case errors.Is(err, errLong):
			return nil, v.corrupt("its line is longer than any record")
		case errors.Is(err, io.EOF): // what is left has no line end: a write that was cut off
			v.run.Torn = len(text) > 0 || v.run.seq == 0
			return v.run, nil
		case err != nil:
			return nil, err
		}
		if bad := v.line(text); bad != nil {
			return nil, bad
		}
	}
}

var errLong = errors.New("the line is too long")

// nextLine returns the next line with its end; the last one, with io.EOF, has none. A
// crash can leave a file longer than what was written, with zero bytes at its end, as
// many as there may be: of an overlong last line they do not count.
func nextLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	zeros := false
	for {
		text, err := in.ReadSlice('\n')
		line = append(line, text...)
		if len(line) > maxLine {
			line, zeros = bytes.TrimRight(line, "\x00"), true
		}
		switch {
		case len(line) > maxLine, zeros && err == nil:
			return nil, errLong
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		}
	}
}

type verifier struct {
	run  *Run
	path string
	keep keeping
}

func newVerifier(path string, keep keeping) *verifier {
	return &verifier{run: &Run{Steps: map[string]apply.StepHistory{}, ledger: newLedger()}, path: path, keep: keep}
}

func (v *verifier) corrupt(format string, args ...any) error {
	return &CorruptError{Path: v.path, Record: v.run.seq + 1, What: fmt.Sprintf(format, args...)}
}

// line takes one line with its end.
func (v *verifier) line(text []byte) error {
	l, hash, linked, err := unseal(bytes.TrimSuffix(text, []byte("\n")), v.run.hash)
	if err != nil {
		return v.corrupt("it is no record (%v)", err)
	}
	opens, closes := l.Kind == apply.RecordOpened, l.Kind == apply.RecordClosed
	switch {
	case l.Seq != v.run.seq+1:
		return v.corrupt("it carries the number %d", l.Seq)
	case !linked:
		return v.corrupt("its hash does not follow from the record before it")
	case opens != (l.Header != nil), closes != (l.Closing != nil):
		return v.corrupt("a record of the kind %s does not look like this", quoted(string(l.Kind)))
	case v.run.seq == 0 && !opens:
		return v.corrupt("a journal begins with an opened record, not with %s", quoted(string(l.Kind)))
	case v.run.Closed != nil && !opens:
		return v.corrupt("it stands behind the end of the run")
	}
	if err := v.take(l); err != nil {
		return err
	}
	if v.keep == everything || opens || closes {
		v.run.Records = append(v.run.Records, l.record())
	}
	v.run.seq, v.run.hash = l.Seq, hash
	v.run.size += int64(len(text))
	return nil
}

func (v *verifier) take(l *line) error {
	switch l.Kind {
	case apply.RecordOpened:
		return v.open(l.Header)
	case apply.RecordClosed:
		v.run.Closed = l.Closing
		return nil
	}
	if why := v.run.ledger.impossible(l.Step, l.Kind); why != "" {
		return v.corrupt("%s", why)
	}
	v.run.ledger.note(l.Step, l.Kind)
	v.run.Steps[l.Step] = apply.StepHistory{State: l.Kind, At: l.At, Note: l.Note}
	return nil
}

func (v *verifier) open(h *Header) error {
	if major, _, _ := strings.Cut(h.FormatVersion, "."); major != "1" {
		return v.corrupt("it is of the format version %s; this pslan reads 1.x", quoted(h.FormatVersion))
	}
	have, first := &v.run.Header, v.run.seq == 0
	switch {
	case first && named(h.Run) != nil:
		return v.corrupt("%v", named(h.Run))
	case h.Segment != have.Segment+1:
		return v.corrupt("it opens segment %d after segment %d", h.Segment, have.Segment)
	case first:
	case h.Run != have.Run || h.PlanID != have.PlanID:
		return v.corrupt("it opens another run (%s)", quoted(h.Run))
	case v.run.Closed != nil && !v.run.Closed.GoesOn:
		return v.corrupt("it opens a run that has ended")
	}
	started := have.Started
	*have = *h
	if !first {
		have.Started = started
	}
	v.run.Closed, v.run.ledger.segment = nil, h.Segment
	return nil
}

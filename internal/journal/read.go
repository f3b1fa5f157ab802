package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pslan/internal/apply"
)

const (
	maxLine = 1 << 20
	maxFile = 1 << 30
)

// Run is a journal that was read.
type Run struct {
	Header  Header // of the newest segment; Started is the first one's
	Records []apply.Record
	// Steps is the last state of each step over all segments.
	Steps map[string]apply.StepHistory
	// Torn: the last line was cut off by a crash and does not count.
	Torn   bool
	Closed *Closing // nil: the run was cut short, or goes on

	size int64  // of the whole lines
	hash string // of the last record
	seq  int
}

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

// Read reads a journal and verifies it.
func Read(path string) (*Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(io.LimitReader(f, maxFile), path)
}

func read(r io.Reader, path string) (*Run, error) {
	v := &verifier{run: &Run{Steps: map[string]apply.StepHistory{}}, path: path, segment: map[string]apply.RecordKind{}}
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		text, err := in.ReadSlice('\n')
		var long []byte
		for errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, text...)
			if len(long) > maxLine {
				return nil, v.corrupt("its line is longer than any record")
			}
			text, err = in.ReadSlice('\n')
		}
		text = append(long, text...)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil { // the last bytes have no line end: a write that was cut off
			v.run.Torn = len(text) > 0
			return v.end()
		}
		if bad := v.line(text); bad != nil {
			return nil, bad
		}
	}
}

type verifier struct {
	run     *Run
	path    string
	segment map[string]apply.RecordKind // state of each step in this segment
}

func (v *verifier) corrupt(format string, args ...any) error {
	return &CorruptError{Path: v.path, Record: v.run.seq + 1, What: fmt.Sprintf(format, args...)}
}

func (v *verifier) end() (*Run, error) {
	if v.run.seq == 0 && !v.run.Torn {
		return nil, v.corrupt("the file is empty")
	}
	return v.run, nil
}

func (v *verifier) line(text []byte) error {
	var l line
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&l); err != nil {
		return v.corrupt("it is no record (%v)", err)
	}
	switch {
	case l.Seq != v.run.seq+1:
		return v.corrupt("it carries the number %d", l.Seq)
	case !l.holds(v.run.hash):
		return v.corrupt("its hash does not follow from the record before it")
	case (l.Kind == apply.RecordOpened) != (l.Header != nil), (l.Kind == apply.RecordClosed) != (l.Closing != nil):
		return v.corrupt("a record of the kind %q does not look like this", l.Kind)
	case v.run.seq == 0 && l.Kind != apply.RecordOpened:
		return v.corrupt("a journal begins with an opened record, not with %q", l.Kind)
	case v.run.Closed != nil && l.Kind != apply.RecordOpened:
		return v.corrupt("it stands behind the end of the run")
	}
	if err := v.take(&l); err != nil {
		return err
	}
	v.run.Records = append(v.run.Records, l.record())
	v.run.seq, v.run.hash = l.Seq, l.Hash
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
	case apply.RecordIntended, apply.RecordRequested, apply.RecordObserved, apply.RecordFailed, apply.RecordSkipped:
	default:
		return v.corrupt("there is no kind of record called %q", l.Kind)
	}
	if l.Step == "" {
		return v.corrupt("it names no step")
	}
	if from := v.segment[l.Step]; !legal(from, l.Kind) {
		return v.corrupt("the step %s cannot be %s: it is %s already", l.Step, l.Kind, from)
	}
	v.segment[l.Step] = l.Kind
	v.run.Steps[l.Step] = apply.StepHistory{State: l.Kind, At: l.At, Note: l.Note}
	return nil
}

func (v *verifier) open(h *Header) error {
	if major, _, _ := strings.Cut(h.FormatVersion, "."); major != "1" {
		return v.corrupt("it is of the format version %q; this pslan reads 1.x", h.FormatVersion)
	}
	if v.run.seq > 0 {
		if h.Run != v.run.Header.Run || h.PlanID != v.run.Header.PlanID {
			return v.corrupt("it opens another run (%s)", h.Run)
		}
		if h.Segment != v.run.Header.Segment+1 {
			return v.corrupt("it opens segment %d after segment %d", h.Segment, v.run.Header.Segment)
		}
		if v.run.Closed != nil && !v.run.Closed.GoesOn {
			return v.corrupt("it opens a run that has ended")
		}
	}
	started := v.run.Header.Started
	v.run.Header = *h
	if v.run.seq > 0 {
		v.run.Header.Started = started
	}
	v.run.Closed = nil
	clear(v.segment)
	return nil
}

// Summary is one run in a list.
type Summary struct {
	ID     string
	Path   string
	Run    *Run  // nil for a broken one
	Broken error // why it cannot be read
}

// Unfinished reports whether the next apply takes the run up again.
func (s *Summary) Unfinished() bool {
	return s.Run != nil && s.Run.seq > 0 && (s.Run.Closed == nil || s.Run.Closed.GoesOn)
}

// List returns the runs of a folder, newest first. A broken one is listed as
// broken and hides no other.
func List(dir string) ([]Summary, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Summary
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), extension)
		if !ok || e.IsDir() {
			continue
		}
		s := Summary{ID: id, Path: filepath.Join(dir, e.Name())}
		s.Run, s.Broken = Read(s.Path)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Summary) int { return compareRuns(&b, &a) })
	return out, nil
}

// compareRuns orders runs by start, then by ID; broken ones by ID, which begins with the time.
func compareRuns(a, b *Summary) int {
	if a.Run != nil && b.Run != nil {
		if c := a.Run.Header.Started.Compare(b.Run.Header.Started); c != 0 {
			return c
		}
	}
	return strings.Compare(a.ID, b.ID)
}

// Unfinished returns the newest run of a folder that was cut short or goes on, nil
// if the newest one has ended.
func Unfinished(dir string) (*Summary, error) {
	runs, err := List(dir)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	if newest := &runs[0]; newest.Broken != nil {
		return nil, newest.Broken
	} else if newest.Unfinished() {
		return newest, nil
	}
	return nil, nil
}

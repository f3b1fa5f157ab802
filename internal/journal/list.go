package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Summary is one run in a list.
type Summary struct {
	ID   string
	Path string
	// Run is nil for a broken one. Its Records are only the frame: opened and closed.
	Run    *Run
	Broken error // why it cannot be read
}

// Unfinished reports whether the next apply takes the run up again.
func (s *Summary) Unfinished() bool { return s.Run != nil && s.Run.Unfinished() }

// neverBegan: its process died before the first record was on disk. It has done nothing.
func (s *Summary) neverBegan() bool { return s.Run != nil && s.Run.seq == 0 }

// found is a run of a folder that was not read yet.
type found struct {
	id, path string
	began    time.Time
}

// List returns the runs of a folder, newest first. A broken one is listed as
// broken and hides no other.
func List(dir string) ([]Summary, error) {
	runs, err := look(dir)
	if err != nil {
		return nil, err
	}
	var out []Summary
	for i := range runs {
		out = append(out, runs[i].summary())
	}
	return out, nil
}

// Newest returns the newest run of a folder that has begun, nil where there is none.
// The others are not read.
func Newest(dir string) (*Summary, error) {
	runs, err := look(dir)
	if err != nil {
		return nil, err
	}
	for i := range runs {
		if s := runs[i].summary(); !s.neverBegan() {
			return &s, nil
		}
	}
	return nil, nil
}

// Unfinished returns the newest run of a folder if it was cut short or goes on, nil
// if it has ended. Older ones were given up when it began. It fails where the newest
// one is broken: then nobody can say.
func Unfinished(dir string) (*Summary, error) {
	switch newest, err := Newest(dir); {
	case err != nil || newest == nil:
		return nil, err
	case newest.Broken != nil:
		return nil, newest.Broken
	case newest.Unfinished():
		return newest, nil
	}
	return nil, nil
}

func (f *found) summary() Summary {
	s := Summary{ID: f.id, Path: f.path}
	s.Run, s.Broken = readFile(osDisk{}, f.path, frame)
	return s
}

// look finds the journals of a folder, newest first.
func look(dir string) ([]found, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var runs []found
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), extension); ok && !e.IsDir() {
			path := filepath.Join(dir, e.Name())
			runs = append(runs, found{id, path, began(path)})
		}
	}
	slices.SortFunc(runs, func(a, b found) int {
		return cmp.Or(b.began.Compare(a.began), cmp.Compare(len(b.id), len(a.id)), strings.Compare(b.id, a.id))
	})
	return runs, nil
}

// began is when a run began, by its first record; where that cannot be read, by the
// file's own time; else it is the oldest.
func began(path string) time.Time {
	f, _, err := osDisk{}.read(path)
	if err != nil {
		return time.Time{}
	}
	defer f.Close()
	text, err := nextLine(bufio.NewReader(io.LimitReader(f, maxLine)))
	if err == nil {
		l, _, linked, err := unseal(bytes.TrimSuffix(text, []byte("\n")), "")
		if err == nil && linked && l.Header != nil {
			return l.Header.Started
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

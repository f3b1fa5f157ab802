package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pslan/internal/fileerror"
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

// found is a run of a folder that was not read yet, but for its first record.
type found struct {
	id, path string
	began    time.Time
	planID   string // "" where the first record cannot be read
}

// List returns the runs of a folder that have begun, newest first. A broken one is
// listed as broken and hides no other.
func List(dir string) ([]Summary, error) {
	return some(dir, func(*found) bool { return true })
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

// OfPlan returns the runs of a folder that carry out the plan with an ID, newest first.
// The others are not read.
func OfPlan(dir, planID string) ([]Summary, error) {
	return some(dir, func(f *found) bool { return f.planID == planID })
}

func some(dir string, wanted func(*found) bool) ([]Summary, error) {
	runs, err := look(dir)
	if err != nil {
		return nil, err
	}
	var out []Summary
	for i := range runs {
		if !wanted(&runs[i]) {
			continue
		}
		if s := runs[i].summary(); !s.neverBegan() {
			out = append(out, s)
		}
	}
	return out, nil
}

func (f *found) summary() Summary {
	s := Summary{ID: f.id, Path: f.path}
	s.Run, s.Broken = readFile(osDisk{}, f.path, frame)
	return s
}

// look finds the journals of a folder, newest first.
func look(dir string) ([]found, error) {
	entries, err := os.ReadDir(dir)
	if fileerror.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var runs []found
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), extension); ok && !e.IsDir() {
			runs = append(runs, glance(id, filepath.Join(dir, e.Name())))
		}
	}
	slices.SortFunc(runs, func(a, b found) int {
		return cmp.Or(b.began.Compare(a.began), cmp.Compare(len(b.id), len(a.id)), strings.Compare(b.id, a.id))
	})
	return runs, nil
}

// glance reads the first record of a run: when it began, and with which plan. Where
// that cannot be read, it began at the file's own time; else it is the oldest.
func glance(id, path string) found {
	run := found{id: id, path: path}
	f, _, err := osDisk{}.read(path)
	if err != nil {
		return run
	}
	defer f.Close()
	text, err := nextLine(bufio.NewReader(io.LimitReader(f, maxLine)))
	if err == nil {
		l, _, linked, err := unseal(bytes.TrimSuffix(text, []byte("\n")), "")
		if err == nil && linked && l.Header != nil {
			run.began, run.planID = l.Header.Started, l.Header.PlanID
			return run
		}
	}
	if info, err := os.Stat(path); err == nil {
		run.began = info.ModTime()
	}
	return run
}

package lab_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// smallEstate has two images on three servers; PS010 holds nothing.
func smallEstate(t testing.TB) *estate.Estate {
	t.Helper()
	s := &script{out: &strings.Builder{}, seed: &estate.Estate{TakenAt: day0, Sites: []string{"HQ"}, SMP: estate.Server{Name: "smp01"}}}
	for _, line := range []string{
		"server PS008", "server PS009", "server PS010",
		"image A owner=PS008 PS008=good PS009=good PS010=missing",
		"image B owner=PS008 assigned=PS008,PS009 PS008=good PS009=partial",
		`image C location=\\PS008\Images\C owner=PS008 legacy PS008=good`,
		`image D location=\\smp01\Images\D owner=smp PS009=good`,
	} {
		if err := s.run(strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
	}
	return s.seed
}

func refTo(e *estate.Estate, name string) platform.ImageRef {
	for i := range e.Images {
		if e.Images[i].Name == name {
			return platform.ImageRef{Image: e.Images[i].GUID, Package: e.Images[i].Package, Name: name}
		}
	}
	return platform.ImageRef{}
}

// story is a short life of a lab with everything in it that writes.
func story(e *estate.Estate) []func(l *lab.Lab) error {
	ctx := context.Background()
	return []func(l *lab.Lab) error{
		func(l *lab.Lab) error {
			return l.SetAssignment(ctx, refTo(e, "B"), estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS008", "PS010"}})
		},
		func(l *lab.Lab) error { return l.UpdateMembership(ctx) },
		func(l *lab.Lab) error { return l.Advance(2 * time.Minute) },
		func(l *lab.Lab) error { return l.RefreshServer(ctx, "PS010") },
		func(l *lab.Lab) error { return l.Advance(10 * time.Minute) },
		func(l *lab.Lab) error { return l.Break([]string{"PS009", "wrong", "A"}) },
		func(l *lab.Lab) error { return l.Do([]string{"convert", "C"}) },
		func(l *lab.Lab) error { return l.Advance(2 * time.Hour) },
		func(l *lab.Lab) error { return l.TakeOwnership(ctx, refTo(e, "A"), "PS010") },
		func(l *lab.Lab) error { return l.Do([]string{"copy-files", "D", `\\smp02\Images\D`}) },
		func(l *lab.Lab) error { return l.SetLocation(ctx, refTo(e, "D"), `\\smp02\Images\D`) },
		func(l *lab.Lab) error { return l.Advance(9 * 24 * time.Hour) },
		func(l *lab.Lab) error { return l.Do([]string{"retire", "PS008"}) },
	}
}

// dying is a disk whose process is killed after a number of writes.
type dying struct {
	*lab.Memory
	left int
}

var errKilled = errors.New("killed")

func (d *dying) dead() bool {
	d.left--
	return d.left < 0
}

func (d *dying) Replace(name string, data []byte) error {
	if d.dead() {
		return errKilled
	}
	return d.Memory.Replace(name, data)
}

func (d *dying) Append(name string, offset int64, data []byte) error {
	if d.dead() {
		if d.left == -1 && len(data) > 1 { // torn
			_ = d.Memory.Append(name, offset, data[:len(data)/2])
		}
		return errKilled
	}
	return d.Memory.Append(name, offset, data)
}

func (d *dying) Write(name string, data []byte, modified time.Time) error {
	if d.dead() {
		if d.left == -1 {
			_ = d.Memory.Write(name, data[:len(data)/2], modified)
		}
		return errKilled
	}
	return d.Memory.Write(name, data, modified)
}

func (d *dying) SetTime(name string, modified time.Time) error {
	if d.dead() {
		return errKilled
	}
	return d.Memory.SetTime(name, modified)
}

func (d *dying) MakeDir(name string) error {
	if d.dead() {
		return errKilled
	}
	return d.Memory.MakeDir(name)
}

func (d *dying) Remove(name string) error {
	if d.dead() {
		return errKilled
	}
	return d.Memory.Remove(name)
}

// picture lists all folders with their files, without the lab's own.
func picture(t testing.TB, m *lab.Memory) string {
	t.Helper()
	var b strings.Builder
	err := fs.WalkDir(m.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(p, "lab.") || strings.HasPrefix(p, "journal-") {
			return err
		}
		data, err := fs.ReadFile(m.FS(), p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %x %s\n", p, digestOf(string(data)), info.ModTime().Format(time.RFC3339))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// watching remembers how the folders looked whenever a command was about to be journalled.
type watching struct {
	*lab.Memory
	t     testing.TB
	looks map[string]int
}

func (d *watching) Append(name string, offset int64, data []byte) error {
	if p := picture(d.t, d.Memory); d.looks[p] == 0 {
		d.looks[p] = len(d.looks) + 1
	}
	return d.Memory.Append(name, offset, data)
}

// TestKilledAnywhere kills the process at every write of a story and opens the lab
// again. Then the folders look as they do after one of the story's commands, never
// in between; they are what the state says; and the lab goes on living.
func TestKilledAnywhere(t *testing.T) {
	e := smallEstate(t)
	whole := &watching{Memory: lab.NewMemory(), t: t, looks: map[string]int{}}
	if !live(t, e, whole) {
		t.Fatal("the story has no end")
	}
	whole.looks[picture(t, whole.Memory)] = len(whole.looks) + 1
	latest, n := 0, 0
	for ; ; n++ {
		memory := lab.NewMemory()
		disk := &dying{Memory: memory, left: n}
		if live(t, e, disk) {
			break
		}
		var byHand []string
		l, err := lab.Open(lab.Options{Seed: e, Random: 7, Disk: memory, Trace: func(h world.Happening) {
			if h.What == "files changed by hand" {
				byHand = append(byHand, h.Note)
			}
		}})
		if err != nil {
			t.Fatalf("killed at write %d: %v", n, err)
		}
		at := whole.looks[picture(t, memory)]
		if at == 0 {
			t.Fatalf("killed at write %d: the folders look as never in the story:\n%s", n, picture(t, memory))
		}
		if at < latest {
			t.Errorf("killed at write %d: back to look %d, after look %d", n, at, latest)
		}
		latest = at
		if err := errors.Join(l.Advance(time.Hour), l.Close()); err != nil {
			t.Fatalf("killed at write %d: %v", n, err)
		}
		if len(byHand) > 0 {
			t.Errorf("killed at write %d: folders differ from the state: %v", n, byHand)
		}
	}
	if n < 100 || latest < 10 {
		t.Errorf("the story was cut short in %d places, with %d looks", n, latest)
	}
}

// live runs the story until its end, or until the process is killed.
func live(t *testing.T, e *estate.Estate, disk lab.Disk) (finished bool) {
	t.Helper()
	killed := func(err error) bool {
		if err != nil && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		return err != nil
	}
	l, err := lab.Open(lab.Options{Seed: e, Random: 7, Disk: disk})
	if killed(err) {
		return false
	}
	for _, step := range story(e) {
		if killed(step(l)) {
			return false
		}
	}
	return !killed(l.Close())
}

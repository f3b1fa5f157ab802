package observe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/apply"
	"pslan/internal/content"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

const week = 7 * 24 * time.Hour

func all(t *testing.T, ob *Observer, hash bool) *estate.Estate {
	t.Helper()
	e, err := ob.All(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: -want +got:\n%s", what, d)
	}
}

func TestAll(t *testing.T) {
	w := newTown(t)
	ob := New(Options{Platform: w, Eyes: w, HashMaxAge: week})
	same(t, "the estate", shown(all(t, ob, false)), `HELD smp: 1 files
OLD PS1: 1 files
WIN PS1: Ready 1 files
WIN PS2: no folder
WIN PS3: Ready not seen: the server is off
`)
	same(t, "looked at", w.asked(), `PS1:HELD PS1:OLD@\\PS1\legacy\OLD PS1:WIN PS2:HELD PS2:WIN smp:HELD@\\smp01\images\HELD`)
	// A stray copy on a server that nobody assigned is found; hashing hashes what is there.
	w.put("PS2/"+pkgHeld+"/cache/held.gho", "held")
	same(t, "with hashes", shown(all(t, ob, true)), `HELD smp: 1 files, hashed 12:00
HELD PS2: 1 files, hashed 12:00
OLD PS1: 1 files, hashed 12:00
WIN PS1: Ready 1 files, hashed 12:00
WIN PS2: no folder
WIN PS3: Ready not seen: the server is off
`)
}

func TestAllWithSizesOnly(t *testing.T) {
	w := newTown(t)
	ob := New(Options{Platform: w, Eyes: w, HashMaxAge: week, Verify: declared.VerifySize})
	e := all(t, ob, true)
	for i := range e.Images {
		for _, c := range e.Images[i].Copies {
			if !c.Evidence.Digest.IsZero() {
				t.Errorf("%s on %s was hashed", e.Images[i].Name, e.ServerName(c.Server))
			}
		}
	}
}

// TestShareGone: a server that can be reached and whose share cannot be read is
// unknown, where there is a copy to speak of.
func TestShareGone(t *testing.T) {
	w := newTown(t)
	delete(w.disks, "PS2")
	e := all(t, New(Options{Platform: w, Eyes: w}), false)
	same(t, "PS2", evidence(&e.Images[2].Copy(1).Evidence), " not seen: the folder PS2 cannot be read: file does not exist")
	if c := e.Images[0].Copy(1); c != nil {
		t.Errorf("a copy of an image that is not assigned: %+v", c)
	}
}

// TestWithoutEyes: the evidence of a recorded estate stays as it is.
func TestWithoutEyes(t *testing.T) {
	w := newTown(t)
	plain := w.estate
	w.estate = func() *estate.Estate {
		e := plain()
		e.Images[2].Copies[0].Evidence = estate.Evidence{Sight: estate.Seen, Folder: true, Files: 3}
		return e
	}
	ob := New(Options{Platform: w})
	same(t, "the estate", shown(all(t, ob, true)), "WIN PS1: Ready 3 files\nWIN PS3: Ready not looked\n")
	obs, err := ob.Observe(t.Context(), nil, []apply.Want{{Image: guid(t, imgWin), Server: "ps1"}, {Image: guid(t, imgWin), Server: "PS2"}, {Image: guid(t, imgWin), Server: "PS1", Location: `\\x\y`}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "PS1", evidence(&obs.Seen[0].Evidence), " 3 files")
	same(t, "PS2", evidence(&obs.Seen[1].Evidence), " not looked")
	same(t, "elsewhere", evidence(&obs.Seen[2].Evidence), " not seen: a recorded estate cannot be looked at")
}

func TestObserve(t *testing.T) {
	w := newTown(t)
	w.put("smp02/images/HELD/held.gho", "held")
	ob := New(Options{Platform: w, Eyes: w, HashMaxAge: week, Nominal: func(_ estate.GUID, n int64) int64 { return 1000 * n }})
	win, held := guid(t, imgWin), guid(t, imgHeld)
	wants := []apply.Want{
		{Image: win, Server: "ps1"},
		{Image: win, Server: "PS1", Hash: true}, // one look for both
		{Image: win, Server: "PS2", Hash: true},
		{Image: win, Server: "PS3"},
		{Image: win, Server: "PS99"},
		{Image: estate.GUID{0xFF}, Server: "PS1"},
		{Image: held, Server: "smp"},
		{Image: held, Server: "smp", Location: `\\smp02\images\HELD`},
		{Image: guid(t, imgOld), Server: "PS2"},
	}
	obs, err := ob.Observe(t.Context(), []estate.GUID{win}, wants)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		" 1 files, hashed 12:00", " 1 files, hashed 12:00", " no folder", " not seen: the server is off",
		" not seen: the platform does not list the package server any more",
		" not seen: the platform does not list the image any more",
		" 1 files", " 1 files",
		" not seen: the image has no package, so only its owner has a folder of it",
	}
	for i := range want {
		same(t, wants[i].Server, evidence(&obs.Seen[i].Evidence), want[i])
	}
	same(t, "looked at", w.asked(), `PS1:WIN PS1:WIN# PS2:WIN smp:HELD@\\smp01\images\HELD smp:HELD@\\smp02\images\HELD`)
	same(t, "the estate", shown(obs.Estate), `HELD smp: 1 files
OLD PS2: not seen: the image has no package, so only its owner has a folder of it
WIN PS1: Ready 1 files, hashed 12:00
WIN PS2: no folder
WIN PS3: Ready not seen: the server is off
`)
	if got := obs.Estate.Images[2].Copy(0).Evidence.Bytes; got != 5000 {
		t.Errorf("%d bytes, nominal are 5000", got)
	}
	if got := obs.Seen[0].Listing; len(got) != 1 || got[0].Bytes != 5 {
		t.Errorf("listing %v", got)
	}
	if obs.Index.Estate() != obs.Estate {
		t.Error("the index is of another estate")
	}
}

// TestObserveNothing reads no image, rather than all of them.
func TestObserveNothing(t *testing.T) {
	w := newTown(t)
	obs, err := New(Options{Platform: w, Eyes: w}).Observe(t.Context(), nil, nil)
	if err != nil || len(obs.Estate.Images) != 0 || w.scope.Images == nil {
		t.Errorf("%+v, %v", obs, err)
	}
}

// TestRecordedStays: looking at the copies of a recorded estate changes no record.
func TestRecordedStays(t *testing.T) {
	w := newTown(t)
	e := w.estate()
	w.estate = func() *estate.Estate { c := *e; return &c }
	w.readOnly = true
	want := shown(e)
	all(t, New(Options{Platform: w, Eyes: w}), true)
	same(t, "the record", shown(e), want)
}

func TestRecord(t *testing.T) {
	w := newTown(t)
	known := &estate.Content{Files: 3}
	e := all(t, New(Options{Platform: w, Eyes: content.None(), Record: map[estate.GUID]*estate.Content{guid(t, imgWin): known}}), false)
	if e.Images[2].Content != known || e.Images[0].Content != nil {
		t.Errorf("%v, %v", e.Images[2].Content, e.Images[0].Content)
	}
}

// TestRecordBesideARecordedEstate: it is read there too, and the recorded estate stays.
func TestRecordBesideARecordedEstate(t *testing.T) {
	w := newTown(t)
	e := w.estate()
	w.estate = func() *estate.Estate { c := *e; return &c }
	w.readOnly = true
	known := &estate.Content{Files: 3}
	got := all(t, New(Options{Platform: w, Record: map[estate.GUID]*estate.Content{guid(t, imgWin): known}}), false)
	if got.Images[2].Content != known || e.Images[2].Content != nil {
		t.Errorf("read %v, recorded %v", got.Images[2].Content, e.Images[2].Content)
	}
}

// blind are eyes that break their promise.
type blind struct{ err error }

func (b blind) See(context.Context, []platform.Look) ([]platform.Seen, error) { return nil, b.err }

func TestBrokenEyes(t *testing.T) {
	w := newTown(t)
	for _, err := range []error{nil, context.Canceled} {
		ob := New(Options{Platform: w, Eyes: blind{err}})
		if _, got := ob.All(t.Context(), false); got == nil || err != nil && !errors.Is(got, err) {
			t.Errorf("All: %v", got)
		}
		if _, got := ob.Observe(t.Context(), nil, []apply.Want{{Image: guid(t, imgWin), Server: "PS1"}}); got == nil || err != nil && !errors.Is(got, err) {
			t.Errorf("Observe: %v", got)
		}
	}
}

// TestMarksOfTheAgent: where the platform tells of no mark, the agent's own file does.
func TestMarksOfTheAgent(t *testing.T) {
	w := newTown(t)
	w.disks["PS1/{"+pkgWin+"}/snapshot.xml"].Data = []byte(`<Snapshot version="7"><File path="a.gho" size="5"/></Snapshot>`)
	w.put("PackageStatus/{"+pkgWin+"}/PackageStatus.xml", `<PackageStatus Status="Deleted" Time="2026-11-20T12:00:00Z"/>`)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{0, ""}, {week, "2026-11-27T12:00:00Z"}} {
		ob := New(Options{Platform: w, Eyes: w, DeleteUnusedAfter: c.after, Nominal: func(_ estate.GUID, n int64) int64 { return 1000 * n }})
		e := all(t, ob, false)
		marked := e.Images[2].Copy(0)
		same(t, "all", marked.DeleteAfter.String(), c.want)
		if s := marked.Evidence.Agent.Snapshot; s.Bytes != 5000 || s.Version != 7 || s.Listing != marked.Evidence.Listing {
			t.Errorf("the snapshot is %+v of %+v", s, marked.Evidence)
		}
		obs, err := ob.Observe(t.Context(), nil, []apply.Want{{Image: guid(t, imgWin), Server: "PS1"}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "one", obs.Estate.Images[0].Copy(0).DeleteAfter.String(), c.want)
	}
}

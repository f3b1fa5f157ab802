package observe

import (
	"context"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pslan/internal/content"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// town is a small platform in memory, with its disks.
type town struct {
	platform.Platform // nil: whatever a test does not expect panics
	estate            func() *estate.Estate
	readOnly          bool
	now               time.Time
	disks             fstest.MapFS
	looks             []platform.Look // all that was looked at
	scope             platform.Scope  // of the last reading
}

func (w *town) Now() time.Time { return w.now }

func (w *town) Describe() platform.Description {
	return platform.Description{Type: "lab", ReadOnly: w.readOnly}
}

func (w *town) ReadEstate(_ context.Context, scope platform.Scope) (*estate.Estate, error) {
	e := w.estate()
	w.scope = scope
	if scope.Images != nil {
		e.Images = slices.DeleteFunc(e.Images, func(img estate.Image) bool { return !slices.Contains(scope.Images, img.GUID) })
	}
	return e, nil
}

// See implements platform.Eyes with the real eyes over the disks in memory.
func (w *town) See(ctx context.Context, looks []platform.Look) ([]platform.Seen, error) {
	w.looks = append(w.looks, looks...)
	return content.NewPath(content.PathOptions{
		Root: func(server, _ string) (string, error) { return server, nil },
		Location: func(unc string) (string, error) {
			return strings.ReplaceAll(strings.TrimPrefix(unc, `\\`), `\`, "/"), nil
		},
		Open: func(dir string) (fs.FS, io.Closer, error) {
			sub, err := fs.Sub(w.disks, dir)
			if err == nil {
				_, err = fs.Stat(sub, ".")
			}
			return sub, nil, err
		},
		Now: w.Now, AgentFiles: true,
		Status: func(string, string) ([]string, error) { return []string{"PackageStatus"}, nil },
	}).See(ctx, looks)
}

// put puts a file on a disk.
func (w *town) put(name, data string) {
	w.disks[name] = &fstest.MapFile{Data: []byte(data), ModTime: noon}
}

// asked lists what was looked at since the last call, hashes marked with #.
func (w *town) asked() string {
	var all []string
	for _, l := range w.looks {
		s := l.Server + ":" + l.Image.Name
		if l.Location != "" {
			s += "@" + l.Location
		}
		if l.Hash {
			s += "#"
		}
		all = append(all, s)
	}
	w.looks = nil
	slices.Sort(all)
	return strings.Join(all, " ")
}

const (
	imgWin  = "10000000-0000-0000-0000-000000000001"
	imgOld  = "10000000-0000-0000-0000-000000000002"
	imgHeld = "10000000-0000-0000-0000-000000000003"
	pkgWin  = "20000000-0000-0000-0000-000000000001"
	pkgHeld = "20000000-0000-0000-0000-000000000003"
)

func guid(t testing.TB, s string) estate.GUID {
	t.Helper()
	g, err := estate.ParseGUID(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// newTown has three servers of which the last is off, a package on all of them, a
// legacy image, and an image that is kept on the SMP.
func newTown(t testing.TB) *town {
	w := &town{now: noon, disks: fstest.MapFS{}}
	w.estate = func() *estate.Estate {
		return &estate.Estate{
			SMP: estate.Server{Name: "smp01"},
			Servers: []estate.PackageServer{
				{Name: "PS1", Host: "ps1", State: estate.Online}, {Name: "PS2", Host: "ps2"}, {Name: "PS3", Host: "ps3", State: estate.Offline},
			},
			Images: []estate.Image{
				{Name: "HELD", GUID: guid(t, imgHeld), Package: guid(t, pkgHeld), Owner: estate.SMP, Location: `\\smp01\images\HELD`},
				{Name: "OLD", GUID: guid(t, imgOld), Format: estate.Legacy, Owner: 0, Location: `\\PS1\legacy\OLD`},
				{Name: "WIN", GUID: guid(t, imgWin), Package: guid(t, pkgWin), Owner: 0, Assignment: estate.Assignment{Mode: estate.AssignAll},
					Copies: []estate.Copy{{Server: 0, Status: "Ready"}, {Server: 2, Status: "Ready"}}},
			},
		}
	}
	w.put("PS1/{"+pkgWin+"}/cache/a.gho", "hello")
	w.put("PS1/{"+pkgWin+"}/snapshot.xml", "")
	w.put("PS1/legacy/OLD/old.gho", "old")
	w.disks["PS2"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755, ModTime: noon}
	w.put("smp01/images/HELD/held.gho", "held")
	return w
}

// shown lists copies in a line each: image, server, what is known of it.
func shown(e *estate.Estate) string {
	var b strings.Builder
	for i := range e.Images {
		for _, c := range e.Images[i].Copies {
			b.WriteString(e.Images[i].Name + " " + e.ServerName(c.Server) + ": " + strings.TrimSpace(c.Status+evidence(&c.Evidence)) + "\n")
		}
	}
	return b.String()
}

func evidence(ev *estate.Evidence) string {
	switch {
	case ev.Sight == estate.NotLooked:
		return " not looked"
	case ev.Sight == estate.NotSeen:
		return " not seen: " + ev.Error
	case !ev.Folder:
		return " no folder"
	}
	s := " " + string(rune('0'+ev.Files)) + " files"
	if !ev.Digest.IsZero() {
		s += ", hashed " + ev.HashedAt.Time().Format("15:04")
	}
	return s
}

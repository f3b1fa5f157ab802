package smp_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// image finds an image by name.
func image(t testing.TB, e *estate.Estate, name string) *estate.Image {
	t.Helper()
	for i := range e.Images {
		if e.Images[i].Name == name {
			return &e.Images[i]
		}
	}
	t.Fatalf("no image %s", name)
	return nil
}

func ref(img *estate.Image) platform.ImageRef {
	return platform.ImageRef{Image: img.GUID, Package: img.Package, Name: img.Name}
}

func kind(err error) platform.Kind {
	var e *platform.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return platform.KindOther
}

// calls are the calls of a method that changed something.
func (s *served) calls(method string) (found []serve.Call) {
	for _, c := range s.server.Journal() {
		if strings.HasPrefix(c.Method, method) {
			found = append(found, c)
		}
	}
	return found
}

// TestWriteDialects makes every request in every dialect.
func TestWriteDialects(t *testing.T) {
	for _, dialect := range append([]string{""}, serve.Variants()...) {
		t.Run(dialect, func(t *testing.T) {
			var settings []string
			if dialect != "" {
				settings = []string{dialect}
			}
			s := serveLab(t, "new-smp", settings, serve.Pace{Jump: true, Most: time.Minute}, func(d *declared.SMP) { d.Packages.DistributionPoints = true })
			s.everyRequest(t)
		})
	}
}

// everyRequest makes every request on the example new-smp, and sees what comes of it.
func (s *served) everyRequest(t *testing.T) {
	t.Helper()
	e := read(t, s)
	if ds := s.Prepare(t.Context(), platform.Needs{Update: true, Refresh: true, Build: true}); len(ds) > 0 {
		t.Error(texts(ds))
	}
	win := image(t, e, "WIN11-23H2")
	for _, to := range []estate.AssignmentNames{
		{Mode: estate.AssignServers, Servers: []string{"PS009", "PS010"}},
		{Mode: estate.AssignSites, Sites: []string{"HQ"}},
		{Mode: estate.AssignAutomatic, Sites: []string{"HQ"}},
		{Mode: estate.AssignAll},
	} {
		if err := s.SetAssignment(t.Context(), ref(win), to); err != nil {
			t.Fatalf("%v: %v", to, err)
		}
		now := read(t, s, win.GUID)
		if got := now.NameAssignment(&now.Images[0].Assignment); !got.Equal(&to) {
			t.Errorf("assigned %v, want %v", got, to)
		}
		sameEstate(t, read(t, s.lab, win.GUID), now)
	}
	gold := image(t, e, "WIN7-GOLD")
	if err := s.SetLocation(t.Context(), ref(gold), `\\smp02\NSCap\bin\WIN7`); err != nil {
		t.Error(err)
	}
	if got := read(t, s, gold.GUID).Images[0].Location; got != `\\smp02\NSCap\bin\WIN7` {
		t.Errorf("the location is %s", got)
	}
	if err := s.RebuildPreboot(t.Context(), e.Preboots[0].GUID); err != nil {
		t.Error(err)
	}
	s.synced(t, "PS009", "PS010")
}

// synced updates memberships, refreshes servers, and waits until that is seen.
func (s *served) synced(t *testing.T, servers ...string) {
	t.Helper()
	before := s.Now()
	if err := s.UpdateMembership(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.until(t, "the update to be seen", func(st *platform.SyncState) bool { return !st.UpdateStarted.Before(before.Truncate(time.Second)) })
	for _, server := range servers {
		if err := s.RefreshServer(t.Context(), server); err != nil {
			t.Fatal(err)
		}
	}
	since := s.Now().Truncate(time.Second)
	s.until(t, "the refreshes to be seen", func(st *platform.SyncState) bool {
		return !slices.ContainsFunc(servers, func(name string) bool { return st.Refreshed[name].Before(since) })
	})
}

func (s *served) until(t *testing.T, what string, seen func(*platform.SyncState) bool) {
	t.Helper()
	for range 200 {
		st, err := s.ReadSync(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen(st) {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

// without takes rows out of the settings.
func without(d *declared.SMP, kinds ...declared.RowKind) {
	d.Rows = slices.DeleteFunc(d.Rows, func(r declared.SMPRows) bool { return slices.Contains(kinds, r.Kind) })
}

// TestRefreshByTask: where no rows tell of refreshes, the end of the task does.
func TestRefreshByTask(t *testing.T) {
	for _, trouble := range []string{"", "ExecuteTask:cut-after:1"} {
		t.Run(trouble, func(t *testing.T) {
			s := serveLab(t, "retire-ps008", nil, serve.Pace{Jump: true, Most: time.Minute}, func(d *declared.SMP) { without(d, declared.RowsRefreshes) })
			read(t, s)
			if st, err := s.ReadSync(t.Context()); err != nil || len(st.Refreshed) != 0 {
				t.Fatalf("before anything was asked: %+v, %v", st, err)
			}
			if trouble != "" {
				s.trouble(t, trouble)
				if err := s.RefreshServer(t.Context(), "PS010"); kind(err) != platform.KindUnreachable {
					t.Fatal(err)
				}
			}
			if err := s.RefreshServer(t.Context(), "PS010"); err != nil {
				t.Fatal(err)
			}
			if n := len(s.calls("ExecuteTask")); n > 1 {
				t.Errorf("the task was started %d times", n)
			}
			st, err := s.ReadSync(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if at, asked := st.Refreshed["PS010"]; !asked || !at.IsZero() {
				t.Errorf("right after it was asked: %v", st.Refreshed)
			}
			s.until(t, "the task to end", func(st *platform.SyncState) bool { return !st.Refreshed["PS010"].IsZero() })
		})
	}
}

// TestFolderIsKept: the folder on package servers is sent back as it was, whatever
// else an assignment changes (KB 180394).
func TestFolderIsKept(t *testing.T) {
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, nil)
	win := image(t, read(t, s), "WIN11-23H2")
	const folder = `D:\Packages\WIN11`
	if err := s.lab.Do([]string{"assign", "WIN11-23H2", "PS008", "PS009"}); err != nil {
		t.Fatal(err)
	}
	s.setFolder(t, win.Package, folder)
	if err := s.SetAssignment(t.Context(), ref(win), estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS008", "PS009", "PS010"}}); err != nil {
		t.Fatal(err)
	}
	sent := s.calls("SetPackageServerSettings")
	last := sent[len(sent)-1]
	for _, a := range last.Args {
		if a.Name == "PackageServerLocation" && a.Value != folder {
			t.Errorf("sent back %q, was %q", a.Value, folder)
		}
	}
	// What stands already is not written again.
	if err := s.SetAssignment(t.Context(), ref(win), estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS010", "PS009", "PS008"}}); err != nil || len(s.calls("SetPackageServerSettings")) != len(sent) {
		t.Errorf("%v, %d calls", err, len(s.calls("SetPackageServerSettings")))
	}
}

// setFolder gives a package a folder of its own on package servers.
func (s *served) setFolder(t *testing.T, pack estate.GUID, folder string) {
	t.Helper()
	err := s.lab.Request(t.Context(), "set folder", folder, func(w *world.World, c *world.Command) error {
		c.Verb, c.Image, c.Folder = world.Assign, w.ImageNumber(pack), &folder
		c.Assignment = &w.Images[c.Image].Assignment
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLostAnswers: a write that may have been done is told as unreachable (P7), and one
// that the platform refused as refused.
func TestLostAnswers(t *testing.T) {
	to := estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS009", "PS010"}}
	for _, c := range []struct {
		trouble string
		want    platform.Kind
		done    bool
	}{
		{serve.TroubleReset, platform.KindUnreachable, true},
		{serve.TroubleTruncated, platform.KindUnreachable, true},
		{serve.TroubleRefuse, platform.KindUnreachable, false},
		{serve.TroubleBusy, platform.KindUnreachable, false},
		{serve.TroubleRestart, platform.KindUnreachable, false},
		{serve.TroubleFail, platform.KindUnreachable, false}, // an exception may come before or after
		{serve.TroubleLogin, platform.KindDenied, false},
		{serve.TroubleRedirect, platform.KindDenied, false},
	} {
		t.Run(c.trouble, func(t *testing.T) {
			s := serveLab(t, "retire-ps008", nil, serve.Pace{}, nil)
			win := image(t, read(t, s), "WIN11-23H2")
			s.trouble(t, "SetPackageServerSettings:"+c.trouble+":1")
			err := s.SetAssignment(t.Context(), ref(win), to)
			if err == nil || kind(err) != c.want {
				t.Errorf("%v: kind %d, want %d", err, kind(err), c.want)
			}
			now := s.lab
			got := read(t, now, win.GUID)
			names := got.NameAssignment(&got.Images[0].Assignment)
			if names.Equal(&to) != c.done {
				t.Errorf("done: %v", names)
			}
		})
	}
}

// trouble has the served lab meet trouble from now on.
func (s *served) trouble(t *testing.T, words ...string) {
	t.Helper()
	var d serve.Dialect
	for _, w := range words {
		one, err := serve.ParseTrouble(w)
		if err != nil {
			t.Fatal(err)
		}
		d.Troubles = append(d.Troubles, one)
	}
	server, err := serve.New(serve.Options{Lab: s.lab, Dialect: d, Pace: s.pace})
	if err != nil {
		t.Fatal(err)
	}
	s.server = server
	s.http.Config.Handler = server
}

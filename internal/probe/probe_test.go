package probe

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pslan/internal/content/contenttest"
	"pslan/internal/estate"
	"pslan/internal/manifest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 900, time.UTC)

// server makes a root with one package of two files; the larger one is hashed first.
func server(t *testing.T) (root, cache string) {
	t.Helper()
	root = t.TempDir()
	cache = filepath.Join(root, contenttest.FolderName, "cache")
	if err := os.MkdirAll(cache, 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, cache, "a.gho", "image 1")
	put(t, cache, "b.gho", "image")
	tick(t, root)
	return root, cache
}

// tick lets the clock of the file system go on: what is changed from now on has
// another time than what was before.
func tick(t *testing.T, dir string) {
	t.Helper()
	written := func() time.Time {
		file := filepath.Join(dir, "tick")
		if err := os.WriteFile(file, []byte("tick"), 0o666); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	for first := written(); written().Equal(first); {
	}
}

// put writes a file with a time of its own.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, contenttest.Modified, contenttest.Modified); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, o Options) *manifest.Manifest {
	t.Helper()
	m, err := New(o).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWhileItRuns: what happens to files meanwhile makes the package unknown. The
// clock is asked at the start, before listing, after each hash and before the second
// listing, and something happens then.
func TestWhileItRuns(t *testing.T) {
	tests := []struct {
		name string
		at   int // which reading of the clock
		do   func(t *testing.T, cache string)
		want string
	}{
		{"nothing", 1, func(*testing.T, string) {}, ""},
		{"a file vanishes", 3, func(t *testing.T, cache string) { remove(t, cache, "b.gho") }, "b.gho vanished while the copy was read"},
		{"a file grows", 3, func(t *testing.T, cache string) { put(t, cache, "b.gho", "image and more") }, "b.gho changed while the copy was read"},
		{"a file is touched", 3, func(t *testing.T, cache string) { touch(t, cache, "b.gho") }, "b.gho changed while the copy was read"},
		{"a file becomes a link", 3, func(t *testing.T, cache string) {
			remove(t, cache, "b.gho")
			if err := os.Symlink("a.gho", filepath.Join(cache, "b.gho")); err != nil {
				t.Log(err) // on Windows not everybody may; then it has vanished
				put(t, cache, "b.gho", "other")
			}
		}, "b.gho changed while the copy was read"},
		{"a hashed file vanishes", 5, func(t *testing.T, cache string) { remove(t, cache, "a.gho") }, "files came, went or changed"},
		{"a hashed file changes", 5, func(t *testing.T, cache string) { put(t, cache, "a.gho", "other") }, "files came, went or changed"},
		{"a file comes", 5, func(t *testing.T, cache string) { put(t, cache, "c.gho", "") }, "files came, went or changed"},
		{"all go", 5, func(t *testing.T, cache string) { remove(t, cache, "") }, "vanished while the copy was read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, cache := server(t)
			n := 0
			m := run(t, Options{Server: "PS1", Root: root, Parallel: 1, Now: func() time.Time {
				if n++; n == tt.at {
					tt.do(t, cache)
				}
				return noon.Add(time.Duration(n) * time.Second)
			}})
			p := m.Package(contenttest.Package)
			if tt.want == "" && p.Error != "" || !strings.Contains(p.Error, tt.want) {
				t.Fatalf("the error is %q, want %q", p.Error, tt.want)
			}
			if (p.Error == "") == p.Sums.Digest.IsZero() {
				t.Errorf("error %q, digest %s", p.Error, p.Sums.Digest)
			}
			if a := p.File("a.gho"); a == nil || a.SHA256.IsZero() || a.HashedAt != estate.TimeOf(noon.Add(3*time.Second).Truncate(time.Second)) {
				t.Errorf("what was hashed before is kept: %+v", a)
			}
			if p.Error == "" && m.TakenAt != estate.TimeOf(noon.Add(5*time.Second).Truncate(time.Second)) {
				t.Errorf("taken at %s", m.TakenAt)
			}
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func touch(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Chtimes(filepath.Join(dir, name), noon, noon); err != nil {
		t.Fatal(err)
	}
}

// TestRecognise: only what nobody touched is not read again.
func TestRecognise(t *testing.T) {
	tests := []struct {
		name   string
		do     func(t *testing.T, cache string)
		change func(o *Options)
		read   int64
	}{
		{"nothing", nil, nil, 0},
		{"another file", func(t *testing.T, cache string) { put(t, cache, "c.gho", "new") }, nil, 3},
		{"other bytes, size and time the same", func(t *testing.T, cache string) { put(t, cache, "b.gho", "IMAGE") }, nil, 5},
		{"replaced by a copy of itself", func(t *testing.T, cache string) {
			remove(t, cache, "b.gho")
			put(t, cache, "b.gho", "image")
		}, nil, 5},
		{"another time", func(t *testing.T, cache string) { touch(t, cache, "b.gho") }, nil, 5},
		{"renamed", func(t *testing.T, cache string) {
			if err := os.Rename(filepath.Join(cache, "b.gho"), filepath.Join(cache, "c.gho")); err != nil {
				t.Fatal(err)
			}
		}, nil, 5},
		{"rehash", nil, func(o *Options) { o.Rehash = true }, 12},
		{"hashed too long ago", nil, func(o *Options) {
			o.HashMaxAge = time.Hour
			o.Known[0].Packages[0].Files[0].HashedAt -= estate.Time(2 * time.Hour)
			o.Known[0].Packages[0].Files[1].HashedAt -= estate.Time(time.Hour / 2)
		}, 7},
		{"hashed tomorrow", nil, func(o *Options) { o.Known[0].Packages[0].Files[0].HashedAt += estate.Time(24 * time.Hour) }, 7},
		{"no id", nil, func(o *Options) { o.Known[0].Packages[0].Files[0].ID = "" }, 7},
		{"not hashed then", nil, func(o *Options) { o.Known[0].Packages[0].Files[1].SHA256 = estate.Digest{} }, 5},
		{"an older manifest too", nil, func(o *Options) {
			old := *o.Known[0]
			old.Packages = []manifest.Package{{GUID: contenttest.Package, Files: []manifest.File{old.Packages[0].Files[0]}}}
			old.Packages[0].Files[0].HashedAt -= 1e9
			old.Packages[0].Files[0].SHA256[0]++
			o.Known = []*manifest.Manifest{&old, o.Known[0]}
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, cache := server(t)
			o := Options{Server: "PS1", Root: root, Now: func() time.Time { return noon }}
			first := run(t, o)
			if tt.do != nil {
				tt.do(t, cache)
			}
			o.Known = []*manifest.Manifest{run(t, Options{Server: "PS1", Root: root, Known: []*manifest.Manifest{first}, ListOnly: true})}
			if got := o.Known[0].Packages[0].Files; tt.do == nil && (got[0].SHA256.IsZero() || got[1].SHA256.IsZero()) {
				t.Fatal("a run that only lists forgets hashes")
			}
			o.Known = []*manifest.Manifest{first}
			if tt.change != nil {
				tt.change(&o)
			}
			p := New(o)
			m, err := p.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if read := p.Progress().BytesRead; read != tt.read {
				t.Errorf("%d bytes were read, want %d", read, tt.read)
			}
			o.Known, o.Rehash = nil, true
			if fresh := run(t, o); fresh.Packages[0].Sums != m.Packages[0].Sums {
				t.Error("another digest than without the earlier manifest")
			}
		})
	}
}

// TestInterruptedRun: there is no manifest, and what was hashed is kept.
func TestInterruptedRun(t *testing.T) {
	root, _ := server(t)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	p := New(Options{Server: "PS1", Root: root, Parallel: 1, Now: func() time.Time {
		if n++; n == 3 {
			cancel()
		}
		return noon
	}})
	if m, err := p.Run(ctx); m != nil || err == nil {
		t.Fatalf("%+v, %v", m, err)
	}
	m := p.Partial()
	if !m.Partial || len(m.Packages) != 1 || m.Packages[0].Error != "" {
		t.Fatalf("%+v", m)
	}
	again := New(Options{Server: "PS1", Root: root, Known: []*manifest.Manifest{m}})
	if _, err := again.Run(t.Context()); err != nil || again.Progress().BytesRead != 5 {
		t.Errorf("%d bytes were read again, %v", again.Progress().BytesRead, err)
	}
}

// TestPace: all readers together stay below the rate, and nothing is saved up.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{rate: 1000}
		started := time.Now()
		done := make(chan error)
		for range 4 {
			go func() {
				for range 5 {
					if err := p.wait(t.Context(), 100); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(started); took != 1900*time.Millisecond {
			t.Errorf("2000 bytes took %s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.wait(ctx, 1); err == nil {
			t.Error("it waits for ever")
		}
	})
}

func TestLeft(t *testing.T) {
	at := time.Now()
	for _, tt := range []struct {
		name string
		p    Progress
		want time.Duration
	}{
		{"half", Progress{Phase: Hashing, Bytes: 1200, BytesKnown: 200, BytesRead: 500, hashing: at.Add(-time.Minute)}, time.Minute},
		{"nothing read", Progress{Phase: Hashing, Bytes: 1200, hashing: at.Add(-time.Minute)}, 0},
		{"just begun", Progress{Phase: Hashing, Bytes: 1200, BytesRead: 5, hashing: at}, 0},
		{"listing", Progress{Bytes: 1200}, 0},
		{"more than was listed", Progress{Phase: Hashing, Bytes: 100, BytesRead: 500, hashing: at.Add(-time.Minute)}, 0},
	} {
		if got := tt.p.Left(at); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestDefaultRoot(t *testing.T) {
	env := func(string) string { return "" }
	if got := DefaultRoot("windows", env); !strings.HasPrefix(got, `C:\Program Files`) || !strings.HasSuffix(got, "Package Delivery") {
		t.Error(got)
	}
	if got := DefaultRoot("linux", env); got != "/opt/altiris/notification/psagent/Package Delivery" {
		t.Error(got)
	}
	if got := DefaultRoot("darwin", env); got != "" {
		t.Error(got)
	}
}

func TestLowerPriority(t *testing.T) {
	if err := LowerPriority(); err != nil {
		t.Error(err)
	}
}

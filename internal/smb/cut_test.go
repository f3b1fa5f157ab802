//go:build peers

package smb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pslan/internal/content"
	"pslan/internal/peertest"
	"pslan/internal/platform"
)

// happening is a share on which something happens while a file is read: at its first
// byte.
type happening struct {
	fs.FS
	name string
	now  func()
}

func (h happening) Open(name string) (fs.File, error) {
	f, err := h.FS.Open(name)
	if err == nil && path.Base(name) == h.name {
		return &happeningFile{f, h.now}, nil
	}
	return f, err
}

func (h happening) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(h.FS, name) }
func (h happening) ReadLink(name string) (string, error)   { return fs.ReadLink(h.FS, name) }

type happeningFile struct {
	fs.File
	now func()
}

func (f *happeningFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p[:1])
	if f.now != nil {
		f.now()
		f.now = nil
	}
	return n, err
}

// TestChangesWhileRead: whatever becomes of a file while it is read, the copy is
// unknown, and never good.
func TestChangesWhileRead(t *testing.T) {
	const name = "p/cache/f"
	old := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		do   func(file string) error
		want string
	}{
		{"vanishes", os.Remove, "changed while"},
		{"grows", func(file string) error {
			return errors.Join(appendTo(file, "x"), os.Chtimes(file, old, old))
		}, "f changed while"},
		{"is cut short", func(file string) error { return errors.Join(os.Truncate(file, 3), os.Chtimes(file, old, old)) }, "f changed while"},
		{"is touched", func(file string) error { return os.Chtimes(file, old, old.Add(time.Second)) }, "f changed while"},
		{"is replaced by one of its size and time", func(file string) error {
			return errors.Join(os.WriteFile(file+".new", []byte("abcdefghij"), 0o644), os.Chtimes(file+".new", old, old), os.Rename(file+".new", file))
		}, "was replaced by another file meanwhile"},
		{"gets company", func(file string) error { return os.WriteFile(file+"2", nil, 0o644) }, "files came, went or changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, s := served(t, map[string]string{name: "0123456789"})
			if s == nil {
				return
			}
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.Chtimes(file, old, old); err != nil {
				t.Fatal(err)
			}
			fsys := happening{open(t, pool(t, s, nil), "//127.0.0.1/packages"), "f", func() {
				if err := tt.do(file); err != nil {
					t.Error(err)
				}
			}}
			files, _, err := content.ReadTree(t.Context(), fsys, "p/cache", true)
			if err == nil || files != nil || !strings.Contains(err.Error(), tt.want) && !strings.Contains(err.Error(), "came, went") {
				t.Errorf("%v, %v", files, err)
			}
		})
	}
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}

// TestServerKilled: a server that is killed in the middle of a hash makes its copies
// unknown, and the next look finds it again.
func TestServerKilled(t *testing.T) {
	files := map[string]string{}
	var looks []platform.Look
	for i := range 20 {
		guid := fmt.Sprintf("6d3f0c1e-52a1-4a35-9d6c-%012d", i)
		files["{"+guid+"}/cache/image.gho"] = strings.Repeat(fmt.Sprint(i), 3<<20)
		looks = append(looks, platform.Look{Server: "PS001", Host: "ps001", Image: platform.ImageRef{Package: guidOf(t, guid)}, Hash: true})
	}
	_, s := served(t, files)
	if s == nil {
		return
	}
	shares := pool(t, s, func(o *Options) { o.AnswerTimeout = 20 * time.Second })
	var kill sync.Once
	healthy := false
	eyes := content.NewPath(content.PathOptions{
		Root: func(string, string) (string, error) { return "//127.0.0.1/packages", nil },
		Open: func(dir string) (fs.FS, io.Closer, error) {
			fsys, closer, err := shares.Open(dir)
			if healthy || err != nil {
				return fsys, closer, err
			}
			return happening{fsys, "image.gho", func() { kill.Do(s.Kill) }}, closer, nil
		},
		By: "smb",
	})
	look := func(want string) {
		t.Helper()
		seen, err := eyes.See(t.Context(), looks)
		if err != nil {
			t.Fatal(err)
		}
		for i := range seen {
			ev := seen[i].Evidence
			if want == "" && (ev.Error != "" || ev.Digest.IsZero()) || want != "" && (!strings.Contains(ev.Error, want) || !ev.Digest.IsZero() || seen[i].Listing != nil) {
				t.Fatalf("copy %d: %+v, want an error with %q", i, ev, want)
			}
		}
	}
	look("the connection to 127.0.0.1 was cut")
	look("127.0.0.1 is up and refuses the connection")
	s.Run()
	healthy = true
	look("")
}

// TestSilence: a server that stops answering is given up, for all who wait for it.
func TestSilence(t *testing.T) {
	_, s := served(t, map[string]string{"p/cache/f": strings.Repeat("x", 8<<20)})
	if s == nil {
		return
	}
	var hang sync.Once
	release := make(chan struct{})
	defer close(release)
	p := newProxy(t, s.Port, func(frame []byte) {
		if len(frame) > 1<<19 {
			hang.Do(func() { <-release })
		}
	})
	shares := pool(t, s, func(o *Options) { o.Port, o.AnswerTimeout = p.port, shortly })
	fsys := open(t, shares, "//127.0.0.1/packages")
	_, _, err := content.ReadTree(t.Context(), fsys, "p/cache", true)
	wantKind(t, err, Timeout, "127.0.0.1 did not answer within 3s (p/cache/f)")
	_, err = fsys.Open("p")
	wantKind(t, err, Timeout, "127.0.0.1 did not answer")
}

// TestReconnect: a connection that was cut while nobody needed it is made anew without
// a word.
func TestReconnect(t *testing.T) {
	_, s := served(t, map[string]string{"p/cache/f": "1"})
	if s == nil {
		return
	}
	p := newProxy(t, s.Port, nil)
	now := time.Now()
	shares := pool(t, s, func(o *Options) {
		o.Port = p.port
		o.Now = func() time.Time { now = now.Add(2 * time.Second); return now }
	})
	read := func() {
		t.Helper()
		fsys, closer, err := shares.Open("//127.0.0.1/packages")
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		if _, err := fs.ReadFile(fsys, "p/cache/f"); err != nil {
			t.Fatal(err)
		}
	}
	read()
	read()
	if n := p.dialled(); n != 1 {
		t.Errorf("%d connections were made, one would do", n)
	}
	p.cut()
	read()
	if n := p.dialled(); n != 2 {
		t.Errorf("%d connections were made, want another one after the cut", n)
	}
}

// TestClosedPool: what is still reading when the pool is closed ends, and nothing is
// opened any more.
func TestClosedPool(t *testing.T) {
	_, s := served(t, map[string]string{"p/cache/f": strings.Repeat("x", 4<<20)})
	if s == nil {
		return
	}
	shares := pool(t, s, nil)
	fsys, closer, err := shares.Open("//127.0.0.1/packages")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = content.ReadTree(context.Background(), happening{fsys, "f", func() { shares.Close() }}, "p/cache", true)
	wantKind(t, err, Cut, "closed")
	if err := errors.Join(closer.Close(), closer.Close()); err != nil {
		t.Error(err)
	}
	if _, _, err := shares.Open("//127.0.0.1/packages"); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

// TestCrowd: many who read at once get what is theirs, over one connection.
func TestCrowd(t *testing.T) {
	files := map[string]string{}
	for i := range 64 {
		files[fmt.Sprintf("p%d/cache/f", i)] = strings.Repeat(fmt.Sprint(i), 1+i*40_000)
	}
	dir, s := served(t, files)
	if s == nil {
		return
	}
	fsys := open(t, pool(t, s, nil), "//127.0.0.1/packages")
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			name := fmt.Sprintf("p%d/cache", i)
			remote, _, err := content.ReadTree(t.Context(), fsys, name, true)
			local, _, localErr := content.ReadTree(t.Context(), os.DirFS(dir), name, true)
			if err != nil || localErr != nil || content.Digest(remote) != content.Digest(local) {
				t.Errorf("%s: %v, %v", name, err, localErr)
			}
		})
	}
	group.Wait()
}

// TestIdle: no more connections than allowed are kept for nobody.
func TestIdle(t *testing.T) {
	s := peertest.Samba{Shares: map[string]string{"packages": t.TempDir()}}.Start(t)
	if s == nil {
		return
	}
	p := newProxy(t, s.Port, nil)
	shares := pool(t, s, func(o *Options) { o.Port, o.MaxIdle = p.port, 1 })
	use := func(host string) {
		t.Helper()
		_, closer, err := shares.Open("//" + host + "/packages")
		if err != nil {
			t.Fatal(err)
		}
		closer.Close()
	}
	use("127.0.0.1")
	use("localhost")
	use("LOCALHOST")
	if n := p.dialled(); n != 2 {
		t.Errorf("%d connections for two hosts", n)
	}
	use("127.0.0.1")
	if n := p.dialled(); n != 3 {
		t.Errorf("%d connections, where the first one was to be closed meanwhile", n)
	}
}

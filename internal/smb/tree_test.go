//go:build peers

package smb

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	smb2 "github.com/cloudsoda/go-smb2"

	"pslan/internal/content"
	"pslan/internal/peertest"
	"pslan/internal/platform"
)

// served is a folder and what a server makes of it.
func served(t *testing.T, files map[string]string, lines ...string) (dir string, s *peertest.FileServer) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, files)
	return dir, peertest.Samba{Shares: map[string]string{"packages": dir}, Lines: map[string][]string{"packages": lines}}.Start(t)
}

// TestFS holds the folder of a share against the rules of package fs.
func TestFS(t *testing.T) {
	_, s := served(t, map[string]string{"a/b/c.txt": "hello", "a/big": strings.Repeat("0123456789", 400_000), "a/empty": "", "d/": "", "e f.txt": "x"})
	if s == nil {
		return
	}
	fsys := open(t, pool(t, s, nil), "//127.0.0.1/packages")
	if err := fstest.TestFS(fsys, "a/b/c.txt", "a/big", "a/empty", "d", "e f.txt"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{`a\b`, "a/b/c.txt:stream", "../x", "/a", "a\x00"} {
		if f, err := fsys.Open(name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v, %v", name, f, err)
		}
	}
	if _, err := fs.ReadLink(fsys, "d"); err == nil {
		t.Error("a folder was read as a link")
	}
}

// TestFacts: sizes, times and IDs come as they are, from a listing and from a file.
func TestFacts(t *testing.T) {
	dir, s := served(t, map[string]string{"p/a.gho": "hello"})
	if s == nil {
		return
	}
	when := time.Date(2020, 2, 29, 12, 34, 56, 789_012_300, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "p", "a.gho"), when, when); err != nil {
		t.Fatal(err)
	}
	fsys := open(t, pool(t, s, nil), "//127.0.0.1/packages")
	entries, err := fs.ReadDir(fsys, "p")
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	listed, err := entries[0].Info()
	if err != nil {
		t.Fatal(err)
	}
	f, err := fsys.Open("p/a.gho")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	opened, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []fs.FileInfo{listed, opened} {
		facts, ok := i.Sys().(*Facts)
		if i.Size() != 5 || !i.ModTime().Equal(when) || i.Mode() != 0o444 || !ok || facts.FileID == 0 || facts.Created.IsZero() {
			t.Errorf("%s: %d bytes, %s, %s, %+v", i.Name(), i.Size(), i.ModTime(), i.Mode(), facts)
		}
	}
	if a, b := listed.Sys().(*Facts), opened.Sys().(*Facts); a.FileID != b.FileID || a.Identity() != b.Identity() || a.Identity() == "" {
		t.Errorf("listed %+v, opened %+v", a, b)
	}
}

// TestNames: whatever a file is called, it is on the share what it is on the disk.
func TestNames(t *testing.T) {
	deep := strings.TrimSuffix(strings.Repeat("a rather long folder name/", 14), "/")
	files := map[string]string{
		"p/cache/with  spaces and (brackets) [x].gho": "1", "p/cache/caf\u00e9-nfc.gho": "2", "p/cache/cafe\u0301-nfd.gho": "3",
		"p/cache/Case.gho": "4", "p/cache/case.gho": "five", "p/cache/" + deep + "/f.gho": "6", "p/cache/empty": "",
		"p/cache/日本語/🙂.gho": "7", "p/cache/%~$#@!^&'`{}=+,;.gho": "8", "p/cache/.hidden": "9",
	}
	dir, s := served(t, files)
	if s == nil {
		return
	}
	remote, _, err := content.ReadTree(t.Context(), open(t, pool(t, s, nil), "//127.0.0.1/packages"), "p/cache", true)
	if err != nil {
		t.Fatal(err)
	}
	local, _, err := content.ReadTree(t.Context(), os.DirFS(dir), "p/cache", true)
	if err != nil {
		t.Fatal(err)
	}
	if len(remote) != len(files) || content.Digest(remote) != content.Digest(local) {
		t.Errorf("on the share\n%s\non the disk\n%s", names(remote), names(local))
	}
}

// TestWindowsNames: names that Windows cannot have come with the names that Samba
// gives them instead, so such a copy is never equal to a good one.
func TestWindowsNames(t *testing.T) {
	for _, name := range []string{"a:b.gho", "trailing.", "what?.gho", "CON", `back\slash`} {
		_, s := served(t, map[string]string{"p/cache/" + name: "1"})
		if s == nil {
			return
		}
		files, _, err := content.ReadTree(t.Context(), open(t, pool(t, s, nil), "//127.0.0.1/packages"), "p/cache", true)
		if err != nil || len(files) != 1 || !strings.Contains(files[0].Path, "~") {
			t.Errorf("%q: %s %v", name, names(files), err)
		}
	}
}

// TestStreams: further streams of a file are no files.
func TestStreams(t *testing.T) {
	dir, s := served(t, map[string]string{"p/cache/a.gho": "1"}, "read only = no", "vfs objects = streams_depot", "streams_depot:directory = "+t.TempDir())
	if s == nil {
		return
	}
	d := smb2.Dialer{Initiator: &smb2.NTLMInitiator{User: s.User, Password: peertest.Password}, Negotiator: smb2.Negotiator{RequireMessageSigning: true}}
	session, err := d.Dial(t.Context(), fmt.Sprintf("127.0.0.1:%d", s.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer session.Logoff()
	share, err := session.Mount(`\\127.0.0.1\packages`)
	if err != nil {
		t.Fatal(err)
	}
	if err := share.WriteFile(`p\cache\a.gho:Zone.Identifier`, []byte("from the internet"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := share.ReadFile(`p\cache\a.gho:Zone.Identifier`)
	if err != nil || string(got) != "from the internet" {
		t.Fatalf("there is no stream to look past: %q, %v", got, err)
	}
	files, _, err := content.ReadTree(t.Context(), open(t, pool(t, s, nil), "//127.0.0.1/packages"), "p/cache", true)
	local, _, localErr := content.ReadTree(t.Context(), os.DirFS(dir), "p/cache", true)
	if err != nil || localErr != nil || content.Digest(files) != content.Digest(local) || len(files) != 1 {
		t.Error(names(files), err, names(local), localErr)
	}
}

// TestSparse: 8 GiB that are not there are listed as 8 GiB, and less of it is hashed.
func TestSparse(t *testing.T) {
	const large, hashed = 8 << 30, 96<<20 + 5
	dir, s := served(t, map[string]string{"p/cache/": "", "q/cache/": ""})
	if s == nil {
		return
	}
	for name, size := range map[string]int64{"p/cache/8g.gho": large, "q/cache/96m.gho": hashed} {
		f, err := os.Create(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	fsys := open(t, pool(t, s, nil), "//127.0.0.1/packages")
	files, _, err := content.ReadTree(t.Context(), fsys, "p/cache", false)
	if err != nil || len(files) != 1 || files[0].Bytes != large {
		t.Error(files, err)
	}
	h := sha256.New()
	io.CopyN(h, zeros{}, hashed)
	files, _, err = content.ReadTree(t.Context(), fsys, "q/cache", true)
	if err != nil || len(files) != 1 || string(files[0].SHA256[:]) != string(h.Sum(nil)) {
		t.Error(files, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func names(files []platform.File) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%d %q\n", f.Bytes, f.Path)
	}
	return b.String()
}

// TestManyPackages lists a share of 10,000 packages.
func TestManyPackages(t *testing.T) {
	const packages = 10_000
	dir, s := served(t, nil)
	if s == nil {
		return
	}
	guid := func(i int) string { return fmt.Sprintf("6D3F0C1E-52A1-4A35-9D6C-%012d", i) }
	for i := range packages {
		cache := filepath.Join(dir, "{"+guid(i)+"}", "cache")
		if err := errors.Join(os.MkdirAll(cache, 0o755), os.WriteFile(filepath.Join(cache, "a.gho"), []byte(guid(i)), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	p := newProxy(t, s.Port, nil)
	shares := pool(t, s, func(o *Options) { o.Port = p.port })
	eyes := content.NewPath(content.PathOptions{
		Root: func(string, string) (string, error) { return "//127.0.0.1/packages", nil },
		Open: shares.Open, By: "smb", Parallel: 32,
	})
	var looks []platform.Look
	for i := range packages {
		looks = append(looks, platform.Look{Server: "PS001", Image: platform.ImageRef{Package: guidOf(t, guid(i))}})
	}
	began := time.Now()
	seen, err := eyes.See(t.Context(), looks)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d packages listed in %s", packages, time.Since(began).Round(time.Millisecond))
	for i := range seen {
		if ev := seen[i].Evidence; ev.Files != 1 || ev.Bytes != 36 || ev.Error != "" {
			t.Fatalf("package %d: %+v", i, ev)
		}
	}
	if n := p.dialled(); n != 1 {
		t.Errorf("%d connections were made for one host", n)
	}
}

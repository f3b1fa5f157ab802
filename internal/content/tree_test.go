package content

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pslan/internal/estate"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// disk is an in-memory disk.
func disk(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, data := range files {
		f := &fstest.MapFile{Data: []byte(data), ModTime: noon}
		if strings.HasSuffix(name, "/") {
			f.Mode = fs.ModeDir | 0o755
		}
		m[strings.TrimSuffix(name, "/")] = f
	}
	return m
}

// write puts files on the real disk.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadTree(t *testing.T) {
	fsys := disk(map[string]string{
		"p/cache/b.gho": "bb", "p/cache/sub/Cafe\u0301.gho": "c", "p/cache/A.gho": "", "p/snapshot.xml": "<x/>", "empty/cache/": "",
	})
	for _, hash := range []bool{false, true} {
		files, folder, err := ReadTree(t.Context(), fsys, "p/cache", hash)
		if err != nil || !folder {
			t.Fatal(folder, err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.Path)
			if f.SHA256.IsZero() == hash {
				t.Errorf("hash=%v: %s has hash %q", hash, f.Path, f.SHA256)
			}
			if !f.Modified.Equal(noon) {
				t.Errorf("%s was modified at %s", f.Path, f.Modified)
			}
		}
		if want := "A.gho b.gho sub/Caf\u00e9.gho"; strings.Join(got, " ") != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for dir, want := range map[string]bool{"empty/cache": true, "p/none": false, "none/cache": false} {
		files, folder, err := ReadTree(t.Context(), fsys, dir, true)
		if err != nil || folder != want || len(files) > 0 {
			t.Errorf("%s: %v, folder %v, %v", dir, files, folder, err)
		}
	}
}

func TestReadTreeRefuses(t *testing.T) {
	tests := []struct {
		name string
		fsys fs.FS
		want string
	}{
		{"two spellings of a name", disk(map[string]string{"p/cache/\u00e9": "1", "p/cache/e\u0301": "2"}), "two files have the name é"},
		{"a backslash", disk(map[string]string{`p/cache/a\b`: "1"}), "a character that no file"},
		{"a line break", disk(map[string]string{"p/cache/a\nb": "1"}), "a character that no file"},
		{"not UTF-8", disk(map[string]string{"p/cache/a\xff": "1"}), "is not UTF-8"},
		{"a file for a folder", disk(map[string]string{"p/cache": "1"}), "p/cache is a file where a folder should be"},
		{"a link", fstest.MapFS{"p/cache/l": {Mode: fs.ModeSymlink, Data: []byte("x")}}, "l is a link, and links are not followed"},
		{"a link for the folder", fstest.MapFS{"q/a": {}, "p/cache": {Mode: fs.ModeSymlink, Data: []byte("../q")}}, "p/cache is a link"},
		{"a pipe", fstest.MapFS{"p/cache/l": {Mode: fs.ModeNamedPipe}}, "l is neither a file nor a folder"},
		{"too deep", disk(map[string]string{"p/cache/" + strings.Repeat("d/", 70) + "f": "1"}), "nested more than 64 deep"},
		{"vanishing", changing{disk(map[string]string{"p/cache/f": "1"}), func(m fstest.MapFS) { delete(m, "p/cache/f") }}, "f vanished while the copy was read"},
		{"growing", changing{disk(map[string]string{"p/cache/f": "1"}), func(m fstest.MapFS) { m["p/cache/f"].Data = []byte("12") }}, "f changed while the copy was read"},
		{"touched", changing{disk(map[string]string{"p/cache/f": "1"}), func(m fstest.MapFS) { m["p/cache/f"].ModTime = noon.Add(time.Hour) }}, "f changed while the copy was read"},
		{"a new file", changing{disk(map[string]string{"p/cache/f": "1"}), func(m fstest.MapFS) { m["p/cache/g"] = &fstest.MapFile{} }}, "files came, went or changed"},
		{"no bytes and no end", idle{disk(map[string]string{"p/cache/f": "123"})}, "f cannot be read: multiple Read calls return no data"},
		{"shorter than it says", short{disk(map[string]string{"p/cache/f": "123"})}, "f changed while it was read: 3 bytes were listed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files, _, err := ReadTree(t.Context(), tt.fsys, "p/cache", true)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if files != nil {
				t.Errorf("files of a copy that was not read: %v", files)
			}
		})
	}
}

// changing is a disk on which something happens as soon as a file is opened.
type changing struct {
	fstest.MapFS
	change func(fstest.MapFS)
}

func (c changing) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, "/f") {
		c.change(c.MapFS)
	}
	return c.MapFS.Open(name)
}

// short is a disk whose files end too early.
type short struct{ fstest.MapFS }

type shortFile struct{ fs.File }

func (s short) Open(name string) (fs.File, error) {
	f, err := s.MapFS.Open(name)
	if _, dir := f.(fs.ReadDirFile); dir || err != nil {
		return f, err
	}
	return shortFile{f}, nil
}

func (shortFile) Read([]byte) (int, error) { return 0, io.EOF }

// idle is a disk whose files give neither bytes nor an end.
type idle struct{ fstest.MapFS }

type idleFile struct{ fs.File }

func (s idle) Open(name string) (fs.File, error) {
	f, err := s.MapFS.Open(name)
	if _, dir := f.(fs.ReadDirFile); dir || err != nil {
		return f, err
	}
	return idleFile{f}, nil
}

func (idleFile) Read([]byte) (int, error) { return 0, nil }

func TestReadTreeEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := ReadTree(ctx, disk(map[string]string{"p/cache/f": "1"}), "p/cache", true)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestLinksOnDisk: neither a link below the folder nor one for the folder itself
// leads anywhere.
func TestLinksOnDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("making links needs rights that a test may not have on Windows")
		return
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{"secret/f": "1", "root/good/cache/f": "1", "root/bad/cache/f": "1"})
	for from, to := range map[string]string{"root/bad/cache/l": "../../../secret", "root/linked": "../secret", "root/inside": "good"} {
		if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(from))); err != nil {
			t.Fatal(err)
		}
	}
	fsys, closer, err := openDisk(filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	for _, name := range []string{"bad/cache", "linked", "inside/cache"} {
		if files, _, err := ReadTree(t.Context(), fsys, name, true); err == nil {
			t.Errorf("%s was read: %v", name, files)
		}
	}
	files, folder, err := ReadTree(t.Context(), fsys, "good/cache", true)
	if err != nil || !folder || len(files) != 1 || files[0].SHA256 == (estate.Digest{}) {
		t.Error(files, folder, err)
	}
}

// TestUnnameable: names that a share from elsewhere can hold, and programs of Windows
// cannot open, are told as such.
func TestUnnameable(t *testing.T) {
	windows := runtime.GOOS == "windows"
	for name, want := range map[string]bool{
		"WIN11.gho": false, ".hidden": false, "a.b.c": false, "Gr\u00fc\u00dfe.txt": false,
		"name.": true, "name ": true, "CON": windows, "aux": windows,
	} {
		if got := unnameable(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	err := failed("p", "p/name.", fs.ErrNotExist)
	if told := strings.Contains(err.Error(), "Windows opens nothing by such a name"); told != windows {
		t.Error(err)
	}
}

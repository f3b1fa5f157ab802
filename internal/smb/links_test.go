//go:build peers

package smb

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/content"
	"pslan/internal/peertest"
)

// TestLinksOfSamba: a Samba server follows its own links before it answers, or hides
// them, and a client cannot tell. It never leads out of the share, and a link that
// leads in a circle is noticed by the folders' IDs.
func TestLinksOfSamba(t *testing.T) {
	const same = "one and the same folder on the server: a link leads from one to the other"
	cases := []struct {
		copy           string
		follow, hidden string // the files that are seen, or a part of the error
	}{
		{"real", "f", "f"},
		{"folder", "f", "no folder"},
		{"circle", same, "f"},
		{"upwards", same, "f"},
		{"files", "f linked", "f"},
		{"out", "f", "f"},
		{"dangling", "f", "f"},
		{"outside", "no folder", "no folder"},
		{"apart", "f g", "f g"}, // hard links are files like others
	}
	for _, hidden := range []bool{false, true} {
		var lines []string
		if hidden {
			lines = []string{"follow symlinks = no"}
		}
		_, s := linked(t, lines...)
		if s == nil {
			return
		}
		for _, tt := range cases {
			want := tt.follow
			if hidden {
				want = tt.hidden
			}
			files, folder, err := content.ReadTree(t.Context(), open(t, pool(t, s, nil), "//127.0.0.1/packages"), tt.copy+"/cache", true)
			var paths []string
			for _, f := range files {
				paths = append(paths, f.Path)
			}
			got := strings.Join(paths, " ")
			switch {
			case err != nil:
				got = err.Error()
			case !folder:
				got = "no folder"
			}
			if !strings.Contains(got, want) || err == nil && got != want {
				t.Errorf("%s with %q: got %q, want %q", tt.copy, lines, got, want)
			}
		}
	}
}

// linked serves a folder full of links.
func linked(t *testing.T, lines ...string) (dir string, s *peertest.FileServer) {
	t.Helper()
	dir, s = served(t, map[string]string{
		"real/cache/f": "1", "circle/cache/f": "", "upwards/cache/f": "", "files/cache/f": "22", "out/cache/f": "", "dangling/cache/f": "",
		"folder/x": "", "apart/cache/f": "1",
	}, lines...)
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret": "s"})
	for from, to := range map[string]string{
		"folder/cache": "../real/cache", "circle/cache/again": "..", "upwards/cache/all": "../..", "files/cache/linked": "../../real/cache/f",
		"out/cache/secret": filepath.Join(outside, "secret"), "dangling/cache/nowhere": "nothing", "outside": outside,
	} {
		if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(from))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(dir, "apart", "cache", "f"), filepath.Join(dir, "apart", "cache", "g")); err != nil {
		t.Fatal(err)
	}
	return dir, s
}

// TestReparsePoints: what stands for something elsewhere is a link, whatever it is
// called; a file that is only stored in another way is a file.
func TestReparsePoints(t *testing.T) {
	const symlink, junction, cloud, dedup = 0xA000000C, 0xA0000003, 0x9000001A, tagDedup
	for _, tt := range []struct {
		attributes, tag uint32
		want            fs.FileMode
	}{
		{0x20, 0, 0},
		{attributeDirectory, 0, fs.ModeDir},
		{attributeDevice, 0, fs.ModeDevice},
		{attributeReparse, symlink, fs.ModeSymlink},
		{attributeReparse | attributeDirectory, symlink, fs.ModeSymlink},
		{attributeReparse | attributeDirectory, junction, fs.ModeSymlink},
		{attributeReparse, 0, fs.ModeSymlink},
		{attributeReparse, cloud, fs.ModeIrregular},
		{attributeReparse | attributeDirectory, cloud, fs.ModeIrregular},
		{attributeReparse, dedup, 0},
		{attributeReparse | attributeDirectory, dedup, fs.ModeIrregular},
	} {
		if got := modeOf(&Facts{Attributes: tt.attributes, ReparseTag: tt.tag}); got.Type() != tt.want {
			t.Errorf("attributes %#x, tag %#x: %s, want %s", tt.attributes, tt.tag, got.Type(), tt.want)
		}
	}
}

// TestDFS: a folder of a DFS namespace is told as such.
func TestDFS(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(`msdfs:127.0.0.1\packages`, filepath.Join(dir, "PS001")); err != nil {
		t.Fatal(err)
	}
	s := peertest.Samba{Global: []string{"host msdfs = yes"}, Shares: map[string]string{"dfs": dir}, Lines: map[string][]string{"dfs": {"msdfs root = yes"}}}.Start(t)
	if s == nil {
		return
	}
	_, _, err := pool(t, s, nil).Open("//127.0.0.1/dfs/PS001/Package Delivery")
	wantKind(t, err, Elsewhere, "DFS namespace, which pslan does not follow: name the server and share it stands for")
}

// Package contenttest holds the ways in which a copy on a disk can be damaged or odd,
// for the tests of everything that looks at copies: folders, shares, manifests. Each
// way makes a good copy, damages it, and says what must be seen of it.
package contenttest

import (
	"crypto/sha256"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pslan/internal/content"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Package is the package whose copy the cases damage, and FolderName its folder.
var Package = estate.GUID{0x6d, 0x3f, 0x0c, 0x1e, 0x52, 0xa1, 0x4a, 0x35, 0x9d, 0x6c, 0x0d, 0x5b, 0xe1, 0xa0, 0xf0, 0x01}

// FolderName is the name of the package's folder, as a package server writes it.
const FolderName = "{6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001}"

// Good are the files of the good copy.
var Good = map[string]string{
	"WIN11.gho":                    strings.Repeat("image ", 4000),
	"WIN11 23H2 part 2.ghs":        "second part",
	"drivers/Caf\u00e9/\u7532.inf": "driver",
	"empty.txt":                    "",
}

// Modified is the time of all files of the good copy.
var Modified = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

// Sums are those of the good copy.
func Sums() content.Sums {
	var files []platform.File
	for name, text := range Good {
		files = append(files, platform.File{Path: name, Bytes: int64(len(text)), SHA256: sha256.Sum256([]byte(text))})
	}
	return content.Digest(files)
}

// Case is one way in which a copy is damaged or odd.
type Case struct {
	Name string
	// Damage damages the good copy in a cache folder.
	Damage func(cache string) error
	// Error is what must be said of it; "": it must be seen, with the sums below.
	Error string
	// NoFolder: the folder is not there. Same: sizes and paths are those of the good
	// copy, SameBytes: the hashes too.
	NoFolder, Same, SameBytes bool
	// Files and Bytes are how many there are more than in the good copy.
	Files, Bytes int64
	ListOnly     bool // too large to be hashed in a test
	// Unless says why the case cannot be made here; "": it can.
	Unless func() string
}

// Look asks for the copy.
func (c *Case) Look() platform.Look {
	return platform.Look{Server: "PS1", Host: "ps1", Image: platform.ImageRef{Image: estate.GUID{1}, Package: Package, Name: "WIN11"}, Hash: !c.ListOnly}
}

// Make makes the copy of a case below a root.
func (c *Case) Make(t *testing.T, root string) {
	t.Helper()
	cache := filepath.Join(root, FolderName, "cache")
	for name, text := range Good {
		file := filepath.Join(cache, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, Modified, Modified); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Damage(cache); err != nil {
		t.Fatal(err)
	}
}

// Check holds what was seen against what must be.
func (c *Case) Check(t *testing.T, seen *platform.Seen) {
	t.Helper()
	ev, good := &seen.Evidence, Sums()
	if c.Error != "" {
		if ev.Sight != estate.NotSeen || !strings.Contains(ev.Error, c.Error) || seen.Listing != nil {
			t.Errorf("seen %v, %d files, error %q; want the error %q", ev.Sight, len(seen.Listing), ev.Error, c.Error)
		}
		return
	}
	if ev.Sight != estate.Seen {
		t.Fatalf("not seen: %s", ev.Error)
	}
	if ev.Folder == c.NoFolder {
		t.Errorf("folder: %v", ev.Folder)
	}
	if files, bytes := ev.Files-good.Files, ev.Bytes-good.Bytes; files != c.Files || bytes != c.Bytes {
		t.Errorf("%d more files with %d more bytes, want %d and %d", files, bytes, c.Files, c.Bytes)
	}
	if same := ev.Listing == good.Listing; same != c.Same {
		t.Errorf("same paths and sizes: %v", same)
	}
	if same := ev.Digest == good.Digest; !c.ListOnly && same != c.SameBytes {
		t.Errorf("same hashes: %v", same)
	}
	if ev.Files > 0 && ev.Digest.IsZero() != c.ListOnly {
		t.Errorf("hashed: %v", !ev.Digest.IsZero())
	}
	if !slices.IsSortedFunc(seen.Listing, func(a, b platform.File) int { return strings.Compare(a.Path, b.Path) }) || int64(len(seen.Listing)) != ev.Files {
		t.Errorf("a listing of %d files, or not sorted", len(seen.Listing))
	}
	for i := range seen.Listing {
		if p := seen.Listing[i].Path; p != path.Clean(p) || path.IsAbs(p) || strings.HasPrefix(p, "../") || strings.Contains(p, "cache/") {
			t.Errorf("the path %q", p)
		}
	}
}

// Run makes every case in a folder of its own below base ("": temporary ones), looks
// at it with the eyes that are made for this case and root, and checks what they see.
func Run(t *testing.T, base string, eyes func(t *testing.T, c *Case, root string) platform.Eyes) {
	RunBut(t, base, nil, eyes)
}

// RunBut is Run without some cases, by name: those that what stands between the disk
// and the eyes does not show, with the reason.
func RunBut(t *testing.T, base string, without map[string]string, eyes func(t *testing.T, c *Case, root string) platform.Eyes) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			if why := without[c.Name]; why != "" {
				t.Log("left out: " + why)
				return
			}
			if c.Unless != nil {
				if why := c.Unless(); why != "" {
					t.Log("not made here: " + why)
					return
				}
			}
			root := t.TempDir()
			if base != "" {
				var err error
				if root, err = os.MkdirTemp(base, "root"); err != nil {
					t.Fatal(err)
				}
			}
			c.Make(t, root)
			seen, err := eyes(t, &c, root).See(t.Context(), []platform.Look{c.Look()})
			if err != nil {
				t.Fatal(err)
			}
			c.Check(t, &seen[0])
		})
	}
}

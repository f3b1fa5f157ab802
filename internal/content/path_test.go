package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

const (
	guidA = "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001"
	guidB = "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f002"
	guidC = "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f003"
)

func ref(t testing.TB, text string) platform.ImageRef {
	t.Helper()
	g, err := estate.ParseGUID(text)
	if err != nil {
		t.Fatal(err)
	}
	return platform.ImageRef{Image: estate.GUID{1}, Package: g, Name: "WIN11"}
}

// share is a disk with the roots of two servers, and a third that is gone.
func share(opened *atomic.Int32) PathOptions {
	d := disk(map[string]string{
		"ps1/{6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001}/cache/a.gho":  "hello\n",
		"ps1/{6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001}/snapshot.xml": "<x/>",
		"ps1/" + guidB + "/snapshot.xml":                          "<x/>",
		"ps1/{00000000-0000-0000-0000-000000000000}/cache/f":      "none",
		"ps1/notes.txt":               "",
		"ps2/" + guidC + "/cache/a":   "1",
		"ps2/{" + guidC + "}/cache/a": "1",
		"ps2/" + guidA + "/cache/":    "",
		"ps2/" + guidB:                "a file",
		"smp/images/WIN7/a.gho":       "7",
		"smp/images/WIN7/cache/b.gho": "77",
		"smp/images/WIN8/":            "",
	})
	return PathOptions{
		Root: func(server, host string) (string, error) {
			if server == "PS9" {
				return "", errors.New("PS9 has no share")
			}
			return strings.ToLower(host), nil
		},
		Location: func(unc string) (string, error) {
			return strings.ReplaceAll(strings.TrimPrefix(unc, `\\`), `\`, "/"), nil
		},
		Open: func(dir string) (fs.FS, io.Closer, error) {
			opened.Add(1)
			sub, err := fs.Sub(d, dir)
			if err != nil {
				return nil, nil, err
			}
			if _, err := fs.Stat(sub, "."); err != nil {
				return nil, nil, err
			}
			return sub, nil, nil
		},
		Now: func() time.Time { return noon },
	}
}

func TestSee(t *testing.T) {
	var opened atomic.Int32
	eyes := NewPath(share(&opened))
	at := estate.TimeOf(noon)
	hello := Digest([]platform.File{{Path: "a.gho", Bytes: 6}})
	tests := []struct {
		name string
		look platform.Look
		want estate.Evidence
	}{
		{"good", platform.Look{Server: "PS1", Host: "ps1", Image: ref(t, guidA)},
			estate.Evidence{Sight: estate.Seen, Folder: true, Files: 1, Bytes: 6, Listing: hello.Listing}},
		{"no cache", platform.Look{Server: "PS1", Host: "ps1", Image: ref(t, guidB)}, estate.Evidence{Sight: estate.Seen}},
		{"no folder", platform.Look{Server: "PS1", Host: "ps1", Image: ref(t, guidC)}, estate.Evidence{Sight: estate.Seen}},
		{"empty", platform.Look{Server: "PS2", Host: "PS2", Image: ref(t, guidA)}, estate.Evidence{Sight: estate.Seen, Folder: true}},
		{"two folders", platform.Look{Server: "PS2", Host: "PS2", Image: ref(t, guidC)},
			estate.Evidence{Error: "there are two folders for the package, " + guidC + " and {" + guidC + "}, below ps2: remove the wrong one"}},
		{"a file", platform.Look{Server: "PS2", Host: "PS2", Image: ref(t, guidB)},
			estate.Evidence{Error: guidB + " is a file where a folder should be"}},
		{"share gone", platform.Look{Server: "PS3", Host: "ps3", Image: ref(t, guidA)},
			estate.Evidence{Error: "the folder ps3 cannot be read: file does not exist"}},
		{"share gone, another", platform.Look{Server: "PS3", Host: "ps3", Image: ref(t, guidB)},
			estate.Evidence{Error: "the folder ps3 cannot be read: file does not exist"}},
		{"no share", platform.Look{Server: "PS9", Host: "ps9", Image: ref(t, guidA)}, estate.Evidence{Error: "PS9 has no share"}},
		{"no package", platform.Look{Server: "PS1", Host: "ps1"}, estate.Evidence{Error: errNoPackage.Error()}},
		{"location", platform.Look{Server: "smp", Location: `\\smp\images\WIN7`},
			estate.Evidence{Sight: estate.Seen, Folder: true, Files: 2, Bytes: 3,
				Listing: Digest([]platform.File{{Path: "a.gho", Bytes: 1}, {Path: "cache/b.gho", Bytes: 2}}).Listing}},
		{"empty location", platform.Look{Server: "smp", Location: `\\smp\images\WIN8`}, estate.Evidence{Sight: estate.Seen, Folder: true}},
		{"no location", platform.Look{Server: "smp", Location: `\\smp\images\WIN9`}, estate.Evidence{Sight: estate.Seen}},
		{"location's share gone", platform.Look{Server: "smp", Location: `\\smp\nothing\WIN9`},
			estate.Evidence{Error: "the folder smp/nothing cannot be read: file does not exist"}},
	}
	var looks []platform.Look
	for _, tt := range tests {
		looks = append(looks, tt.look)
	}
	seen, err := eyes.See(t.Context(), looks)
	if err != nil {
		t.Fatal(err)
	}
	for i, tt := range tests {
		tt.want.By, tt.want.CheckedAt = "path", at
		if tt.want.Error != "" {
			tt.want.Sight = estate.NotSeen
		}
		if d := cmp.Diff(tt.want, seen[i].Evidence); d != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, d)
		}
		if seen[i].Evidence.Files != int64(len(seen[i].Listing)) {
			t.Errorf("%s: %d files, and a listing of %d", tt.name, seen[i].Evidence.Files, len(seen[i].Listing))
		}
	}
	if got := opened.Load(); got != 5 { // ps1, ps2, ps3, smp/images, smp/nothing
		t.Errorf("%d folders were opened for %d copies", got, len(looks))
	}
}

func TestSeeHashes(t *testing.T) {
	var opened atomic.Int32
	seen, err := NewPath(share(&opened)).See(t.Context(), []platform.Look{{Server: "PS1", Host: "ps1", Image: ref(t, guidA), Hash: true}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
	ev := seen[0].Evidence
	if got := seen[0].Listing[0].SHA256.String(); got != "sha256:"+want {
		t.Errorf("hash %s", got)
	}
	if ev.Digest.IsZero() || ev.HashedAt != estate.TimeOf(noon) {
		t.Errorf("%+v", ev)
	}
}

// TestSeeOnDisk looks at a real folder, from a parallel crowd of requests.
func TestSeeOnDisk(t *testing.T) {
	dir := t.TempDir()
	var looks []platform.Look
	for i := range 300 {
		g := fmt.Sprintf("6d3f0c1e-52a1-4a35-9d6c-%012d", i)
		if i%3 > 0 {
			write(t, dir, map[string]string{fmt.Sprintf("PS%d/{%s}/cache/f", i%5, g): strings.Repeat("x", i)})
		}
		looks = append(looks, platform.Look{Server: fmt.Sprintf("PS%d", i%5), Image: ref(t, g), Hash: i%2 == 0})
	}
	eyes := NewPath(PathOptions{Root: func(server, _ string) (string, error) { return filepath.Join(dir, server), nil }})
	seen, err := eyes.See(t.Context(), looks)
	if err != nil {
		t.Fatal(err)
	}
	for i := range seen {
		want := estate.Evidence{Sight: estate.Seen, By: "path"}
		if i%3 > 0 {
			want.Folder, want.Files, want.Bytes = true, 1, int64(i)
		}
		got := seen[i].Evidence
		if hashed := !got.Digest.IsZero(); hashed != (looks[i].Hash && want.Files > 0) {
			t.Errorf("copy %d: hashed is %v", i, hashed)
		}
		if d := cmp.Diff(want, got, cmpopts.IgnoreFields(estate.Evidence{}, "CheckedAt", "HashedAt", "Digest", "Listing")); d != "" {
			t.Errorf("copy %d: -want +got:\n%s", i, d)
		}
	}
}

// TestSeeLetsGo: a share that hangs does not hold up a run that is to end.
func TestSeeLetsGo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	eyes := NewPath(PathOptions{
		Root: func(server, _ string) (string, error) { return server, nil },
		Open: func(string) (fs.FS, io.Closer, error) {
			cancel()
			<-release
			return nil, nil, fs.ErrNotExist
		},
	})
	seen, err := eyes.See(ctx, []platform.Look{{Server: "PS1"}})
	if !errors.Is(err, context.Canceled) || seen != nil {
		t.Errorf("%v, %v", seen, err)
	}
}

func TestNone(t *testing.T) {
	seen, err := None().See(t.Context(), make([]platform.Look, 3))
	if err != nil || len(seen) != 3 || seen[0].Evidence != (estate.Evidence{}) {
		t.Error(seen, err)
	}
}

func BenchmarkHash(b *testing.B) {
	const size = 64 << 20
	d := disk(map[string]string{"p/cache/f": strings.Repeat("x", size)})
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ReadTree(b.Context(), d, "p/cache", true); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSee looks at many copies that are not there: the price of looking
// everywhere.
func BenchmarkSee(b *testing.B) {
	var opened atomic.Int32
	eyes := NewPath(share(&opened))
	looks := make([]platform.Look, 10_000)
	for i := range looks {
		looks[i] = platform.Look{Server: "PS1", Host: "ps1", Image: platform.ImageRef{Package: estate.GUID{byte(i), byte(i >> 8), 9}}}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := eyes.See(b.Context(), looks); err != nil {
			b.Fatal(err)
		}
	}
}

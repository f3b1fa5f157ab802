package manifest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/content"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// put writes a manifest of a server with one package of one file.
func put(t *testing.T, dir, name, server string, at estate.Time, bytes int64) {
	t.Helper()
	m := &Manifest{Server: server, TakenAt: at, Packages: []Package{{GUID: guid(1), Folder: true, Files: []File{hashed("a.gho", bytes)}}}}
	m.Packages[0].SumUp()
	if err := WriteFile(filepath.Join(dir, name), m); err != nil {
		t.Fatal(err)
	}
}

func look(server, host string, g estate.GUID) platform.Look {
	return platform.Look{Server: server, Host: host, Image: platform.ImageRef{Image: guid(99), Package: g}}
}

func see(t *testing.T, e *Eyes, l platform.Look) *platform.Seen {
	t.Helper()
	seen, err := e.See(t.Context(), []platform.Look{l})
	if err != nil || len(seen) != 1 {
		t.Fatal(seen, err)
	}
	return &seen[0]
}

func TestEvidence(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFile(filepath.Join(dir, "ps010.json"), sample()); err != nil {
		t.Fatal(err)
	}
	e := NewEyes(dir)
	s := sample()
	tests := []struct {
		name string
		look platform.Look
		want estate.Evidence
	}{
		{"hashed", look("PS010", "", guid(1)), estate.Evidence{
			Sight: estate.Seen, Folder: true, Files: 2, Bytes: s.Packages[0].Sums.Bytes, Digest: s.Packages[0].Sums.Digest,
			Listing: s.Packages[0].Sums.Listing, HashedAt: noon - 3600e9, Agent: s.Packages[0].Agent,
		}},
		{"no folder", look("PS010", "", guid(2)), estate.Evidence{Sight: estate.Seen, Agent: s.Packages[1].Agent}},
		{"empty", look("PS010", "", guid(3)), estate.Evidence{Sight: estate.Seen, Folder: true}},
		{"listed", look("PS010", "", guid(4)), estate.Evidence{Sight: estate.Seen, Folder: true, Files: 1, Bytes: 5, Listing: s.Packages[3].Sums.Listing}},
		{"unknown", look("PS010", "", guid(5)), estate.Evidence{Sight: estate.NotSeen, Error: "b vanished while the copy was read"}},
		{"not in it", look("PS010", "", guid(6)), estate.Evidence{Sight: estate.Seen}},
	}
	for _, tt := range tests {
		tt.want.By, tt.want.CheckedAt = By, noon
		got := see(t, e, tt.look)
		if d := cmp.Diff(tt.want, got.Evidence); d != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, d)
		}
		if int64(len(got.Listing)) != tt.want.Files {
			t.Errorf("%s: a listing of %d files", tt.name, len(got.Listing))
		}
	}
	at := look("PS010", "", guid(1))
	at.Location = `\\smp\images\WIN7`
	for name, tt := range map[string]struct {
		look platform.Look
		want string
	}{
		"a location":   {at, "only a location"},
		"no package":   {look("PS010", "", estate.GUID{}), "the image has no package"},
		"another one":  {look("PS011", "ps011", guid(1)), `there is no manifest of PS011 in ` + dir + `: run "pslan probe -server=PS011" on it`},
		"no such host": {look("PS1", "ps010x.contoso.com", guid(1)), "there is no manifest of PS1"},
	} {
		if ev := see(t, e, tt.look).Evidence; ev.Sight != estate.NotSeen || !strings.Contains(ev.Error, tt.want) || ev.By != By {
			t.Errorf("%s: %+v, want %q", name, ev, tt.want)
		}
	}
}

// TestNewest: of several manifests of a server the newest counts, whatever it is
// called and however the server is spelled.
func TestNewest(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.json", "PS010", noon, 1)
	put(t, dir, "b.json.gz", "ps010", noon+2e9, 2)
	put(t, dir, "c.JSON.zst", "Ps010", noon+1e9, 3)
	put(t, dir, "d.json", "ps011.contoso.com", noon, 4)
	put(t, dir, "e.json", "ps012.a.com", noon, 5)
	put(t, dir, "f.json", "ps012.b.com", noon, 6)
	put(t, dir, "notes.json.partial", "PS010", noon+9e9, 7)
	put(t, dir, "ps010.txt", "PS010", noon+9e9, 8)
	e := NewEyes(dir)
	for _, tt := range []struct {
		name         string
		server, host string
		want         int64
		error        string
	}{
		{"the newest", "PS010", "ps010.contoso.com", 2, ""},
		{"by its host", "PS011", "PS011.contoso.com", 4, ""},
		{"by the first label", "PS011", "", 4, ""},
		{"by the first label of the host", "Berlin", "ps010.contoso.com", 2, ""},
		{"another domain", "x.y.z", "ps011.other.com", 0, "there is no manifest"},
		{"one of two by its host", "PS012", "ps012.b.com", 6, ""},
		{"two may be meant", "PS012", "", 0, "ps012.a.com and ps012.b.com may all be meant by PS012"},
	} {
		ev := see(t, e, look(tt.server, tt.host, guid(1))).Evidence
		if ev.Bytes != tt.want || !strings.Contains(ev.Error, tt.error) {
			t.Errorf("%s: %+v", tt.name, ev)
		}
	}
	got, ds, err := e.Manifests(t.Context())
	want := []Taken{
		{"ps010", filepath.Join(dir, "b.json.gz"), noon + 2e9}, {"ps011.contoso.com", filepath.Join(dir, "d.json"), noon},
		{"ps012.a.com", filepath.Join(dir, "e.json"), noon}, {"ps012.b.com", filepath.Join(dir, "f.json"), noon},
	}
	if err != nil || len(ds) > 0 || !cmp.Equal(got, want) {
		t.Errorf("%+v, %v, %v", got, ds, err)
	}
}

// TestBroken: a manifest that cannot be used is told of, and the others count.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "good.json", "PS010", noon, 1)
	if err := os.WriteFile(filepath.Join(dir, "bad.json"), []byte("{\n\"server\": 1}"), 0o666); err != nil {
		t.Fatal(err)
	}
	m := sample()
	m.Server, m.Partial = "PS011", true
	if err := WriteFile(filepath.Join(dir, "partial.json"), m); err != nil {
		t.Fatal(err)
	}
	e := NewEyes(dir)
	if ev := see(t, e, look("PS010", "", guid(1))).Evidence; ev.Bytes != 1 {
		t.Errorf("%+v", ev)
	}
	if ev := see(t, e, look("PS011", "", guid(1))).Evidence; !strings.Contains(ev.Error, "(2 of the files there cannot be used)") {
		t.Errorf("%+v", ev)
	}
	got, ds, err := e.Manifests(t.Context())
	text := ds.Error()
	if err != nil || len(got) != 1 || !strings.Contains(text, "bad.json:2,11-12: Wrong type") || !strings.Contains(text, "of a probe of PS011 that was interrupted") {
		t.Errorf("%+v, %v\n%s", got, err, text)
	}
}

// TestRefreshed: manifests that arrive or are replaced count from the next look on,
// and what did not change is not read again.
func TestRefreshed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "manifests")
	e := NewEyes(dir)
	l := look("PS010", "", guid(1))
	if ev := see(t, e, l).Evidence; ev.Sight != estate.NotSeen || !strings.Contains(ev.Error, "the folder of manifests, "+dir+", cannot be read: ") {
		t.Errorf("%+v", ev)
	}
	if _, _, err := e.Manifests(t.Context()); err == nil {
		t.Error("a folder that is not there is listed")
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "a.json", "PS010", noon, 1)
	if ev := see(t, e, l).Evidence; ev.Bytes != 1 {
		t.Errorf("%+v", ev)
	}
	first := e.last.files[0].m
	put(t, dir, "b.json", "PS010", noon+1, 22)
	if ev := see(t, e, l).Evidence; ev.Bytes != 22 {
		t.Errorf("%+v", ev)
	}
	if e.last.files[0].m != first {
		t.Error("a file that did not change was read again")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.See(ctx, []platform.Look{l}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestOldestHash: a copy is as well known as the oldest of its hashes is old.
func TestOldestHash(t *testing.T) {
	p := Package{Folder: true, Files: []File{hashed("a", 1), hashed("b", 2), hashed("c", 3)}}
	p.Files[1].HashedAt -= 7e9
	if got := p.HashedAt(); got != noon-3607e9 {
		t.Error(got)
	}
	p.Files[2].HashedAt = 0
	p.SumUp()
	if got := p.HashedAt(); !got.IsZero() {
		t.Error(got)
	}
	if p.Sums != content.Digest(p.Listing()) {
		t.Error(p.Sums)
	}
}

package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

var noon = estate.TimeOf(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))

// guid makes a GUID.
func guid(n byte) estate.GUID { return estate.GUID{0x6d, 0x3f, 15: n} }

// hashed is a file with a hash.
func hashed(path string, bytes int64) File {
	return File{File: platform.File{Path: path, Bytes: bytes, Modified: noon.Time(), SHA256: estate.Digest{byte(bytes), 1}}, ID: "2a-17", HashedAt: noon - 3600e9}
}

// sample has one of everything.
func sample() *Manifest {
	m := &Manifest{Server: "PS010", TakenAt: noon, Root: `C:\Program Files\Altiris\Altiris Agent\Package Delivery`, Packages: []Package{
		{GUID: guid(1), Folder: true, Files: []File{hashed("a <b>.gho", 3), hashed("sub/é.gho", 1<<40)}, Agent: &estate.AgentFiles{
			Snapshot: &estate.Content{Files: 1, Bytes: 3, Listing: estate.Digest{7}, Version: 1601867730, From: "PS010", TakenAt: noon}, NotUnderstood: 2,
		}},
		{GUID: guid(2), Agent: &estate.AgentFiles{Deleted: noon, Error: "snapshot.xml cannot be used"}},
		{GUID: guid(3), Folder: true},
		{GUID: guid(4), Folder: true, Dir: `D:\WIN11`, Files: []File{{File: platform.File{Path: "listed", Bytes: 5}}}},
		{GUID: guid(5), Folder: true, Files: []File{hashed("a", 1)}, Error: "b vanished while the copy was read"},
	}}
	for i := range m.Packages {
		m.Packages[i].SumUp()
	}
	return m
}

func written(t testing.TB, m *Manifest) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var empty = cmpopts.EquateEmpty()

func TestGolden(t *testing.T) {
	got := written(t, sample())
	want, err := os.ReadFile(filepath.Join("testdata", "sample.json"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	m, ds := Read(bytes.NewReader(want), "sample.json")
	if len(ds) > 0 {
		t.Fatal(ds.Error())
	}
	if d := cmp.Diff(sample(), m, empty); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// genManifest makes manifests up.
func genManifest(t *rapid.T) *Manifest {
	name := rapid.StringMatching(`[a-zA-Zé<&" ]{1,6}(/[a-z]{1,3})?`)
	at := rapid.Custom(func(t *rapid.T) estate.Time { return estate.Time(rapid.Int64Range(1, 2e18).Draw(t, "at")) })
	m := &Manifest{Server: rapid.StringMatching(`[A-Z]{1,8}`).Draw(t, "server"), TakenAt: at.Draw(t, "taken"), Partial: rapid.Bool().Draw(t, "partial")}
	for i := range rapid.IntRange(0, 6).Draw(t, "packages") {
		p := Package{GUID: guid(byte(i + 1)), Folder: rapid.Bool().Draw(t, "folder")}
		if p.Folder {
			paths := rapid.SliceOfNDistinct(name, 0, 5, rapid.ID).Draw(t, "paths")
			slices.Sort(paths)
			for k, path := range paths {
				f := File{File: platform.File{Path: path, Bytes: rapid.Int64Range(0, 1<<45).Draw(t, "bytes"), Modified: at.Draw(t, "modified").Time()}}
				if rapid.Bool().Draw(t, "hashed") {
					f.SHA256, f.HashedAt, f.ID = estate.Digest{byte(k + 1)}, at.Draw(t, "hashed at"), "1-2"
				}
				p.Files = append(p.Files, f)
			}
			p.Error = rapid.SampledFrom([]string{"", "", "locked"}).Draw(t, "error")
		}
		p.SumUp()
		m.Packages = append(m.Packages, p)
	}
	return m
}

// TestRoundTrip: whatever is written reads back, in one part or in many, packed or not.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		m := genManifest(r)
		path := filepath.Join(dir, rapid.SampledFrom([]string{"ps.json", "ps.json.zst", "ps.gz", "ps"}).Draw(r, "name"))
		if err := writeFile(path, m, rapid.IntRange(1, 12).Draw(r, "most")); err != nil {
			r.Fatal(err)
		}
		got, ds := ReadFile(path)
		if len(ds) > 0 {
			r.Fatal(ds.Error())
		}
		if d := cmp.Diff(m, got, empty); d != "" {
			r.Fatalf("-want +got:\n%s", d)
		}
	})
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// TestParts: a manifest in parts is replaced as one, and leaves nothing behind.
func TestParts(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ps010.json")
	if err := os.WriteFile(filepath.Join(dir, "ps0100.20261122T120000Z.part2.json"), nil, 0o666); err != nil {
		t.Fatal(err) // of another manifest
	}
	other := "ps0100.20261122T120000Z.part2.json"
	m := sample()
	if err := writeFile(path, m, 2); err != nil {
		t.Fatal(err)
	}
	parts := []string{"ps010.20261122T120000Z.part2.json", "ps010.json"}
	if got := names(t, dir); !slices.Equal(got, append(slices.Clone(parts), other)) {
		t.Errorf("%q", got)
	}
	if _, ds := ReadFile(filepath.Join(dir, parts[0])); !strings.Contains(ds.Error(), "This is part 2 of a manifest") {
		t.Error(ds.Error())
	}
	m.TakenAt += 1e9
	if err := writeFile(path, m, 1); err != nil {
		t.Fatal(err)
	}
	got := names(t, dir)
	if len(got) != 4 || slices.Contains(got, parts[0]) {
		t.Errorf("%q", got)
	}
	// A part of another time is not taken, nor one that is not there.
	old := sample()
	var b bytes.Buffer
	if err := (&writer{m: old, packages: old.Packages[4:], part: 2}).write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, got[0]), b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, got[1])); err != nil {
		t.Fatal(err)
	}
	_, ds := ReadFile(path)
	if len(ds) != 2 || ds[0].Summary != "Part of another manifest" || ds[1].Summary != "Part of a manifest is missing" {
		t.Error(ds.Error())
	}
	if err := writeFile(path, m, 100); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"ps010.json", other}) {
		t.Errorf("%q", got)
	}
	for range 2 {
		if err := errors.Join(writeFile(path+".partial", m, 1), Remove(path+".partial"), Remove(path)); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{other}) {
		t.Errorf("%q", got)
	}
}

func TestProblems(t *testing.T) {
	doc := func(packages string) string {
		return `{"format_version": "1.0", "server": "PS010", "taken_at": "2026-11-22T12:00:00Z",` + "\n" + `"packages": [` + packages + `]}`
	}
	pack := func(more string) string {
		return doc("\n" + `{"package": "` + guid(1).String() + `", "folder": true` + more + `}`)
	}
	file := func(more string) string {
		return pack(`, "files": [` + "\n" + ` {"path": "ok", "bytes": 1}, {` + more + `}]`)
	}
	long := strings.Repeat("x", 3*maxValue)
	tests := []struct{ name, text, at, want string }{
		{"empty", "", "1,1", "Truncated manifest"},
		{"no JSON", "hello", "1,1", "Broken JSON"},
		{"a list", "[]", "1,1", "Not a manifest"},
		{"something else", `{"a": {"b": [1]}}`, "1,", `no "format_version", no "server", no "taken_at", no "packages"`},
		{"cut off", pack("")[:150], "3,", "Truncated manifest"},
		{"joined", doc("") + doc(""), "2,", "Data after the end"},
		{"version 2", `{"format_version": "2.0", "server": 1}`, "1,", "has format version 2.0"},
		{"no version", `{"format_version": "new"}`, "1,", "Broken format version"},
		{"key twice", `{"server": "a", "server": "b"}`, "1,", "Key twice"},
		{"no server", strings.Replace(doc(""), "PS010", " ", 1), "2,", "Manifest of no server"},
		{"control character", strings.Replace(doc(""), "PS010", `PS\u001b[2J`, 1), "1,", "Control character"},
		{"no time", strings.Replace(doc(""), "2026-11-22T12:00:00Z", "", 1), "2,", "Manifest of no time"},
		{"a broken time", strings.Replace(doc(""), "2026", "26", 1), "1,", "Broken time"},
		{"wrong type", doc(`{"folder": "yes"}`), "2,25", `"folder" holds a string`},
		{"no package", doc(`{}`), "2,14", "Package without a GUID"},
		{"a broken GUID", doc(`{"package": "x"}`), "2,", `"package" is "x"`},
		{"package twice", doc(`{"package": "` + guid(1).String() + `"}, {"package": "{` + guid(1).String() + `}"}`), "2,67", "Package twice"},
		{"files without a folder", strings.Replace(file(`"path": "a"`), "true", "false", 1), "3,1", "Files without a folder"},
		{"at odds", pack(`, "bytes": 4, "files": [{"path": "a", "bytes": 3}]`), "3,1", "at odds with itself"},
		{"another digest", pack(`, "bytes": 0, "digest": "sha256:` + strings.Repeat("0a", 32) + `"`), "3,1", "at odds with itself"},
		{"file twice", file(`"path": "ok"`), "4,", "File twice"},
		{"no path", file(``), "4,30", `"" is no path`},
		{"upwards", file(`"path": "../a"`), "4,30", "is no path"},
		{"absolute", file(`"path": "/a"`), "4,30", "is no path"},
		{"not clean", file(`"path": "a//b"`), "4,30", "is no path"},
		{"a backslash", file(`"path": "a\\b"`), "4,30", "is no path"},
		{"NFD", file(`"path": "e\u0301"`), "4,30", "is no path"},
		{"negative", file(`"path": "a", "bytes": -1`), "4,30", "has -1 bytes"},
		{"half bytes", file(`"path": "a", "bytes": 1.5`), "4,30", "holds a number 1.5"},
		{"a hash that is none", file(`"path": "a", "sha256": "abc"`), "4,30", "64 hexadecimal digits"},
		{"a time that is none", file(`"path": "a", "hashed_at": "noon"`), "4,30", "broken time"},
		{"a snapshot of -1 files", pack(`, "snapshot": {"files": -1}`), "3,", "Broken snapshot"},
		{"a part elsewhere", strings.Replace(doc(""), `"packages"`, `"parts": ["../x.json"], "packages"`, 1), "2,", "Broken list of parts"},
		{"a huge text", doc(`{"error": "` + long), "2,", "one value is larger than 4 MiB"},
		{"a huge list of something", doc(`{"unknown": [["` + long + `"]]`), "2,", "one value is larger than 4 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, ds := Read(strings.NewReader(tt.text), "ps.json")
			if m != nil || len(ds) == 0 {
				t.Fatalf("read without a word: %+v", m)
			}
			if text := ds.Error(); !strings.Contains(text, tt.want) || !strings.Contains(text, "ps.json:"+tt.at) {
				t.Errorf("want %q at %s, got:\n%.600s", tt.want, tt.at, text)
			}
		})
	}
}

// TestTolerant: what is new or written by hand is no problem.
func TestTolerant(t *testing.T) {
	text := "\ufeff" + strings.ReplaceAll(string(written(t, sample())), "\n", "\r\n")
	text = strings.Replace(text, `"root"`, `"new": {"a": [1, {"b": null}]}, "root"`, 1)
	text = strings.Replace(text, `"format_version": "1.0"`, `"format_version": "1.9"`, 1)
	m, ds := Read(strings.NewReader(text), "ps.json")
	if len(ds) > 0 {
		t.Fatal(ds.Error())
	}
	if d := cmp.Diff(sample(), m, empty); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestAllProblems: many are told in one go, and not too many.
func TestAllProblems(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "{\"package\": \"%d\"},\n", i)
	}
	_, ds := Read(strings.NewReader(`{"packages": [`+b.String()+`{}]}`), "ps.json")
	if len(ds) != maxProblems+1 || !strings.Contains(ds.Error(), "ps.json has 52 more problems") {
		t.Errorf("%d problems, the last is %s", len(ds), ds[len(ds)-1].Error())
	}
}

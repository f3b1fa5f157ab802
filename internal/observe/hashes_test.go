package observe

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pslan/internal/apply"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// look observes the copy on PS1 and says what was seen and asked.
func look(t *testing.T, w *town, ob *Observer, hash bool) string {
	t.Helper()
	obs, err := ob.Observe(t.Context(), nil, []apply.Want{{Image: guid(t, imgWin), Server: "PS1", Hash: hash}})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(evidence(&obs.Seen[0].Evidence)) + "; " + w.asked()
}

// TestHashesAreRemembered goes through the life of one hash.
func TestHashesAreRemembered(t *testing.T) {
	w := newTown(t)
	file := "PS1/{" + pkgWin + "}/cache/a.gho"
	path := filepath.Join(t.TempDir(), "data", "hashes.json")
	store, diags := OpenHashes(path)
	if diags != nil {
		t.Fatal(diags)
	}
	ob := New(Options{Platform: w, Eyes: w, Hashes: store, HashMaxAge: week})
	same(t, "unknown yet", look(t, w, ob, false), "1 files; PS1:WIN")
	same(t, "first", look(t, w, ob, true), "1 files, hashed 12:00; PS1:WIN PS1:WIN#")
	w.now = w.now.Add(time.Hour)
	same(t, "again", look(t, w, ob, true), "1 files, hashed 12:00; PS1:WIN")
	if err := store.Save(); err != nil {
		t.Fatal(err)
	}

	store, diags = OpenHashes(path)
	if diags != nil {
		t.Fatal(diags)
	}
	ob = New(Options{Platform: w, Eyes: w, Hashes: store, HashMaxAge: week})
	same(t, "in another process", look(t, w, ob, false), "1 files, hashed 12:00; PS1:WIN")

	w.disks[file].ModTime = noon.Add(time.Second)
	same(t, "touched", look(t, w, ob, false), "1 files; PS1:WIN")
	same(t, "touched, hashed", look(t, w, ob, true), "1 files, hashed 13:00; PS1:WIN PS1:WIN#")
	w.disks[file] = &fstest.MapFile{Data: []byte("HELLO"), ModTime: noon.Add(2 * time.Second)}
	same(t, "other bytes", look(t, w, ob, false), "1 files; PS1:WIN")
	w.disks[file] = &fstest.MapFile{Data: []byte("hello"), ModTime: noon.Add(time.Second)}
	same(t, "put back", look(t, w, ob, false), "1 files; PS1:WIN") // it was seen to be another one meanwhile
	same(t, "put back, hashed", look(t, w, ob, true), "1 files, hashed 13:00; PS1:WIN PS1:WIN#")

	w.now = w.now.Add(week + time.Second)
	same(t, "too old", look(t, w, ob, false), "1 files; PS1:WIN")
	w.now = noon
	same(t, "from the future", look(t, w, ob, false), "1 files; PS1:WIN")
}

// TestForget: what is too old when a run begins is not kept.
func TestForget(t *testing.T) {
	w := newTown(t)
	store := NewHashStore()
	look(t, w, New(Options{Platform: w, Eyes: w, Hashes: store, HashMaxAge: week}), true)
	w.now = w.now.Add(2 * week)
	New(Options{Platform: w, Eyes: w, Hashes: store, HashMaxAge: week})
	if len(store.hashes) != 0 {
		t.Errorf("%d hashes are kept", len(store.hashes))
	}
}

func TestHashFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hashes.json")
	store, _ := OpenHashes(path)
	if err := store.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a store without changes was written")
	}
	store.set(lookOf("PS2", 2), remembered{listing: estate.Digest{1}, digest: estate.Digest{2}, hashedAt: estate.TimeOf(noon)})
	store.set(lookOf("PS2", 1), remembered{listing: estate.Digest{3}, digest: estate.Digest{4}, hashedAt: estate.TimeOf(noon)})
	store.set(lookOf("PS10", 2), remembered{listing: estate.Digest{5}, digest: estate.Digest{6}, hashedAt: estate.TimeOf(noon)})
	if err := store.Save(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const zeros = "00000000000000000000000000000000000000000000000000000000000000"
	line := func(image, server, listing, digest string) string {
		return `    {"image":"` + image + `000000-0000-0000-0000-000000000000","server":"` + server + `","listing":"sha256:` + listing + zeros +
			`","digest":"sha256:` + digest + zeros + `","hashed_at":"2026-11-22T12:00:00Z"}`
	}
	want := "{\n  \"format_version\": \"1.1\",\n  \"hashes\": [\n" + line("01", "ps2", "03", "04") + ",\n" + line("02", "ps10", "05", "06") + ",\n" +
		line("02", "ps2", "01", "02") + "\n  ]\n}\n"
	same(t, "the file", string(got), want)

	again, diags := OpenHashes(path)
	if diags != nil || len(again.hashes) != 3 {
		t.Errorf("%d hashes, %v", len(again.hashes), diags)
	}
}

func lookOf(server string, image byte) *platform.Look {
	return &platform.Look{Server: server, Image: platform.ImageRef{Image: estate.GUID{image}}}
}

// TestBrokenHashFiles: a store that cannot be used is empty, with a warning.
func TestBrokenHashFiles(t *testing.T) {
	const good = `{"image":"01000000-0000-0000-0000-000000000000","server":"ps2","listing":"sha256:0300000000000000000000000000000000000000000000000000000000000000","digest":"sha256:0400000000000000000000000000000000000000000000000000000000000000","hashed_at":"2026-11-22T12:00:00Z"}`
	tests := map[string]string{
		"empty":         "",
		"no JSON":       "hello",
		"other JSON":    `{"format_version": "1.0", "images": []}`,
		"a list":        `[1, 2, 3, 4, 5]`,
		"newer":         `{"format_version": "2.0", "hashes": [` + good + `]}`,
		"truncated":     `{"format_version": "1.0", "hashes": [` + good,
		"cut in a hash": `{"format_version": "1.0", "hashes": [` + good + `, {"image":"0`,
		"bad digest":    `{"format_version": "1.0", "hashes": [` + strings.Replace(good, "sha256:04", "md5:04", 1) + `]}`,
		"bad time":      `{"format_version": "1.0", "hashes": [` + strings.Replace(good, "2026-11", "2026-99", 1) + `]}`,
		"no image":      `{"format_version": "1.0", "hashes": [` + strings.Replace(good, `"image"`, `"imago"`, 1) + `]}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hashes.json")
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			store, diags := OpenHashes(path)
			if len(diags) != 1 || diags.HasErrors() || len(store.hashes) != 0 || !strings.Contains(diags[0].Detail, path) {
				t.Errorf("%d hashes, %v", len(store.hashes), diags)
			}
		})
	}
	if _, diags := OpenHashes(t.TempDir()); len(diags) != 1 || diags.HasErrors() {
		t.Errorf("a folder: %v", diags)
	}
}

func FuzzHashFile(f *testing.F) {
	f.Add([]byte(`{"format_version": "1.0", "hashes": [{"image":"01000000-0000-0000-0000-000000000000","server":"ps2","listing":"sha256:0300000000000000000000000000000000000000000000000000000000000000","digest":"sha256:0400000000000000000000000000000000000000000000000000000000000000","hashed_at":"2026-11-22T12:00:00Z"}]}`))
	f.Add([]byte(`{"format_version": "1.1", "hashes": [{"image":"01000000-0000-0000-0000-000000000000","server":"ps2","listing":"sha256:0300000000000000000000000000000000000000000000000000000000000000","digest":"sha256:0400000000000000000000000000000000000000000000000000000000000000","hashed_at":"2026-11-22T12:00:00Z","files":[{"path":"b","bytes":9,"modified":"2026-11-22T12:00:00+01:00","sha256":"sha256:0400000000000000000000000000000000000000000000000000000000000000","hashed_at":"2026-11-22T12:00:00Z"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		store := NewHashStore()
		if store.read(bytes.NewReader(text)) != nil {
			return
		}
		var b bytes.Buffer
		if err := store.write(&b); err != nil {
			t.Fatal(err)
		}
		again := NewHashStore()
		if err := again.read(&b); err != nil || !reflect.DeepEqual(again.hashes, store.hashes) {
			t.Fatalf("written and read, %d hashes are %d: %v", len(store.hashes), len(again.hashes), err)
		}
	})
}

// TestOnlyWhatChangedIsHashedAgain: of a copy of which one file was replaced the others
// keep their hashes, and the whole is as old as the oldest of them.
func TestOnlyWhatChangedIsHashedAgain(t *testing.T) {
	w := newTown(t)
	dir := "PS1/{" + pkgWin + "}/cache/"
	w.put(dir+"b.ghs", "second")
	w.put(dir+"c.ghs", "third")
	path := filepath.Join(t.TempDir(), "hashes.json")
	open := func() (*HashStore, *Observer) {
		store, ds := OpenHashes(path)
		if ds != nil {
			t.Fatal(ds)
		}
		return store, New(Options{Platform: w, Eyes: w, Hashes: store, HashMaxAge: week})
	}
	known := func() string {
		var names []string
		for _, l := range w.looks {
			for _, f := range l.Known {
				names = append(names, f.Path)
			}
		}
		return strings.Join(names, " ")
	}
	store, ob := open()
	same(t, "first", look(t, w, ob, true), "3 files, hashed 12:00; PS1:WIN PS1:WIN#")
	if err := store.Save(); err != nil {
		t.Fatal(err)
	}

	w.now = w.now.Add(time.Hour)
	w.disks[dir+"b.ghs"] = &fstest.MapFile{Data: []byte("SECOND"), ModTime: w.now}
	_, ob = open()
	obs, err := ob.Observe(t.Context(), nil, []apply.Want{{Image: guid(t, imgWin), Server: "PS1", Hash: true}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "one was replaced", evidence(&obs.Seen[0].Evidence), " 3 files, hashed 12:00")
	same(t, "these keep their hashes", known(), "a.gho c.ghs")
	fresh, err := ob.Observe(t.Context(), nil, []apply.Want{{Image: guid(t, imgWin), Server: "PS1", Hash: true}})
	if err != nil {
		t.Fatal(err)
	}
	anew, err := New(Options{Platform: w, Eyes: w}).Observe(t.Context(), nil, []apply.Want{{Image: guid(t, imgWin), Server: "PS1", Hash: true}})
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Seen[0].Evidence.Digest != anew.Seen[0].Evidence.Digest {
		t.Error("the digest put together is not that of the whole")
	}

	// When the two old hashes are too old, the third still holds.
	w.looks, w.now = nil, noon.Add(week+30*time.Minute)
	same(t, "a week later", look(t, w, ob, true), "3 files, hashed 13:00; PS1:WIN PS1:WIN#")
}

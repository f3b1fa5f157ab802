package contentfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
)

var day = estate.TimeOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))

// seen is evidence of files: n of them, listed and hashed as the letters say; 0: not hashed.
func seen(n int64, listing, digest byte) estate.Evidence {
	return estate.Evidence{Sight: estate.Seen, Folder: true, Files: n, Bytes: 100 * n, Listing: estate.Digest{listing}, Digest: estate.Digest{digest}, CheckedAt: day}
}

// estateOf has one image on PS008, its owner, and PS009.
func estateOf(version int64, owner, other estate.Evidence) *estate.Estate {
	return &estate.Estate{
		Servers: []estate.PackageServer{{Name: "PS008", State: estate.Online}, {Name: "PS009", State: estate.Online}},
		Images: []estate.Image{{Name: "WIN11", GUID: estate.GUID{1}, Package: estate.GUID{2}, Copies: []estate.Copy{
			{Server: 0, Evidence: owner, Version: version}, {Server: 1, Evidence: other, Version: version},
		}}},
	}
}

func nobody(int32) estate.ServerID { return estate.NoServer }

// TestLearn goes through what is recorded, and what never is.
func TestLearn(t *testing.T) {
	for _, c := range []struct {
		name   string
		old    *estate.Content // recorded before
		new    *estate.Estate
		word   estate.ServerID
		learns bool
		digest byte
		list   byte
	}{
		{"the first time", nil, estateOf(2, seen(3, 9, 0), estate.Evidence{}), estate.NoServer, true, 0, 9},
		{"an empty owner", nil, estateOf(2, estate.Evidence{Sight: estate.Seen, Folder: true}, seen(3, 9, 1)), estate.NoServer, false, 0, 0},
		{"an owner that was not seen", nil, estateOf(2, estate.Evidence{}, seen(3, 9, 1)), estate.NoServer, false, 0, 0},
		{"the same again, not hashed now", content(2, 9, 1), estateOf(2, seen(3, 9, 0), estate.Evidence{}), estate.NoServer, false, 1, 9},
		{"the same, hashed at last", content(2, 9, 0), estateOf(2, seen(3, 9, 1), estate.Evidence{}), estate.NoServer, true, 1, 9},
		{"other bytes of the same version", content(2, 9, 1), estateOf(2, seen(3, 9, 2), estate.Evidence{}), estate.NoServer, false, 1, 9},
		{"other files of the same version", content(2, 9, 1), estateOf(2, seen(2, 8, 2), estate.Evidence{}), estate.NoServer, false, 1, 9},
		{"an older version", content(2, 9, 1), estateOf(1, seen(2, 8, 2), estate.Evidence{}), estate.NoServer, false, 1, 9},
		{"captured anew", content(2, 9, 1), estateOf(3, seen(2, 8, 2), estate.Evidence{}), estate.NoServer, true, 2, 8},
		{"captured anew with the same files", content(2, 9, 1), estateOf(3, seen(3, 9, 0), estate.Evidence{}), estate.NoServer, true, 1, 9},
		{"other files, and no version is known", content(0, 9, 1), estateOf(0, seen(2, 8, 2), estate.Evidence{}), estate.NoServer, false, 1, 9},
		{"a person says that another is right", nil, estateOf(2, seen(3, 9, 1), seen(3, 9, 2)), 1, false, 0, 0},
		{"a person says the same", nil, estateOf(2, seen(3, 9, 1), seen(3, 9, 1)), 1, true, 1, 9},
	} {
		r := &Record{entries: map[estate.GUID]*entry{}}
		if c.old != nil {
			r.entries[estate.GUID{1}] = &entry{name: "WIN11", pack: estate.GUID{2}, content: *c.old}
			c.new.Images[0].Content = r.Contents()[estate.GUID{1}]
		}
		names := r.Learn(c.new, func(int32) estate.ServerID { return c.word })
		if (len(names) == 1) != c.learns || r.changed != c.learns {
			t.Errorf("%s: learned %v, changed %v", c.name, names, r.changed)
		}
		got := r.Contents()[estate.GUID{1}]
		if got == nil {
			got = &estate.Content{}
		}
		if got.Digest != (estate.Digest{c.digest}) || got.Listing != (estate.Digest{c.list}) {
			t.Errorf("%s: recorded is %+v", c.name, got)
		}
	}
}

func content(version int64, listing, digest byte) *estate.Content {
	return &estate.Content{Files: 3, Bytes: 300, Listing: estate.Digest{listing}, Digest: estate.Digest{digest}, Version: version, From: "PS008", TakenAt: day}
}

// TestFile: what is written, that it is written only for news, and that it reads back.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "content.json")
	r, ds := Open(path)
	if ds != nil {
		t.Fatal(ds)
	}
	if err := r.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a record that learned nothing was written")
	}
	e := estateOf(2, seen(3, 9, 1), estate.Evidence{})
	second := e.Images[0]
	second.Name, second.GUID, second.Package = "a<b", estate.GUID{7}, estate.GUID{}
	e.Images = append(e.Images, second)
	r.Learn(e, nobody)
	if err := r.Save(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const zeros = "00000000000000000000000000000000000000000000000000000000000000"
	rest := `"files":3,"bytes":300,"digest":"sha256:01` + zeros + `","listing":"sha256:09` + zeros + `","version":2,"from":"PS008","taken_at":"2026-11-22T10:00:00Z"}`
	want := "{\n  \"format_version\": \"1.0\",\n  \"contents\": [\n" +
		`    {"image":"07000000-0000-0000-0000-000000000000","name":"a<b",` + rest + ",\n" +
		`    {"image":"01000000-0000-0000-0000-000000000000","package":"02000000-0000-0000-0000-000000000000","name":"WIN11",` + rest + "\n  ]\n}\n"
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Errorf("the file (-want +got):\n%s", d)
	}
	again, ds := Open(path)
	if ds != nil {
		t.Fatal(ds)
	}
	if d := cmp.Diff(r.Contents(), again.Contents()); d != "" {
		t.Errorf("read back (-want +got):\n%s", d)
	}
	if names := again.Learn(e, nobody); names != nil {
		t.Errorf("learned again: %v", names)
	}
}

func TestProblems(t *testing.T) {
	const good = `{"image":"01000000-0000-0000-0000-000000000000","name":"WIN11","files":3,"bytes":1,"listing":"sha256:0300000000000000000000000000000000000000000000000000000000000000"}`
	in := func(lines string) string { return "{\"format_version\": \"1.0\", \"contents\": [\n" + lines + "\n]}" }
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "1:1 The file ends in the middle"},
		"cut off":       {strings.TrimSuffix(in(good), "\n]}"), "2:168 The file ends in the middle"},
		"no JSON":       {"hello", "1:1 This is no JSON"},
		"a list":        {"[]", "1:1 Expected is a record of contents"},
		"another kind":  {`{"format_version": "1.1", "images": []}`, `1:1 The list "contents" is missing`},
		"newer":         {`{"format_version": "2.0", "contents": []}`, "1:20 The format version is 2.0"},
		"twice":         {in(good + ",\n" + good), "3:1 The image 01000000-0000-0000-0000-000000000000 stands in line 2 already"},
		"a conflict":    {"{\n<<<<<<< HEAD\n=======\n>>>>>>> main\n}", "2:1 Here begins a conflict"},
		"wrong type":    {in(strings.Replace(good, `"files":3`, `"files":"3"`, 1)), `2:1 "files" cannot be string`},
		"no image":      {in(strings.Replace(good, `"image"`, `"imago"`, 1)), "2:1 The GUID of the image is missing"},
		"bad digest":    {in(strings.Replace(good, "sha256:03", "md5:03", 1)), `2:1 "listing": `},
		"bad time":      {in(strings.Replace(good, `"name"`, `"taken_at":"yesterday","name"`, 1)), `2:1 "taken_at": "yesterday" is no time`},
		"empty content": {in(strings.Replace(good, `"files":3`, `"files":0`, 1)), "2:1 WIN11 has 0 files"},
		"more behind":   {in(good) + "{}", "3:4 Something stands behind the end"},
	} {
		r, ds := Parse([]byte(c.text), "content.json")
		if r != nil || len(ds) == 0 {
			t.Errorf("%s: no problem", name)
			continue
		}
		at := ds[0].Subject.Start
		if got := fmt.Sprintf("%d:%d %s", at.Line, at.Column, ds[0].Detail); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	// All problems in one go, and byte order mark, CRLF and unknown keys are no problem.
	if _, ds := Parse([]byte(in(strings.Repeat(strings.Replace(good, "sha256", "md5", 1)+",\n", 30)+good)), "x"); len(ds) != maxProblems+1 {
		t.Errorf("%d problems of 30 are told", len(ds))
	}
	text := "\xEF\xBB\xBF" + strings.ReplaceAll(in(strings.Replace(good, `"name"`, `"later":{"a":[1]},"name"`, 1)), "\n", "\r\n")
	if r, ds := Parse([]byte(text), "x"); ds != nil || len(r.entries) != 1 {
		t.Errorf("Windows: %v", ds)
	}
}

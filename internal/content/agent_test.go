package content

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

const snapshotText = `<Snapshot PackageId="{` + guidA + `}" Version="7"><File Path="a.gho" Size="6"/></Snapshot>`

// agent is the folder of an agent with its packages and their status.
func agent(more map[string]string) fstest.MapFS {
	files := map[string]string{"agent/Package Delivery/": ""}
	for name, text := range more {
		files["agent/"+name] = text
	}
	return disk(files)
}

func TestAgentFiles(t *testing.T) {
	const delivery, now, before = "Package Delivery/{" + guidA + "}/", "Package Server Agent/PackageStatus/", "Package Server Agent/Package Status/"
	at := estate.TimeOf(noon)
	s := Digest([]platform.File{{Path: "a.gho", Bytes: 6}})
	snapshot := &estate.Content{Files: 1, Bytes: 6, Listing: s.Listing, Version: 7, From: "PS1", TakenAt: at}
	deleted := `<PackageStatus Status="Deleted" Time="2026-11-22T12:00:00Z"/>`
	earlier := `<PackageStatus Status="Deleted" Time="2026-11-21T12:00:00Z"/>`
	tests := []struct {
		name  string
		files map[string]string
		want  *estate.AgentFiles
	}{
		{"nothing", map[string]string{delivery + "cache/a.gho": "hello\n"}, nil},
		{"no folder", nil, nil},
		{"a snapshot", map[string]string{delivery + "snapshot.xml": snapshotText}, &estate.AgentFiles{Snapshot: snapshot}},
		{"an empty snapshot", map[string]string{delivery + "snapshot.xml": `<s version="8"/>`},
			&estate.AgentFiles{Snapshot: &estate.Content{Version: 8, From: "PS1", TakenAt: at}}},
		{"not all understood", map[string]string{delivery + "snapshot.xml": `<s version="7"><f p="a.gho" s="6"/><x y="z"/></s>`},
			&estate.AgentFiles{Snapshot: snapshot, NotUnderstood: 1}},
		{"broken", map[string]string{delivery + "snapshot.xml": `<s version="7">`},
			&estate.AgentFiles{Error: "{" + guidA + "}/snapshot.xml cannot be used: line 1: broken XML: unexpected EOF"}},
		{"of another package", map[string]string{delivery + "snapshot.xml": `<s id="` + guidB + `"/>`},
			&estate.AgentFiles{Error: "{" + guidA + "}/snapshot.xml is that of another package, " + guidB}},
		{"a folder", map[string]string{delivery + "snapshot.xml/x": ""}, &estate.AgentFiles{Error: "{" + guidA + "}/snapshot.xml is no file"}},
		{"marked", map[string]string{now + "{" + guidA + "}/PackageStatus.xml": deleted}, &estate.AgentFiles{Deleted: at}},
		{"marked, the older spelling", map[string]string{before + guidA + "/PackageStatus.xml": deleted, delivery + "snapshot.xml": snapshotText},
			&estate.AgentFiles{Snapshot: snapshot, Deleted: at}},
		{"marked in both", map[string]string{now + guidA + "/PackageStatus.xml": deleted, before + guidA + "/PackageStatus.xml": earlier},
			&estate.AgentFiles{Deleted: at}},
		{"not marked", map[string]string{now + guidA + "/PackageStatus.xml": `<PackageStatus Status="Ready"/>`}, nil},
		{"no file in the status folder", map[string]string{now + guidA + "/": ""}, nil},
		{"marked at no time", map[string]string{now + guidA + "/PackageStatus.xml": `<PackageStatus Status="Deleted"/>`},
			&estate.AgentFiles{Error: guidA + "/PackageStatus.xml marks the copy as deleted at a time that is not understood"}},
		{"two problems", map[string]string{now + guidA + "/PackageStatus.xml": `<`, delivery + "snapshot.xml": ``},
			&estate.AgentFiles{Error: "{" + guidA + "}/snapshot.xml cannot be used: it holds no XML element; " +
				guidA + "/PackageStatus.xml cannot be used: line 1: broken XML: unexpected EOF"}},
		{"two status folders", map[string]string{now + guidA + "/": "", now + "{" + guidA + "}/": ""},
			&estate.AgentFiles{Error: "there are two folders for the package's status, " + guidA + " and {" + guidA + "}, below agent/Package Server Agent/PackageStatus"}},
		{"a file for the status folder", map[string]string{"Package Server Agent/PackageStatus": ""},
			&estate.AgentFiles{Error: "the folder agent/Package Server Agent/PackageStatus cannot be read: it is no folder"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := agent(tt.files)
			eyes := NewPath(PathOptions{
				Root:       func(string, string) (string, error) { return "agent/Package Delivery", nil },
				Open:       opened(d),
				AgentFiles: true,
			})
			seen, err := eyes.See(t.Context(), []platform.Look{{Server: "PS1", Image: ref(t, guidA)}})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, seen[0].Evidence.Agent); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if seen[0].Evidence.Sight != estate.Seen {
				t.Errorf("the copy was not seen: %s", seen[0].Evidence.Error)
			}
		})
	}
}

// opened opens folders of an in-memory disk.
func opened(d fs.FS) func(string) (fs.FS, io.Closer, error) {
	return func(dir string) (fs.FS, io.Closer, error) {
		sub, err := fs.Sub(d, dir)
		if err == nil {
			_, err = fs.Stat(sub, ".")
		}
		return sub, nil, err
	}
}

// TestStatusElsewhere: the folder for status files can be told, and if it cannot,
// the copy is seen all the same.
func TestStatusElsewhere(t *testing.T) {
	d := disk(map[string]string{"root/": "", "status/" + guidA + "/PackageStatus.xml": `<a Status="Deleted" Time="2026-11-22T12:00:00Z"/>`})
	for _, tt := range []struct {
		name   string
		status func(string, string) ([]string, error)
		want   *estate.AgentFiles
	}{
		{"beside", nil, nil},
		{"told", func(string, string) ([]string, error) { return []string{"nowhere", "status"}, nil }, &estate.AgentFiles{Deleted: estate.TimeOf(noon)}},
		{"not told", func(string, string) ([]string, error) { return nil, errors.New("no status") }, &estate.AgentFiles{Error: "no status"}},
	} {
		eyes := NewPath(PathOptions{
			Root: func(string, string) (string, error) { return "root", nil }, Open: opened(d), AgentFiles: true, Status: tt.status,
		})
		seen, err := eyes.See(t.Context(), []platform.Look{{Server: "PS1", Image: ref(t, guidA)}})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, seen[0].Evidence.Agent); d != "" || seen[0].Evidence.Sight != estate.Seen {
			t.Errorf("%s: %+v\n%s", tt.name, seen[0].Evidence, d)
		}
	}
}

func TestStatusBeside(t *testing.T) {
	at := filepath.FromSlash("/mnt/ps1/Altiris Agent")
	got := StatusBeside(filepath.Join(at, "package delivery"), func(dir string) (string, string) { return filepath.Dir(dir), filepath.Base(dir) }, filepath.Join)
	want := []string{filepath.Join(at, "Package Server Agent", "PackageStatus"), filepath.Join(at, "Package Server Agent", "Package Status")}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

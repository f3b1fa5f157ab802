package lab_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pslan/internal/content"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/platform"
)

func openIn(t testing.TB, dir string) *lab.Lab {
	t.Helper()
	l, err := lab.Open(lab.Options{Dir: dir, Seed: smallEstate(t), Random: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestRealFolders: the folders are laid out as ITMS lays them out.
func TestRealFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lab")
	l := openIn(t, dir)
	if err := l.Break([]string{"assignment", "B", "PS008"}); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{{"update-membership"}, {"refresh", "PS009"}, {"refresh", "PS010"}} {
		if err := l.Do(words); err != nil {
			t.Fatal(err)
		}
	}
	b := refTo(smallEstate(t), "B").Package
	name := "{" + strings.ToUpper(b.String()) + "}"
	for _, want := range []struct{ path, holds string }{
		{"servers/PS008/Package Delivery/" + name + "/cache/B.gho", ""},
		{"servers/PS008/Package Delivery/" + name + "/cache/B001.ghs", ""},
		{"servers/PS008/Package Delivery/" + name + "/snapshot.xml", `<File Path="B002.ghs" Size="`},
		{"servers/PS009/Package Server Agent/PackageStatus/" + name + "/PackageStatus.xml", `Status="Deleted" Time="2026-11-22T10:`},
		{"locations/ps008!images!c/C.gho", ""},
		{"lab.json", `{"format_version":"1.0"`},
	} {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(want.path)))
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(text), want.holds) {
			t.Errorf("%s holds no %s:\n%s", want.path, want.holds, text)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "servers", "PS010", "Package Delivery", name)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("PS010 has a folder for a package that is not assigned to it: %v", err)
	}
	got, err := l.LocationDir(`\\PS008\PkgSvrHost$\` + strings.ToLower(name))
	if want := filepath.Join(dir, "servers", "PS008", "Package Delivery", name, "cache"); err != nil || got != want {
		t.Errorf("LocationDir: %s, %v; want %s", got, err, want)
	}
}

// TestMemoryIsLikeFolders: the two disks hold the same after the same story.
func TestMemoryIsLikeFolders(t *testing.T) {
	e, dir, memory := smallEstate(t), t.TempDir(), lab.NewMemory()
	for _, disk := range []lab.Disk{lab.NewFolders(dir), memory} {
		if !live(t, e, disk) {
			t.Fatal("the story has no end")
		}
	}
	list := func(fsys fs.FS) (names []string) {
		err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || p == "lab.lock" {
				return err
			}
			text, err := fs.ReadFile(fsys, p)
			names = append(names, p+" "+digestOf(string(text)).String())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if a, b := list(os.DirFS(dir)), list(memory.FS()); !slices.Equal(a, b) {
		t.Errorf("folders\n%s\nmemory\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
}

// TestRecordedContentIsReal: what the platform reports as recorded content is the
// digest of the files as they lie there.
func TestRecordedContentIsReal(t *testing.T) {
	l, err := lab.Open(lab.Options{Seed: smallEstate(t), Disk: lab.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	e := observe(t, l)
	for i := range e.Images {
		img := &e.Images[i]
		c := img.Copy(img.Owner)
		if c == nil || c.Evidence.Digest != img.Content.Digest || c.Evidence.Listing != img.Content.Listing {
			t.Errorf("%s: recorded %v, seen %v", img.Name, img.Content, c)
			continue
		}
		if n := l.Nominal(img.GUID, c.Evidence.Bytes); n != img.Content.Bytes || n != 12<<30 {
			t.Errorf("%s: %d real bytes are %d nominal ones, want %d", img.Name, c.Evidence.Bytes, n, img.Content.Bytes)
		}
		if c.Evidence.Bytes > 3*4096 {
			t.Errorf("%s: %d bytes for 3 files", img.Name, c.Evidence.Bytes)
		}
	}
}

// TestByHand: what somebody does in the folders counts, at the next refresh that is asked for.
func TestByHand(t *testing.T) {
	dir := t.TempDir()
	l := openIn(t, dir)
	a := refTo(smallEstate(t), "A")
	cache := func(server string) string {
		name := "{" + strings.ToUpper(a.Package.String()) + "}"
		return filepath.Join(dir, "servers", server, "Package Delivery", name, "cache")
	}
	if err := l.Break([]string{"PS008", "off"}); err != nil {
		t.Fatal(err)
	}
	// The good files are copied by hand from PS009 to PS010, into a folder in lower case.
	lower := filepath.Join(filepath.Dir(filepath.Dir(cache("PS010"))), "{"+a.Package.String()+"}", "cache")
	if err := os.CopyFS(lower, os.DirFS(cache("PS009"))); err != nil {
		t.Fatal(err)
	}
	if err := l.Do([]string{"take-ownership", "PS010", "A"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Do([]string{"refresh", "PS010"}); err != nil {
		t.Fatal(err)
	}
	// A file that nobody here has made: PS009 downloads it from the new owner.
	if err := os.WriteFile(filepath.Join(cache("PS010"), "notes.txt"), []byte("made by hand"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{{"refresh", "PS010"}, {"refresh", "PS009"}} {
		if err := l.Do(words); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(cache("PS009"), "notes.txt")); string(text) != "made by hand" {
		t.Errorf("PS009 has %q, %v", text, err)
	}
	e := observe(t, l)
	img := &e.Images[0]
	if nine, ten := img.Copy(1).Evidence, img.Copy(2).Evidence; nine.Files != 4 || nine.Digest != ten.Digest || img.Owner != 2 {
		t.Errorf("PS009 %+v, PS010 %+v, owner %d", nine, ten, img.Owner)
	}
}

// TestTwoAtOnce: two labs on one folder, as two processes have them, see each
// other's changes and lose none.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	one, two := openIn(t, dir), openIn(t, dir)
	ctx := context.Background()
	if err := one.Break([]string{"PS009", "off"}); err != nil {
		t.Fatal(err)
	}
	e, err := two.ReadEstate(ctx, platform.Scope{})
	if err != nil || e.Servers[1].State != estate.Offline {
		t.Fatalf("the other does not see it: %v, %v", e.Servers, err)
	}
	var group sync.WaitGroup
	for _, l := range []*lab.Lab{one, two} {
		group.Go(func() {
			for range 20 {
				if err := l.Advance(time.Minute); err != nil {
					t.Error(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if now, want := openIn(t, dir).Now(), day0.Time().Add(40*time.Minute); !now.Equal(want) {
		t.Errorf("it is %s, want %s", now, want)
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) != 5 {
		t.Errorf("the folder holds %v, %v", names, err)
	}
}

// TestPauseJumps: to the next event, and never beyond the limit.
func TestPauseJumps(t *testing.T) {
	l, err := lab.Open(lab.Options{Seed: smallEstate(t), Disk: lab.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, start := context.Background(), l.Now()
	if err := l.Pause(ctx, time.Second, start.Add(3*time.Second)); err != nil || !l.Now().Equal(start.Add(3*time.Second)) {
		t.Errorf("%s after start, %v; nothing happens in the first quarter of an hour", l.Now().Sub(start), err)
	}
	if err := l.Pause(ctx, time.Second, start.Add(24*time.Hour)); err != nil || l.Now().Sub(start) < 15*time.Minute || l.Now().Sub(start) > time.Hour {
		t.Errorf("%s after start, %v; want the first refresh", l.Now().Sub(start), err)
	}
	now := l.Now()
	if err := l.Pause(ctx, time.Second, start); err != nil || !l.Now().Equal(now) {
		t.Errorf("a limit in the past: %s, %v", l.Now(), err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := l.Pause(ended, time.Second, now.Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

// TestReadingWritesNothing: P6, held against the folders and the state.
func TestReadingWritesNothing(t *testing.T) {
	memory := lab.NewMemory()
	l, err := lab.Open(lab.Options{Seed: smallEstate(t), Disk: memory})
	if err != nil {
		t.Fatal(err)
	}
	all := func() string {
		state, err := fs.ReadFile(memory.FS(), "lab.json")
		if err != nil {
			t.Fatal(err)
		}
		entries, err := fs.ReadDir(memory.FS(), ".")
		if err != nil {
			t.Fatal(err)
		}
		text := picture(t, memory) + string(state)
		for _, e := range entries {
			text += e.Name() + "\n"
		}
		return text
	}
	before := all()
	observe(t, l)
	if _, err := l.ReadSync(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Show(&strings.Builder{}), l.Close()); err != nil {
		t.Fatal(err)
	}
	if all() != before {
		t.Error("reading changed something")
	}
}

func TestOpenRefuses(t *testing.T) {
	full := t.TempDir()
	openIn(t, full)
	foreign := t.TempDir()
	if err := os.MkdirAll(filepath.Join(foreign, "servers"), 0o777); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "lab.json"), []byte(`{"format_version":"1.0","world":{"Images":[{"Owner":7}]}}`), 0o666); err != nil {
		t.Fatal(err)
	}
	newer := t.TempDir()
	if err := os.WriteFile(filepath.Join(newer, "lab.json"), []byte(`{"format_version":"2.0"}`), 0o666); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "estate.json")
	if err := os.WriteFile(broken, []byte(`{"format_version": "1.0", "images": [}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		open func() (*lab.Lab, error)
		says string
	}{
		{"init over a lab", func() (*lab.Lab, error) { return lab.Init(lab.Options{Dir: full, Seed: smallEstate(t)}) }, "already"},
		{"foreign folders", func() (*lab.Lab, error) { return lab.Open(lab.Options{Dir: foreign, Seed: smallEstate(t)}) }, "no lab.json"},
		{"damaged", func() (*lab.Lab, error) { return lab.Open(lab.Options{Dir: damaged}) }, "damaged"},
		{"newer", func() (*lab.Lab, error) { return lab.Open(lab.Options{Dir: newer}) }, "format version"},
		{"no seed", func() (*lab.Lab, error) { return lab.Open(lab.Options{Dir: t.TempDir()}) }, "no seed"},
		{"broken seed", func() (*lab.Lab, error) { return lab.Open(lab.Options{Dir: t.TempDir(), SeedFile: broken}) }, "estate.json"},
		{"no folder", func() (*lab.Lab, error) { return lab.Open(lab.Options{}) }, "no folder"},
		{"operator", func() (*lab.Lab, error) { return lab.Open(lab.Options{Dir: full, Operator: "away"}) }, "away"},
		{"ownership", func() (*lab.Lab, error) { return lab.Open(lab.Options{Dir: full, Ownership: "me"}) }, "me"},
	} {
		l, err := test.open()
		var typed *platform.Error
		if l != nil || !errors.As(err, &typed) || typed.Kind != platform.KindBadInput || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, %v", test.name, l, err)
			continue
		}
		if typed.Hint == "" {
			t.Errorf("%s: no hint in %v", test.name, err)
		}
		if test.name == "broken seed" && !diag.Diagnostics(typed.Diagnostics).HasErrors() {
			t.Error("a broken seed says not where")
		}
	}
	if !lab.Exists(full) || lab.Exists(foreign) {
		t.Error("Exists is wrong")
	}
}

// TestOwnershipByOperator: the request is refused, the operator's click works.
func TestOwnershipByOperator(t *testing.T) {
	e := smallEstate(t)
	l, err := lab.Open(lab.Options{Seed: e, Disk: lab.NewMemory(), Ownership: "operator", Operator: "absent"})
	if err != nil {
		t.Fatal(err)
	}
	if d := l.Describe(); !d.OwnershipByOperator || d.OperatorPresent || !d.Simulated || d.ReadOnly {
		t.Errorf("%+v", d)
	}
	ctx := context.Background()
	err = l.TakeOwnership(ctx, refTo(e, "A"), "PS009")
	var typed *platform.Error
	if !errors.As(err, &typed) || typed.Kind != platform.KindUnsupported || !strings.Contains(typed.Hint, "take-ownership PS009") {
		t.Errorf("%v", err)
	}
	if err := l.AskOperator(ctx, platform.OperatorTask{Op: platform.OpTakeOwnership, Image: refTo(e, "A"), Server: "PS009"}); err != nil {
		t.Error(err)
	}
	if err := l.Advance(48 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if now := observe(t, l); now.ServerName(now.Images[0].Owner) != "PS008" {
		t.Error("an absent operator did something")
	}
	if err := l.Do([]string{"take-ownership", "PS009", "A"}); err != nil {
		t.Fatal(err)
	}
	if now := observe(t, l); now.ServerName(now.Images[0].Owner) != "PS009" {
		t.Error("the click of lab do did nothing")
	}
}

// TestDigestsAgree holds the formula of the seed against that of package content.
func TestDigestsAgree(t *testing.T) {
	l, err := lab.Open(lab.Options{Seed: smallEstate(t), Disk: lab.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.ReadEstate(context.Background(), platform.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	img := &e.Images[0]
	seen, err := l.Eyes().See(context.Background(), []platform.Look{{Server: "PS008", Image: platform.ImageRef{Image: img.GUID, Package: img.Package}, Hash: true}})
	if err != nil {
		t.Fatal(err)
	}
	if s := content.Digest(seen[0].Listing); s.Digest != img.Content.Digest || s.Listing != img.Content.Listing {
		t.Errorf("recorded %s %s, computed %+v", img.Content.Digest, img.Content.Listing, s)
	}
}

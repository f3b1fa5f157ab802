package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pslan/internal/manifest"
)

// packageRoot makes two packages of files on the disk, the larger of them sparse.
func packageRoot(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, size := range []int64{3, 1 << 20} {
		cache := filepath.Join(dir, "Package Delivery", "{6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f00"+string(rune('1'+i))+"}", "cache")
		if err := os.MkdirAll(cache, 0o777); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(cache, "a.gho")
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestProbeInterrupted: the manifest stays as it was, and the next run goes on with
// what was hashed.
func TestProbeInterrupted(t *testing.T) {
	dir := packageRoot(t)
	run := func(on string, args ...string) (int, string) {
		interrupts := make(chan os.Signal, 1)
		errs := watched{on: on, then: func() { interrupts <- syscall.SIGINT }}
		var out bytes.Buffer
		code := Main(context.Background(), IO{
			Args: append([]string{"probe", "-root=Package Delivery", "-server=PS010"}, args...), Dir: dir,
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Interrupts: interrupts, Terminal: Terminal{Err: true},
		})
		return code, out.String() + errs.String()
	}
	path := filepath.Join(dir, "ps010.json")
	if err := os.WriteFile(path, []byte("as it was"), 0o666); err != nil {
		t.Fatal(err)
	}
	// At this rate the large file takes ten seconds: somebody interrupts before.
	code, text := run("Still hashing...", "-limit-rate=100KB", "-parallelism=2")
	if code != exitWorkRemains || !strings.Contains(text, "Probe paused! Hashed so far: ") || !strings.Contains(text, "To go on, run the same command again.") {
		t.Fatalf("exit code %d:\n%s", code, text)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "as it was" {
		t.Errorf("%q, %v", got, err)
	}
	m, ds := manifest.ReadFile(path + ".partial")
	if m == nil || !m.Partial || len(m.Packages) != 2 {
		t.Fatalf("%+v, %s", m, ds.Error())
	}
	hashed := slices.IndexFunc(m.Packages, func(p manifest.Package) bool { return !p.HashedAt().IsZero() }) >= 0
	code, text = run("never said")
	want := "Hashed 1.0 MiB; 3 B not touched"
	if !hashed {
		want = "Hashed 1.0 MiB; 0 B not touched"
	}
	if code != exitSuccess || !strings.Contains(text, want) {
		t.Errorf("exit code %d, want %q:\n%s", code, want, text)
	}
	if _, err := os.Stat(path + ".partial"); !os.IsNotExist(err) {
		t.Error("the work of the interrupted run is still there")
	}
}

func TestByteRate(t *testing.T) {
	for text, want := range map[string]int64{
		"50MB": 50e6, "8MiB": 8 << 20, "500kb/s": 500e3, "1.5 GB": 1.5e9, "1024": 1024, "7B": 7,
		"": 0, "fast": 0, "-1MB": 0, "0": 0, "NaN": 0, "Inf": 0, "1e30": 0, "MB": 0,
	} {
		if got, ok := byteRate(text); got != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
}

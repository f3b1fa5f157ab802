package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// put writes a text.
func put(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// holds fails the test unless the folder holds exactly these files.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(want) {
		t.Errorf("the folder holds %v", entries)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != text {
			t.Errorf("%s holds %.40q, %v", name, got, err)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	long := strings.Repeat("0123456789", 50_000)
	for _, text := range []string{"first", long, ""} {
		if err := Write(path, put(text)); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, map[string]string{"plan.json": text})
	}
}

// TestFailingFill: whatever goes wrong while writing, the old file stays.
func TestFailingFill(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	broken := errors.New("broken")
	tests := []struct {
		name string
		fill func(io.Writer) error
		want error
	}{
		{"at once", func(io.Writer) error { return broken }, broken},
		{"half way", func(w io.Writer) error { return errors.Join(put(strings.Repeat("x", 1<<20))(w), broken) }, broken},
		{"full disk", func(w io.Writer) error { return errors.Join(put("half")(w), full) }, syscall.ENOSPC},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "plan.json")
			if err := Write(path, tt.fill); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			holds(t, dir, nil)
			if err := Write(path, put("old")); err != nil {
				t.Fatal(err)
			}
			if err := Write(path, tt.fill); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			holds(t, dir, map[string]string{"plan.json": "old"})
		})
	}
}

func TestPanickingFill(t *testing.T) {
	dir := t.TempDir()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = Write(filepath.Join(dir, "plan.json"), func(io.Writer) error { panic("a bug") })
	}()
	holds(t, dir, nil)
}

// TestErrorsNameTheFile: nobody knows the temporary file.
func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "nowhere", "plan.json")} {
		err := Write(path, put("x"))
		var p *fs.PathError
		if !errors.As(err, &p) || p.Path != path || strings.Contains(err.Error(), ".tmp-") {
			t.Errorf("%s: %v", path, err)
		}
	}
	holds(t, dir, nil)
}

func TestModeAndLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("modes and links are those of Unix")
		return
	}
	dir, other := t.TempDir(), t.TempDir()
	path, link := filepath.Join(dir, "plan.json"), filepath.Join(other, "link")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, put("new")); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"plan.json": "new"})
	holds(t, other, map[string]string{"link": "new"})
	if info, err := os.Lstat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := Write("/dev/null", put("x")); err != nil {
		t.Error(err)
	}
}

// TestTogether: of many writers at once one wins, and its file is whole.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if err := Write(path, put(strings.Repeat(fmt.Sprint(i%10), 100_000))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got, err := os.ReadFile(path)
	if err != nil || len(got) != 100_000 || strings.Trim(string(got), string(got[:1])) != "" {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	holds(t, dir, map[string]string{"plan.json": string(got)})
}

// TestBesideReader: on Windows nobody else may replace or remove a file that is being
// read. Whoever reads it for a moment hinders neither.
func TestBesideReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock.json")
	for name, do := range map[string]func() error{
		"replace": func() error { return Write(path, put("new")) },
		"remove":  func() error { return Remove(path) },
	} {
		if err := Write(path, put("old")); err != nil {
			t.Fatal(err)
		}
		reader, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		closed := make(chan error)
		time.AfterFunc(20*time.Millisecond, func() { closed <- reader.Close() })
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
}

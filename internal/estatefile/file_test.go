package estatefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
)

// sampleFile is the estate of an example: real enough, and small.
var sampleFile = filepath.Join("..", "..", "examples", "retire-ps008", "estate.json")

func sample(t testing.TB) *estate.Estate {
	t.Helper()
	e, diags := ReadFile(sampleFile)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return e
}

func TestFiles(t *testing.T) {
	e := sample(t)
	dir := t.TempDir()
	plain := written(t, e)
	for _, name := range []string{"estate.json", "estate.json.gz", "ESTATE.JSON.ZST"} {
		path := filepath.Join(dir, name)
		if err := WriteFile(path, e); err != nil {
			t.Fatal(err)
		}
		got, diags := ReadFile(path)
		if diags != nil {
			t.Fatalf("%s: %s", name, rendered(diags))
		}
		if d := cmp.Diff(e, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", name, d)
		}
		raw := readAll(t, path)
		if packed := name != "estate.json"; packed != (len(raw) < len(plain)/2) {
			t.Errorf("%s has %d bytes, as JSON there are %d", name, len(raw), len(plain))
		}
		if err := WriteFile(path, got); err != nil {
			t.Fatal(err)
		}
		if again := readAll(t, path); !bytes.Equal(raw, again) {
			t.Errorf("%s: written again, the bytes are others", name)
		}
	}
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCutCompressed cuts packed files off: that is a truncated estate, with a place.
func TestCutCompressed(t *testing.T) {
	for _, name := range []string{"estate.json.gz", "estate.json.zst"} {
		path := filepath.Join(t.TempDir(), name)
		if err := WriteFile(path, sample(t)); err != nil {
			t.Fatal(err)
		}
		raw := readAll(t, path)
		e, diags := Read(bytes.NewReader(raw[:len(raw)*9/10]), name)
		if e != nil || only(t, diags).Summary != "Truncated estate file" {
			t.Errorf("%s, cut: %s", name, rendered(diags))
		}
		raw[len(raw)/2] ^= 0xFF
		if e, diags = Read(bytes.NewReader(raw), name); e != nil || !diags.HasErrors() {
			t.Errorf("%s with a wrong byte was read", name)
		}
	}
}

func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		path, summary string
	}{
		{filepath.Join(dir, "nowhere.json"), "Estate file not found"},
		{dir, "Estate file is a folder"},
	}
	for _, tt := range tests {
		e, diags := ReadFile(tt.path)
		if d := only(t, diags); e != nil || d.Summary != tt.summary || !strings.Contains(d.Detail, tt.path) {
			t.Errorf("%s: %s", tt.path, rendered(diags))
		}
	}
}

func TestWriteFileLeavesTheOldOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "estate.json")
	if err := WriteFile(path, sample(t)); err == nil {
		t.Error("there is no folder to write to, and no error")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// full is a disk with room for some bytes.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.room {
		return f.room, syscall.ENOSPC
	}
	f.room -= len(b)
	return len(b), nil
}

func TestWriteToAFullDisk(t *testing.T) {
	e := sample(t)
	size := len(written(t, e))
	for _, room := range []int{0, 10, size - 1} {
		if err := Write(&full{room}, e); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("with room for %d of %d bytes: %v", room, size, err)
		}
	}
	if err := Write(&full{size}, e); err != nil {
		t.Errorf("with just enough room: %v", err)
	}
}

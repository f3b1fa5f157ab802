package cli

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestPath: what is written on the command line is meant as the system means it.
func TestPath(t *testing.T) {
	dir := t.TempDir()
	a := &app{dir: dir}
	wants := map[string]string{
		"":                              dir,
		"plan":                          filepath.Join(dir, "plan"),
		filepath.Join("sub", "..", "p"): filepath.Join(dir, "p"),
		dir:                             dir,
	}
	if runtime.GOOS == "windows" {
		drive := filepath.VolumeName(dir)
		here, err := filepath.Abs(drive + "x")
		if err != nil {
			t.Fatal(err)
		}
		wants[`sub/p`] = dir + `\sub\p`
		wants[`\top\p`] = drive + `\top\p`
		wants[`/top/p`] = drive + `\top\p`
		wants[drive+"x"] = here
		wants[`\\ps010\share\p`] = `\\ps010\share\p`
	}
	for written, want := range wants {
		if got := a.path(written); got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
}

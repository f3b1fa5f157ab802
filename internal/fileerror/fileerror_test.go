package fileerror

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

func TestMissing(t *testing.T) {
	_, gone := os.Open(filepath.Join(t.TempDir(), "folder", "gone"))
	if gone == nil {
		t.Fatal("a file that is not there was opened")
	}
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{gone, true},
		{fmt.Errorf("reading: %w", gone), true},
		{fs.ErrNotExist, true},
		{fs.ErrPermission, false},
		// ERROR_BAD_NETPATH, in which Go sees fs.ErrNotExist on Windows.
		{&fs.PathError{Op: "open", Path: `\\off\share`, Err: syscall.Errno(53)}, false},
	} {
		if got := Missing(tt.err); got != tt.want {
			t.Errorf("%v: missing %v", tt.err, got)
		}
	}
	if runtime.GOOS == "windows" && !errors.Is(syscall.Errno(53), fs.ErrNotExist) {
		t.Error("Go tells them apart by itself: outOfReach is not needed any more")
	}
}

func TestReason(t *testing.T) {
	sentence := errors.New("The system cannot find the path specified.")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "open", Path: "a", Err: sentence}, "The system cannot find the path specified"},
		{fmt.Errorf("reading: %w", &fs.PathError{Op: "open", Path: "a", Err: fs.ErrInvalid}), "invalid argument"},
		{&os.LinkError{Op: "rename", Old: "a", New: "b", Err: fs.ErrExist}, "file already exists"},
		{fmt.Errorf("line 7: %w", sentence), "line 7: The system cannot find the path specified"},
		{errors.New("it is a folder"), "it is a folder"},
	} {
		got := Reason(tt.err)
		if got.Error() != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
		if errors.Is(tt.err, sentence) != errors.Is(got, sentence) {
			t.Errorf("%v: what the system said is lost", tt.err)
		}
	}
	if Reason(nil) != nil {
		t.Error("there is a reason without an error")
	}
}

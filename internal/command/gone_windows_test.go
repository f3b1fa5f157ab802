package command

import (
	"testing"

	"golang.org/x/sys/windows"
)

// gone reports a process that is still there: a job ends all at once.
func gone(t *testing.T, pid int) {
	t.Helper()
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return
	}
	defer windows.CloseHandle(process)
	var code uint32
	const stillActive = 259
	if err := windows.GetExitCodeProcess(process, &code); err == nil && code == stillActive {
		t.Errorf("the child %d outlived its parent", pid)
	}
}

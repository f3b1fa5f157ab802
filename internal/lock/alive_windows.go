package lock

import (
	"errors"
	"syscall"
)

// processAlive asks the operating system whether a process is there. Only a number
// that no process has counts as gone: those of other users cannot be opened, and live.
func processAlive(pid int) (alive, known bool) {
	const (
		queryLimitedInformation               = 0x1000
		stillActive                           = 259
		invalidParameter        syscall.Errno = 87
	)
	if pid <= 0 {
		return false, false
	}
	h, err := syscall.OpenProcess(queryLimitedInformation, false, uint32(pid))
	switch {
	case errors.Is(err, invalidParameter):
		return false, true
	case errors.Is(err, syscall.ERROR_ACCESS_DENIED):
		return true, true
	case err != nil:
		return false, false
	}
	defer syscall.CloseHandle(h)
	var code uint32
	if err := syscall.GetExitCodeProcess(h, &code); err != nil {
		return false, false
	}
	return code == stillActive, true
}

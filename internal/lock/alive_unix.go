//go:build unix

package lock

import (
	"errors"
	"syscall"
)

// processAlive asks the operating system whether a process is there: signal 0 is
// delivered to nobody.
func processAlive(pid int) (alive, known bool) {
	if pid <= 0 {
		return false, false
	}
	err := syscall.Kill(pid, 0)
	switch {
	case err == nil, errors.Is(err, syscall.EPERM):
		return !defunct(pid), true
	case errors.Is(err, syscall.ESRCH):
		return false, true
	}
	return false, false
}

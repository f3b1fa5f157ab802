//go:build !unix

package lock

import "os"

// processAlive asks the operating system whether a process is there. On Windows
// finding a process opens it, which fails for one that is gone.
func processAlive(pid int) (alive, known bool) {
	if pid <= 0 {
		return false, false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return false, true
	}
	p.Release()
	return true, true
}

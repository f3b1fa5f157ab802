//go:build unix

package command

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

// gone waits until a process has ended; what is left of it may be for others to reap.
func gone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) || zombie(pid) {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("the child %d outlived its parent", pid)
		case <-tick.C:
		}
	}
}

package probe

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// LowerPriority makes this process give way to others, on the processor and on the
// disk. Linux has a priority for each thread; threads that start later inherit that
// of the one they are started by.
func LowerPriority() error {
	const (
		niceness   = 10
		ofProcess  = 1         // IOPRIO_WHO_PROCESS, which means a thread
		bestEffort = 2<<13 | 7 // the last in the usual class
	)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if err := unix.Setpriority(unix.PRIO_PROCESS, id, niceness); err != nil {
			return err
		}
		// Not every kernel and container allows it, and the processor counts more.
		_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, ofProcess, uintptr(id), bestEffort)
	}
	return nil
}

//go:build unix && !linux

package probe

import "golang.org/x/sys/unix"

// LowerPriority makes this process give way to others on the processor.
func LowerPriority() error { return unix.Setpriority(unix.PRIO_PROCESS, 0, 10) }

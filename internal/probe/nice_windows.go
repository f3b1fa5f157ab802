package probe

import "golang.org/x/sys/windows"

// LowerPriority makes this process give way to others on the processor. The
// background mode of Windows would slow the disk too, and with it take memory that
// hashing needs: -limit-rate is for that.
func LowerPriority() error {
	return windows.SetPriorityClass(windows.CurrentProcess(), windows.BELOW_NORMAL_PRIORITY_CLASS)
}

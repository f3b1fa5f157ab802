package fileerror

import (
	"errors"
	"syscall"
)

// outOfReach reports whether the host of a network path did not answer.
func outOfReach(err error) bool {
	const badNetworkPath syscall.Errno = 53
	return errors.Is(err, badNetworkPath)
}

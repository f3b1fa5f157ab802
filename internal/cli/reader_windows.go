package cli

import (
	"errors"
	"syscall"
)

// readerGone reports whether a write failed because nobody reads the output any more,
// as behind `| more` that was left. Windows has three words for it.
func readerGone(err error) bool {
	const (
		noData       syscall.Errno = 232
		notConnected syscall.Errno = 233
	)
	return errors.Is(err, syscall.ERROR_BROKEN_PIPE) || errors.Is(err, noData) || errors.Is(err, notConnected)
}

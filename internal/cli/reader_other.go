//go:build !windows

package cli

import (
	"errors"
	"syscall"
)

// readerGone reports whether a write failed because nobody reads the output any more,
// as behind `| head`.
func readerGone(err error) bool { return errors.Is(err, syscall.EPIPE) }

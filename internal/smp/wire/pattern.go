package wire

import (
	"regexp"
	"sync"
)

// lazily compiles a pattern when it is first used: most commands call no service, and
// compiling costs them a millisecond at their start.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

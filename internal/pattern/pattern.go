// Package pattern holds regular expressions back until they are needed. Most commands
// need few of them, and compiling all costs each command a millisecond at its start.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy compiles a pattern when the function that it returns is first called. That
// panics where the pattern is none: it is a programmer's mistake.
func Lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

package simulation

import (
	"fmt"
	"hash/fnv"
)

// log is the history of a simulation. Its hash is always made; its lines are kept
// only where somebody wants to read them.
type log struct {
	hash  uint64
	keep  bool
	lines []string
}

func (l *log) add(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	h := fnv.New64a()
	h.Write([]byte(line))
	l.hash = l.hash*1099511628211 ^ h.Sum64()
	if l.keep {
		l.lines = append(l.lines, line)
	}
}

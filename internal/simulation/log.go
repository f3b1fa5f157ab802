package simulation

import (
	"fmt"
	"hash/fnv"
)

// log is the history of a simulation. Its hash is always made; its lines are kept
// only where somebody wants to read them.
type log struct {
	hash     uint64
	readings uint64 // since the last line that is no reading
	keep     bool
	lines    []string
}

func (l *log) add(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	l.hash = (l.hash*prime^l.readings)*prime ^ hashOf(line)
	l.readings = 0
	l.write(line)
}

// reading notes a reading. The engine has several under way at once, and which of
// two begins first says nothing: in the hash they stand without their order.
func (l *log) reading(number int, what string) {
	l.readings += hashOf(what)
	l.write(fmt.Sprintf("%d %s", number, what))
}

func (l *log) write(line string) {
	if l.keep {
		l.lines = append(l.lines, line)
	}
}

const prime = 1099511628211

func hashOf(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

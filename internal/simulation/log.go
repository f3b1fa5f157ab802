package simulation

import "fmt"

// log is the history of a simulation: the calls in the order in which they went
// through the gate, the answers, what happened, and what pslan said. A hash over every
// line is always made; the lines are kept only where somebody wants to read them.
type log struct {
	hash  uint64
	keep  bool
	lines []string
	line  []byte
}

func newLog(keep bool) *log { return &log{hash: 14695981039346656037, keep: keep} }

func (l *log) add(format string, args ...any) {
	l.line = append(fmt.Appendf(l.line[:0], format, args...), '\n')
	for _, c := range l.line { // FNV-1a
		l.hash = (l.hash ^ uint64(c)) * 1099511628211
	}
	if l.keep {
		l.lines = append(l.lines, string(l.line[:len(l.line)-1]))
	}
}

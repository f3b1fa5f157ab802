package agentfile

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Status is what a PackageStatus.xml says.
type Status struct {
	// Word is the status as it stands there; the value Deleted is documented (D, KB
	// 237210), others are not (N). "" where none was found.
	Word string
	// Deleted: the package has left the server's configuration, and the agent deletes
	// the files at a refresh after "delete if unused for" has passed (D, KB 178503, KB
	// 181052).
	Deleted bool
	// Time is the moment it left (D, KB 178503, KB 237210); zero where none was
	// understood. NoZone: it says no time zone (N) and was read as UTC.
	Time   time.Time
	NoZone bool
	// NotUnderstood counts the elements that could not be made out.
	NotUnderstood int
}

// ReadStatus reads a PackageStatus.xml. Status and Time may be attributes or
// elements, wherever they stand (N). Two different ones are an error.
func ReadStatus(in io.Reader) (*Status, error) {
	var s Status
	err := walk(in, func(e, parent *element) error {
		if parent == nil && e.leaf() && len(e.facts) == 0 {
			e.facts = append(e.facts, fact{e.name, strings.TrimSpace(string(e.text))})
		}
		understood, err := s.take(e)
		if err != nil {
			return err
		}
		if parent != nil && (understood || e.useful) {
			parent.useful = true
		} else if !understood && !e.useful {
			s.NotUnderstood++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.Deleted = strings.EqualFold(s.Word, "Deleted")
	return &s, nil
}

// take takes status and time from an element, if it has them.
func (s *Status) take(e *element) (understood bool, err error) {
	for _, f := range e.facts {
		switch f.name {
		case "status":
			if s.Word != "" && !strings.EqualFold(s.Word, f.value) {
				return false, &Error{Line: e.line, Problem: fmt.Sprintf("it has two statuses, %q and %q", s.Word, f.value)}
			}
			s.Word, understood = f.value, true
		case "time":
			t, noZone, ok := moment(f.value)
			if !ok {
				s.NotUnderstood++
				continue
			}
			if !s.Time.IsZero() && !s.Time.Equal(t) {
				return false, &Error{Line: e.line, Problem: "it has two different times"}
			}
			s.Time, s.NoZone, understood = t, noZone, true
		}
	}
	return understood, nil
}

// moment reads a time in any of the forms.
func moment(s string) (t time.Time, noZone, ok bool) {
	if t, noZone, ok = textTime(s); ok {
		return t, noZone, true
	}
	if t, ok = fileTime(s); ok {
		return t, false, true
	}
	t, ok = epoch(s)
	return t, false, ok
}

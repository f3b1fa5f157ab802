package rows

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
)

// Reader reads the cells of one table and remembers what it could not understand.
type Reader struct {
	*View
	// Zone is that of times that carry none; nil: such times are left out.
	Zone *time.Location
	// Words maps the platform's words to pslan's, without case; may be nil.
	Words map[string]string
	// Misread are the cells that were left out, by column: how many, and one of them.
	Misread map[string]*Misread
}

// Misread are cells of a column that could not be understood.
type Misread struct {
	Count   int
	Example string
	Why     string
}

// NewReader makes a Reader of a table.
func NewReader(v *View, zone *time.Location, words map[string]string) *Reader {
	folded := make(map[string]string, len(words))
	for theirs, ours := range words {
		folded[estate.Fold(theirs)] = ours
	}
	return &Reader{View: v, Zone: zone, Words: folded, Misread: map[string]*Misread{}}
}

// Lost notes a cell that is left out.
func (r *Reader) Lost(name, text, why string) {
	m := r.Misread[name]
	if m == nil {
		m = &Misread{Example: text, Why: why}
		r.Misread[name] = m
	}
	m.Count++
}

// Word returns a cell as pslan's word, where it is mapped.
func (r *Reader) Word(row int, name string) string {
	text := r.Text(row, name)
	if ours, ok := r.Words[estate.Fold(text)]; ok {
		return ours
	}
	return text
}

// GUID returns a cell as a GUID; zero where there is none.
func (r *Reader) GUID(row int, name string) estate.GUID {
	text := r.Text(row, name)
	g, err := estate.ParseGUID(text)
	if err != nil {
		r.Lost(name, text, "it is no GUID")
	}
	return g
}

// Int returns a cell as a number that is not negative; Unknown where there is none.
func (r *Reader) Int(row int, name string) int64 {
	text := r.Text(row, name)
	if text == "" {
		return estate.Unknown
	}
	whole, rest, _ := strings.Cut(text, ".") // decimal columns of a database: 1024.0000
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || strings.Trim(rest, "0") != "" {
		r.Lost(name, text, "it is no whole number")
		return estate.Unknown
	}
	return n
}

// Bool returns a cell as yes or no; known is false where there is neither.
func (r *Reader) Bool(row int, name string) (yes, known bool) {
	switch text := r.Word(row, name); estate.Fold(text) {
	case "true", "1", "yes":
		return true, true
	case "false", "0", "no":
		return false, true
	case "":
	default:
		r.Lost(name, text, "it is neither true nor false")
	}
	return false, false
}

// Time returns a cell as a moment; zero where there is none.
func (r *Reader) Time(row int, name string) estate.Time {
	text := r.Text(row, name)
	t, err := ParseTime(text, r.Zone)
	if err != nil {
		r.Lost(name, text, err.Error())
	}
	return t
}

// List returns a cell as a list with commas or semicolons between its parts.
func (r *Reader) List(row int, name string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(r.Text(row, name), func(c rune) bool { return c == ',' || c == ';' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

var (
	errTime = errors.New("it is no time like 2026-11-22 10:00:00")
	errZone = errors.New("it carries no time zone, and time_zone is not set")
)

var zoned = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 Z07:00"}
var zoneless = []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

// ParseTime reads a moment as databases, .NET and exports write it. An empty text and
// the year 1, which says "never" (D, H TaskStatusDetails), are zero. Dates whose order
// of day and month depends on a country are refused.
func ParseTime(text string, zone *time.Location) (estate.Time, error) {
	if text == "" {
		return 0, nil
	}
	for _, layout := range zoned {
		if t, err := time.Parse(layout, text); err == nil {
			return moment(t)
		}
	}
	for _, layout := range zoneless {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if t.Year() <= 1 {
			return 0, nil
		}
		if zone == nil {
			return 0, errZone
		}
		t, err = time.ParseInLocation(layout, text, zone)
		if err != nil {
			return 0, errTime
		}
		return moment(t)
	}
	return 0, errTime
}

// moment refuses what an estate.Time cannot hold.
func moment(t time.Time) (estate.Time, error) {
	switch {
	case t.Year() <= 1:
		return 0, nil
	case t.Year() < 1970 || t.Year() > 2200:
		return 0, errTime
	}
	return estate.TimeOf(t), nil
}

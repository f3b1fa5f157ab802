package rows

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"pslan/internal/wording"
)

// The limits of one table.
const (
	MaxBytes   = 512 << 20
	MaxRows    = 4_000_000
	MaxColumns = 500
	maxCell    = 64 << 10
)

// Table is what a carrier brought.
type Table struct {
	From    string    // what it is, for people: report 0e3a…, copies.csv, dbo.Copies
	At      time.Time // when a file was written; zero for what was read live
	Columns []string
	Rows    [][]Cell // each as long as Columns
}

// Cell is one value as text.
type Cell struct {
	Text string
	Null bool
}

// Fault is a table that cannot be used.
type Fault struct {
	From    string
	Problem string
	Hint    string
}

// Error returns "table: problem".
func (f *Fault) Error() string { return f.From + ": " + f.Problem }

// View is a table by pslan's names of its columns.
type View struct {
	*Table
	at map[string]int
}

// loose is a column's name without case, spaces and punctuation: "Host Name",
// host_name and HostName are one.
func loose(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// Fit finds the columns of a table. columns maps pslan's names to the table's; a
// name that is not mapped is looked for as it is, written in any way. All that is
// missing is told at once.
func (t *Table) Fit(needed, others []string, columns map[string]string) (*View, error) {
	v := &View{Table: t, at: map[string]int{}}
	var missing []string
	for i, name := range append(slices.Clone(needed), others...) {
		theirs, mapped := columns[name]
		if !mapped {
			theirs = name
		}
		at, n := t.column(theirs, mapped)
		switch {
		case n > 1:
			return nil, &Fault{t.From, fmt.Sprintf("more than one column could be %s: %s", name, strings.Join(t.Columns, ", ")),
				fmt.Sprintf("Say which one is meant: columns = { %s = \"…\" }, spelled exactly as the carrier does.", name)}
		case n == 1:
			v.at[name] = at
		case mapped:
			missing = append(missing, fmt.Sprintf("%q (for %s%s)", theirs, name, perhaps(theirs, t.Columns)))
		case i < len(needed):
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		have := strings.Join(t.Columns, ", ")
		if have == "" {
			have = "none"
		}
		return nil, &Fault{t.From, "it lacks " + strings.Join(missing, ", ") + "; its columns are: " + have,
			"Map the names: columns = { " + first(missing, needed) + " = \"the column's name\" }."}
	}
	return v, nil
}

func perhaps(name string, columns []string) string {
	if near := wording.Nearest(name, columns); near != "" {
		return "; is " + near + " meant?"
	}
	return ""
}

func first(missing, needed []string) string {
	for _, n := range needed {
		if slices.Contains(missing, n) {
			return n
		}
	}
	return "name"
}

// column finds a column: a mapped name exactly, case aside, before loosely.
func (t *Table) column(name string, exact bool) (at, found int) {
	for i, c := range t.Columns {
		if c == name || strings.EqualFold(c, name) {
			at, found = i, found+1
		}
	}
	if found > 0 || exact && loose(name) == "" {
		return at, found
	}
	for i, c := range t.Columns {
		if loose(c) == loose(name) {
			at, found = i, found+1
		}
	}
	return at, found
}

// Has reports whether the table has a column.
func (v *View) Has(name string) bool {
	_, ok := v.at[name]
	return ok
}

// Text returns a cell without the space around it; "" where it is null, or where the
// table has no such column.
func (v *View) Text(row int, name string) string {
	i, ok := v.at[name]
	if !ok || v.Rows[row][i].Null {
		return ""
	}
	return strings.TrimSpace(v.Rows[row][i].Text)
}

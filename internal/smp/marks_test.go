package smp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/lab/serve"
)

// TestMarksThatAreNotUnderstood: where the time of a mark cannot be read, the copy counts
// as due, and not as one that stays.
func TestMarksThatAreNotUnderstood(t *testing.T) {
	s := serveLab(t, "narrowed-assignment", nil, serve.Pace{}, func(d *declared.SMP) {
		for i := range d.Rows {
			if d.Rows[i].Kind == declared.RowsCopies {
				d.Rows[i].Columns = map[string]string{"delete_after": "status"} // a word, and no time
			}
		}
	})
	words := 0
	e := read(t, s)
	for i := range e.Images {
		for _, c := range e.Images[i].Copies {
			if c.Status != "" {
				words++
			}
			if marked := c.DeleteAfter == e.TakenAt; marked != (c.Status != "") || !marked && !c.DeleteAfter.IsZero() {
				t.Errorf("%s on %s: status %q, goes after %s", e.Images[i].Name, e.ServerName(c.Server), c.Status, c.DeleteAfter)
			}
		}
	}
	if words == 0 {
		t.Error("no copy has a status")
	}
}

// TestMarksOfCSV: rows of one copy that contradict each other, and the word for a mark
// without its time, keep the mark.
func TestMarksOfCSV(t *testing.T) {
	s := serveLab(t, "narrowed-assignment", nil, serve.Pace{}, nil)
	e := read(t, s)
	img := &e.Images[0]
	server := e.Servers[0].Name
	for _, c := range []struct{ name, column, rows, want string }{
		{"no mark", "delete_after", "Ready,", ""},
		{"the earliest of three", "delete_after", "Ready,\nDeleted,2026-12-02T00:00:00Z\nDeleted,2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"deleted, and no mark any more", "delete_after", "Deleted,", ""},
		{"no column for the time", "remark", "Ready,\nDELETED,", e.TakenAt.Time().Format(time.RFC3339)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var text strings.Builder
			text.WriteString("package,server,status," + c.column + "\n")
			for line := range strings.Lines(c.rows) {
				fmt.Fprintf(&text, "%s,%s,%s\n", img.Package, server, strings.TrimSpace(line))
			}
			file := filepath.Join(t.TempDir(), "copies.csv")
			if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			for i := range s.settings.Rows {
				if r := &s.settings.Rows[i]; r.Kind == declared.RowsCopies {
					*r = declared.SMPRows{Kind: r.Kind, CSV: file}
				}
			}
			s.open(t)
			got := ""
			if found := read(t, s).Images[0].Copy(0); found != nil && !found.DeleteAfter.IsZero() {
				got = found.DeleteAfter.Time().UTC().Format(time.RFC3339)
			}
			if got != c.want {
				t.Errorf("it goes after %q, want %q", got, c.want)
			}
		})
	}
}

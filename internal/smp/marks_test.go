package smp_test

import (
	"testing"

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

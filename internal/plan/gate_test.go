package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pslan/internal/plan"
)

// TestRepairsRefreshNobodyElse: many images leave an owner whose copies are empty. A third
// server that holds them waits for that; it is not refreshed for its own sake.
func TestRepairsRefreshNobodyElse(t *testing.T) {
	var e, d strings.Builder
	e.WriteString("server PS008\nserver PS009\nserver PS010\n")
	for i := range 20 {
		fmt.Fprintf(&e, "image X%d owner=PS009 assign=all content=B copies=PS008:B,PS009:0,PS010:B\n", i)
		fmt.Fprintf(&d, "image X%d owner=PS010\n", i)
	}
	m, err := makePlan(e.String(), d.String())
	if err != nil {
		t.Fatal(err)
	}
	takes := 0
	for i := range m.plan.Steps {
		s := &m.plan.Steps[i]
		if s.Op == plan.TakeOwnership {
			takes++
		}
		if s.Op == plan.Sync && slices.Contains(s.Servers, "PS008") {
			t.Errorf("%s refreshes PS008", s.ID)
		}
	}
	if takes != 20 {
		t.Errorf("%d images are taken", takes)
	}
	for _, v := range m.check() {
		t.Error(v)
	}
}

package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pslan/internal/plan"
)

var serverPool = []string{"PS1", "PS2", "PS3", "PS4"}

// drawEstate makes a small estate: up to four servers, up to four images, copies
// of every class, marks, servers off.
func drawEstate(t *rapid.T) string {
	var b strings.Builder
	n := rapid.IntRange(1, 4).Draw(t, "servers")
	for i := range n {
		fmt.Fprintf(&b, "server %s", serverPool[i])
		if rapid.IntRange(0, 3).Draw(t, "off") == 0 {
			b.WriteString(" off")
		}
		if site := rapid.SampledFrom([]string{"", "A", "B", "A,B"}).Draw(t, "site"); site != "" {
			b.WriteString(" site=" + site)
		}
		if free := rapid.SampledFrom([]string{"", "0", "300", "500", "900"}).Draw(t, "free"); free != "" {
			b.WriteString(" free=" + free)
		}
		b.WriteByte('\n')
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "images") {
		fmt.Fprintf(&b, "image I%d owner=%s", i, serverPool[rapid.IntRange(0, n-1).Draw(t, "owner")])
		legacy := rapid.IntRange(0, 9).Draw(t, "legacy") == 0
		if legacy {
			b.WriteString(" legacy")
		} else {
			b.WriteString(" assign=" + drawAssignment(t, n, true))
		}
		if rapid.Bool().Draw(t, "record") {
			b.WriteString(" content=A")
		}
		if rapid.IntRange(0, 9).Draw(t, "pct") == 0 {
			b.WriteString(" kind=pct")
		}
		var copies []string
		for s := range n {
			what := rapid.SampledFrom([]string{"", "A", "A", "A", "-", "0", "?", "A/1", "A~", "B", "A!", "A!!", "B!"}).Draw(t, "copy")
			if legacy { // only packages are marked for deletion
				what = strings.TrimRight(what, "!")
			}
			if what != "" && what != "?" && rapid.IntRange(0, 2).Draw(t, "listed") == 0 {
				mark := what[len(strings.TrimRight(what, "!")):]
				what = strings.TrimRight(what, "!") + "^" + rapid.SampledFrom([]string{"A", "A", "A1", "B", "B1", "B3", "A3"}).Draw(t, "lists") + mark
			}
			if what != "" {
				copies = append(copies, serverPool[s]+":"+what)
			}
		}
		if len(copies) > 0 {
			b.WriteString(" copies=" + strings.Join(copies, ","))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func drawAssignment(t *rapid.T, servers int, automatic bool) string {
	kinds := []string{"all", "servers", "site:A"}
	if automatic {
		kinds = append(kinds, "auto")
	}
	kind := rapid.SampledFrom(kinds).Draw(t, "mode")
	if kind != "servers" {
		return kind
	}
	var names []string
	for i := range servers {
		if i == 0 || rapid.Bool().Draw(t, "assigned") {
			names = append(names, serverPool[i])
		}
	}
	return strings.Join(names, ",")
}

func drawDeclared(t *rapid.T, servers, images int) string {
	var b strings.Builder
	for i := range servers {
		switch rapid.IntRange(0, 5).Draw(t, "lifecycle") {
		case 0:
			fmt.Fprintf(&b, "server %s retired successors=%s\n", serverPool[i], serverPool[rapid.IntRange(0, servers-1).Draw(t, "successor")])
		case 1:
			fmt.Fprintf(&b, "server %s draining successors=%s\n", serverPool[i], serverPool[rapid.IntRange(0, servers-1).Draw(t, "successor")])
		}
	}
	for i := range images {
		if rapid.IntRange(0, 3).Draw(t, "declared") == 0 {
			continue
		}
		word := "image"
		fmt.Fprintf(&b, "%s I%d", word, i)
		if rapid.IntRange(0, 3).Draw(t, "owned") > 0 {
			b.WriteString(" owner=" + serverPool[rapid.IntRange(0, servers-1).Draw(t, "owner")])
		}
		if rapid.Bool().Draw(t, "assigns") {
			b.WriteString(" assign=" + drawAssignment(t, servers, false))
		}
		if rapid.IntRange(0, 3).Draw(t, "min") == 0 {
			b.WriteString(" min=2")
		}
		if rapid.IntRange(0, 9).Draw(t, "abandon") == 0 {
			b.WriteString(" abandon")
		}
		if rapid.IntRange(0, 5).Draw(t, "word") == 0 {
			b.WriteString(" ref=" + serverPool[rapid.IntRange(0, servers-1).Draw(t, "reference")])
		}
		b.WriteByte('\n')
	}
	if rapid.Bool().Draw(t, "by size") {
		b.WriteString("policy verify=size\n")
	}
	return b.String()
}

// TestEveryPlanKeepsThePromises: whatever the estate and whatever is declared, a
// plan passes its own replay on the hostile model.
func TestEveryPlanKeepsThePromises(t *testing.T) {
	planned := 0
	rapid.Check(t, func(t *rapid.T) {
		e := drawEstate(t)
		d := drawDeclared(t, strings.Count(e, "server "), strings.Count(e, "image "))
		m, err := makePlan(e, d)
		if err != nil {
			return // the declaration does not fit the estate: refused before any plan
		}
		planned++
		for _, v := range m.check() {
			t.Errorf("%s\n-- estate --\n%s-- declared --\n%s-- plan --\n%s", v, e, d, render(m.plan))
		}
		again, err := makePlan(e, d)
		if err != nil || again.plan.ID != m.plan.ID {
			t.Errorf("the same input gave another plan: %v", err)
		}
		if moved := plan.Stale(m.plan.Facts, m.index); len(moved) > 0 {
			t.Errorf("a fact does not stand in the reading it was taken from: %+v", moved)
		}
	})
	if planned == 0 {
		t.Fatal("no input gave a plan: the generator proves nothing")
	}
}

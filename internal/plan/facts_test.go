package plan_test

import (
	"strings"
	"testing"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// TestStale holds the facts of one plan against other readings of the estate.
func TestStale(t *testing.T) {
	const before = `
		server PS008 site=HQ
		server PS009 site=HQ
		server PS010 site=HQ
		image W11 owner=PS008 assign=PS008,PS009 content=A copies=PS008:A,PS009:A,PS010:-
		image BY owner=PS009 assign=all content=B copies=PS009:B`
	const declared = `server PS008 retired
		image W11 owner=PS010 assign=PS009,PS010`
	for _, c := range []struct {
		name, now string
		moved     string // the kinds of facts that moved
		unbegun   string // the same, if no step of the plan was ever begun
	}{
		{"nothing happened", before, "", ""},
		{"another image changed", strings.Replace(before, "image BY owner=PS009", "image BY owner=PS010", 1), "", ""},
		{"the plan's own first step", strings.Replace(before, "assign=PS008,PS009", "assign=PS008,PS009,PS010", 1), "", "assignment"},
		{"the new owner got its copy", strings.Replace(before, "PS010:-", "PS010:A", 1), "", ""},
		{"the plan's own take", strings.Replace(strings.Replace(before, "owner=PS008", "owner=PS010", 1), "PS010:-", "PS010:A", 1), "", "owner"},
		{"somebody else took", strings.Replace(before, "owner=PS008", "owner=PS009", 1), "owner", "owner"},
		{"somebody narrowed", strings.Replace(before, "assign=PS008,PS009", "assign=PS009", 1), "assignment", "assignment"},
		{"the owner's copy was lost", strings.Replace(before, "PS008:A,", "PS008:0,", 1), "class", "class"},
		{"the new owner went off", strings.Replace(before, "server PS010", "server PS010 off", 1), "class reachable", "class reachable"},
		{"the package was captured again", strings.ReplaceAll(strings.ReplaceAll(before, "content=A", "content=C"), ":A", ":C"), "reference", "reference"},
		{"the retired server is gone", `
			server PS009 site=HQ
			server PS010 site=HQ
			image W11 owner=PS010 assign=PS009,PS010 content=A copies=PS009:A,PS010:A`, "", "assignment owner"},
		{"the image is gone", `
			server PS008 site=HQ
			server PS009 site=HQ
			server PS010 site=HQ`, "assignment class format kind owner package reference", "assignment class format kind owner package reference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := makePlan(before, declared)
			if err != nil {
				t.Fatal(err)
			}
			e, err := parseEstate(c.now)
			if err != nil {
				t.Fatal(err)
			}
			now := estate.NewIndex(e)
			if got := kindsOf(plan.Stale(m.plan.Facts, now)); got != c.moved {
				t.Errorf("moved: %q, want %q", got, c.moved)
			}
			if got := kindsOf(plan.Stale(plan.Unbegun(m.plan.Facts), now)); got != c.unbegun {
				t.Errorf("moved before the plan was begun: %q, want %q", got, c.unbegun)
			}
		})
	}
}

func kindsOf(moved []plan.Moved) string {
	var kinds []string
	for _, m := range moved {
		if len(kinds) == 0 || kinds[len(kinds)-1] != m.Fact.Kind {
			kinds = append(kinds, m.Fact.Kind)
		}
	}
	return strings.Join(kinds, " ")
}

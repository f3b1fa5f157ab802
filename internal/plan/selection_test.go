package plan_test

import (
	"strings"
	"testing"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// TestSelection cuts a plan of three images and a retirement by target and exclude.
func TestSelection(t *testing.T) {
	const estateText = `
		server PS008 site=HQ
		server PS010 site=HQ
		image A owner=PS008 assign=all content=A copies=PS008:A,PS010:-
		image B owner=PS008 assign=PS008 content=B copies=PS008:B
		image C owner=PS010 assign=all content=C copies=PS008:C,PS010:C
		preboot WinPE smp01`
	const declaredText = `
		server PS008 retired successors=PS010
		image A owner=PS010
		image C assign=PS010
		preboot WinPE smp02`
	address := func(a string) plan.Target { return plan.Target{Address: estate.Address(a), Server: estate.NoServer} }
	for _, c := range []struct {
		name string
		sel  plan.Selection
		want []string // addresses of changes; a "!" behind a blocked one
	}{
		{"everything", plan.Selection{}, []string{
			`copy.a["PS008"]`, `copy.a["PS010"]`, `copy.c["PS008"]`, `copy["B"]["PS008"]`, `copy["B"]["PS010"]`,
			"image.a", "image.c", `image["B"]`, "package_server.ps008", "preboot_configuration.winpe"}},
		{"one image", plan.Selection{Targets: []plan.Target{address("image.a")}}, []string{`copy.a["PS010"]`, "image.a"}},
		{"a boot environment", plan.Selection{Targets: []plan.Target{address("preboot_configuration.winpe")}}, []string{"preboot_configuration.winpe"}},
		{"all but one image: the retirement needs it, so it goes too", plan.Selection{Excludes: []plan.Target{address("image.a")}}, []string{
			`copy["B"]["PS010"]`, `image["B"]`, "preboot_configuration.winpe"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := parseEstate(estateText)
			if err != nil {
				t.Fatal(err)
			}
			d, ix := parseDeclared(declaredText), estate.NewIndex(e)
			r, diags := diff.Resolve(d, ix)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			p := plan.Build(plan.Input{Estate: e, Index: ix, Resolved: r, Deltas: diff.Compute(ix, r), Policy: &d.Policy, Selection: c.sel})
			for _, v := range plan.Check(plan.CheckInput{Plan: p, Estate: e, Index: ix, Resolved: r}) {
				t.Error(v)
			}
			var got []string
			for _, change := range p.Changes {
				h := change.Head()
				if len(h.Blocked) == 0 {
					got = append(got, string(h.Address))
				}
			}
			if strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Errorf("changes\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"), render(p))
			}
			if p.Partial != (len(c.sel.Targets)+len(c.sel.Excludes) > 0) {
				t.Errorf("Partial = %v", p.Partial)
			}
		})
	}
}

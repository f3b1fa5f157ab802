package plan_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

var update = flag.Bool("update", false, "rewrite the expected plans in testdata")

// TestScripts plans each scenario in testdata/script and compares changes, steps
// and blocks with what the script expects. Every plan must pass the self-check.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]*txtar.File{}
			for i := range a.Files {
				parts[a.Files[i].Name] = &a.Files[i]
			}
			if parts["estate"] == nil || parts["declared"] == nil || parts["plan"] == nil {
				t.Fatal("a script has the parts estate, declared and plan")
			}
			got := planText(t, string(parts["estate"].Data), string(parts["declared"].Data))
			if *update {
				parts["plan"].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(parts["plan"].Data), got); d != "" {
				t.Errorf("the plan is another one (-want +got; rewrite with go test ./internal/plan -update):\n%s", d)
			}
		})
	}
}

// made is a plan with what it was made from.
type made struct {
	plan     *plan.Plan
	estate   *estate.Estate
	index    *estate.Index
	resolved *diff.Resolved
}

func makePlan(estateText, declaredText string) (*made, error) {
	e, err := parseEstate(estateText)
	if err != nil {
		return nil, err
	}
	d := parseDeclared(declaredText)
	ix := estate.NewIndex(e)
	r, diags := diff.Resolve(d, ix)
	if diags.HasErrors() {
		return nil, diags
	}
	in := plan.Input{Estate: e, Index: ix, Resolved: r, Deltas: diff.Compute(ix, r), Policy: &d.Policy}
	if d.Content != nil {
		in.Verify = d.Content.Verify
	}
	p := plan.Build(in)
	p.Identify()
	return &made{p, e, ix, r}, nil
}

func (m *made) check() []plan.Violation {
	return plan.Check(plan.CheckInput{Plan: m.plan, Estate: m.estate, Index: m.index, Resolved: m.resolved})
}

func planText(t *testing.T, estateText, declaredText string) string {
	t.Helper()
	m, err := makePlan(estateText, declaredText)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	for _, v := range m.check() {
		t.Errorf("self-check: %s", v)
	}
	return render(m.plan)
}

// render writes a plan in a form that is easy to read in a script.
func render(p *plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		h := c.Head()
		fmt.Fprintf(&b, "%s %s", h.Action, h.Address)
		switch c := c.(type) {
		case *diff.ImageChange:
			if c.OwnerBefore != c.OwnerAfter {
				fmt.Fprintf(&b, " owner %s -> %s", c.OwnerBefore, c.OwnerAfter)
			}
			if !c.AssignmentBefore.Equal(&c.AssignmentAfter) {
				fmt.Fprintf(&b, " assignment %s -> %s", assignmentWords(c.AssignmentBefore), assignmentWords(c.AssignmentAfter))
			}
			if c.LocationBefore != c.LocationAfter {
				fmt.Fprintf(&b, " location %s -> %s", c.LocationBefore, c.LocationAfter)
			}
			if c.FormatBefore != c.FormatAfter {
				fmt.Fprintf(&b, " format %s -> %s", c.FormatBefore, c.FormatAfter)
			}
		case *diff.CopyChange:
			if c.From != "" {
				fmt.Fprintf(&b, " from %s", c.From)
			}
		case *diff.PrebootChange:
			fmt.Fprintf(&b, " %s -> %s", c.ConnectsToBefore, c.ConnectsToAfter)
		}
		if len(h.Blocked) > 0 {
			fmt.Fprintf(&b, " BLOCKED %v", h.Blocked)
		}
		b.WriteByte('\n')
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		fmt.Fprintf(&b, "%2d %-16s %s", i+1, s.Op, s.Address)
		if s.Server != "" && s.Address.Type() != "package_server" {
			fmt.Fprintf(&b, " on %s", s.Server)
		}
		if s.From != "" {
			fmt.Fprintf(&b, " from %s", s.From)
		}
		if len(s.Servers) > 0 || len(s.Skipped) > 0 {
			fmt.Fprintf(&b, " %s", strings.Join(s.Servers, ","))
		}
		if len(s.Skipped) > 0 {
			fmt.Fprintf(&b, " (not %s)", strings.Join(s.Skipped, ","))
		}
		if s.Risk != plan.NoRisk {
			fmt.Fprintf(&b, " %s", strings.ToUpper(s.Risk.String()))
		}
		if len(s.Needs) > 0 {
			var needs []string
			for _, n := range s.Needs {
				needs = append(needs, fmt.Sprint(n+1))
			}
			fmt.Fprintf(&b, " <- %s", strings.Join(needs, " "))
		}
		b.WriteByte('\n')
	}
	for i := range p.Blocks {
		fmt.Fprintf(&b, "! %s %s: %s\n", p.Blocks[i].Code, p.Blocks[i].Address, p.Blocks[i].Detail)
	}
	if b.Len() == 0 {
		return "no changes\n"
	}
	return b.String()
}

func assignmentWords(a estate.AssignmentNames) string {
	switch a.Mode {
	case estate.AssignServers:
		return "[" + strings.Join(a.Servers, " ") + "]"
	case estate.AssignSites, estate.AssignAutomatic:
		return a.Mode.String() + "[" + strings.Join(a.Sites, " ") + "]"
	}
	return a.Mode.String()
}

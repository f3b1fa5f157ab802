package plan_test

import (
	"slices"
	"strings"
	"testing"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// TestCheckSees shows that the replay notices each kind of broken plan: a plan
// that is sound is damaged in one place, as a bug in the planner might, and the
// promise that this breaks must be named.
func TestCheckSees(t *testing.T) {
	const moving = `
		server PS008 site=HQ
		server PS009 site=HQ
		server PS010 site=HQ
		image W11 owner=PS008 assign=PS008,PS009 content=A copies=PS008:A,PS009:A,PS010:-`
	const moveAndNarrow = `image W11 owner=PS010 assign=PS010 min=1`
	for _, c := range []struct {
		name, estate, declared string
		damage                 func(*plan.Plan)
		promise                string
	}{
		{"a take before its verify", moving, moveAndNarrow, func(p *plan.Plan) { dropNeed(p, plan.TakeOwnership, plan.VerifyCopy); drop(p, plan.VerifyCopy) }, "P2"},
		{"a take on a server that is not assigned", moving, moveAndNarrow, func(p *plan.Plan) { drop(p, plan.Assign) }, "P2"},
		{"a take from the wrong owner", moving, moveAndNarrow, func(p *plan.Plan) { step(p, plan.TakeOwnership).From = "PS009" }, "P2"},
		{"an assign that narrows", moving, moveAndNarrow, func(p *plan.Plan) {
			step(p, plan.Assign).After.Assignment = &estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS010"}}
		}, "P4"},
		{"an unassign before the new owner is verified", moving, moveAndNarrow, func(p *plan.Plan) { drop(p, plan.VerifyOwnership) }, "P4"},
		{"an unassign that leaves nobody", moving, moveAndNarrow, func(p *plan.Plan) {
			step(p, plan.Unassign).After.Assignment = &estate.AssignmentNames{Mode: estate.AssignServers}
		}, "P3"},
		{"an unassign with too few copies", moving, `image W11 owner=PS008 assign=PS008,PS010 min=2`, func(p *plan.Plan) { drop(p, plan.VerifyCopy) }, "P3"},
		{"a role that goes while it owns", moving, "server PS008 retired successors=PS010", func(p *plan.Plan) { drop(p, plan.TakeOwnership) }, "P3"},
		{"a refresh that spoils the last good copy", `
			server PS008
			server PS009
			server PS010
			image W11 owner=PS008 assign=all content=A copies=PS008:0,PS009:A,PS010:-`, "image W11 owner=PS010", func(p *plan.Plan) {
			p.Steps = slices.Insert(p.Steps, 0, plan.Step{Op: plan.Sync, ID: "early", Servers: []string{"PS009"}})
			for i := range p.Steps {
				for k := range p.Steps[i].Needs {
					p.Steps[i].Needs[k]++
				}
			}
		}, "P1"},
		{"clearing the only good copy", moving, "image W11 owner=PS010", func(p *plan.Plan) {
			for _, s := range []string{"PS008", "PS009"} {
				p.Steps = append(p.Steps, plan.Step{Op: plan.ClearCopy, ID: "clear:" + s, Image: p.Steps[0].Image, Server: s, Needs: []plan.StepNo{plan.StepNo(len(p.Steps) - 1)}})
			}
			drop(p, plan.VerifyCopy)
		}, "P1"},
		{"a step on an image that does not move", moving + "\nimage BY owner=PS008 assign=all content=B copies=PS008:B", moveAndNarrow, func(p *plan.Plan) {
			p.Steps = append(p.Steps, plan.Step{Op: plan.VerifyCopy, ID: "stray", Image: guid("image BY"), Server: "PS008"})
		}, "P9"},
		{"a cycle", moving, moveAndNarrow, func(p *plan.Plan) {
			p.Steps[0].Needs = []plan.StepNo{plan.StepNo(len(p.Steps) - 1)}
		}, "graph"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := makePlan(c.estate, c.declared)
			if err != nil {
				t.Fatal(err)
			}
			if broken := m.check(); len(broken) > 0 {
				t.Fatalf("the plan was not sound before: %s", broken[0])
			}
			c.damage(m.plan)
			var seen []string
			for _, v := range m.check() {
				if v.Promise == c.promise {
					return
				}
				seen = append(seen, v.String())
			}
			t.Errorf("a broken %s was not seen; the replay said: %s\n%s", c.promise, strings.Join(seen, "; "), render(m.plan))
		})
	}
}

func step(p *plan.Plan, op plan.Op) *plan.Step {
	for i := range p.Steps {
		if p.Steps[i].Op == op {
			return &p.Steps[i]
		}
	}
	panic("no such step")
}

// drop turns all steps of an operation into waits that do nothing.
func drop(p *plan.Plan, op plan.Op) {
	for i := range p.Steps {
		if p.Steps[i].Op == op {
			p.Steps[i].Op = plan.WaitRoom
		}
	}
}

// dropNeed cuts the needs of one operation's steps on another's.
func dropNeed(p *plan.Plan, op, on plan.Op) {
	for i := range p.Steps {
		if p.Steps[i].Op == op {
			p.Steps[i].Needs = slices.DeleteFunc(p.Steps[i].Needs, func(n plan.StepNo) bool { return p.Steps[n].Op == on })
		}
	}
}

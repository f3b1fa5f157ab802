package simulation

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/apply"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// runningPlan is the plan that is carried out.
type runningPlan struct {
	plan *plan.Plan
	s    *Scenario
}

// intends names the steps that a request may belong to.
func (p *runningPlan) intends(r *request) []string {
	var ids []string
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		if r.image >= 0 && s.Image != guidOf(imageNumber(p.s.Images[r.image].Name), false) {
			continue
		}
		fits := false
		switch r.kind {
		case "assign":
			fits = (s.Op == plan.Assign || s.Op == plan.Unassign) && settingOf(s.After.Assignment) == settingOf(&r.to)
		case "take":
			fits = s.Op == plan.TakeOwnership && s.Server == r.server
		case "clear":
			fits = s.Op == plan.ClearCopy && s.Server == r.server
		case "retire":
			fits = s.Op == plan.RetireServer && s.Server == r.server
		case "locate":
			fits = s.Op == plan.SetLocation
		case "copy":
			fits = s.Op == plan.CopyFiles
		case "convert":
			fits = s.Op == plan.Convert
		}
		if fits {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// planned reports whether the plan that is carried out has a step of an image.
func (o *oracle) planned(i int) bool {
	if o.steps == nil {
		return false
	}
	p, _ := o.steps.plan.(*runningPlan)
	return slices.ContainsFunc(p.plan.Steps, func(s plan.Step) bool { return s.Image == guidOf(imageNumber(o.name(i)), false) })
}

// event holds what is said of steps against the truth (P5).
func (o *oracle) event(e apply.Event) {
	if o.st.round.dead { // nobody hears what a dead process says
		return
	}
	switch e := e.(type) {
	case apply.Done:
		o.log.add("done %s: %s", e.Step.ID, e.Note)
		o.claimed(e.Step, e.Note)
	case apply.Skipped:
		o.log.add("skipped %s: %s", e.Step.ID, e.Why)
		o.claimed(e.Step, e.Why)
	case apply.Failed:
		o.log.add("failed %s: %v", e.Step.ID, e.Err)
	case apply.Unknown:
		o.log.add("unknown %s: %v", e.Step.ID, e.Err)
	case apply.NotRun:
		o.log.add("not run %s: %s", e.Step.ID, e.Why)
	case apply.Left:
		o.log.add("left %s: %s", e.Step.ID, e.Why)
	}
}

// claimed checks that what is said to be done is so.
func (o *oracle) claimed(s *plan.Step, note string) {
	i := -1
	if !s.Image.IsZero() {
		i = slices.IndexFunc(o.scenario.Images, func(m Image) bool { return guidOf(imageNumber(m.Name), false) == s.Image })
	}
	if i < 0 {
		if s.Op == plan.RetireServer {
			k := o.scenario.number(s.Server)
			o.holds("P5", !o.server.listed[k], "%s is said to be done, and the platform still lists %s", s.ID, s.Server)
		}
		return
	}
	if s.Op == plan.Sync {
		if strings.Contains(note, "not refreshed") || strings.Contains(note, "cannot be reached") || len(s.Skipped) > 0 {
			o.skipped++
		}
		return
	}
	o.holds("P5", true, "")
	if why := o.heldIn(i, func(t *truth) string { return o.isDone(i, s, t) }); why != "" {
		o.fail("P5", "%s is said to be done (%s), and it is not: %s", s.ID, note, why)
	}
}

// onward are the owners after a server on the image's path.
func (o *oracle) onward(s *plan.Step, server, owner string) bool {
	if strings.EqualFold(server, owner) {
		return true
	}
	passed := false
	p, _ := o.steps.plan.(*runningPlan)
	for k := range p.plan.Steps {
		t := &p.plan.Steps[k]
		if t.Op != plan.TakeOwnership || t.Image != s.Image {
			continue
		}
		if passed && strings.EqualFold(t.Server, owner) {
			return true
		}
		passed = passed || strings.EqualFold(t.Server, server)
	}
	return false
}

// isDone says what is missing of a step's effect, "" if nothing.
func (o *oracle) isDone(i int, s *plan.Step, t *truth) string {
	k := int(o.scenario.number(s.Server))
	if s.Server == "smp" || k < 0 || !t.managed {
		k = len(o.scenario.Servers)
	}
	switch s.Op {
	case plan.Assign:
		if !o.widened(s, t) {
			return "the assignment reads " + t.setting
		}
	case plan.Unassign:
		if t.setting != settingOf(s.After.Assignment) {
			return "the assignment reads " + t.setting
		}
	case plan.TakeOwnership, plan.VerifyOwnership:
		if !o.onward(s, s.Server, t.owner) {
			return "the owner is " + t.owner
		}
		if s.Op == plan.VerifyOwnership && t.owner == s.Server && t.copies[k].managed == estate.ManagedExternal {
			return s.Server + " does not take itself for the owner"
		}
	case plan.VerifyCopy:
		if t.owner != s.Server && o.onward(s, s.Server, t.owner) || s.After.Location != nil {
			return ""
		}
		if !o.proved(i, k, &t.copies[k]) {
			return fmt.Sprintf("the copy on %s holds %d files and is not good", s.Server, t.copies[k].files)
		}
	case plan.WaitCopy:
		if t.owner != s.Server && o.onward(s, s.Server, t.owner) {
			return ""
		}
		if t.copies[k].files == 0 {
			return "no file is there"
		}
	case plan.SetLocation:
		if !strings.EqualFold(t.location, *s.After.Location) {
			return "the location is " + t.location
		}
	case plan.Convert:
		if !t.managed {
			return "the image has no package"
		}
	}
	return ""
}

// widened reports whether an assignment covers all that a step was to cover, or is
// the one that the last step of the image leaves.
func (o *oracle) widened(s *plan.Step, t *truth) bool {
	want := o.membersOf(&request{to: *s.After.Assignment})
	all := true
	for k := range want {
		all = all && (!want[k] || t.assigned[k] || !o.server.listed[k])
	}
	if all || t.mode == estate.AssignAll {
		return true
	}
	p, _ := o.steps.plan.(*runningPlan)
	for n := range p.plan.Steps {
		if u := &p.plan.Steps[n]; u.Image == s.Image && u.Op == plan.Unassign && t.setting == settingOf(u.After.Assignment) {
			return true
		}
	}
	return false
}

package view_test

import (
	"errors"
	"testing"
	"time"

	"pslan/internal/apply"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/proposal"
	"pslan/internal/view"
	"pslan/internal/view/sample"
)

// history is a run of the proposal with one of everything: an operator, a wait that
// shows progress and stands still, a failure, a lost answer.
func history(p *proposal.Proposal) []apply.Event {
	step := func(op plan.Op) *plan.Step {
		for i := range p.Plan.Steps {
			if p.Plan.Steps[i].Op == op {
				return &p.Plan.Steps[i]
			}
		}
		return nil
	}
	at := time.Date(2026, 11, 22, 10, 1, 0, 0, time.UTC)
	image := platform.ImageRef{Image: sample.GUID(1001), Package: sample.GUID(1), Name: "WIN11-23H2"}
	return []apply.Event{
		apply.Opened{Run: "run-1", Steps: len(p.Plan.Steps), At: at},
		apply.Started{Step: step(plan.Assign), At: at},
		apply.Done{Step: step(plan.Assign), Elapsed: 3 * time.Second},
		apply.Started{Step: step(plan.Sync), At: at},
		apply.Done{Step: step(plan.Sync), Elapsed: 12 * time.Second, Note: "PS010 refreshed at 10:01:15"},
		apply.Started{Step: step(plan.WaitCopy), At: at},
		apply.Progress{Step: step(plan.WaitCopy), Done: 7623566950, Total: sample.Gigabytes, Elapsed: 580 * time.Second, Left: 7 * time.Minute},
		apply.Progress{Step: step(plan.WaitCopy), Done: 7623566950, Total: sample.Gigabytes, Elapsed: 20 * time.Minute, Stuck: "PS010 has received nothing for 10m."},
		apply.Done{Step: step(plan.WaitCopy), Elapsed: 21 * time.Minute},
		apply.Skipped{Step: step(plan.RebuildPreboot), Why: "it was rebuilt already"},
		apply.Started{Step: step(plan.TakeOwnership), At: at},
		apply.Asked{Step: step(plan.TakeOwnership), Until: at.Add(4 * time.Hour), ValidUntil: at.Add(time.Hour),
			Check: "PS010 still shows the package as externally managed, and its folder there still holds 3 files, 12.4 GiB; the owner is still PS008",
			Task:  platform.OperatorTask{Op: platform.OpTakeOwnership, Image: image, Server: "PS010", From: "PS008"}},
		apply.Progress{Step: step(plan.TakeOwnership), Elapsed: 10 * time.Second},
		apply.Failed{Step: step(plan.VerifyCopy), Err: &platform.Error{
			Op: "look at", Object: "PS010", Kind: platform.KindUnreachable, Hint: "Bring PS010 up and apply again.", Err: errors.New("no answer within 30s"),
		}},
		apply.Unknown{Step: step(plan.SetLocation), Err: errors.New("the answer was lost, and the location cannot be read")},
		apply.NotRun{Step: step(plan.Unassign), Why: "verify_copy failed"},
		apply.Left{Step: step(plan.TakeOwnership), Why: "it was asked for, and the run was stopped before its effect was seen"},
		apply.Closed{},
	}
}

func report(p *proposal.Proposal, outcome func(*plan.Step) apply.StepOutcome) *apply.Report {
	r := &apply.Report{Run: "run-1"}
	for i := range p.Plan.Steps {
		r.Outcomes = append(r.Outcomes, outcome(&p.Plan.Steps[i]))
	}
	return r
}

func mixed(s *plan.Step) apply.StepOutcome {
	switch s.Op {
	case plan.VerifyCopy:
		return apply.StepOutcome{Outcome: apply.OutcomeFailed, Reason: "look at PS010: no answer within 30s"}
	case plan.SetLocation:
		return apply.StepOutcome{Outcome: apply.OutcomeUnknown, Reason: "the answer was lost, and the location cannot be read"}
	case plan.RetireServer, plan.VerifyDrained:
		return apply.StepOutcome{Outcome: apply.OutcomeNotRun, Reason: "PS008 still owns WIN11-23H2"}
	case plan.RebuildPreboot:
		return apply.StepOutcome{Outcome: apply.OutcomeSkipped}
	}
	return apply.StepOutcome{Outcome: apply.OutcomeDone}
}

func done(*plan.Step) apply.StepOutcome { return apply.StepOutcome{Outcome: apply.OutcomeDone} }

func notRun(*plan.Step) apply.StepOutcome {
	return apply.StepOutcome{Outcome: apply.OutcomeNotRun, Reason: "the run was stopped"}
}

func asked(s *plan.Step) apply.StepOutcome {
	if s.Op == plan.TakeOwnership {
		return apply.StepOutcome{Outcome: apply.OutcomeAsked, Reason: "it was asked for, and the run was stopped before its effect was seen"}
	}
	return notRun(s)
}

func ends() map[string]view.ApplyEnd {
	everything, one := sample.Everything(), sample.One()
	nothing := &proposal.Proposal{Meta: sample.Meta(), Plan: sample.Plan(nil, nil)}
	return map[string]view.ApplyEnd{
		"complete":   {Proposal: one, Report: report(one, done), Added: 1, Changed: 1, Remaining: nothing, Verdict: view.Complete},
		"incomplete": {Proposal: everything, Report: report(everything, mixed), Added: 1, Changed: 2, Remaining: everything, Verdict: view.Incomplete},
		"paused":     {Proposal: one, Report: report(one, notRun), Remaining: one, Verdict: view.Paused},
		"left":       {Proposal: one, Report: report(one, asked), Remaining: one, Verdict: view.Paused},
		"lost": {Proposal: one, Verdict: view.Incomplete,
			Report: func() *apply.Report {
				r := report(one, notRun)
				r.Err = errors.New("the platform does not answer")
				return r
			}()},
	}
}

func TestApplyEvents(t *testing.T) {
	var s streams
	o := s.options()
	o.ErrTerminal = true
	v := view.NewHuman(o)
	for _, e := range history(sample.Everything()) {
		v.Event(e)
	}
	golden(t, "apply-events.txt", s.out.String())
	golden(t, "apply-events-errors.txt", s.err.String())
}

func TestApplyEndings(t *testing.T) {
	for name, end := range ends() {
		t.Run(name, func(t *testing.T) {
			var s streams
			v := view.NewHuman(s.options())
			v.ApplyEnd(end)
			golden(t, "apply-"+name+".txt", s.out.String())
		})
	}
}

// With many images a step has one line, when it is finished.
func TestApplyOfManyImagesIsQuiet(t *testing.T) {
	lines := func(n int) int {
		var s streams
		o := s.options()
		v := view.NewHuman(o)
		p := sample.Many(n)
		v.Plan(p, view.PlanOptions{ForApply: true})
		before := s.out.Len()
		step := &p.Plan.Steps[0]
		v.Event(apply.Started{Step: step})
		v.Event(apply.Done{Step: step, Elapsed: time.Second})
		count := 0
		for _, c := range s.out.Bytes()[before:] {
			if c == '\n' {
				count++
			}
		}
		return count
	}
	if few, many := lines(20), lines(21); few != 2 || many != 1 {
		t.Errorf("%d lines for a step of 20 images, %d for one of 21; want 2 and 1", few, many)
	}
}

func TestOperatorInstructions(t *testing.T) {
	image := platform.ImageRef{Image: sample.GUID(1001), Package: sample.GUID(1), Name: "WIN11-23H2"}
	legacy := platform.ImageRef{Image: sample.GUID(1070), Name: "WIN7-OLD"}
	tasks := []platform.OperatorTask{
		{Op: platform.OpTakeOwnership, Image: image, Server: "PS010", From: "PS008"},
		{Op: platform.OpClearCopy, Image: image, Server: "PS011", Files: []string{"WIN11.gho", "data/WIN11.ghs"}},
		{Op: platform.OpCopyFiles, Image: legacy, From: `\\smp01\Images\WIN7`, To: `\\smp02\Images\WIN7`},
		{Op: platform.OpConvert, Image: legacy, Server: "PS008"},
		{Op: platform.OpChangeProfile, Image: platform.ImageRef{Name: "WinPE-x64"}, From: "smp01.contoso.com", To: "smp02.contoso.com"},
		{Op: platform.OpRetireServer, Server: "PS008"},
		{Op: platform.OpRefresh, Server: "PS010"},
	}
	var s streams
	v := view.NewHuman(s.options())
	for _, task := range tasks {
		v.Event(apply.Asked{Step: &plan.Step{Op: plan.Convert, Address: "image.win11"}, Task: task})
	}
	golden(t, "operator.txt", s.out.String())
}

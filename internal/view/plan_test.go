package view_test

import (
	"testing"

	"pslan/internal/proposal"
	"pslan/internal/view"
	"pslan/internal/view/sample"
)

func planText(p *proposal.Proposal, po view.PlanOptions, change func(*view.Options)) string {
	var s streams
	o := s.options()
	if change != nil {
		change(&o)
	}
	v := view.NewHuman(o)
	v.Plan(p, po)
	v.Close(0)
	return s.out.String() + s.err.String()
}

func width(n int) func(*view.Options) { return func(o *view.Options) { o.Width = n } }

func TestPlan(t *testing.T) {
	automation := func(o *view.Options) { o.Automation = true }
	terminal := func(o *view.Options) { o.OutTerminal, o.Color = true, true }
	tests := []struct {
		name    string
		p       *proposal.Proposal
		options view.PlanOptions
		change  func(*view.Options)
	}{
		{"one", sample.One(), view.PlanOptions{}, automation},
		{"one-terminal", sample.One(), view.PlanOptions{}, terminal},
		{"one-verbose", sample.One(), view.PlanOptions{Verbose: true}, automation},
		{"one-narrow", sample.One(), view.PlanOptions{}, width(60)},
		{"one-wide", sample.One(), view.PlanOptions{}, width(200)},
		{"one-saved", sample.One(), view.PlanOptions{SavedTo: "move it.plan"}, nil},
		{"everything", sample.Everything(), view.PlanOptions{}, automation},
		{"everything-narrow", sample.Everything(), view.PlanOptions{}, width(60)},
		{"many", sample.Many(300), view.PlanOptions{}, automation},
		{"few", sample.Many(3), view.PlanOptions{}, automation},
		{"nothing", sample.Nothing(), view.PlanOptions{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			golden(t, "plan-"+tt.name+".txt", visible(planText(tt.p, tt.options, tt.change)))
		})
	}
}

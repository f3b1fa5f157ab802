package view_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"pslan/internal/diff"
	"pslan/internal/plan"
	"pslan/internal/proposal"
	"pslan/internal/view"
	"pslan/internal/view/sample"
)

// Changes of one shape are listed up to 50, and folded beyond; -verbose lists all.
func TestChangesFold(t *testing.T) {
	tests := []struct {
		images  int
		verbose bool
		blocks  int // of the image changes to one assignment
	}{{75, false, 50}, {77, false, 0}, {77, true, 51}} // two of three images keep their old copy
	for _, tt := range tests {
		text := planText(sample.Many(tt.images), view.PlanOptions{Verbose: tt.verbose}, nil)
		if got := strings.Count(text, `["PS008"] -> ["PS008", "PS010"]`); tt.blocks > 0 && got != tt.blocks || tt.blocks == 0 && got != 1 {
			t.Errorf("%d images, verbose %v: %d blocks", tt.images, tt.verbose, got)
		}
	}
}

// Copies that go from many servers are one entry even where none has many of them.
func TestCopiesFoldOverServers(t *testing.T) {
	p := sample.One()
	for i := range 60 {
		server := fmt.Sprintf("PS%03d", i)
		p.Plan.Changes = append(p.Plan.Changes, &diff.CopyChange{
			Header: diff.Header{Address: "copy.win11", Action: diff.Delete}, Server: server, Files: 1, Bytes: 1, Label: "win11",
		})
	}
	text := planText(p, view.PlanOptions{}, nil)
	for _, want := range []string{"# 60 copies will be destroyed", "- copies on 60 servers {", "- bytes = 60 in all -> null"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// A step may be told with others of its kind, never before one that it needs.
func TestFoldedStepsKeepTheirOrder(t *testing.T) {
	p := sample.One()
	var s sample.Steps
	for range 3 { // each needs the one before, so they are no group
		needs := []plan.StepNo{}
		if n := len(s); n > 0 {
			needs = append(needs, plan.StepNo(n-1))
		}
		sample.Sync(&s, []string{"PS010"}, needs...)
	}
	p.Plan.Steps = s
	if text := planText(p, view.PlanOptions{}, nil); strings.Count(text, "  sync") != 3 {
		t.Errorf("steps that need each other were folded:\n%s", text)
	}
}

func TestManyFindingsFold(t *testing.T) {
	p := sample.Many(30)
	folded := planText(p, view.PlanOptions{}, nil)
	if strings.Count(folded, "Warning:") != 1 || !strings.Contains(folded, "[PSL106], 30 times") {
		t.Error("30 findings of one code are not told as one")
	}
	all := planText(p, view.PlanOptions{Verbose: true}, nil)
	if !strings.Contains(all, `images.branch["IMG-00029"]`) {
		t.Error("-verbose does not list each")
	}
}

func big() *proposal.Proposal { return sample.Many(5000) } // 11,667 changes, 26,669 steps

func BenchmarkHumanPlan(b *testing.B) {
	p := big()
	for _, verbose := range []bool{false, true} {
		b.Run(fmt.Sprintf("verbose=%v", verbose), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				view.NewHuman(view.Options{Out: io.Discard, Err: io.Discard}).Plan(p, view.PlanOptions{Verbose: verbose})
			}
		})
	}
}

func BenchmarkJSONPlan(b *testing.B) {
	p := big()
	b.ReportAllocs()
	for b.Loop() {
		view.NewJSON(view.Options{Out: io.Discard, Err: io.Discard}).Plan(p, view.PlanOptions{})
	}
}

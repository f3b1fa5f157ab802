package proposal_test

import (
	"testing"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

func change(address estate.Address, action diff.Action, blocked ...finding.Code) diff.Change {
	return &diff.ImageChange{Header: diff.Header{Address: address, Action: action, Blocked: blocked}}
}

func TestCountsLeaveOutWhatIsBlocked(t *testing.T) {
	p := &proposal.Proposal{Plan: &plan.Plan{
		Changes: []diff.Change{
			change("image.a", diff.Update),
			change(`copy.a["PS010"]`, diff.Create),
			change(`copy.a["PS008"]`, diff.Delete),
			change("image.b", diff.Update, "PSL202"),
			change(`copy.b["PS010"]`, diff.Create, "PSL108"), // the same image
			change("package_server.ps008", diff.Delete, "PSL402"),
		},
		Blocks: []plan.Block{
			{Code: "PSL202", Address: "image.b", Image: 1},
			{Code: "PSL105", Address: "image.c", Image: 2}, // blocked before it has a change
			{Code: "PSL402", Address: "package_server.ps008", Image: -1},
		},
	}}
	want := proposal.Counts{Add: 1, Change: 1, Destroy: 1, Blocked: 2}
	if got := p.Counts(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if p.Empty() {
		t.Error("a proposal with changes is empty")
	}
}

func TestEmptyOnlyWhereNothingIsToDoOrBlocked(t *testing.T) {
	empty := &proposal.Proposal{Plan: &plan.Plan{}}
	if !empty.Empty() {
		t.Error("a proposal without anything is not empty")
	}
	blocked := &proposal.Proposal{Plan: &plan.Plan{Blocks: []plan.Block{{Code: "PSL202", Address: "image.b"}}}}
	if blocked.Empty() {
		t.Error("a proposal with a blocked image is empty")
	}
}

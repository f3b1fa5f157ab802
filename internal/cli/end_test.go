package cli

import (
	"errors"
	"testing"

	"pslan/internal/apply"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

// changing makes a proposal with changes at addresses; blocked ones begin with "!".
func changing(addresses ...string) *proposal.Proposal {
	p := &proposal.Proposal{Plan: &plan.Plan{}}
	for _, a := range addresses {
		h := diff.Header{Action: diff.Update, Address: estate.Address(a)}
		if a[0] == '!' {
			h.Address, h.Blocked = estate.Address(a[1:]), []finding.Code{"PSL107"}
			p.Plan.Blocks = append(p.Plan.Blocks, plan.Block{Code: "PSL107", Address: h.Address})
		}
		switch h.Address.Type() {
		case "copy":
			h.Action = diff.Create
			p.Plan.Changes = append(p.Plan.Changes, &diff.CopyChange{Header: h})
		case "package_server":
			h.Action = diff.Delete
			p.Plan.Changes = append(p.Plan.Changes, &diff.ServerChange{Header: h})
		default:
			p.Plan.Changes = append(p.Plan.Changes, &diff.ImageChange{Header: h})
		}
	}
	return p
}

func TestChangesDone(t *testing.T) {
	p := changing("image.a", `copy.a["PS010"]`, "image.b", "!image.c", "package_server.ps008")
	added, changed, destroyed := changesDone(p, changing("image.b", "!image.c"))
	if added != 1 || changed != 1 || destroyed != 1 {
		t.Errorf("%d added, %d changed, %d destroyed; want 1 each: image.b remains, image.c was blocked", added, changed, destroyed)
	}
	added, changed, destroyed = changesDone(p, p)
	if added+changed+destroyed != 0 {
		t.Errorf("%d added, %d changed, %d destroyed, although everything remains", added, changed, destroyed)
	}
}

func TestEndOfARun(t *testing.T) {
	failed := &apply.Report{Outcomes: []apply.StepOutcome{{Outcome: apply.OutcomeDone}, {Outcome: apply.OutcomeFailed}}}
	unknown := &apply.Report{Outcomes: []apply.StepOutcome{{Outcome: apply.OutcomeUnknown}}}
	pausedAndFailed := &apply.Report{Outcomes: failed.Outcomes, Paused: true}
	asked := &apply.Report{Outcomes: []apply.StepOutcome{{Outcome: apply.OutcomeAsked}}, Paused: true}
	for _, c := range []struct {
		name      string
		proposal  *proposal.Proposal
		report    *apply.Report
		remaining *proposal.Proposal
		verdict   view.Verdict
		code      int
	}{
		{"all done", changing("image.a"), &apply.Report{}, changing(), view.Complete, 0},
		{"only what is blocked remains", changing("image.a", "!image.b"), &apply.Report{}, changing("!image.b"), view.Incomplete, 10},
		{"a step failed", changing("image.a"), failed, changing("image.a"), view.Incomplete, 14},
		{"nobody knows", changing("image.a"), unknown, changing(), view.Incomplete, 14},
		{"paused", changing("image.a"), &apply.Report{Paused: true}, changing("image.a"), view.Paused, 13},
		{"paused before an effect was seen", changing("image.a"), asked, changing("image.a"), view.Paused, 13},
		{"paused, and the effect came all the same", changing("image.a"), asked, changing(), view.Complete, 0},
		{"paused with blocked changes left alone", changing("image.a", "!image.b"), &apply.Report{Paused: true}, changing("!image.b"), view.Paused, 13},
		{"paused after a failure", changing("image.a"), pausedAndFailed, changing("image.a"), view.Incomplete, 14},
		{"something changed meanwhile", changing("image.a"), &apply.Report{}, changing("image.z"), view.Incomplete, 13},
		{"not read again", changing("image.a"), &apply.Report{}, nil, view.Incomplete, 0},
		{"the run itself broke", changing("image.a"), &apply.Report{Err: errors.New("lost")}, changing(), view.Incomplete, 1},
	} {
		if got := verdictOf(c.report, c.remaining); got != c.verdict {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.verdict)
		}
		if got := endOutcome(c.proposal, c.report, c.remaining).code(); got != c.code {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.code)
		}
	}
}

func TestMovedText(t *testing.T) {
	for _, c := range []struct {
		fact plan.Fact
		now  string
		want string
	}{
		{plan.Fact{Kind: "owner", Name: "WIN11", Value: "PS008"}, "PS009", "WIN11: the owner was PS008 and is now PS009"},
		{plan.Fact{Kind: "owner", Object: "6d3f", Value: "PS008"}, "", "6d3f: the owner was PS008 and is now -"},
		{plan.Fact{Kind: "class", Name: "WIN11 on PS010", Value: "good"}, "empty", "WIN11 on PS010: the copy was good and is now empty"},
		{plan.Fact{Kind: "reachable", Name: "PS010", Value: "yes"}, "no", "PS010: it could be reached: yes; now: no"},
		{plan.Fact{Kind: "server", Name: "PS008", Value: "listed"}, "not listed", "PS008: it was listed and is now not listed"},
		{plan.Fact{Kind: "something new", Name: "X", Value: "1"}, "2", "X: the something new was 1 and is now 2"},
	} {
		if got := movedText(plan.Moved{Fact: c.fact, Now: c.now}); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

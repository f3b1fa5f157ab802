package view_test

import (
	"strings"
	"testing"
	"time"

	"pslan/internal/apply"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/proposal"
	"pslan/internal/view"
	"pslan/internal/view/sample"
)

var runAt = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func TestUndo(t *testing.T) {
	var b strings.Builder
	if err := view.Undo(&b, "run-20261122T100000Z", runAt, sample.Everything()); err != nil {
		t.Fatal(err)
	}
	golden(t, "undo.hcl", b.String())
}

// Names from the estate cannot break out of the strings they stand in, and every
// assignment is written so that it can be declared, or it is said that it cannot be.
func TestUndoOfStrangeNames(t *testing.T) {
	p := &proposal.Proposal{Plan: &plan.Plan{}}
	change := func(name, owner string, a estate.AssignmentNames) {
		g := sample.GUID(len(p.Plan.Steps) + 1)
		p.Plan.Steps = append(p.Plan.Steps, plan.Step{Op: plan.TakeOwnership, Image: g})
		p.Plan.Changes = append(p.Plan.Changes, &diff.ImageChange{
			Header: diff.Header{Action: diff.Update, Address: estate.UndeclaredImage(name)},
			Name:   name, GUID: g, OwnerBefore: owner, OwnerAfter: "PS010", AssignmentBefore: a,
			AssignmentAfter: estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS010"}},
		})
	}
	change("A", `PS"${evil}%{if}\`, estate.AssignmentNames{Mode: estate.AssignServers})
	change("a", "two\nlines", estate.AssignmentNames{Mode: estate.AssignSites, Sites: []string{"HQ", "Köln\t\u202e"}})
	change("Ä\n# b", "", estate.AssignmentNames{Mode: estate.AssignAutomatic, Sites: []string{"HQ"}})
	change("9", "PS008", estate.AssignmentNames{Mode: estate.AssignAutomatic})
	var b strings.Builder
	if err := view.Undo(&b, "run-1", runAt, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`  owner = "PS\"$${evil}%%{if}\\"`, `  owner = "two\nlines"`, `sites = ["HQ", "Köln\t\u202e"]`, "automatic = true",
		"# it was assigned to no server", "# its owner was in doubt", "# its assignment was automatic",
		`image "a" {`, `image "a_2" {`, `image "image_____b" {`, `image "image_9" {`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is missing in:\n%s", want, b.String())
		}
	}
}

func TestRunbook(t *testing.T) {
	image := platform.ImageRef{Name: "WIN11-23H2", Package: sample.GUID(2)}
	take := &plan.Step{Op: plan.TakeOwnership, Address: "image.win11"}
	retire := &plan.Step{Op: plan.RetireServer, Address: "package_server.ps008"}
	r := &view.Runbook{
		Run: "run-20261122T100000Z", PlanID: "sha256:5f0c", SMP: "smp01.contoso.com", At: runAt, Remaining: 4, Steps: 12,
		Needs: []apply.OperatorNeed{
			{Step: take, Task: platform.OperatorTask{Op: platform.OpTakeOwnership, Image: image, Server: "PS010", From: "PS008"},
				ValidUntil: runAt.Add(time.Hour), Check: "PS010 still holds 3 files, 12.4 GiB."},
			{Step: retire, Task: platform.OperatorTask{Op: platform.OpRetireServer, Server: "PS_008*"}},
		},
	}
	var b strings.Builder
	if err := view.WriteRunbook(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "runbook.md", b.String())

	// What became void while the run went on is not to be done.
	for _, c := range []struct {
		at    time.Duration
		boxes int
	}{{time.Hour - time.Nanosecond, 2}, {time.Hour, 1}} {
		b.Reset()
		r.At = runAt.Add(c.at)
		if err := view.WriteRunbook(&b, r); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "- [ ]"); n != c.boxes || strings.Contains(b.String(), "became void") != (c.boxes == 1) {
			t.Errorf("%s after the reading: %d boxes, want %d:\n%s", c.at, n, c.boxes, b.String())
		}
	}

	// Where the sync is the operator's as well, nobody says that pslan does it.
	b.Reset()
	r.At, r.SyncByOperator = runAt, true
	r.Needs = append(r.Needs[:1], apply.OperatorNeed{Step: &plan.Step{Op: plan.Sync, Address: "image.win11"}, Task: platform.OperatorTask{Op: platform.OpRefresh, Server: "PS010"}})
	if err := view.WriteRunbook(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "runbook-sync.md", b.String())

	b.Reset()
	if err := view.WriteRunbook(&b, &view.Runbook{Run: "run-1"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "Nothing waits for an operator.") || strings.Contains(b.String(), "- [ ]") {
		t.Errorf("a runbook of nothing:\n%s", b.String())
	}
}

// People are told of the lock only where they have to wait for it.
func TestLockForPeople(t *testing.T) {
	var s streams
	v := view.NewHuman(s.options())
	for _, kind := range []view.LockKind{view.LockAcquire, view.LockWait, view.LockRelease} {
		v.Lock(view.LockEvent{Kind: kind, Holder: "admin@runner-7"})
	}
	if got, want := s.out.String()+s.err.String(), "Waiting for the lock held by admin@runner-7...\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

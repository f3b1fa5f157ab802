package sample

import (
	"fmt"

	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/proposal"
)

// One is the plan that the manual shows: one image moves, and its new owner says
// Ready without holding a file.
func One() *proposal.Proposal {
	m := Move{N: 1, Address: "image.win11", Name: "WIN11-23H2", From: "PS008", To: "PS010", Gets: true, Line: 12}
	changes := m.Changes()
	image := changes[0].(*diff.ImageChange)
	image.AssignmentBefore = estate.AssignmentNames{Mode: estate.AssignAll}
	image.AssignmentAfter = image.AssignmentBefore
	var s Steps
	sync := s.Add(plan.Step{Op: plan.Sync, By: plan.BySMP, Servers: []string{"PS010"}})
	take := m.Take(&s, m.Wait(&s, sync))
	m.Verify(&s, Sync(&s, []string{"PS008", "PS010"}, take))
	p := &proposal.Proposal{Meta: Meta(), Plan: Plan(changes, s), Variables: Variables()}
	p.Plan.Forecast = plan.Forecast{Downloads: 1, Bytes: Gigabytes, Seconds: 1080}
	p.Findings = []finding.Finding{
		Finding("PSL101", finding.Warning, "image.win11", 12),
		Finding("PSL106", finding.Warning, "image.win11", 12),
	}
	return p
}

// Nothing is the plan of an estate that is as declared.
func Nothing() *proposal.Proposal {
	return &proposal.Proposal{Meta: Meta(), Plan: Plan(nil, nil), Undeclared: 12}
}

// Many is n images that move together from PS008 to PS010, with one membership
// update for all.
func Many(n int) *proposal.Proposal {
	var s Steps
	var changes []diff.Change
	var findings []finding.Finding
	moves := make([]Move, n)
	var assigned, verified, taken, seen []plan.StepNo
	for i := range moves {
		name := fmt.Sprintf("IMG-%05d", i)
		moves[i] = Move{
			N: i, Address: estate.BlockAddress("images", "branch", nil).Member(name), Name: name,
			From: "PS008", To: "PS010", Gets: true, Loses: i%3 == 0, Line: 40,
		}
		changes = append(changes, moves[i].Changes()...)
		findings = append(findings, Finding("PSL106", finding.Warning, moves[i].Address, 40))
	}
	for _, m := range moves {
		assigned = append(assigned, m.quickly(&s, plan.Assign))
	}
	sync := Sync(&s, []string{"PS010"}, assigned...)
	for _, m := range moves {
		verified = append(verified, m.quickly(&s, plan.WaitCopy, sync))
	}
	for i, m := range moves {
		verified[i] = m.quickly(&s, plan.VerifyCopy, verified[i])
	}
	for i, m := range moves {
		taken = append(taken, m.quickly(&s, plan.TakeOwnership, verified[i]))
	}
	both := Sync(&s, []string{"PS008", "PS010"}, taken...)
	for _, m := range moves {
		seen = append(seen, m.quickly(&s, plan.VerifyOwnership, both))
	}
	for i, m := range moves {
		if m.Loses {
			m.quickly(&s, plan.Unassign, seen[i])
		}
	}
	p := &proposal.Proposal{Meta: Meta(), Plan: Plan(changes, s), Findings: findings, Undeclared: 12}
	p.Plan.Forecast = plan.Forecast{Downloads: n, Bytes: int64(n) * Gigabytes}
	return p
}

// quickly adds a step of the move without looking for its ID among the others.
func (m Move) quickly(s *Steps, op plan.Op, needs ...plan.StepNo) plan.StepNo {
	var one Steps
	switch op {
	case plan.Assign:
		m.Assign(&one)
	case plan.TakeOwnership:
		m.Take(&one)
	case plan.VerifyOwnership:
		m.Verify(&one)
	case plan.Unassign:
		m.Unassign(&one)
	case plan.WaitCopy:
		m.Wait(&one)
		one = one[:1]
	case plan.VerifyCopy:
		m.Wait(&one)
		one = one[1:]
	}
	one[0].Needs = needs
	*s = append(*s, one[0])
	return plan.StepNo(len(*s) - 1)
}

// Everything has one of each: every kind of change and step, something blocked,
// findings of each severity, one of them acknowledged, notes, servers without room.
func Everything() *proposal.Proposal {
	key := "WIN10-22H2"
	moves := []Move{
		{N: 1, Address: "image.win11", Name: "WIN11-23H2", From: "PS008", To: "PS010", Gets: true, Loses: true, Line: 12, Operators: true},
		{N: 2, Address: estate.BlockAddress("image", "golden", &key), Name: key, From: "PS008", To: "PS010", Line: 30},
		{N: 3, Address: estate.UndeclaredImage("KIOSK"), Name: "KIOSK", From: "PS008", To: "PS010", Gets: true, Line: 4, Blocked: []finding.Code{"PSL108", "PSL202"}},
	}
	var changes []diff.Change
	for _, m := range moves {
		changes = append(changes, m.Changes()...)
	}
	changes = append(changes, rareChanges()...)
	var s Steps
	rare(&s)
	first := moves[0]
	both := []string{"PS008", "PS010"}
	take := first.Take(&s, first.Wait(&s, Sync(&s, both[1:], first.Assign(&s))))
	first.Unassign(&s, first.Verify(&s, Sync(&s, both, take)))
	s[len(s)-1].BlockedBy = []finding.Code{"PSL303"}
	p := &proposal.Proposal{Meta: Meta(), Plan: Plan(changes, s), Undeclared: 1, Variables: Variables()}
	p.Plan.Partial = true
	p.Plan.Limits = plan.Limits{MaxDownloads: 8, PerServer: 2}
	p.Plan.Blocks = []plan.Block{{
		Code: "PSL202", Address: moves[2].Address, Image: -1, Server: estate.NoServer, Whole: true,
		Detail: "No server holds the 3 files of KIOSK.",
	}}
	p.Plan.Facts = []plan.Fact{
		{Kind: "owner", Object: GUID(1).String(), Value: "PS008", Name: "WIN11-23H2"},
		{Kind: "reachable", Object: "PS010", Value: "true", Name: "PS010"},
	}
	p.Plan.Forecast = forecast()
	p.Findings = []finding.Finding{
		Finding("PSL106", finding.Warning, "image.win11", 12),
		{Code: "PSL202", Severity: finding.Error, Title: titles["PSL202"], Address: moves[2].Address, Image: "KIOSK", Blocks: true,
			Detail: "PS008 is offline, and neither PS009 nor PS010 holds a file.", Fix: "put the 3 files into the package folder on PS010 by hand."},
		Finding("PSL301", finding.Note, "image.win11", 12),
		Acknowledge(Finding("PSL303", finding.Error, "image.win11", 12)),
	}
	p.Notes = diag.Diagnostics{{Severity: diag.Note, Summary: "The group matches nothing", Detail: `No image matches images "lab".`, Subject: At("images.hcl", 50), In: `images "lab"`}}
	return p
}

func rareChanges() []diff.Change {
	return []diff.Change{
		&diff.ImageChange{
			Header: diff.Header{Address: "image.old", Action: diff.Update, Range: At("old.hcl", 3), In: `image "old"`}, Image: -1,
			Name: "WIN7-OLD", GUID: GUID(1070), OwnerBefore: "PS008", OwnerAfter: "PS008",
			FormatBefore: estate.Legacy, FormatAfter: estate.Managed,
		},
		&diff.ImageChange{
			Header: diff.Header{Address: "image.smp_held", Action: diff.Update, Range: At("old.hcl", 9), In: `image "smp_held"`}, Image: -1,
			Name: "WIN7-GOLD", GUID: GUID(1071), Package: GUID(71), OwnerBefore: "smp", OwnerAfter: "smp",
			AssignmentBefore: estate.AssignmentNames{Mode: estate.AssignSites, Sites: []string{"HQ"}},
			AssignmentAfter:  estate.AssignmentNames{Mode: estate.AssignAutomatic, Sites: []string{"Branch", "HQ"}},
			LocationBefore:   oldLocation, LocationAfter: newLocation,
		},
		&diff.ServerChange{
			Header: diff.Header{Address: "package_server.ps008", Action: diff.Delete, Range: At("servers.hcl", 2), In: `package_server "ps008"`},
			Server: "PS008", Host: "ps008.contoso.com", Sites: []string{"HQ"},
		},
		&diff.PrebootChange{
			Header:  diff.Header{Address: "preboot_configuration.winpe", Action: diff.Update, Range: At("servers.hcl", 20), In: `preboot_configuration "winpe"`},
			Preboot: -1, Name: "WinPE-x64", GUID: GUID(90), ConnectsToBefore: "smp01.contoso.com", ConnectsToAfter: "smp02.contoso.com",
		},
	}
}

func forecast() plan.Forecast {
	return plan.Forecast{
		Downloads: 1, Bytes: Gigabytes, Seconds: 1080,
		Servers: []plan.ServerForecast{
			{Name: "PS008", CopiesNow: 212, CopiesAfter: 0, BytesNow: 160 << 30, BytesPeak: 160 << 30, FreeAtPeak: estate.Unknown},
			{Name: "PS010", CopiesAfter: 1, BytesPeak: Gigabytes, BytesAfter: Gigabytes, FreeAtPeak: 400 << 30},
		},
	}
}

package rules_test

import (
	"fmt"

	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/plan"
)

// moved is a plan in which the first of ten images change their owner from PS008
// to PS010, by a block or by a lifecycle.
func moved(n int, by diff.OwnerSource) func(w *world) {
	return func(w *world) {
		for i := range 10 {
			name := fmt.Sprintf("IMAGE-%d", i)
			k, _ := w.image(name, good(ps008))
			if i >= n {
				continue
			}
			d := w.desire(k, name, owned(ps010))
			d.OwnerSource = by
			w.move(d, ps008, ps010)
			w.Plan.Changes = append(w.Plan.Changes, &diff.ImageChange{
				Header: diff.Header{Address: d.Address, Action: diff.Update}, Image: k, OwnerBefore: "PS008", OwnerAfter: "PS010",
			})
		}
	}
}

func limited(percent, minimum int, build func(w *world)) func(w *world) {
	return func(w *world) {
		w.Declared.Policy.ChangeLimit = &declared.ChangeLimit{Percent: percent, Minimum: minimum, Range: at(30)}
		build(w)
	}
}

func casesOfRuns() []ruleCase {
	loses := func(server string, action diff.Action) func(w *world) {
		return func(w *world) {
			moved(0, diff.OwnerDeclared)(w)
			w.leaves(ps009, declared.Retired)
			for k := range int32(5) {
				w.Plan.Changes = append(w.Plan.Changes, &diff.CopyChange{Header: diff.Header{Action: action}, Image: k, Server: server})
			}
		}
	}
	return []ruleCase{
		{"PSL602", "three days old", fires, func(w *world) { w.Recorded, w.e.TakenAt = true, now-hours(72) }},
		{"PSL602", "without a time", fires, func(w *world) { w.Recorded, w.e.TakenAt = true, 0 }},
		{"PSL602", "fresh", quiet, func(w *world) { w.Recorded, w.e.TakenAt = true, now-hours(23) }},
		{"PSL602", "read from the platform", quiet, func(w *world) { w.e.TakenAt = now - hours(72) }},

		{"PSL603", "four of ten owners", fires, limited(30, 3, moved(4, diff.OwnerDeclared))},
		{"PSL603", "five of ten lose a copy", fires, limited(30, 0, loses("PS010", diff.Delete))},
		{"PSL603", "up to the minimum", quiet, limited(30, 4, moved(4, diff.OwnerDeclared))},
		{"PSL603", "up to the percentage", quiet, limited(40, 3, moved(4, diff.OwnerDeclared))},
		{"PSL603", "moved by a lifecycle", quiet, limited(30, 3, moved(4, diff.OwnerSuccessor))},
		{"PSL603", "gone with a retired server", quiet, limited(30, 0, loses("PS009", diff.Delete))},
		{"PSL603", "copies that come", quiet, limited(30, 0, loses("PS010", diff.Create))},
		{"PSL603", "blocked", quiet, limited(30, 3, func(w *world) {
			moved(4, diff.OwnerDeclared)(w)
			w.Plan.Changes[0].Head().Blocked = append(w.Plan.Changes[0].Head().Blocked, "PSL405")
		})},
		{"PSL603", "no limit", quiet, moved(10, diff.OwnerDeclared)},

		{"PSL604", "servers and nothing else", fires, func(w *world) {
			w.Declared.Servers = []declared.PackageServer{{Host: "PS008"}, {Host: "PS009"}}
		}},
		{"PSL604", "a server leaves", quiet, func(w *world) {
			w.Declared.Servers = []declared.PackageServer{{Host: "PS008", Lifecycle: declared.Draining}}
		}},
		{"PSL604", "a group", quiet, func(w *world) { w.Declared.Groups = []declared.Group{{}} }},

		{"PSL605", "another platform", fires, func(w *world) { w.Declared.Guard = declared.Guard{SMP: "smp02.contoso.com", Range: at(2)} }},
		{"PSL605", "the same label in another domain", fires, func(w *world) {
			w.Declared.Guard = declared.Guard{SMP: "smp01.fabrikam.com", Range: at(2)}
		}},
		{"PSL605", "another case", quiet, func(w *world) { w.Declared.Guard = declared.Guard{SMP: "SMP01.Contoso.com", Range: at(2)} }},
		{"PSL605", "the first label", quiet, func(w *world) { w.Declared.Guard = declared.Guard{SMP: "smp01", Range: at(2)} }},
		{"PSL605", "no guard", quiet, func(w *world) {}},

		{"PSL606", "of several kinds", fires, func(w *world) {
			w.step(nil, plan.Step{Op: plan.RetireServer, By: plan.ByOperator, Name: "PS009", Server: "PS009"})
			w.step(nil, plan.Step{Op: plan.TakeOwnership, By: plan.ByOperator, Name: "WIN11-23H2", Server: "PS010"})
			w.step(nil, plan.Step{Op: plan.RetireServer, By: plan.ByOperator, Name: "PS008", Server: "PS008"})
			w.step(nil, plan.Step{Op: plan.Sync, By: plan.ByOperator, Servers: []string{"PS009", "PS010"}})
		}},
		{"PSL606", "nobody is needed", quiet, func(w *world) { w.step(nil, plan.Step{Op: plan.TakeOwnership, By: plan.ByServer, Server: "PS010"}) }},

		{"PSL607", "two checks", fires, func(w *world) {
			w.Checks = []declared.CheckFailure{
				{Name: "two_sites", Message: "A package server without a site serves nobody.", Range: at(50), In: `check "two_sites"`},
				{Name: "names", Message: "Package servers are called PSnnn here.", Range: at(40), In: `check "names"`},
			}
		}},
		{"PSL607", "none", quiet, func(w *world) {}},
	}
}

package rules_test

import (
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// narrowing is an image on HQ and BERLIN that shall be assigned to some servers only.
func narrowing(to ...estate.ServerID) func(w *world) {
	return func(w *world) {
		n, _ := w.image("WIN11-23H2", good(ps008), good(ps009), good(ps010), good(ps011))
		m := w.move(w.desire(n, "win11", assigned(estate.ServersOf(to...))), ps008)
		for id := range estate.ServerID(4) {
			if !w.e.Covers(&m.Final, id) {
				m.Loses = append(m.Loses, id)
			}
		}
	}
}

func casesOfLoss() []ruleCase {
	return []ruleCase{
		{"PSL201", "the servers that lose it have the only good copies", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps009), empty(ps010))
			m := w.move(w.desire(n, "win11", assigned(estate.ServersOf(ps010))), ps008)
			w.block(m, "PSL201", estate.NoServer, false, "The servers that would lose it (PS008, PS009) hold the only good copies.")
		}},
		{"PSL201", "a role would take it", fires, func(w *world) {
			w.leaves(ps009, declared.Retired)
			w.blockServer("PSL201", ps009, "It holds no last copy of anything: this does not hold after the plan. WIN11-23H2: 0 good copies elsewhere, 1 needed.")
		}},
		{"PSL201", "others stay", quiet, narrowing(ps008, ps009)},

		{"PSL202", "asked for, owner off", fires, func(w *world) { build, _ := lostTo(missing(ps010)); build(w) }},
		{"PSL202", "declared as it is", fires, func(w *world) {
			w.e.Servers[ps008].State = estate.Offline
			n, _ := w.image("CAD-WORKSTATION", good(ps008), missing(ps009))
			w.desire(n, "cad", owned(ps008))
		}},
		{"PSL202", "given up", fires, func(w *world) {
			n, _ := w.image("WIN7-LEGACYAPP", empty(ps008))
			w.desire(n, "legacy_app", both(owned(ps010), func(d *diff.Desired) { d.Abandon = true }))
		}},
		{"PSL202", "another server has it", quiet, func(w *world) {
			w.e.Servers[ps008].State = estate.Offline
			n, img := w.image("WIN11-23H2", notLooked(ps008), good(ps009))
			c := good(ps009).Evidence
			img.Content = &estate.Content{Files: c.Files, Bytes: c.Bytes, Digest: c.Digest, Listing: c.Listing, From: "PS008", TakenAt: now}
			w.desire(n, "win11", owned(ps008))
		}},
		{"PSL202", "a server that is up was not looked at", quiet, func(w *world) {
			w.e.Servers[ps008].State = estate.Offline
			n, _ := w.image("WIN11-23H2", notLooked(ps008), notLooked(ps009))
			w.desire(n, "win11", owned(ps008))
		}},
		{"PSL202", "a legacy folder that is empty is PSL502", quiet, func(w *world) {
			n, _ := legacy(w, "WIN7-OLD", `\\PS008\Images\Win7`, missing(ps008))
			w.block(w.move(w.desire(n, "old", owned(ps010)), ps008), "PSL502", ps008, true, "The legacy folder on PS008 holds no file.")
		}},
		{"PSL202", "kept on the SMP", quiet, func(w *world) {
			n, img := w.image("WIN7-GOLD")
			img.Owner = estate.SMP
			w.desire(n, "gold", nil)
		}},

		{"PSL203", "one of two", fires, func(w *world) {
			narrowing(ps008)(w)
			d := &w.res.Desired[0]
			d.MinCopies, d.MinCopiesRange = 2, at(18)
			w.block(&w.Plan.Moves[0], "PSL203", estate.NoServer, false, "1 of 2 copies could be verified and would stay: PS008.")
		}},
		{"PSL203", "enough stay", quiet, narrowing(ps008)},

		{"PSL204", "the new owner's, and it is saved", fires, func(w *world) {
			n, img := w.image("WIN11-23H2", good(ps008), good(ps009), marked(good(ps010), now+hours(168)))
			img.Assignment = estate.ServersOf(ps008, ps009)
			w.move(w.desire(n, "win11", owned(ps010)), ps008, ps010).Saves = []estate.ServerID{ps010}
		}},
		{"PSL204", "overdue, and held by the files", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), marked(good(ps009), now-hours(24)))
			w.desire(n, "win11", assigned(estate.ServersOf(ps008, ps009)))
		}},
		{"PSL204", "nobody needs it", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), marked(good(ps009), now+hours(24)), marked(notLooked(ps010), now+hours(48)))
			w.desire(n, "win11", owned(ps008))
		}},
		{"PSL204", "marked, and already empty", quiet, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), marked(missing(ps009), now+hours(24)))
			w.desire(n, "win11", owned(ps008))
		}},
	}
}

func casesOfAssignments() []ruleCase {
	twoSites := func(lost ...estate.ServerID) func(w *world) {
		return func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps010), good(ps011))
			m := w.move(w.desire(n, "win11", assigned(estate.ServersOf(ps008))), ps008)
			m.Loses = lost
		}
	}
	return []ruleCase{
		{"PSL301", "individually assigned to others", fires, func(w *world) {
			taking()(w)
			w.e.Images[0].Assignment = estate.ServersOf(ps008, ps009)
		}},
		{"PSL301", "assigned by the plan", fires, func(w *world) {
			n, img := w.image("WIN11-23H2", good(ps008))
			img.Assignment = estate.SitesOf("HQ")
			m := w.move(w.desire(n, "win11", owned(ps010)), ps008, ps010)
			w.step(m, plan.Step{Op: plan.Assign, Servers: []string{"PS010"}})
		}},
		{"PSL301", "assigned to all", quiet, taking()},
		{"PSL301", "the owner stays", quiet, narrowing(ps008)},

		{"PSL302", "the block names others", fires, func(w *world) {
			narrowing(ps010)(w)
			w.block(&w.Plan.Moves[0], "PSL302", ps008, true, "PS008 owns the image and would lose its assignment, and with it the files.")
		}},
		{"PSL302", "the owner stays assigned", quiet, narrowing(ps008, ps010)},

		{"PSL303", "to two servers", fires, narrowing(ps008, ps010)},
		{"PSL303", "to a list of all of them", fires, narrowing(ps008, ps009, ps010, ps011)},
		{"PSL303", "to a site", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008))
			w.move(w.desire(n, "win11", assigned(estate.SitesOf("HQ"))), ps008)
		}},
		{"PSL303", "was individual before", quiet, func(w *world) {
			narrowing(ps008)(w)
			w.e.Images[0].Assignment = estate.ServersOf(ps008, ps009)
		}},
		{"PSL303", "stays with all", quiet, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008))
			w.move(w.desire(n, "win11", assigned(estate.Assignment{Mode: estate.AssignAll})), ps008)
		}},

		{"PSL304", "the plan changes it", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps009))
			m := w.move(w.desire(n, "win11", both(owned(ps010), assigned(estate.ServersOf(ps009, ps011)))), ps008)
			w.block(m, "PSL304", ps010, true, "PS010 would own the image and not be assigned.")
		}},
		{"PSL304", "it is so already", fires, func(w *world) {
			n, img := w.image("WIN11-23H2", good(ps008), good(ps009))
			img.Assignment = estate.ServersOf(ps009)
			w.desire(n, "win11", assigned(estate.ServersOf(ps009)))
		}},
		{"PSL304", "the owner is in it", quiet, narrowing(ps008)},
		{"PSL304", "automatic, with other sites", quiet, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008))
			w.desire(n, "win11", assigned(estate.Assignment{Mode: estate.AssignAutomatic, Sites: []string{"BERLIN"}}))
		}},

		{"PSL305", "both servers of the site lose it", fires, twoSites(ps010, ps011)},
		{"PSL305", "a retired server held the site's only copy", fires, func(w *world) {
			w.leaves(ps011, declared.Retired)
			w.image("UNDECLARED", good(ps008), good(ps011))
			w.Plan.Servers[ps011].LosesAll = []int32{0}
		}},
		{"PSL305", "one keeps it", quiet, twoSites(ps010)},
		{"PSL305", "the other of the site gets it", quiet, func(w *world) {
			w.leaves(ps008, declared.Retired)
			n, _ := w.image("WIN11-23H2", good(ps008))
			m := w.move(w.lifecycleMoves(n, ps008, ps009), ps008, ps009)
			m.Creates = []estate.ServerID{ps009}
			w.Plan.Servers[ps008].LosesAll = []int32{n}
		}},
	}
}

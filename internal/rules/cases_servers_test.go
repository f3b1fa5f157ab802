package rules_test

import (
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

func casesOfServers() []ruleCase {
	return []ruleCase{
		{"PSL401", "the present owner is off", fires, func(w *world) {
			w.e.Servers[ps008].State = estate.Offline
			for _, name := range []string{"WIN10-22H2", "WIN11-23H2"} {
				n, _ := w.image(name, notLooked(ps008), good(ps009))
				w.move(w.desire(n, name, owned(ps010)), ps008, ps009, ps010)
			}
		}},
		{"PSL401", "the new owner is off, and the move blocked", fires, func(w *world) {
			w.e.Servers[ps010].State = estate.Offline
			w.e.Servers[ps010].LastSeen = 0
			n, _ := w.image("WIN11-23H2", good(ps008))
			w.block(w.move(w.desire(n, "win11", owned(ps010)), ps008), "PSL105", ps010, true, "PS010 cannot be reached.")
		}},
		{"PSL401", "a server that loses it is off", fires, func(w *world) {
			narrowing(ps008, ps009)(w)
			w.e.Servers[ps011].State = estate.Offline
		}},
		{"PSL401", "off, and the plan has nothing to do with it", quiet, func(w *world) {
			taking(good(ps010))(w)
			w.e.Servers[ps011].State = estate.Offline
		}},

		{"PSL402", "nobody takes one of them", fires, func(w *world) {
			w.leaves(ps008, declared.Retired)
			n, _ := w.image("CAD-WORKSTATION", good(ps008))
			w.lifecycleMoves(n, ps008, estate.NoServer).Homeless = true
			w.image("WIN7-LEGACYAPP", empty(ps008))
			w.Plan.Servers[ps008].OwnsAfter = []int32{0, 1}
			w.blockServer("PSL402", ps008, "After this plan PS008 would still own 2 of its images: CAD-WORKSTATION, WIN7-LEGACYAPP.")
		}},
		{"PSL402", "draining", fires, func(w *world) {
			w.leaves(ps008, declared.Draining)
			w.image("CAD-WORKSTATION", good(ps008))
			w.Plan.Servers[ps008].OwnsAfter = []int32{0}
		}},
		{"PSL402", "all leave", quiet, func(w *world) {
			w.leaves(ps008, declared.Retired)
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps010))
			w.move(w.lifecycleMoves(n, ps008, ps010), ps008, ps010)
		}},

		{"PSL403", "files on it", fires, func(w *world) {
			w.leaves(ps008, declared.Retired)
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps010))
			w.desire(n, "win11", owned(ps010))
			w.image("WIN10-22H2", good(ps008))
			w.image("WIN7-GOLD", unseen(ps008, "access is denied"))
			w.Plan.Servers[ps008].LosesAll = []int32{0, 1, 2}
		}},
		{"PSL403", "could not be looked at", fires, func(w *world) {
			w.leaves(ps008, declared.Retired)
			w.image("WIN11-23H2", notLooked(ps008))
			w.Plan.Servers[ps008].LosesAll = []int32{0}
		}},
		{"PSL403", "held back", quiet, func(w *world) {
			w.leaves(ps008, declared.Retired)
			w.image("WIN11-23H2", good(ps008))
			w.Plan.Servers[ps008].LosesAll = []int32{0}
			w.blockServer("PSL402", ps008, "It would still own one.")
		}},
		{"PSL403", "draining", quiet, func(w *world) { w.leaves(ps008, declared.Draining) }},

		{"PSL404", "both servers of the site go", fires, func(w *world) {
			w.leaves(ps010, declared.Retired)
			w.leaves(ps011, declared.Retired)
			w.blockServer("PSL404", ps010, "Its sites have another package server: this does not hold after the plan. BERLIN.")
		}},
		{"PSL404", "one stays, be it draining", quiet, func(w *world) {
			w.leaves(ps010, declared.Retired)
			w.leaves(ps011, declared.Draining)
		}},

		{"PSL405", "does not fit", fires, func(w *world) {
			taking()(w)
			w.e.Servers[ps010].FreeBytes = 8 << 30
			w.block(&w.Plan.Moves[0], "PSL405", ps010, true, "It would not fit.")
		}},
		{"PSL405", "fits", quiet, taking()},

		{"PSL406", "the platform knows one more", fires, func(w *world) {
			b := w.leaves(ps010, declared.Active)
			b.Sites, b.SitesSet, b.SitesRange = []string{"berlin"}, true, at(4)
			w.e.Servers[ps010].Sites = []string{"BERLIN", "HQ"}
		}},
		{"PSL406", "the platform knows none", fires, func(w *world) {
			b := w.leaves(ps010, declared.Active)
			b.Sites, b.SitesSet, b.SitesRange = []string{"HQ", "BERLIN"}, true, at(4)
			w.e.Servers[ps010].Sites = nil
		}},
		{"PSL406", "the same in another case and order", quiet, func(w *world) {
			b := w.leaves(ps010, declared.Active)
			b.Sites, b.SitesSet = []string{"hq", "Berlin"}, true
			w.e.Servers[ps010].Sites = []string{"BERLIN", "HQ"}
		}},
		{"PSL406", "not declared", quiet, func(w *world) { w.leaves(ps010, declared.Active) }},
	}
}

// legacy is an image with a folder on PS008 and no package.
func legacy(w *world, name, location string, c estate.Copy) (int32, *estate.Image) {
	n, img := w.image(name, c)
	img.Format, img.Package, img.Location, img.Assignment = estate.Legacy, estate.GUID{}, location, estate.Assignment{}
	return n, img
}

func casesOfKinds() []ruleCase {
	const folder = `\\PS008\Images\Win7`
	boots := func(names ...string) func(w *world) {
		return func(w *world) {
			for i, host := range names {
				w.e.Preboots = append(w.e.Preboots, estate.Preboot{Name: []string{"LinuxPE-x64", "WinPE-x64"}[i], ConnectsTo: host})
			}
		}
	}
	changed := func(w *world, n int32, from, to string) {
		w.Plan.Changes = append(w.Plan.Changes, &diff.PrebootChange{
			Header:  diff.Header{Address: "preboot_configuration.pe", Action: diff.Update},
			Preboot: n, ConnectsToBefore: from, ConnectsToAfter: to,
		})
	}
	return []ruleCase{
		{"PSL501", "to be moved", fires, func(w *world) {
			n, _ := legacy(w, "WIN7-OLD", folder, seen(ps008, 2, 8<<30, "old"))
			m := w.move(w.desire(n, "old", owned(ps010)), ps008, ps010)
			w.step(m, plan.Step{Op: plan.Convert, Server: "PS008"})
		}},
		{"PSL501", "as it is", quiet, func(w *world) {
			n, _ := legacy(w, "WIN7-OLD", folder, seen(ps008, 2, 8<<30, "old"))
			w.desire(n, "old", owned(ps008))
		}},

		{"PSL502", "no folder", fires, func(w *world) {
			n, _ := legacy(w, "WIN7-OLD", folder, missing(ps008))
			w.block(w.move(w.desire(n, "old", owned(ps010)), ps008), "PSL502", ps008, true, "The legacy folder on PS008 holds no file (missing).")
		}},
		{"PSL502", "files are there", quiet, func(w *world) {
			n, _ := legacy(w, "WIN7-OLD", folder, seen(ps008, 2, 8<<30, "old"))
			w.move(w.desire(n, "old", owned(ps010)), ps008, ps010)
		}},

		{"PSL503", "its only copy would go", fires, func(w *world) {
			n, img := w.image("Office settings", good(ps008))
			img.Kind = estate.KindPCT
			m := w.move(w.desire(n, "office", assigned(estate.ServersOf(ps010))), ps008)
			w.block(m, "PSL503", estate.NoServer, false, "A PC Transplant package cannot be imported again: what is deleted is gone.")
		}},
		{"PSL503", "moved", quiet, func(w *world) {
			n, img := w.image("Office settings", good(ps008), good(ps010))
			img.Kind = estate.KindPCT
			w.move(w.desire(n, "office", owned(ps010)), ps008, ps010)
		}},

		{"PSL504", "no copy left, and it is asked for", fires, func(w *world) { build, _ := lostTo(missing(ps010)); build(w) }},
		{"PSL504", "a PCT package", quiet, func(w *world) {
			build, _ := lostTo(missing(ps010))
			build(w)
			w.e.Images[0].Kind = estate.KindPCT
		}},
		{"PSL504", "a copy is left", quiet, taking()},

		{"PSL505", "three in one folder", fires, func(w *world) {
			n, _ := legacy(w, "WIN7-A", folder, seen(ps008, 2, 8<<30, "old"))
			legacy(w, "WIN7-B", `\\ps008\images\WIN7\`, seen(ps008, 2, 8<<30, "old"))
			legacy(w, "WIN7-C", `//PS008/Images/Win7`, seen(ps008, 2, 8<<30, "old"))
			w.move(w.desire(n, "a", owned(ps010)), ps008, ps010)
		}},
		{"PSL505", "a folder of its own", quiet, func(w *world) {
			n, _ := legacy(w, "WIN7-A", folder, seen(ps008, 2, 8<<30, "old"))
			legacy(w, "WIN7-B", folder+"B", seen(ps008, 2, 8<<30, "old"))
			w.move(w.desire(n, "a", owned(ps010)), ps008, ps010)
		}},

		{"PSL506", "on a retired server, by owner and by location", fires, func(w *world) {
			w.leaves(ps008, declared.Retired)
			_, img := w.image("BACKUP-LAPTOP-17")
			img.Kind = estate.KindBackup
			_, img = w.image("BACKUP-LAPTOP-22")
			img.Kind, img.Owner, img.Location = estate.KindBackup, estate.NoServer, `\\ps008.contoso.com\Backup\22`
		}},
		{"PSL506", "on a draining server", fires, func(w *world) {
			w.leaves(ps008, declared.Draining)
			_, img := w.image("BACKUP-LAPTOP-17")
			img.Kind = estate.KindBackup
		}},
		{"PSL506", "on a server that stays", quiet, func(w *world) {
			w.leaves(ps009, declared.Retired)
			_, img := w.image("BACKUP-LAPTOP-17")
			img.Kind = estate.KindBackup
		}},

		{"PSL507", "another owner's", fires, func(w *world) {
			w.leaves(ps008, declared.Retired)
			_, img := w.image("WIN7-GOLD", good(ps009))
			img.Owner, img.Location = ps009, folder
		}},
		{"PSL507", "by declaration", fires, func(w *world) {
			w.leaves(ps008, declared.Retired)
			n, img := w.image("WIN7-GOLD")
			img.Owner, img.Location = estate.SMP, `\\smp01\NSCap\WIN7-GOLD`
			w.move(w.desire(n, "gold", func(d *diff.Desired) { d.Location = `\\ps008.contoso.com\Images\WIN7-GOLD` }), estate.SMP)
		}},
		{"PSL507", "it moves with the owner, or away", quiet, func(w *world) {
			w.leaves(ps008, declared.Retired)
			n, img := w.image("WIN11-23H2", good(ps008), good(ps010))
			img.Location = folder
			w.move(w.lifecycleMoves(n, ps008, ps010), ps008, ps010)
			n, img = w.image("WIN7-GOLD")
			img.Owner, img.Location = estate.SMP, folder
			w.move(w.desire(n, "gold", func(d *diff.Desired) { d.Location = `\\smp01\NSCap\WIN7-GOLD` }), estate.SMP)
		}},

		{"PSL508", "a retired server", fires, func(w *world) {
			w.leaves(ps008, declared.Retired)
			boots("ps008.contoso.com", "SMP01")(w)
		}},
		{"PSL508", "the SMP that another configuration leaves", fires, func(w *world) {
			boots("smp00.contoso.com", "smp00.contoso.com")(w)
			changed(w, 1, "smp00.contoso.com", "smp01.contoso.com")
		}},
		{"PSL508", "some other host", fires, boots("elsewhere.contoso.com")},
		{"PSL508", "the SMP, by its short name", quiet, boots("SMP01", "smp01.contoso.com")},
		{"PSL508", "declared, or changed by the plan", quiet, func(w *world) {
			boots("elsewhere", "smp00")(w)
			w.res.Preboots = []diff.PrebootDesired{{Block: &declared.Preboot{ConnectsTo: "ELSEWHERE"}, Preboot: 0}}
			changed(w, 1, "smp00", "smp01.contoso.com")
		}},
	}
}

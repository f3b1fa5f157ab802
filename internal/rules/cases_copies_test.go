package rules_test

import (
	"strings"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// taking is a direct move of WIN11-23H2 from PS008 to PS010, whose copy is given.
func taking(c ...estate.Copy) func(w *world) {
	return func(w *world) {
		n, _ := w.image("WIN11-23H2", append([]estate.Copy{good(ps008)}, c...)...)
		m := w.move(w.desire(n, "win11", owned(ps010)), ps008, ps010)
		w.usual(m, "PS010")
	}
}

// lostTo is an image that nobody has: its owner PS008 is off, and PS010 shall take it.
func lostTo(c estate.Copy) (func(w *world), func(w *world) *plan.Move) {
	var m *plan.Move
	build := func(w *world) {
		w.e.Servers[ps008].State = estate.Offline
		n, _ := w.image("CAD-WORKSTATION", notLooked(ps008), c)
		m = w.move(w.desire(n, "cad", owned(ps010)), ps008)
		w.block(m, "PSL202", ps010, true, "No server was seen with a good copy (PS008: off; PS010: missing).")
	}
	return build, func(w *world) *plan.Move { return m }
}

// ownerBad is an image whose owner's folder is empty; PS009 has the files.
func ownerBad(w *world) *plan.Move {
	n, img := w.image("SRV2022-STD", empty(ps008), good(ps009))
	c := good(ps008).Evidence
	img.Content = &estate.Content{Files: c.Files, Bytes: c.Bytes, Digest: c.Digest, Listing: c.Listing, From: "PS008", TakenAt: now - hours(48)}
	return w.move(w.desire(n, "srv2022", assigned(estate.ServersOf(ps008, ps009, ps010))), ps008)
}

func older(w *world, version int64) *estate.Image {
	c := seen(ps010, imageFiles, 12992276070, "older").Evidence
	n, img := w.image("WIN11-23H2", good(ps008), seen(ps010, imageFiles, 12992276070, "older"))
	img.Copies[0].Version = 1601867730
	img.Content = &estate.Content{Files: c.Files, Bytes: c.Bytes, Digest: c.Digest, Listing: c.Listing, Version: version, From: "PS008", TakenAt: now - hours(1000)}
	w.usual(w.move(w.desire(n, "win11", owned(ps010)), ps008, ps010), "PS010")
	return img
}

func casesOfCopies() []ruleCase {
	unassigned := func(c estate.Copy) func(w *world) {
		return func(w *world) {
			taking(c)(w)
			w.e.Images[0].Assignment = estate.ServersOf(ps008)
		}
	}
	return []ruleCase{
		{"PSL101", "no folder, a wait and a verify before the take", fires, taking(missing(ps010))},
		{"PSL101", "an empty folder", fires, taking(empty(ps010))},
		{"PSL101", "nobody left to download from", fires, func(w *world) {
			build, move := lostTo(missing(ps010))
			build(w)
			w.block(move(w), "PSL101", ps010, true, "PS010 is assigned and holds no file, and there is no server left to download from.")
		}},
		{"PSL101", "not assigned yet", quiet, unassigned(empty(ps010))},
		{"PSL101", "could not be seen", quiet, taking(unseen(ps010, "access is denied"))},
		{"PSL101", "nothing moves", quiet, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), empty(ps010))
			w.desire(n, "win11", owned(ps008))
		}},

		{"PSL102", "one of three files", fires, taking(partial(ps010))},
		{"PSL102", "other files", fires, taking(seen(ps010, 5, 20<<30, "other"))},
		{"PSL102", "all files", quiet, taking(good(ps010))},
		{"PSL102", "wrong bytes in the right sizes", quiet, taking(wrong(ps010))},

		{"PSL103", "wrong bytes", fires, taking(wrong(ps010))},
		{"PSL103", "wrong bytes, to be cleared", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), wrong(ps010))
			m := w.move(w.desire(n, "win11", owned(ps010)), ps008, ps010)
			m.Clears = []estate.ServerID{ps010}
			w.step(m, plan.Step{Op: plan.ClearCopy, Server: "PS010"})
			w.usual(m, "PS010")
		}},
		{"PSL103", "other files", quiet, taking(seen(ps010, 5, 20<<30, "other"))},
		{"PSL103", "not the new owner", quiet, taking(good(ps010), wrong(ps011))},

		{"PSL104", "equals the older record", fires, func(w *world) { older(w, 1591867730) }},
		{"PSL104", "equals nothing that was recorded", quiet, taking(seen(ps010, imageFiles, 12992276070, "older"))},

		{"PSL105", "the share is closed; assigning goes on", fires, func(w *world) {
			taking(unseen(ps010, "open /mnt/ps010/Package Delivery: permission denied"))(w)
			w.block(&w.Plan.Moves[0], "PSL105", ps010, false, "PS010 could not be looked at.")
		}},
		{"PSL105", "the server is off", fires, func(w *world) {
			taking()(w)
			w.e.Servers[ps010].State = estate.Offline
			w.block(&w.Plan.Moves[0], "PSL105", ps010, true, "PS010 cannot be reached, so its copy can neither come nor be seen.")
		}},
		{"PSL105", "seen", quiet, taking(good(ps010))},

		{"PSL106", "says Ready, no folder", fires, taking(says(missing(ps010), "Ready"))},
		{"PSL106", "two of them, declared only", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), says(missing(ps009), "Ready"), says(empty(ps010), "ready (100%)"))
			w.desire(n, "win11", owned(ps008))
		}},
		{"PSL106", "says Not ready", quiet, taking(says(missing(ps010), "Not ready"))},
		{"PSL106", "says Ready and is", quiet, taking(says(good(ps010), "Ready"))},
		{"PSL106", "not declared", quiet, func(w *world) { w.image("WIN11-23H2", good(ps008), says(missing(ps010), "Ready")) }},

		{"PSL107", "owner off, nothing recorded", fires, func(w *world) {
			w.e.Servers[ps008].State = estate.Offline
			n, _ := w.image("WIN11-23H2", notLooked(ps008), good(ps009))
			m := w.move(w.desire(n, "win11", owned(ps010)), ps008)
			w.block(m, "PSL107", estate.NoServer, true, "There is nothing to compare its copies with, so none can be proved.")
		}},
		{"PSL107", "the reference named cannot be read", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), unseen(ps009, "access is denied"))
			d := w.desire(n, "win11", both(owned(ps010), func(d *diff.Desired) { d.Reference, d.ReferenceRange = ps009, at(15) }))
			w.block(w.move(d, ps008), "PSL107", estate.NoServer, true, "No copy can be proved.")
		}},
		{"PSL107", "the owner can be read", quiet, taking(good(ps010))},

		{"PSL108", "the owner's folder is empty", fires, func(w *world) {
			w.block(ownerBad(w), "PSL108", ps008, true, "The copy on the owner PS008 is empty. What others would download from it is not the image.")
		}},
		{"PSL108", "the owner is off", fires, func(w *world) {
			m := ownerBad(w)
			w.e.Servers[ps008].State = estate.Offline
			w.block(m, "PSL108", ps008, false, "PS008 owns the image and cannot be reached: nobody can download from it.")
		}},
		{"PSL108", "nothing is to change, and the others would follow it", fires, func(w *world) {
			ownerBad(w)
			w.Plan.Moves = nil
		}},
		{"PSL108", "the plan goes another way", quiet, func(w *world) {
			m := ownerBad(w)
			m.Path = []estate.ServerID{ps008, ps009}
		}},
		{"PSL108", "no good copy would follow it", quiet, func(w *world) {
			ownerBad(w)
			w.Plan.Moves, w.e.Images[0].Copies = nil, w.e.Images[0].Copies[:1]
		}},

		{"PSL109", "off, and closed", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), notLooked(ps009), unseen(ps010, "access is denied"))
			w.e.Servers[ps009].State = estate.Offline
			w.desire(n, "win11", assigned(estate.Assignment{Mode: estate.AssignAll}))
		}},
		{"PSL109", "by site", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps009), good(ps010))
			w.desire(n, "win11", assigned(estate.SitesOf("Berlin", "hq")))
		}},
		{"PSL109", "the owner's own, where only it is declared", fires, func(w *world) {
			n, _ := w.image("WIN11-23H2", unseen(ps008, "no route to host"))
			w.desire(n, "win11", owned(ps008))
		}},
		{"PSL109", "all proved, good or not", quiet, func(w *world) {
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps009), empty(ps010), good(ps011))
			w.desire(n, "win11", assigned(estate.Assignment{Mode: estate.AssignAll}))
		}},
		{"PSL109", "retired, or brought by the plan", quiet, func(w *world) {
			w.leaves(ps011, 2)
			n, _ := w.image("WIN11-23H2", good(ps008), good(ps009), notLooked(ps010), notLooked(ps011))
			m := w.move(w.desire(n, "win11", assigned(estate.Assignment{Mode: estate.AssignAll})), ps008)
			m.Creates = []estate.ServerID{ps010}
		}},
		{"PSL109", "assignment not declared", quiet, taking(good(ps010), unseen(ps011, "access is denied"))},

		{"PSL110", "two icons are blue", fires, func(w *world) {
			a, b := good(ps008), good(ps010)
			a.Managed, b.Managed = estate.ManagedLocal, estate.ManagedLocal
			n, img := w.image("WIN11-23H2", a, b)
			img.Owner, img.Location = estate.NoServer, `\\PS008\PkgSvrHost$\WIN11-23H2`
			w.block(w.move(w.desire(n, "win11", owned(ps010)), estate.NoServer), "PSL110", estate.NoServer, true,
				"The platform does not say who owns the image, or its sources disagree.")
		}},
		{"PSL110", "sources disagree", fires, inDoubt("location=PS008", "packages=PS010", "copies=PS010")},
		{"PSL110", "one source", fires, inDoubt("location=PS008")},
		{"PSL110", "the SMP or a server", fires, inDoubt("location=smp", "packages=PS010")},
		{"PSL110", "no source", fires, inDoubt()},
		{"PSL110", "a server that is not listed", fires, inDoubt("location=PS777", "packages=PS010")},
		{"PSL110", "the package is not known", fires, func(w *world) {
			inDoubt()(w)
			w.e.Images[0].Package = estate.GUID{}
		}},
		{"PSL110", "one owner", quiet, taking(good(ps010))},
	}
}

// inDoubt is an image of the real platform whose sources say this of the owner.
func inDoubt(claims ...string) func(w *world) {
	return func(w *world) {
		w.e.Source = "smp"
		n, img := w.image("WIN11-23H2", good(ps008), good(ps010))
		img.Owner = estate.NoServer
		for _, c := range claims {
			source, owner, _ := strings.Cut(c, "=")
			img.Claims = append(img.Claims, estate.OwnerClaim{Source: source, Owner: owner})
		}
		w.block(w.move(w.desire(n, "win11", owned(ps010)), estate.NoServer), "PSL110", estate.NoServer, true,
			"The platform does not say who owns the image, or its sources disagree.")
	}
}

package rules_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/proposal"
)

// files are what a folder of HCL would declare.
type files struct{ d *declared.Declared }

func ref(name string) declared.ServerRef { return declared.ServerRef{Host: name, Range: at(12)} }

func refs(names ...string) []declared.ServerRef {
	out := make([]declared.ServerRef, len(names))
	for i, n := range names {
		out[i] = ref(n)
	}
	return out
}

// image declares an image by a block; owner may be empty, servers may be nil.
func (f files) image(label, name, owner string, servers ...string) *declared.Image {
	img := declared.Image{
		Address: estate.Address("image." + label), Name: name, Range: at(10), SelectRange: at(11), In: `image "` + label + `"`,
	}
	if owner != "" {
		r := ref(owner)
		img.Owner = &r
	}
	if len(servers) > 0 {
		img.Assignment = &declared.Assignment{Mode: estate.AssignServers, Servers: refs(servers...), Range: at(14)}
		if servers[0] == "all" {
			img.Assignment.Mode, img.Assignment.Servers = estate.AssignAll, nil
		}
	}
	f.d.Images = append(f.d.Images, img)
	return &f.d.Images[len(f.d.Images)-1]
}

// server declares a package server with a lifecycle.
func (f files) server(name string, l declared.Lifecycle, successors ...string) *declared.PackageServer {
	label := strings.ToLower(name)
	f.d.Servers = append(f.d.Servers, declared.PackageServer{
		Address: estate.Address("package_server." + label), Host: name, HostRange: at(2), Lifecycle: l, LifecycleRange: at(3),
		Successors: refs(successors...), Range: at(1), In: `package_server "` + label + `"`,
	})
	return &f.d.Servers[len(f.d.Servers)-1]
}

// articleCases are the cases of KB 227791, planned from the files to the findings.
var articleCases = []struct {
	name  string
	build func(w *world, f files)
}{
	{"a planned retirement", func(w *world, f files) {
		_, img := w.image("WIN11-23H2", good(ps008), good(ps009))
		img.Location = `\\PS008\PkgSvrHost$\WIN11-23H2`
		_, img = w.image("BACKUP-LAPTOP-17", good(ps008))
		img.Kind = estate.KindBackup
		b := f.server("PS008", declared.Retired, "PS010")
		b.Acks = []finding.Acknowledgement{ack("PSL506", 20, 0)}
		f.server("PS010", declared.Active)
	}},
	{"the owner is off, and the new one says Ready", func(w *world, f files) {
		w.e.Servers[ps008].State = estate.Offline
		_, img := w.image("WIN11-23H2", notLooked(ps008), good(ps009), says(missing(ps010), "Ready"))
		c := good(ps008).Evidence
		img.Content = &estate.Content{Files: c.Files, Bytes: c.Bytes, Digest: c.Digest, Listing: c.Listing, From: "PS008", TakenAt: now - hours(48)}
		f.image("win11", "WIN11-23H2", "PS010")
	}},
	{"the narrowed assignment", func(w *world, f files) {
		_, img := w.image("WIN11-23H2", missing(ps008), good(ps009), marked(good(ps010), now+hours(100)))
		img.Owner, img.Assignment = ps009, estate.ServersOf(ps009)
		f.image("win11", "WIN11-23H2", "PS010", "all")
	}},
	{"no copy left, and one given up", func(w *world, f files) {
		w.e.Servers[ps008].State = estate.Offline
		w.image("CAD-WORKSTATION", notLooked(ps008), missing(ps010))
		w.image("WIN7-LEGACYAPP", notLooked(ps008))
		f.image("cad", "CAD-WORKSTATION", "PS010")
		f.image("legacy_app", "WIN7-LEGACYAPP", "PS010").OnLost = declared.LostAbandon
		f.d.Images[1].OnLostRange = at(16)
	}},
	{"a retired server with an image that nobody takes", func(w *world, f files) {
		w.image("WIN11-23H2", good(ps008))
		f.server("PS008", declared.Retired)
	}},
	{"narrowed to others than the owner", func(w *world, f files) {
		w.image("WIN11-23H2", good(ps008), good(ps010))
		f.image("win11", "WIN11-23H2", "", "PS010")
	}},
	{"a severity raised by the policy blocks", func(w *world, f files) {
		w.image("WIN11-23H2", good(ps008), good(ps009), good(ps010))
		f.image("win11", "WIN11-23H2", "", "PS008", "PS009")
		f.d.Policy.Severities = map[finding.Code]finding.Severity{"PSL303": finding.Error}
	}},
	{"a legacy image without files, and one with", func(w *world, f files) {
		legacy(w, "WIN7-NEW", `\\PS008\Images\Win7new`, seen(ps008, 2, 8<<30, "old"))
		legacy(w, "WIN7-OLD", `\\PS008\Images\Win7`, missing(ps008))
		f.image("new", "WIN7-NEW", "PS010")
		f.image("old", "WIN7-OLD", "PS010")
	}},
	{"the owner is off, and only a snapshot.xml tells what is right", func(w *world, f files) {
		w.e.Servers[ps008].State = estate.Offline
		w.image("WIN11-23H2", notLooked(ps008), lists(good(ps009), good(ps009), 2), lists(partial(ps010), good(ps009), 2))
		f.image("win11", "WIN11-23H2", "PS010")
	}},
	{"the same, and sizes are the choice", func(w *world, f files) {
		w.e.Servers[ps008].State = estate.Offline
		w.image("WIN11-23H2", notLooked(ps008), lists(good(ps009), good(ps009), 2), lists(partial(ps010), good(ps009), 2))
		f.image("win11", "WIN11-23H2", "PS010")
		f.d.Content = &declared.Content{Method: "path", Verify: declared.VerifySize}
	}},
	{"the owner is off, and two snapshots disagree", func(w *world, f files) {
		w.e.Servers[ps008].State = estate.Offline
		w.image("WIN11-23H2", notLooked(ps008), lists(good(ps009), good(ps009), 2), lists(partial(ps010), partial(ps009), 2))
		f.image("win11", "WIN11-23H2", "PS010")
	}},
	{"the owner holds less than its own snapshot lists", func(w *world, f files) {
		w.image("WIN11-23H2", lists(partial(ps008), good(ps008), 2), good(ps009), missing(ps010))
		f.image("win11", "WIN11-23H2", "PS008", "all")
	}},
	{"the new owner has an older version by its own snapshot", func(w *world, f files) {
		w.image("WIN11-23H2", lists(good(ps008), good(ps008), 2), lists(partial(ps010), partial(ps010), 1))
		f.image("win11", "WIN11-23H2", "PS010")
	}},
	{"a person's word", func(w *world, f files) {
		w.image("WIN11-23H2", wrong(ps008), good(ps009), good(ps010))
		r := ref("PS009")
		f.image("win11", "WIN11-23H2", "PS010").Reference = &r
	}},
	{"manifests, one of them old", func(w *world, f files) {
		by := func(c estate.Copy, age int) estate.Copy {
			c.Evidence.By, c.Evidence.CheckedAt = "manifests", now-hours(age)
			return c
		}
		w.image("WIN11-23H2", by(good(ps008), 0), by(good(ps010), 3))
		f.image("win11", "WIN11-23H2", "PS010")
	}},
	{"all as declared", func(w *world, f files) {
		w.image("WIN11-23H2", good(ps008), good(ps009), good(ps010), good(ps011))
		f.image("win11", "WIN11-23H2", "PS008", "all")
	}},
}

// TestProposals plans the cases whole and holds all findings against a golden file.
func TestProposals(t *testing.T) {
	var b strings.Builder
	for _, c := range articleCases {
		w := newWorld()
		d := &declared.Declared{Folder: "contoso", Policy: declared.DefaultPolicy()}
		c.build(w, files{d})
		p, diags := proposal.Make(proposal.Input{Estate: w.e, Declared: d, Now: now, Version: "test"})
		if diags.HasErrors() {
			t.Errorf("%s: %v", c.name, diags)
			continue
		}
		fmt.Fprintf(&b, "==== %s\n%d steps, %d blocks\n\n%s", c.name, len(p.Plan.Steps), len(p.Plan.Blocks), written(p.Findings))
		for _, n := range p.Notes {
			fmt.Fprintf(&b, "%s: %s: %s\n\n", n.Severity, n.Summary, n.Detail)
		}
		for i := range p.Plan.Blocks {
			block := &p.Plan.Blocks[i]
			if !strings.Contains(written(of(p.Findings, block.Code)), string(block.Address)) {
				t.Errorf("%s: nothing says that %s blocks %s", c.name, block.Code, block.Address)
			}
		}
	}
	compareGolden(t, filepath.Join("testdata", "proposals.golden"), b.String())
}

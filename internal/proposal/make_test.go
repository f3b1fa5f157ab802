package proposal_test

import (
	"strings"
	"testing"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/proposal"
)

// anEstate has PS008 (off, owner of W11), PS009 (good copy) and PS010 (nothing).
func anEstate() *estate.Estate {
	good := estate.Evidence{Sight: estate.Seen, Folder: true, Files: 3, Bytes: 300, Digest: estate.Digest{1}, Listing: estate.Digest{2}}
	return &estate.Estate{
		TakenAt: 1000, Source: "test", SMP: estate.Server{Name: "smp01"}, Sites: []string{"HQ"},
		Servers: []estate.PackageServer{
			{Name: "PS008", Host: "ps008", Sites: []string{"HQ"}, State: estate.Offline},
			{Name: "PS009", Host: "ps009", Sites: []string{"HQ"}, State: estate.Online, FreeBytes: estate.Unknown},
			{Name: "PS010", Host: "ps010", Sites: []string{"HQ"}, State: estate.Online, FreeBytes: estate.Unknown},
		},
		Images: []estate.Image{{
			Name: "W11", GUID: estate.GUID{1}, Package: estate.GUID{2}, Owner: 0, Assignment: estate.Assignment{Mode: estate.AssignAll},
			Content: &estate.Content{Files: 3, Bytes: 300, Digest: estate.Digest{1}, Listing: estate.Digest{2}},
			Copies:  []estate.Copy{{Server: 1, Evidence: good}, {Server: 2, Evidence: estate.Evidence{Sight: estate.Seen}}},
		}},
	}
}

func retiring() *declared.Declared {
	at := diag.Range{Filename: "a.hcl", Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: 5}}
	return &declared.Declared{Policy: declared.DefaultPolicy(), Servers: []declared.PackageServer{{
		Address: "package_server.ps008", Host: "PS008", HostRange: at, Lifecycle: declared.Draining, LifecycleRange: at,
		Successors: []declared.ServerRef{{Host: "PS010", Range: at}}, In: `package_server "ps008"`,
	}}}
}

func TestMakeSaysWhereImagesWouldRest(t *testing.T) {
	p, ds := proposal.Make(proposal.Input{Estate: anEstate(), Declared: retiring(), Now: 1000})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	var found string
	for _, n := range p.Notes {
		if n.Summary == "Images go through a server that stays" {
			found = n.Detail
		}
	}
	if !strings.Contains(found, "PS009 owns W11 for a while") {
		t.Errorf("no note about the server in between: %v", p.Notes)
	}
	if c := p.Counts(); c.Change != 1 || c.Add != 1 || c.Blocked != 0 {
		t.Errorf("counts %+v", c)
	}
}

func TestMakeRefusesUnknownTargets(t *testing.T) {
	for _, target := range []string{"image.nobody", "PS077", ""} {
		_, ds := proposal.Make(proposal.Input{Estate: anEstate(), Declared: retiring(), Targets: []string{target}})
		if !ds.HasErrors() {
			t.Errorf("-target=%q was taken", target)
		}
	}
	for _, target := range []string{`image["W11"]`, "PS008", "package_server.ps008"} {
		p, ds := proposal.Make(proposal.Input{Estate: anEstate(), Declared: retiring(), Targets: []string{target}})
		if ds.HasErrors() || !p.Plan.Partial || p.Counts().Change != 1 {
			t.Errorf("-target=%q: %v", target, ds)
		}
	}
}

// TestPolicyRaises: a warning that the policy makes an error blocks the image's
// steps, an acknowledgement lets them run again, and neither moves the plan's facts.
func TestPolicyRaises(t *testing.T) {
	d := retiring()
	d.Policy.Severities = map[finding.Code]finding.Severity{"PSL106": finding.Error}
	e := anEstate()
	e.Images[0].Copies[1].Status = "Ready"
	p, ds := proposal.Make(proposal.Input{Estate: e, Declared: d, Now: 1000})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	if len(p.Plan.Steps) != 0 || !p.Stands() || p.Counts().Blocked != 1 {
		t.Errorf("a raised finding blocks nothing: %d steps, %+v", len(p.Plan.Steps), p.Counts())
	}
	d.Policy.Acks = []finding.Acknowledgement{{Code: "PSL106", Reason: "known"}}
	p, ds = proposal.Make(proposal.Input{Estate: e, Declared: d, Now: 1000})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	if len(p.Plan.Steps) == 0 || p.Stands() {
		t.Errorf("an acknowledged finding still blocks: %d steps, stands %v", len(p.Plan.Steps), p.Stands())
	}
}

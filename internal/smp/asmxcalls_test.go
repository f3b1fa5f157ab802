//go:build peers

package smp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// TestStandInsThroughASMX: what stands in where a source is missing is reached through
// ASP.NET as well: with the rest, these are all methods that pslan calls.
func TestStandInsThroughASMX(t *testing.T) {
	a := behindASMX(t, "narrowed-assignment", serve.Pace{}, "not_installed=DeploymentSolution")
	if a == nil {
		return
	}
	d := a.settings
	associating(t, d)
	model := modelled(t, d)
	model.Association, model.PackageType = guid(t, serve.ImageToPackage), guid(t, serve.PackageType)
	d.Owner.Sources, d.Owner.ExportField = []string{"location", "export"}, "owner"
	d.Servers = declared.SMPServers{GUIDs: "lookup"}
	d.RefreshPersistent = true
	d.Membership = declared.SMPMembership{Targets: []estate.GUID{guid(t, serve.PackageServersTarget)}}
	without(d, declared.RowsRefreshes)
	a.hostsOnly(t)
	a.through(t, nil)

	whole := read(t, a)
	sameEstate(t, read(t, a.lab), whole)
	if ds := a.Prepare(t.Context(), platform.Needs{Update: true, Refresh: true}); len(ds) > 0 {
		t.Error(texts(ds))
	}
	if err := a.UpdateMembership(t.Context()); err != nil {
		t.Error(err)
	}
	if err := a.RefreshServer(t.Context(), "PS009"); err != nil {
		t.Fatal(err)
	}
	if err := a.lab.Advance(5 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if sync, err := a.ReadSync(t.Context()); err != nil || sync.Refreshed["PS009"].IsZero() {
		t.Errorf("not refreshed: %+v, %v", sync, err)
	}

	d.Packages.Interface, d.Packages.DefaultFolder, d.Packages.DistributionPoints = "software_delivery", true, true
	a.open(t)
	img := &read(t, a).Images[0]
	to := estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS010"}}
	if err := a.SetAssignment(t.Context(), ref(img), to); err != nil {
		t.Error(err)
	}
	if now := read(t, a.lab, img.GUID); !slices.Equal(now.NameAssignment(&now.Images[0].Assignment).Servers, to.Servers) {
		t.Errorf("assigned %v", now.Images[0].Assignment)
	}
	called := map[string]bool{}
	for _, c := range a.server.Journal() {
		called[strings.TrimRight(c.Method, "X2")] = true
	}
	for _, method := range []string{"GetResourcesOfType", "GetAssociatedChildResources", "ExportItemXmlString", "GetComputerByNameAndDomain", "UpdateResourceTargets",
		"ExecuteTCMTask", "GetTCMTaskStatus", "GetTCMTaskResults", "GetPackageExByGuid", "SetPackageExPackageServerOptions", "UpdateDistributionPoints"} {
		if !called[method] {
			t.Errorf("%s was not called", method)
		}
	}
}

// TestPrintedThroughASMX: what scripts print comes through, line by line.
func TestPrintedThroughASMX(t *testing.T) {
	a := behindASMX(t, "new-smp", serve.Pace{Jump: true, Most: time.Minute})
	if a == nil {
		return
	}
	printing(t, a.settings)
	a.through(t, nil)
	want, got := read(t, a.lab), read(t, a)
	for i := range got.Images {
		if len(got.Images[i].Copies) != len(want.Images[i].Copies) {
			t.Errorf("%s: %+v", got.Images[i].Name, got.Images[i].Copies)
		}
	}
	if notes := texts(a.Notes()); len(notes) > 0 || len(a.started()) != 1 {
		t.Errorf("%d runs, %v", len(a.started()), notes)
	}
}

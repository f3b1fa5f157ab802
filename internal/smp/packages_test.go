package smp

import (
	"testing"

	"pslan/internal/estate"
	"pslan/internal/smp/wire"
)

// TestModeNames: the mode is read under the spelling that is documented, and under the
// one that a build may have which has mended it.
func TestModeNames(t *testing.T) {
	pack := estate.GUID{1}
	for text, want := range map[string]estate.AssignmentMode{
		"<PackageServerAssigments>ALL</PackageServerAssigments>":                                                              estate.AssignAll,
		"<PackageServerAssignments>Individually</PackageServerAssignments>":                                                   estate.AssignServers,
		"<PackageServerAssigments>SITE</PackageServerAssigments><PackageServerAssignments>ALL</PackageServerAssignments>":     estate.AssignSites,
		"<PackageServerAssignments>SITE</PackageServerAssignments><PackageServerAutoAssign>True</PackageServerAutoAssign>":    estate.AssignAutomatic,
		"<PackageServerAssigning>ALL</PackageServerAssigning>":                                                                estate.AssignUnknown,
		"<PackageServerAssignments>NEAREST</PackageServerAssignments><PackageServerAutoAssign>true</PackageServerAutoAssign>": estate.AssignUnknown,
	} {
		node, err := wire.ParseXML("<SoftwarePackageDetails><Guid>"+pack.String()+"</Guid>"+text+"</SoftwarePackageDetails>", wire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := managementDetails(node, pack); got.mode != want {
			t.Errorf("%s: mode %v, want %v", text, got.mode, want)
		}
	}
}

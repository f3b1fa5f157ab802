package serve

import (
	"pslan/internal/estate"
)

// must reads a GUID that is written out here.
func must(text string) estate.GUID {
	g, err := estate.ParseGUID(text)
	if err != nil {
		panic("serve: " + text + " is no GUID")
	}
	return g
}

// The lab's own GUIDs of what every platform has, and where nothing public tells
// them. Those of reports are in Reports.
const (
	// MembershipSchedule is the schedule of the delta resource membership update: an
	// item for ExecuteSchedulableItem.
	MembershipSchedule = "1ab00000-0001-4000-8000-000000000001"
	// PackageServersTarget is the target of all package servers, and a filter as well.
	PackageServersTarget = "1ab00000-0001-4000-8000-000000000002"
	// RefreshTask has the computers it is given fetch their policy and look after
	// their packages.
	RefreshTask = "1ab00000-0001-4000-8000-000000000003"
	// PackageListTask has them print their package list, a line for each package.
	PackageListTask = "1ab00000-0001-4000-8000-000000000004"
	// PackageServerPolicy is the policy that PushPolicy2 is given.
	PackageServerPolicy = "1ab00000-0001-4000-8000-000000000005"

	// ImageType, PCTType and PackageType are types of resources, and ImageToPackage is the
	// association between them: for ResourceModel.
	ImageType      = "1ab00000-0002-4000-8000-000000000001"
	PackageType    = "1ab00000-0002-4000-8000-000000000002"
	PCTType        = "1ab00000-0002-4000-8000-000000000003"
	ImageToPackage = "1ab00000-0003-4000-8000-000000000001"

	siteType         = "1ab00000-0002-4000-8000-000000000004"
	siteServerAssoc  = "1ab00000-0003-4000-8000-000000000002"
	folderGUID       = "1ab00000-0004-4000-8000-000000000001"
	reportTypeGUID   = "1ab00000-0002-4000-8000-000000000005"
	scheduleTypeGUID = "1ab00000-0002-4000-8000-000000000006"
	targetTypeGUID   = "1ab00000-0002-4000-8000-000000000007"
	prebootType      = "1ab00000-0002-4000-8000-000000000008"
	policyTypeGUID   = "1ab00000-0002-4000-8000-000000000009"

	// Published ones (D or C).
	computerType       = "493435f7-3b17-4c4c-b07f-c23e7ab7781f" // D: resource type Computer
	scriptTaskType     = "4f1b9b32-b5c6-4d83-8992-f73582217aac" // D: task type Script Task
	administratorsRole = "2e1f478a-4986-4223-9d1e-b5920a63ab41" // C: role Symantec Administrators
	notificationServer = "d0e33520-c160-11d2-8612-00104b74a9df" // C: item Notification Server
	packageRefresh     = "bd6bf880-bfae-4dad-b746-e8be99f3b8a8" // D: shared schedule Package Refresh
	pointsSchedule     = "29a2b641-222a-43b0-830c-a25c59e93fe4" // D: distribution point update schedule
)

// Report is a report that an administrator imported.
type Report struct {
	Name    string // its logical name
	GUID    estate.GUID
	Columns []string
}

// reportShapes are the reports of the lab, with the types of their columns.
var reportShapes = []struct{ name, guid, columns string }{
	{"package_servers", "1ab00000-0005-4000-8000-000000000001", "guid:guid computer:guid name host state last_seen:time free_bytes:long total_bytes:long"},
	{"sites", "1ab00000-0005-4000-8000-000000000002", "site guid:guid server:guid"},
	{"images", "1ab00000-0005-4000-8000-000000000003", "name guid:guid package:guid location kind format owner:guid"},
	{"packages", "1ab00000-0005-4000-8000-000000000004", "package:guid image:guid version:long owner:guid kind format"},
	{"copies", "1ab00000-0005-4000-8000-000000000005", "package:guid server:guid status status_at:time version:long managed delete_after:time"},
	{"owners", "1ab00000-0005-4000-8000-000000000006", "package:guid owner:guid source"},
	{"assignments", "1ab00000-0005-4000-8000-000000000007", "package:guid mode member:guid folder"},
	{"preboot_configurations", "1ab00000-0005-4000-8000-000000000008", "guid:guid name connects_to"},
	{"membership_updates", "1ab00000-0005-4000-8000-000000000009", "started:time finished:time running:bool"},
	{"refreshes", "1ab00000-0005-4000-8000-00000000000a", "server:guid refreshed_at:time"},
	{"recorded_contents", "1ab00000-0005-4000-8000-00000000000b", "image:guid files:long bytes:long digest listing version:long from taken_at:time"},
	{"smp", "1ab00000-0005-4000-8000-00000000000c", "guid:guid name version"},
}

// Reports lists the reports of the lab: their GUIDs are always these.
//
// Rows, where a cell that is not known is null:
//
//	package_servers         one for each; state is online or offline; computer is the GUID that tasks take
//	sites                   one for each site and server in it; a site without servers has one, with no server
//	images                  one for each image, PCT package and backup image; package is null where it has
//	                        none; kind is image, pct or backup; format is managed or legacy
//	packages                one for each image; package is null where it has none; owner is the GUID of a
//	                        package server or of the SMP
//	copies                  one for each copy that the SMP speaks of; managed is local or external
//	owners                  what each source says: codebase, location
//	assignments             one for each member; mode is all, servers, sites or automatic
//	preboot_configurations  one for each
//	membership_updates      one: the newest that has finished, and whether another one runs
//	refreshes               one for each package server: when it last fetched its policy
//	recorded_contents       one for each image whose content was recorded
//	smp                     one
func Reports() []Report {
	out := make([]Report, 0, len(reportShapes))
	for _, r := range reportShapes {
		var names []string
		for _, c := range columns(r.columns) {
			names = append(names, c.name)
		}
		out = append(out, Report{r.name, must(r.guid), names})
	}
	return out
}

package serve_test

import (
	"context"
	"encoding/xml"
	"html"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// report runs a report and returns its rows.
func (s *served) report(name string) []map[string]string {
	s.t.Helper()
	for _, r := range serve.Reports() {
		if r.Name == name {
			return rowsOf(s.t, s.must(reports, "RunReport", "reportItemGuid", r.GUID.String()), "Table")
		}
	}
	s.t.Fatalf("there is no report %s", name)
	return nil
}

// rowsOf reads a DataTable with nothing of the server's own.
func rowsOf(t *testing.T, text, element string) []map[string]string {
	t.Helper()
	var set struct {
		Rows []struct {
			XMLName xml.Name
			Cells   []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal([]byte(text), &set); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var out []map[string]string
	for _, r := range set.Rows {
		if r.XMLName.Local != element {
			continue
		}
		row := map[string]string{}
		for _, c := range r.Cells {
			row[c.XMLName.Local] = c.Text
		}
		out = append(out, row)
	}
	return out
}

// row returns the one row in which columns have these values.
func row(t *testing.T, rows []map[string]string, want ...string) map[string]string {
	t.Helper()
	for _, r := range rows {
		all := true
		for i := 0; i+1 < len(want); i += 2 {
			all = all && r[want[i]] == want[i+1]
		}
		if all {
			return r
		}
	}
	return nil
}

// TestAssignmentReachesServersLater: the write changes the record, and nothing else
// until a membership update and the server's own refresh.
func TestAssignmentReachesServersLater(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	copyOf := func() map[string]string { return row(t, s.report("copies"), "package", win11, "server", ps009) }
	if c := copyOf(); c["status"] != "Ready" || c["managed"] != "external" {
		t.Fatal(c)
	}
	body := s.must(smf, "SetPackageServerSettings", "PackageGuid", win11, "AssignmentType", "1", "AutomaticSiteAssignment", "false",
		"PackageServers", ps008+", {"+strings.ToUpper(ps010)+"}", "PackageServerLocation", "")
	if got := value(t, body, "PackageServers"); got != ps008+","+ps010 {
		t.Error(got)
	}
	if value(t, body, "PackageServerAssigments") != "INDIVIDUALLY" {
		t.Error(body)
	}
	s.refresh(ps009)
	if c := copyOf(); c["delete_after"] != "" {
		t.Errorf("marked before any membership update: %v", c)
	}
	s.must(items, "ExecuteSchedulableItem", "itemGuid", serve.MembershipSchedule)
	s.advance(3 * time.Minute)
	if u := s.report("membership_updates")[0]; u["finished"] < "2026-11-22T10:0" || u["running"] != "false" {
		t.Errorf("the update: %v", u)
	}
	if c := copyOf(); c["delete_after"] != "" {
		t.Errorf("marked before its refresh: %v", c)
	}
	s.refresh(ps009)
	s.advance(10 * time.Minute)
	if c := copyOf(); c["status"] != "Deleted" || c["delete_after"] == "" {
		t.Errorf("not marked: %v", c)
	}
	s.advance(8 * 24 * time.Hour)
	if c := copyOf(); c["delete_after"] != "" || c["status"] == "Deleted" {
		t.Errorf("still there after the mark ran out: %v", c)
	}
}

func (s *served) advance(d time.Duration) {
	s.t.Helper()
	if err := s.lab.Advance(d); err != nil {
		s.t.Fatal(err)
	}
}

const input = "<inputParameters><parameter><name>@AssignedResources</name><value>RESOURCES</value></parameter><parameter><name>@CompRequirements</name>" +
	"<value><minWaitTime>1 minutes</minWaitTime><maxWaitTime>2 hours</maxWaitTime><minCompletion>100 %</minCompletion></value></parameter></inputParameters>"

func (s *served) task(task, servers string) (instance string) {
	s.t.Helper()
	body := s.must(tasks, "ExecuteTask", "taskGuid", task, "executionName", "pslan run 1", "inputParameters", strings.Replace(input, "RESOURCES", servers, 1))
	_, rest, _ := strings.Cut(body, "<guid ")
	_, rest, _ = strings.Cut(rest, ">")
	instance, _, _ = strings.Cut(rest, "<")
	if len(instance) != 36 {
		s.t.Fatalf("no GUID: %s", body)
	}
	return instance
}

// refresh has a server refresh by the task, and waits for it.
func (s *served) refresh(server string) {
	s.t.Helper()
	instance := s.task(serve.RefreshTask, server)
	s.advance(2 * time.Minute)
	body := s.must(tasks, "GetTaskStatus", "taskGuid", instance)
	if value(s.t, body, "Status") != "Completed" || value(s.t, body, "Succeeded") != "1" {
		s.t.Fatal(body)
	}
}

// TestTaskPasses: not started, started, finished; and the same when the lab was closed
// in between.
func TestTaskPasses(t *testing.T) {
	disk := lab.NewMemory()
	open := func() *lab.Lab {
		l, err := lab.Open(lab.Options{SeedFile: "../../../examples/retire-ps008/estate.json", Disk: disk})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	s := serveLab(t, open(), nil)
	instance := s.task(serve.PackageListTask, ps009+","+ps010)
	var words []string
	for range 200 {
		body := s.must(tasks, "GetTaskStatus", "taskGuid", instance)
		if word := value(t, body, "Status"); len(words) == 0 || words[len(words)-1] != word {
			words = append(words, word)
		}
		if len(words) == 2 { // in the middle
			if err := s.lab.Close(); err != nil {
				t.Fatal(err)
			}
			s = serveLab(t, open(), nil)
			words = append(words, "reopened")
		}
		s.advance(time.Second)
	}
	if got := strings.Join(words, ", "); got != "Not Started, Started, reopened, Started, Completed" {
		t.Error(got)
	}
	body := s.must(tasks, "GetTaskResourceStatus", "taskInstanceGuid", instance, "resourceGuid", ps009)
	if value(t, body, "Status") != "1" || value(t, body, "ReturnCode") != "0" {
		t.Error(body)
	}
	wants(t, html.UnescapeString(body), "pslan packages 1\t", win11+"\tWIN11-23H2\t1\t", "\nend\t11\n")
}

// TestTaskOfAServerThatIsOff waits until it gives up, or until the server is back.
func TestTaskOfAServerThatIsOff(t *testing.T) {
	s := start(t, "owner-off", nil)
	lost := s.task(serve.RefreshTask, ps008)
	s.advance(time.Hour)
	if body := s.must(tasks, "GetTaskStatus", "taskGuid", lost); value(t, body, "Status") != "Not Started" || value(t, body, "NotStarted") != "1" {
		t.Error(body)
	}
	s.advance(2 * time.Hour)
	if body := s.must(tasks, "GetTaskStatus", "taskGuid", lost); value(t, body, "Status") != "Failed" || value(t, body, "Failed") != "1" {
		t.Error(body)
	}
	if body := s.must(tasks, "GetTaskResourceStatus", "taskInstanceGuid", lost, "resourceGuid", ps008); value(t, body, "Status") != "0" {
		t.Error(body)
	}
	late := s.task(serve.RefreshTask, ps008)
	if err := s.lab.Break([]string{"in", "30m", "PS008", "on"}); err != nil {
		t.Fatal(err)
	}
	s.advance(time.Hour)
	if body := s.must(tasks, "GetTaskStatus", "taskGuid", late); value(t, body, "Status") != "Completed" {
		t.Error(body)
	}
}

// TestDistributionPointsOfAnEmptyFolder: true at once, and the snapshot follows the
// folder of the owner, into emptiness.
func TestDistributionPointsOfAnEmptyFolder(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	before := row(t, s.report("packages"), "package", win11)["version"]
	if !strings.Contains(s.must(smf, "UpdateDistributionPoints", "PackageGuid", win11), ">true<") {
		t.Error("not started")
	}
	s.advance(10 * time.Minute)
	if v := row(t, s.report("packages"), "package", win11)["version"]; v != before {
		t.Errorf("version %s became %s, and nothing has changed", before, v)
	}
	if err := s.lab.Break([]string{"PS008", "empty", "WIN11-23H2"}); err != nil {
		t.Fatal(err)
	}
	s.must(smf, "UpdateDistributionPoints", "PackageGuid", win11)
	if v := row(t, s.report("packages"), "package", win11)["version"]; v != before {
		t.Error("the version rose at once")
	}
	s.advance(6 * time.Minute)
	if v := row(t, s.report("packages"), "package", win11)["version"]; v <= before {
		t.Errorf("the version stayed %s", v)
	}
}

// TestFolderOnServers: what is sent replaces what was there, nothing too.
func TestFolderOnServers(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	set := func(folder string) {
		t.Helper()
		s.must(smf, "SetPackageServerSettings", "PackageGuid", win11, "AssignmentType", "0", "AutomaticSiteAssignment", "false", "PackageServers", "", "PackageServerLocation", folder)
	}
	set(`D:\pkg\win11`)
	if got := value(t, s.must(smf, "GetPackage", "packageGuid", win11), "PackageServerLocation"); got != `D:\pkg\win11` {
		t.Error(got)
	}
	if got := value(t, s.must(delivery, "GetPackageExByGuid", "sPackageGuid", win11), "AlternateDownloadDestinationLocation"); got != `D:\pkg\win11` {
		t.Error(got)
	}
	set("")
	if got := row(t, s.report("assignments"), "package", win11); got["mode"] != "all" || got["folder"] != "" {
		t.Error(got)
	}
	var shown strings.Builder
	if err := s.lab.Show(&shown); err != nil {
		t.Fatal(err)
	}
	wants(t, shown.String(), "folder on package servers changed")
}

// TestAssignmentsOfAllKinds, by both services.
func TestAssignmentsOfAllKinds(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	site := s.report("sites")[0]["guid"]
	for _, c := range []struct{ kind, automatic, members, mode, auto string }{
		{"0", "false", "", "ALL", "False"}, {"1", "FALSE", ps009, "INDIVIDUALLY", "False"}, {"1", "", "", "INDIVIDUALLY", "False"},
		{"2", "false", site, "SITE", "False"}, {"2", "True", site, "SITE", "True"},
	} {
		body := s.must(smf, "SetPackageServerSettings", "PackageGuid", win11, "AssignmentType", c.kind, "AutomaticSiteAssignment", c.automatic, "PackageServers", c.members, "PackageServerLocation", "")
		again := s.must(smf, "GetPackage", "packageGuid", win11)
		if body != again || value(t, body, "PackageServerAssigments") != c.mode || value(t, body, "PackageServerAutoAssign") != c.auto || value(t, body, "PackageServers") != c.members {
			t.Errorf("%v: %s", c, body)
		}
	}
	for why, args := range map[string][]string{
		"PackageServers " + win11 + " does not exist": {"1", "false", win11}, "it is not valid with All and Individual": {"0", "true", ""}, "it is 0, 1 or 2": {"3", "false", ""},
		"PackageServers " + ps009 + " does not exist": {"2", "false", ps009},
	} {
		r := s.post(smf, "SetPackageServerSettings", "PackageGuid", win11, "AssignmentType", args[0], "AutomaticSiteAssignment", args[1], "PackageServers", args[2], "PackageServerLocation", "")
		if r.status != 500 || !strings.Contains(r.body, why) {
			t.Errorf("%v: %v", args, r)
		}
	}
	if !strings.Contains(s.must(delivery, "SetPackageExPackageServerOptions", "sPackageGuid", win11, "bAllOrSpecificPackageServers", "False", "sPackageServerGuids", ps010, "sLocationOnPackageServer", ""), ">true<") ||
		value(t, s.must(delivery, "GetPackageExByGuid", "sPackageGuid", win11), "SelectedPackageServers") != ps010 {
		t.Error("the older service did not assign")
	}
	if !strings.Contains(s.must(delivery, "SetPackageExPackageServerOptions", "sPackageGuid", ps009, "bAllOrSpecificPackageServers", "true", "sPackageServerGuids", "", "sLocationOnPackageServer", ""), ">false<") {
		t.Error("a package that is not there was assigned")
	}
}

// TestMembershipByTargets: the other ways to ask for an update do the same.
func TestMembershipByTargets(t *testing.T) {
	const nsws = "http://Altiris.NSWebService.com"
	bools := "<fullUpdate>false</fullUpdate><updateDependencies>1</updateDependencies>"
	for name, ask := range map[string]func(s *served) reply{
		"targets": func(s *served) reply {
			return s.soap(model, nsws, "UpdateResourceTargets", "<targetGuids>"+serve.PackageServersTarget+"</targetGuids>"+bools)
		},
		"targets later": func(s *served) reply {
			return s.soap(model, nsws, "UpdateResourceTargetsAsync", "<targetGuids>"+serve.PackageServersTarget+"</targetGuids>"+bools+"<urgent>true</urgent>")
		},
		"list": func(s *served) reply {
			return s.soap(model, nsws, "UpdateResourceTargetsMembership", "<targetGuids><guid>"+serve.PackageServersTarget+"</guid></targetGuids>"+bools)
		},
		"invalidate": func(s *served) reply {
			return s.post(scoping, "InvalidateTargetMembership", "targetGuid", serve.PackageServersTarget, "invalidateDependencies", "true")
		},
		"collections": func(s *served) reply {
			return s.soap(collection, "http://Altiris.ASDK.NS.com", "UpdateCollections", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, "retire-ps008", nil)
			before := s.report("membership_updates")[0]["finished"]
			if r := ask(s); r.status != 200 {
				t.Fatal(r)
			}
			s.advance(2 * time.Minute)
			if after := s.report("membership_updates")[0]["finished"]; after <= before {
				t.Errorf("the newest update is still that of %s", before)
			}
		})
	}
	s := start(t, "retire-ps008", nil)
	if r := s.post(collection, "UpdateCollections", "collectionItemGuids", ""); r.status != 500 {
		t.Error("an empty list is no list", r)
	}
	if r := s.post(scoping, "InvalidateTargetMembership", "targetGuid", win11, "invalidateDependencies", "true"); r.status != 500 {
		t.Error("a package is no target", r)
	}
}

// TestFaultsOfTheLab meet calls as they meet every request.
func TestFaultsOfTheLab(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	set := []string{"PackageGuid", win11, "AssignmentType", "1", "AutomaticSiteAssignment", "false", "PackageServers", ps009, "PackageServerLocation", ""}
	broken := func(words ...string) {
		if err := s.lab.Break(words); err != nil {
			t.Fatal(err)
		}
	}
	mode := func() string {
		return value(t, s.must(smf, "GetPackage", "packageGuid", win11), "PackageServerAssigments")
	}
	broken("fail-next", "assign")
	if r := s.post(smf, "SetPackageServerSettings", set...); r.status != 500 || mode() != "ALL" {
		t.Error(r)
	}
	broken("lose-answer", "assign")
	if resp, err := s.client.Do(s.request("POST", smf+"/SetPackageServerSettings", "application/x-www-form-urlencoded", form(set...))); err == nil {
		resp.Body.Close()
		t.Error("an answer came")
	}
	if mode() != "INDIVIDUALLY" {
		t.Error("it was not done")
	}
	broken("ignore-next", "refresh")
	instance := s.task(serve.RefreshTask, ps009)
	if r := s.post(tasks, "GetTaskStatus", "taskGuid", instance); r.status != 500 {
		t.Error("a run that was ignored is there", r)
	}
}

func TestPushPolicy(t *testing.T) {
	s := start(t, "owner-off", nil)
	body := s.must(resources, "PushPolicy2", "policy", serve.PackageServerPolicy)
	wants(t, body, "<Agent>"+ps008+"</Agent><Status>NotConnected</Status>", "<Agent>"+ps009+"</Agent><Status>Pushed</Status>")
	if r := s.post(resources, "PushPolicy", "policy", serve.PackageServerPolicy); r.status != 500 {
		t.Error("the plain name takes a GUID, which no form can carry", r)
	}
}

// TestPreboot: recreate says True, and the build comes later.
func TestPreboot(t *testing.T) {
	s := start(t, "new-smp", nil)
	ask := func(action, item string) string {
		return html.UnescapeString(s.must(deployment, "RunDeploymentSolutionTask", "xml",
			"<DeploymentItem><ItemType>Settings</ItemType><ItemName>PrebootConfigurations</ItemName><ItemAction>"+action+"</ItemAction>"+item+"</DeploymentItem>"))
	}
	wants(t, ask("getall", ""), "<Name>WinPE-x64</Name>", "<ItemGuid>b08a9194-81fb-5467-aa6f-956536e8781e</ItemGuid>")
	wants(t, ask("recreate", "<Item><Collection><ItemGuid>b08a9194-81fb-5467-aa6f-956536e8781e</ItemGuid></Collection></Item>"), "<RecreateStatus>True</RecreateStatus>")
	wants(t, ask("recreate", "<Item><Collection><ItemGuid>"+win11+"</ItemGuid></Collection></Item>"), "<Success>false</Success>")
	wants(t, ask("apply", ""), "<Success>false</Success>", "is not supported")
	if !strings.Contains(s.must(smf, "SetPackageSource", "PackageGuid", "6b6ada68-f7c9-5f21-acd1-c23f2fcc16e5", "PackageSourceType", "1",
		"PackageLocation", `\\smp02\NSCap\x`, "PackageFolder", "", "IgnoreAttributes", "false"), ">true<") {
		t.Error("the location of an image on the SMP was not changed")
	}
	if !strings.Contains(s.must(smf, "SetPackageSource", "PackageGuid", win11, "PackageSourceType", "1",
		"PackageLocation", `\\smp02\NSCap\x`, "PackageFolder", "", "IgnoreAttributes", "false"), ">false<") {
		t.Error("the location of an image of a package server was changed")
	}
}

// TestReportsHaveTheirColumns, in the schema even where there is no row.
func TestReportsHaveTheirColumns(t *testing.T) {
	for _, example := range []string{"retire-ps008", "legacy-and-pct", "new-smp"} {
		s := start(t, example, nil)
		e, err := s.lab.ReadEstate(context.Background(), platform.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		rows := map[string]int{"package_servers": len(e.Servers), "images": len(e.Images), "packages": len(e.Images), "preboot_configurations": len(e.Preboots),
			"membership_updates": 1, "smp": 1, "refreshes": len(e.Servers)}
		for _, r := range serve.Reports() {
			body := s.must(reports, "RunReport", "reportItemGuid", r.GUID.String())
			for _, c := range r.Columns {
				wants(t, body, `name="`+c+`"`)
			}
			if want, ok := rows[r.Name]; ok && len(s.report(r.Name)) != want {
				t.Errorf("%s: %s has %d rows, want %d", example, r.Name, len(s.report(r.Name)), want)
			}
		}
	}
	s := start(t, "retire-ps008", nil)
	report := serve.Reports()[0].GUID.String()
	if n := len(rowsOf(t, s.must(reports, "RunReportWithParameters", "reportItemGuid", report, "nameValuePairs", "rows = 2"), "Table")); n != 2 {
		t.Errorf("%d rows", n)
	}
	for _, pairs := range []string{"other=1", "rows", "rows=-1", "rows=many"} {
		if r := s.post(reports, "RunReportWithParameters", "reportItemGuid", report, "nameValuePairs", pairs); r.status != 500 {
			t.Error(pairs, r)
		}
	}
	wants(t, s.must(reports, "GetReportParameters", "reportItemGuid", report), "<Name>rows</Name>", "<DefaultValue>0</DefaultValue>")
}

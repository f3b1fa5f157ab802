package serve_test

import (
	"strings"
	"testing"
	"time"

	"pslan/internal/lab/serve"
)

// TestReportLag: a report that lags tells what was before, until its time is over, and
// the service tells what is.
func TestReportLag(t *testing.T) {
	s := speaking(t, "retire-ps008", "report_lag.assignments=1h")
	mode := func() string { return row(t, s.report("assignments"), "package", win11)["mode"] }
	set := []string{"PackageGuid", win11, "AssignmentType", "1", "AutomaticSiteAssignment", "false", "PackageServers", ps008 + "," + ps009, "PackageServerLocation", ""}
	if got := mode(); got != "all" {
		t.Fatal(got)
	}
	s.must(smf, "SetPackageServerSettings", set...)
	wants(t, s.must(smf, "GetPackage", "packageGuid", win11), "INDIVIDUALLY")
	s.advance(30 * time.Minute)
	if got := mode(); got != "all" {
		t.Errorf("after half its lag it tells %s", got)
	}
	s.advance(31 * time.Minute)
	if got := mode(); got != "servers" {
		t.Errorf("after its lag it tells %s", got)
	}
}

// TestAssignmentRows: rows that are wrong tell something else than the service.
func TestAssignmentRows(t *testing.T) {
	set := []string{"PackageGuid", win11, "AssignmentType", "1", "AutomaticSiteAssignment", "false", "PackageServers", ps008 + "," + ps009, "PackageServerLocation", ""}
	for way, want := range map[string][]string{"right": {ps009, ps008}, "short": {ps009}, "all": {""}} {
		s := speaking(t, "retire-ps008", "assignment_rows="+way)
		s.must(smf, "SetPackageServerSettings", set...)
		var got []string
		for _, r := range s.report("assignments") {
			if r["package"] == win11 {
				got = append(got, r["member"])
			}
		}
		if len(got) != len(want) || way == "all" && got[0] != "" {
			t.Errorf("%s: %v, want as many as in %v", way, got, want)
		}
	}
}

func TestLagMistakes(t *testing.T) {
	_, err := serve.ParseDialect([]string{"report_lag.assignment=1h", "report_lag.copies=-1s", "assignment_rows=none"}, nil)
	for _, want := range []string{`no report "assignment"`, "report_lag.copies cannot be less", `assignment_rows cannot be "none"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

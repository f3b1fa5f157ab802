package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

func TestConnectionSMP(t *testing.T) {
	const g = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
	loaded, ds := Load(Options{Dir: writeFolder(t, "main.hcl", `
connection "smp" {
  url       = "https://smp01.contoso.com:8443/"
  ca_file   = "ca.pem"
  operator  = "absent"
  poll      = "20ms"
  parallel  = 2
  time_zone = "+01:00"
  login { user = "CONTOSO\\svc" }
  timeouts { slow = "10m" }
  service "ResourceModel" { namespace = "http://x/" }
  rows "package_servers" {
    query   = "SELECT 1 AS host"
    columns = { name = "Name", host = "Host Name" }
    words   = { "Up" = "online" }
  }
  rows "copies" {
    task    = "`+g+`"
    wait    = "20m"
    max_age = "1h"
    words   = { "7" = "Ready" }
  }
  rows "packages" {
    report     = "`+g+`"
    parameters = { days = 3 }
  }
  sql {
    server   = "sql01"
    database = "Symantec_CMDB"
    encrypt  = "strict"
    login { method = "basic" }
  }
  owner {
    sources      = ["packages", "originator", "export"]
    export_field = "PackageOwner"
  }
  packages {
    interface           = "software_delivery"
    assignments         = "service"
    default_folder      = true
    distribution_points = true
    links               = ["rows", "associations"]
    item_page           = true
  }
  resource_model {
    image_type     = "`+g+`"
    pct_type       = "`+g+`"
    location_field = "Location"
    association    = "`+g+`"
    package_type   = "`+g+`"
    packages_are   = "parents"
  }
  package_servers {
    guids   = "lookup"
    domains = ["CONTOSO", "contoso.com"]
  }
  refresh {
    task                  = "{`+g+`}"
    persistent_connection = true
  }
  membership {
    targets = ["`+g+`"]
    wait    = "2m"
  }
  dialect "images" { name = "szName" }
  action "take_ownership" {
    command = ["take.exe", "-x", "-x"]
    timeout = "5m"
  }
}`), Rules: testRules, Version: "0.1.0-dev"})
	if ds.HasErrors() {
		t.Fatal(render(ds))
	}
	guid, _ := estate.ParseGUID(g)
	want := &declared.SMP{
		URL: "https://smp01.contoso.com:8443", CAFile: "ca.pem", Poll: 20 * time.Millisecond, Parallel: 2, TimeZone: "+01:00",
		Login: &declared.Login{User: `CONTOSO\svc`}, Timeouts: declared.SMPTimeouts{Slow: 10 * time.Minute},
		Services: []declared.SMPService{{Name: "ResourceModel", Namespace: "http://x/"}},
		Rows: []declared.SMPRows{
			{Kind: "copies", Task: guid, Wait: 20 * time.Minute, MaxAge: time.Hour, Words: map[string]string{"7": "Ready"}},
			{Kind: "package_servers", Query: "SELECT 1 AS host", Columns: map[string]string{"name": "Name", "host": "Host Name"}, Words: map[string]string{"Up": "online"}},
			{Kind: "packages", Report: guid, Parameters: map[string]string{"days": "3"}},
		},
		SQL:      &declared.SMPSQL{Server: "sql01", Database: "Symantec_CMDB", Encrypt: "strict", Login: &declared.Login{Method: "basic"}},
		Owner:    declared.SMPOwner{Sources: []string{"packages", "originator", "export"}, ExportField: "PackageOwner"},
		Packages: declared.SMPPackages{Interface: "software_delivery", Assignments: "service", DefaultFolder: true, DistributionPoints: true, Links: []string{"rows", "associations"}, ItemPage: true},
		Model:    &declared.SMPModel{ImageType: guid, PCTType: guid, LocationField: "Location", Association: guid, PackageType: guid, PackagesAre: "parents"},
		Servers:  declared.SMPServers{GUIDs: "lookup", Domains: []string{"CONTOSO", "contoso.com"}},
		Refresh:  guid, RefreshPersistent: true,
		Membership: declared.SMPMembership{Targets: []estate.GUID{guid}, Wait: 2 * time.Minute},
		Dialect:    []declared.SMPDialect{{Kind: "images", Fields: map[string]string{"name": "szName"}}},
		Actions:    []declared.SMPAction{{Op: "take_ownership", Command: []string{"take.exe", "-x", "-x"}, Timeout: 5 * time.Minute}},
	}
	conn := loaded.Declared.Connection
	if d := cmp.Diff(want, conn.SMP, cmpopts.IgnoreTypes(diag.Range{})); d != "" {
		t.Error(d)
	}
	if conn.Operator != "absent" {
		t.Error(conn.Operator)
	}
}

// TestManualOfConnection: every connection that the manual shows is a good one.
func TestManualOfConnection(t *testing.T) {
	text := readText(t, "../../docs/smp.md")
	shown := 0
	for _, part := range strings.Split(text, "```hcl\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		shown++
		if _, ds := Load(Options{Dir: writeFolder(t, "main.hcl", block), Rules: testRules, Version: "0.1.0-dev"}); ds.HasErrors() {
			t.Errorf("%s\n%s", block, render(ds))
		}
	}
	if shown < 3 {
		t.Errorf("only %d connections were found", shown)
	}
}

package config

import (
	"strings"
	"testing"
)

// TestChecks evaluates conditions against twoServers.
func TestChecks(t *testing.T) {
	tests := []struct {
		condition string
		holds     bool
	}{
		{`length(current.package_servers) == 2`, true},
		{`[for s in current.package_servers : s.name] == ["PS010", "PS011"]`, true},
		{`join(",", [for s in current.package_servers : s.host]) == "ps010.contoso.com,ps011.contoso.com"`, true},
		{`alltrue([for s in current.package_servers : s.state == "online"])`, false},
		{`one([for s in current.package_servers : s.free_bytes if s.name == "PS010"]) == 5`, true},
		{`one([for s in current.package_servers : s.free_bytes if s.name == "PS011"]) == null`, true},
		{`one([for s in current.package_servers : s.last_seen if s.name == "PS011"]) == "1970-01-01T00:00:00.000000001Z"`, true},
		{`one(current.sites).name == "HQ" && one(current.sites).package_servers[0] == "PS010"`, true},
		{`alltrue([for i in current.images : i.owner == package_server.ps010.host])`, true},
		{`one(current.images).assignment.mode == "servers" && length(one(current.images).assignment.servers) == 2`, true},
		{`one(current.images).version == 3 && one(current.images).kind == "image" && one(current.images).format == "managed"`, true},
		{`one(one(current.images).copies).class == "empty" && one(one(current.images).copies).files == 0`, true},
		{`anytrue([for i in current.images : strcontains(i.location, "PS009")])`, false},
		{`length(current.images) == var.expected`, true},
	}
	for _, tt := range tests {
		t.Run(tt.condition, func(t *testing.T) {
			l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}
variable "expected" { default = 1 }
package_server "ps010" { host = "PS010" }
check "it" {
  assert {
    condition     = `+tt.condition+`
    error_message = "Images: ${length(current.images)}."
  }
}
`)})
			if !l.HasChecks() {
				t.Fatal("no checks")
			}
			failures, diags := l.EvalChecks(twoServers())
			if len(diags) > 0 || (len(failures) == 0) != tt.holds {
				t.Fatalf("failures %v, want it to hold: %v\n%s", failures, tt.holds, render(diags))
			}
			for _, f := range failures {
				if f.Name != "it" || f.Message != "Images: 1." || f.In != `check "it"` || f.Range.Start.Line != 6 {
					t.Errorf("failure %+v", f)
				}
			}
		})
	}
}

// TestCheckThatCannotBeEvaluated is located, and not taken for a failure.
func TestCheckThatCannotBeEvaluated(t *testing.T) {
	l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}
check "it" {
  assert {
    condition     = current.images[7].name == "X"
    error_message = "x"
  }
}
`)})
	failures, diags := l.EvalChecks(twoServers())
	if len(failures) != 0 || len(diags) != 1 || diags[0].Subject.Start.Line != 4 || !strings.Contains(diags[0].Source, "current.images[7]") {
		t.Errorf("failures %v\n%s", failures, render(diags))
	}
}

func TestContentRootIsEvaluatedForEachServer(t *testing.T) {
	l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}
locals { roots = { PS010 = "/data/ten" } }
content {
  method = "path"
  root   = local.roots[server.name]
}
`)})
	if root, diags := l.ContentRoot("PS010", "h"); root != "/data/ten" || len(diags) > 0 {
		t.Errorf("root %q\n%s", root, render(diags))
	}
	if root, diags := l.ContentRoot("PS011", "h"); root != "" || len(diags) != 1 || diags[0].Source == "" {
		t.Errorf("root %q\n%s", root, render(diags))
	}
	shares := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}
locals { shares = { PS010 = "//nas/ten", PS011 = "nas" } }
content {
  method = "smb"
  root   = local.shares[server.name]
  server "ps012" {
    root = "\\\\${server.host}\\packages"
  }
  server "PS013.contoso.com" {
    root = "//nas/thirteen"
  }
}
`)})
	for _, tt := range []struct{ name, host, root, err string }{
		{"PS010", "ps010", "//nas/ten", ""},
		{"PS011", "ps011", "", `For the server PS011, root is "nas"`},
		{"PS012", "ps012.contoso.com", `\\ps012.contoso.com\packages`, ""},
		{"PS013", "ps013.contoso.com", "//nas/thirteen", ""},
	} {
		root, diags := shares.ContentRoot(tt.name, tt.host)
		if root != tt.root || (len(diags) > 0) != (tt.err != "") || tt.err != "" && !strings.Contains(diags[0].Detail, tt.err) {
			t.Errorf("%s: root %q\n%s", tt.name, root, render(diags))
		}
	}
	none := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}`)})
	if root, diags := none.ContentRoot("PS010", "h"); root != "" || len(diags) > 0 {
		t.Errorf("root %q without a content block\n%s", root, render(diags))
	}
}

package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// mustLoad loads a folder that has nothing wrong in it.
func mustLoad(t testing.TB, opts Options) *Loaded {
	t.Helper()
	if opts.Version == "" {
		opts.Version = "0.1.0"
	}
	l, diags := Load(opts)
	if len(diags) > 0 {
		t.Fatalf("loading %s:\n%s", opts.Dir, render(diags))
	}
	return l
}

// ignoreRanges compares declared states of different files.
var ignoreRanges = cmp.Comparer(func(a, b diag.Range) bool { return true })

// TestWholeLanguage holds everything that the page of the language shows against
// the declared state, written out.
func TestWholeLanguage(t *testing.T) {
	l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", readText(t, "testdata/whole/main.hcl"))})
	compareGolden(t, "testdata/whole/main.golden", outline(l.Declared))
}

// outline shows a declared state with all its places, a line for each part.
func outline(d *declared.Declared) string {
	var b strings.Builder
	line := func(indent, name string, v any) { fmt.Fprintf(&b, "%s%s %+v\n", indent, name, v) }
	attrs := func(a declared.Attrs) {
		if a.Owner != nil {
			line("  ", "owner", *a.Owner)
		}
		if a.Assignment != nil {
			line("  ", "assignment", *a.Assignment)
		}
		if a.Reference != nil {
			line("  ", "reference", *a.Reference)
		}
		for _, ack := range a.Acks {
			line("  ", "acknowledge", ack)
		}
		a.Owner, a.Assignment, a.Reference, a.Acks = nil, nil, nil, nil
		line("  ", "attributes", a)
	}
	line("", "guard", d.Guard)
	line("", "connection", d.Connection)
	line("", "content", *d.Content)
	for _, s := range d.Servers {
		line("", "server", s)
	}
	for _, img := range d.Images {
		fmt.Fprintf(&b, "image %s %s %s at %s, selected by %q %q %q at %s\n", img.Address, img.Kind, img.In, img.Range, img.Name, img.GUID, img.Package, img.SelectRange)
		attrs(img.Attrs)
	}
	for _, g := range d.Groups {
		fmt.Fprintf(&b, "group %s %s at %s\n", g.Address, g.In, g.Range)
		line("  ", "match", g.Match)
		line("  ", "except", *g.Except)
		attrs(g.Attrs)
	}
	for _, p := range d.Preboots {
		line("", "preboot", p)
	}
	policy := d.Policy
	line("", "change limit", *policy.ChangeLimit)
	policy.ChangeLimit = nil
	line("", "policy", policy)
	return b.String()
}

// TestJSONSyntaxIsEquivalent: both syntaxes declare the same.
func TestJSONSyntaxIsEquivalent(t *testing.T) {
	native := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", readText(t, "testdata/whole/main.hcl"))})
	inJSON := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl.json", readText(t, "testdata/whole/main.hcl.json"))})
	native.Declared.Folder, inJSON.Declared.Folder = "", ""
	if diff := cmp.Diff(native.Declared, inJSON.Declared, ignoreRanges); diff != "" {
		t.Errorf("declared states differ (-native +JSON):\n%s", diff)
	}
	if diff := cmp.Diff(native.Variables, inJSON.Variables); diff != "" {
		t.Errorf("variables differ (-native +JSON):\n%s", diff)
	}
	for _, l := range []*Loaded{native, inJSON} {
		root, diags := l.ContentRoot("PS010", "ps010.contoso.com")
		if root != "/mnt/ps010.contoso.com/Package Delivery" || len(diags) > 0 {
			t.Errorf("content root %q, %v", root, diags)
		}
		failures, diags := l.EvalChecks(twoServers())
		if len(failures) != 1 || len(diags) > 0 || failures[0].Message != "A package server without a site serves nobody." {
			t.Errorf("check failures %v, %v", failures, diags)
		}
	}
}

// twoServers is an estate with one server that has no site, and one image.
func twoServers() *estate.Estate {
	e := &estate.Estate{
		SMP: estate.Server{Name: "smp01"}, Sites: []string{"HQ"},
		Servers: []estate.PackageServer{
			{Name: "PS010", Host: "ps010.contoso.com", Sites: []string{"HQ"}, State: estate.Online, FreeBytes: 5},
			{Name: "PS011", Host: "ps011.contoso.com", State: estate.Offline, FreeBytes: estate.Unknown, LastSeen: 1},
		},
	}
	e.Images = []estate.Image{{
		Name: "WIN11", Owner: 0, Location: `\\PS010\x`, Assignment: estate.Assignment{Mode: estate.AssignServers, Servers: []estate.ServerID{0, 1}}, Version: 3,
		Copies: []estate.Copy{{Server: 0, Evidence: estate.Evidence{Sight: estate.Seen, Folder: true}}},
	}}
	return e
}

// TestOrderMakesNoDifference: blocks in other files and in another order declare
// the same.
func TestOrderMakesNoDifference(t *testing.T) {
	const servers = "package_server \"b\" { host = \"B\" }\npackage_server \"a\" { host = local.a }\n"
	const locals = "locals { a = \"A\" }\nconnection \"lab\" {}\n"
	const images = "image \"z\" {\n  name = \"Z\"\n  owner = package_server.b\n}\nimage \"y\" {\n  name = \"Y\"\n  owner = package_server.a\n}\n"
	one := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", images+servers+locals)})
	many := mustLoad(t, Options{Dir: writeFolder(t, "1.hcl", locals, "2.hcl", images, "3.hcl", servers)})
	one.Declared.Folder, many.Declared.Folder = "", ""
	if diff := cmp.Diff(one.Declared, many.Declared, ignoreRanges); diff != "" {
		t.Errorf("(-one file +many files):\n%s", diff)
	}
	if one.Declared.Images[0].Address != "image.y" || one.Declared.Servers[0].Address != "package_server.a" {
		t.Errorf("not in address order: %v, %v", one.Declared.Images[0].Address, one.Declared.Servers[0].Address)
	}
}

func TestReferencesToServers(t *testing.T) {
	tests := []struct{ expression, host, label string }{
		{`package_server.a`, "PS-A", "package_server.a"},
		{`package_server.many["x"]`, "PS-x", `package_server.many["x"]`},
		{`package_server.many[local.key]`, "PS-x", `package_server.many["x"]`},
		{`package_server.a.host`, "PS-A", ""},
		{`"PS011"`, "PS011", ""},
		{`"PS${1 + 10}"`, "PS11", ""},
		{`true ? package_server.a : package_server.many["x"]`, "PS-A", "package_server.a"},
		{`values(package_server.many)[1]`, "PS-y", `package_server.many["y"]`},
		{`one([for s in package_server.many : s if s.host == "PS-y"])`, "PS-y", `package_server.many["y"]`},
		{`(package_server.a)`, "PS-A", "package_server.a"},
		{`try(package_server.a, "X")`, "PS-A", "package_server.a"},
	}
	const base = `connection "lab" {}
locals { key = "x" }
package_server "a" { host = "PS-A" }
package_server "many" {
  for_each = { x = 1, y = 2 }
  host     = "PS-${each.key}"
}
`
	for _, tt := range tests {
		t.Run(tt.expression, func(t *testing.T) {
			l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", base+"image \"i\" {\n  name = \"I\"\n  owner = "+tt.expression+"\n}\n")})
			owner := l.Declared.Images[0].Owner
			if owner == nil || owner.Host != tt.host || owner.Label != tt.label {
				t.Fatalf("owner %+v, want host %q and label %q", owner, tt.host, tt.label)
			}
			if owner.Range.Start.Line != 10 || owner.Range.Start.Column != 3 || int(owner.Range.End.Column) != 11+len(tt.expression) {
				t.Errorf("owner at %s", owner.Range)
			}
		})
	}
}

func TestForEachInstances(t *testing.T) {
	l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}
package_server "ps" {
  for_each  = toset(["1", "2"])
  host      = "PS${each.key}"
  lifecycle = each.key == "1" ? "active" : "draining"
}
image "by_map" {
  for_each = { b = { name = "B", to = "1" }, a = { name = "A", to = "1" } }
  name     = each.value.name
  owner    = package_server.ps[each.value.to]
}
images "by_set" {
  for_each = toset(["X", "Y"])
  match { name = ["${each.key}-*"] }
  owner = package_server.ps["1"]
}
pct_package "none" {
  for_each = toset([])
  name     = each.key
}
`)})
	d := l.Declared
	var addresses []string
	for _, s := range d.Servers {
		addresses = append(addresses, string(s.Address)+" "+s.Host+" "+s.Lifecycle.String())
	}
	for _, img := range d.Images {
		addresses = append(addresses, string(img.Address)+" "+img.Name+" "+img.Owner.Label)
	}
	for _, g := range d.Groups {
		addresses = append(addresses, string(g.Address)+" "+g.Match.Names[0]+" "+g.Owner.Label)
	}
	want := []string{
		`package_server.ps["1"] PS1 active`, `package_server.ps["2"] PS2 draining`,
		`image.by_map["a"] A package_server.ps["1"]`, `image.by_map["b"] B package_server.ps["1"]`,
		`images.by_set["X"] X-* package_server.ps["1"]`, `images.by_set["Y"] Y-* package_server.ps["1"]`,
	}
	if diff := cmp.Diff(want, addresses); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPolicyDefaultsAndValues(t *testing.T) {
	plain := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}`)})
	if diff := cmp.Diff(declared.DefaultPolicy(), plain.Declared.Policy); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `connection "lab" {}
policy {
  bandwidth     = "2.5Gbps"
  hash_max_age  = "1d12h"
  change_limit { percent = 30 }
  timeouts { sync = "45s" }
  acknowledge "PSL404" {
    reason  = "Known"
    expires = "2027-01-31"
  }
}`)})
	p := l.Declared.Policy
	if p.Bandwidth != 2_500_000_000 || p.HashMaxAge != 36*time.Hour || p.ChangeLimit.Percent != 30 || p.Timeouts.Sync != 45*time.Second {
		t.Errorf("policy %+v", p)
	}
	if end := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC); p.Acks[0].Expires.Time() != end || p.Acks[0].Day != "2027-01-31" {
		t.Errorf("acknowledgement ends %s, want %s", p.Acks[0].Expires, end)
	}
}

func TestWindowsFiles(t *testing.T) {
	text := byteOrderMark + strings.ReplaceAll(readText(t, "testdata/whole/main.hcl"), "\n", "\r\n")
	windows := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", text)})
	unix := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", readText(t, "testdata/whole/main.hcl"))})
	windows.Declared.Folder, unix.Declared.Folder = "", ""
	if diff := cmp.Diff(unix.Declared, windows.Declared, ignoreRanges); diff != "" {
		t.Errorf("(-LF +CRLF and BOM):\n%s", diff)
	}
	if line, ok := windows.Source("main.hcl", 2); !ok || line != `  required_version = ">= 0.1.0"` {
		t.Errorf("line 2 is %q, %v", line, ok)
	}
}

// TestContentStatus: where the agent's status files lie, and how long a mark lasts.
func TestContentStatus(t *testing.T) {
	l := mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", `
connection "lab" {}
content {
  method              = "path"
  root                = "/mnt/${server.host}/packages"
  status_root         = "/mnt/${server.name}/status"
  delete_unused_after = "3d"
}
`)})
	if got, ds := l.ContentStatus("PS010", "ps010.contoso.com"); got != "/mnt/PS010/status" || ds != nil {
		t.Errorf("%q, %v", got, ds)
	}
	if got := l.Declared.Content.DeleteUnusedAfter; got != 72*time.Hour {
		t.Errorf("delete_unused_after is %v", got)
	}
	l = mustLoad(t, Options{Dir: writeFolder(t, "main.hcl", "connection \"lab\" {}\ncontent { method = \"none\" }\n")})
	if got, ds := l.ContentStatus("PS010", "x"); got != "" || ds != nil || l.Declared.Content.DeleteUnusedAfter != declared.DefaultDeleteUnusedAfter {
		t.Errorf("%q, %v, %v", got, ds, l.Declared.Content.DeleteUnusedAfter)
	}
}

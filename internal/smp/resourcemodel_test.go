package smp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/wire"
)

const kindText = "1ab00000-0002-4000-8000-000000000001"

func tree(t testing.TB, text string) *wire.Node {
	t.Helper()
	n, err := wire.ParseXML(text, wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReadResources: nothing public tells how these answers look, so all likely shapes are
// read, and none that could mean something else.
func TestReadResources(t *testing.T) {
	kind, err := estate.ParseGUID(kindText)
	if err != nil {
		t.Fatal(err)
	}
	one := "W11 " + g1 + "   \n"
	for _, c := range []struct{ name, xml, want string }{
		{"plain", `<r><x><ResourceGUID>` + g1 + `</ResourceGUID><ResourceName>W11</ResourceName><ResourceTypeGUID>` + kindText + `</ResourceTypeGUID></x></r>`, one},
		{"short", `<r><x><Guid>{` + g1 + `}</Guid><TypeGuid>` + kindText + `</TypeGuid><Name>W11</Name><TypeName>Image</TypeName></x></r>`, one},
		{"attributes", `<r><x guid="` + g1 + `" name="W11"/></r>`, one},
		{"names that end so", `<r><x><TheImageGUID>` + g1 + `</TheImageGUID><KindGUID>` + kindText + `</KindGUID><DisplayName>W11</DisplayName><TypeName>Image</TypeName></x></r>`, one},
		{"of their own", `<r><x><ResourceName>W11</ResourceName><Guid>` + g1 + `</Guid><ParentFolderGuid>` + g2 + `</ParentFolderGuid><FolderName>Images</FolderName></x></r>`, one},
		{"behind prefixes", `<r><x><Folder_Guid>` + g2 + `</Folder_Guid><Item_Guid>` + g1 + `</Item_Guid><Class_Name>X</Class_Name><strName>W11</strName></x></r>`, one},
		{"with data inside", `<r><x><ResourceGuid>` + g1 + `</ResourceGuid><ResourceName>W11</ResourceName><Data><DataClassData><DataClassGUID>` + g2 + `</DataClassGUID><Name>X</Name></DataClassData></Data></x></r>`, one},
		{"nobody", `<r/>`, ""},
		{"null", `<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>`, ""},
		{"one is null", `<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><x i:nil="true"/><x Guid="` + g1 + `" Name="W11"/></r>`, one},
	} {
		got, err := readResources(tree(t, c.xml), kind, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if d := cmp.Diff(c.want, shownRecords(got)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	for name, xml := range map[string]string{
		"which GUID":              `<r><x><AGuid>` + g1 + `</AGuid><BGuid>` + g2 + `</BGuid><Name>W11</Name></x></r>`,
		"which name":              `<r><x><Guid>` + g1 + `</Guid><AName>W11</AName><BName>W10</BName></x></r>`,
		"only the type":           `<r><x><KindGuid>` + kindText + `</KindGuid><Name>W11</Name></x></r>`,
		"no name":                 `<r><x><Guid>` + g1 + `</Guid></x></r>`,
		"one of two is no record": `<r><x Guid="` + g1 + `" Name="W11"/><y Key="1"/></r>`,
	} {
		if got, err := readResources(tree(t, xml), kind, nil); !errors.Is(err, errNoRecords) || len(got) > 0 {
			t.Errorf("%s: %v, %v", name, shownRecords(got), err)
		}
	}
	set := map[string]string{"record": "Row", "guid": "BGuid", "name": "AName"}
	got, err := readResources(tree(t, `<r><a><row><AGuid>`+g2+`</AGuid><BGuid>`+g1+`</BGuid><AName>W11</AName><BName>x</BName></row></a></r>`), kind, set)
	if err != nil || shownRecords(got) != one {
		t.Errorf("set: %v, %v", shownRecords(got), err)
	}
}

func FuzzResources(f *testing.F) {
	f.Add(`<r><x><ResourceGUID>` + g1 + `</ResourceGUID><ResourceName>W11</ResourceName></x></r>`)
	f.Add(`<r><x AGuid="` + g1 + `" BName="W11"/><x Guid="" Name=""/></r>`)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := wire.ParseXML(text, wire.Limits{Bytes: 1 << 16, Depth: 16, Elements: 1000})
		if err != nil {
			return
		}
		got, err := readResources(n, estate.GUID{1}, nil)
		if err != nil && len(got) > 0 || len(got) > len(n.Children) {
			t.Fatalf("%d records, %v", len(got), err)
		}
		for _, r := range got {
			if !r.guid.IsZero() && !slices.ContainsFunc(r.fields, func(f field) bool {
				g, err := estate.ParseGUID(strings.TrimSpace(f.value))
				return err == nil && g == r.guid
			}) {
				t.Fatalf("%+v has a GUID of nowhere", r)
			}
		}
	})
}

// TestItemFacts: an item's XML tells an owner or a location only where it tells exactly
// one.
func TestItemFacts(t *testing.T) {
	a, err := estate.ParseGUID(g1)
	if err != nil {
		t.Fatal(err)
	}
	d := newDirectory(3)
	d.addServer(0, a, estate.GUID{}, "PS1", "ps1.contoso.com")
	d.addServer(1, estate.GUID{2}, estate.GUID{}, "PS2", "ps2.contoso.com")
	d.addServer(2, estate.GUID{3}, estate.GUID{}, "SMP02", "smp02.contoso.com")
	d.addSMP("smp01.contoso.com", "smp02.contoso.com")
	d.smpGUID = estate.GUID{9}
	r := &reading{dir: d, e: &estate.Estate{SMP: estate.Server{Name: "smp01.contoso.com"}}}
	r.p = &Platform{set: &declared.SMP{AlsoCalled: []string{"smp02.contoso.com"}}}
	hosts := r.wholeHosts()
	many := ""
	for i := range maxGUIDs + 1 {
		many += estate.GUID{7, byte(i)}.String() + " "
	}
	for text, want := range map[string][]estate.ServerID{
		`<i><owner>` + g1 + `</owner></i>`:                                                 {0},
		`<i><a><OWNER g="{` + strings.ToUpper(g1) + `}">PS2</OWNER></a></i>`:               {0},
		`<i owner="http://PS2.contoso.com:8530/x"/>`:                                       {1},
		`<i owner="\\ps2.contoso.com.\share ` + estate.GUID{2}.String() + `"/>`:            {1},
		`<i><owner><host>ps1.contoso.com</host><guid>` + g1 + `</guid></owner></i>`:        {0},
		`<i><owner>` + g1 + `</owner><owner>ps2.contoso.com</owner></i>`:                   {0, 1},
		`<i owner="smp01.contoso.com"/>`:                                                   {estate.SMP},
		`<i owner="` + estate.GUID{9}.String() + `"/>`:                                     {estate.SMP},
		`<i owner="smp02.contoso.com"/>`:                                                   {2}, // a package server goes before an SMP that was
		`<i owner="PS1"/>`:                                                                 nil, // no whole host name
		`<i owner="xps1.contoso.com ps1.contoso.com.evil"/>`:                               nil,
		`<i name="ps1.contoso.com"/>`:                                                      nil,
		`<i><owner/>` + g1 + `</i>`:                                                        nil,
		`<i owner="` + many + g1 + `"/>`:                                                   nil, // there may be more than are looked at
		`<i owner="` + g2 + `"/>`:                                                          nil,
		`<i><owner xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/></i>`: nil,
	} {
		it := item{root: tree(t, text)}
		if got := it.named("owner", d, hosts); !slices.Equal(got, want) {
			t.Errorf("%s names %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]string{
		`<i location="\\ps1\x"/>`:                                         `\\ps1\x`,
		`<i><location> \\ps1\x </location><a LOCATION="\\PS1\X"/></i>`:    `\\ps1\x`,
		`<i><location>\\ps1\x</location><location>\\ps2\x</location></i>`: "",
		`<i><location>C:\x</location><path>\\ps1\x</path></i>`:            "",
		`<i/>`: "",
	} {
		it := item{root: tree(t, text)}
		if got := it.location("location"); got != want {
			t.Errorf("%s lies at %q, want %q", text, got, want)
		}
	}
	none := item{}
	if none.location("x") != "" || none.named("x", d, hosts) != nil {
		t.Error("nothing tells something")
	}
}

func FuzzItem(f *testing.F) {
	f.Add(`<i owner="ps1.contoso.com"/>`)
	f.Add(`<i><owner><a>` + g1 + `</a></owner></i>`)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := wire.ParseXML(text, wire.Limits{Bytes: 1 << 16, Depth: 16, Elements: 1000})
		if err != nil {
			return
		}
		d := newDirectory(1)
		d.addServer(0, estate.GUID{5}, estate.GUID{}, "PS1", "ps1.contoso.com")
		it := item{root: n}
		folded := strings.ToLower(dump(n))
		if got := it.named("owner", d, map[string]estate.ServerID{"ps1.contoso.com": 0}); len(got) > 0 && !strings.Contains(folded, "ps1.contoso.com") && !strings.Contains(folded, estate.GUID{5}.String()) {
			t.Fatalf("%v of %q", got, text)
		}
		if at := it.location("location"); at != "" && host(at) == "" {
			t.Fatalf("%q is no folder on a share", at)
		}
	})
}

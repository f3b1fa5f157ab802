package smp

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/estate"
)

const (
	g1 = "10000000-0000-0000-0000-000000000001"
	g2 = "20000000-0000-0000-0000-000000000002"
)

func shownRecords(list []record) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s %s %s %s %s\n", r.name, r.guid, r.pack, r.location, r.kind)
	}
	return b.String()
}

// TestRecords: nothing public tells how these answers look, so all likely shapes are read.
func TestRecords(t *testing.T) {
	one := "W11 " + g1 + "  \\\\ps\\x 0\n"
	for _, c := range []struct{ name, xml, want string }{
		{"elements", `<Images><Image><Name>W11</Name><ResourceGuid>` + g1 + `</ResourceGuid><Location>\\ps\x</Location><ImageType>0</ImageType></Image></Images>`, one},
		{"attributes, braces, other case", `<a><b NAME="W11" resourceguid="{` + g1 + `}" location="\\ps\x" imagetype="0"/></a>`, one},
		{"wrapped twice, with extra names", `<r><Items><List><x><Culture>en</Culture><Name> W11 </Name><ResourceGuid>` + g1 + `</ResourceGuid><Location>\\ps\x</Location><ImageType>0</ImageType></x></List></Items></r>`, one},
		{"one record alone", `<ImageResource><Name>W11</Name><ResourceGuid>` + g1 + `</ResourceGuid><Location>\\ps\x</Location><ImageType>0</ImageType></ImageResource>`, one},
		{"names behind the record's", `<l><Image><Image_Name>W11</Image_Name><Image_ResourceGuid>` + g1 + `</Image_ResourceGuid><Image_Location>\\ps\x</Image_Location><Image_ImageType>0</Image_ImageType></Image></l>`, one},
		{"names behind their types", `<l><i><strName>W11</strName><gResourceGuid>` + g1 + `</gResourceGuid><strLocation>\\ps\x</strLocation><ImageType>0</ImageType></i></l>`, one},
		{"utf-16 said, utf-8 come", "\ufeff<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<l><i Name=\"W11\" Guid=\"" + g1 + "\"/></l>", "W11 " + g1 + "   \n"},
		{"both GUIDs", `<l><i><Name>W11</Name><ImageGuid>` + g1 + `</ImageGuid><ImagePackageGuid>` + g2 + `</ImagePackageGuid></i></l>`, "W11 " + g1 + " " + g2 + "  \n"},
		{"only the package", `<l><i><Name>W11</Name><PackageGuid>` + g2 + `</PackageGuid></i></l>`, "W11 " + g2 + " " + g2 + "  \n"},
		{"a documented name goes before a prefixed one", `<l><i><OldName>X</OldName><Name>W11</Name><ResourceGuid>` + g1 + `</ResourceGuid></i></l>`, "W11 " + g1 + "   \n"},
		{"parts with names and GUIDs of their own", `<l><Image><Name>W11</Name><ResourceGuid>` + g1 + `</ResourceGuid><Location>\\ps\x</Location><ImageType>0</ImageType>` +
			`<Partitions><Partition><Name>C</Name><Guid>` + g2 + `</Guid></Partition></Partitions><Package><Name>W11</Name><Guid>` + g2 + `</Guid></Package></Image></l>`, one},
		{"in a folder with a name and a GUID", `<Folder><Name>Disk images</Name><Guid>` + g2 + `</Guid><Image><Name>W11</Name><ResourceGuid>` + g1 + `</ResourceGuid><Location>\\ps\x</Location><ImageType>0</ImageType></Image></Folder>`, one},
		{"in a folder with a location", `<Folder><Name>Disk images</Name><Guid>` + g2 + `</Guid><Location>\\ps</Location><Image><Name>W11</Name><ResourceGuid>` + g1 + `</ResourceGuid><Location>\\ps\x</Location><ImageType>0</ImageType></Image></Folder>`, one},
		{"nothing", "", ""},
		{"an empty list", "<Images/>", ""},
		{"an empty list with attributes", `<Images count="0" culture="en"/>`, ""},
	} {
		got, err := readRecords(c.xml, imageShape)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if d := cmp.Diff(c.want, shownRecords(got)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	mapped := imageShape.mapped(map[string]string{"record": "I", "name": "n", "guid": "k"})
	got, err := readRecords(`<l><I n="W11" k="`+g1+`"><J n="X" k="`+g2+`"/></I><I n="W10" k="`+g2+`"/></l>`, mapped)
	if err != nil || shownRecords(got) != "W11 "+g1+"   \nW10 "+g2+"   \n" {
		t.Errorf("mapped: %v, %v", shownRecords(got), err)
	}
	_, err = readRecords(`<l><i><Name>W11</Name><Key>`+g1+`</Key></i></l>`, imageShape)
	if !errors.Is(err, errNoRecords) || !strings.Contains(err.Error(), "such an element is i with Name, Key") {
		t.Error(err)
	}
	if _, err = readRecords(`<l><i>`, imageShape); err == nil {
		t.Error("half an answer was read")
	}
	got, err = readRecords(`<l><i Name="W11" Guid="x"/></l>`, imageShape)
	if err != nil || len(got) != 1 || got[0].wrongGUID != "x" {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzRecords(f *testing.F) {
	f.Add(`<l><i Name="W11" Guid="` + g1 + `"/></l>`)
	f.Add("\ufeff<?xml version=\"1.0\" encoding=\"utf-16\"?><a><b><Name>x</Name><ResourceGuid>{" + g2 + "}</ResourceGuid></b></a>")
	f.Add(`<a Name="x"><a Name="y"><a/></a></a>`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readRecords(text, imageShape)
		if err != nil && len(got) > 0 {
			t.Fatal("records and an error")
		}
		for _, r := range got {
			if r.guid.IsZero() && r.wrongGUID == "" && !strings.Contains(text, "0000") && strings.TrimSpace(r.fields[0].value) != "" && r.name != "" {
				// An empty GUID is told as it is: it names nothing, and the reading leaves it out.
				for _, f := range r.fields {
					if g, err := estate.ParseGUID(strings.TrimSpace(f.value)); err == nil && !g.IsZero() && strings.EqualFold(f.name, "ResourceGuid") {
						t.Fatalf("%+v lost its GUID", r)
					}
				}
			}
		}
	})
}

func FuzzPseudonyms(f *testing.F) {
	f.Add("the image WIN11-GOLD on PS008", "win11-gold")
	f.Add(`\\PS008\x CONTOSO\svc`, "ps008")
	f.Fuzz(func(t *testing.T, text, name string) {
		p := newPseudonyms()
		p.known("name", name)
		for _, out := range []string{p.hide(p.message(text)), p.hide(p.xml(text))} {
			folded := strings.ToLower(out)
			if len(folded) == len(out) && p.leaks(out) != "" && !strings.Contains("name-1 guid-host-user-text-folder-url-address-000000", strings.ToLower(p.leaks(out))) && !strings.Contains(folded, "that are no whole xml") {
				t.Fatalf("%q still holds %q", out, p.leaks(out))
			}
		}
	})
}

// TestOwner: an owner is named where two sources agree and none contradicts.
func TestOwner(t *testing.T) {
	const none, reading7 = estate.NoServer, 7
	for _, c := range []struct {
		name   string
		claims []claim
		moving *transfer
		want   estate.ServerID
	}{
		{"nobody says anything", nil, nil, none},
		{"one source", []claim{{"location", "PS1", 0}}, nil, none},
		{"two agree", []claim{{"location", "PS1", 0}, {"packages", "ps1.x", 0}}, nil, 0},
		{"one source twice", []claim{{"packages", "PS1", 0}, {"packages", "ps1.x", 0}}, nil, none},
		{"two disagree", []claim{{"location", "PS1", 0}, {"packages", "PS2", 1}}, nil, none},
		{"two agree and one does not", []claim{{"location", "PS1", 0}, {"packages", "PS1", 0}, {"copies", "PS2", 1}}, nil, none},
		{"two agree, and one names somebody unknown", []claim{{"location", "PS1", 0}, {"packages", "PS1", 0}, {"owners", "GONE", none}}, nil, none},
		{"two agree on somebody unknown", []claim{{"location", "GONE", none}, {"packages", "GONE", none}}, nil, none},
		{"the SMP", []claim{{"location", "smp01", estate.SMP}, {"packages", "smp01", estate.SMP}}, nil, estate.SMP},
		{"a take under way", []claim{{"location", "PS1", 0}, {"packages", "PS2", 1}}, &transfer{from: "PS1", to: "PS2"}, 0},
		{"a take seen by all", []claim{{"location", "PS2", 1}, {"packages", "PS2", 1}}, &transfer{from: "PS1", to: "PS2"}, 1},
		{"a take that a later reading saw, in one that began before it", []claim{{"location", "PS1", 0}, {"packages", "PS2", 1}}, &transfer{from: "PS1", to: "PS2", settled: reading7}, 0},
		{"a take that is over", []claim{{"location", "PS1", 0}, {"packages", "PS2", 1}}, &transfer{from: "PS1", to: "PS2", settled: reading7 - 1}, none},
		{"a take whose icons lag", []claim{{"location", "PS2", 1}, {"packages", "PS2", 1}, {"copies", "PS1", 0}}, &transfer{from: "PS1", to: "PS2"}, 1},
		{"a take that the location tells, and icons that lag", []claim{{"location", "PS2", 1}, {"copies", "PS1", 0}}, &transfer{from: "PS1", to: "PS2"}, 1},
		{"a take of which agents have not heard", []claim{{"location", "PS2", 1}, {"originator", "PS1", 0}}, &transfer{from: "PS1", to: "PS2"}, 1},
		{"a take of which agents alone have heard", []claim{{"location", "PS1", 0}, {"originator", "PS2", 1}}, &transfer{from: "PS1", to: "PS2"}, 0},
		{"a take that the icons tell first", []claim{{"location", "PS1", 0}, {"copies", "PS2", 1}}, &transfer{from: "PS1", to: "PS2"}, 0},
		{"a take that the icons alone tell", []claim{{"copies", "PS2", 1}}, &transfer{from: "PS1", to: "PS2"}, 0},
		{"icons that lag behind a take that is over", []claim{{"location", "PS2", 1}, {"packages", "PS2", 1}, {"copies", "PS1", 0}}, nil, none},
		{"a take of which one source tells", []claim{{"packages", "PS2", 1}}, &transfer{from: "PS1", to: "PS2"}, 1},
		{"a take of which nobody tells", nil, &transfer{from: "PS1", to: "PS2"}, none},
		{"a take, and somebody unknown", []claim{{"location", "PS1", 0}, {"packages", "GONE", none}}, &transfer{from: "PS1", to: "PS2"}, none},
		{"a take by somebody unknown", []claim{{"location", "PS1", 0}, {"packages", "GONE", none}}, &transfer{from: "PS1", to: "GONE"}, none},
		{"a take, and somebody else", []claim{{"location", "PS1", 0}, {"packages", "PS3", 2}}, &transfer{from: "PS1", to: "PS2"}, none},
	} {
		r := &reading{number: reading7, p: &Platform{taking: map[estate.GUID]transfer{}}, dir: newDirectory(3), claims: map[int][]claim{0: c.claims},
			e: &estate.Estate{Servers: []estate.PackageServer{{Name: "PS1"}, {Name: "PS2"}, {Name: "PS3"}}}}
		for i, name := range []string{"PS1", "PS2", "PS3"} {
			r.dir.addServer(estate.ServerID(i), estate.GUID{}, estate.GUID{}, name, name+".x")
		}
		pack := estate.GUID{1}
		r.found = []candidate{{Image: estate.Image{Name: "W", Package: pack, Owner: none}}}
		if c.moving != nil {
			r.p.taking[pack] = *c.moving
		}
		r.decide(0)
		if got := r.found[0].Owner; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if noted := r.notes.kinds[noteOwner].count > 0; noted != (c.want == none) {
			t.Errorf("%s: noted %v", c.name, noted)
		}
	}
}

func TestDirectory(t *testing.T) {
	d := newDirectory(4)
	a, b := estate.GUID{1}, estate.GUID{2}
	d.addServer(0, a, b, "PS1", "ps1.hq.contoso.com")
	d.addServer(1, estate.GUID{3}, estate.GUID{}, "PS2", "ps2.hq.contoso.com")
	d.addServer(2, estate.GUID{4}, estate.GUID{}, "PS2B", "ps2.branch.contoso.com")
	d.addServer(3, estate.GUID{5}, estate.GUID{}, "PS4", "PS4")
	d.addSMP("smp01.contoso.com", "10.0.0.1")
	d.smpGUID = estate.GUID{9}
	for text, want := range map[string]estate.ServerID{
		"ps1": 0, "PS1.HQ.CONTOSO.COM.": 0, a.String(): 0, "{" + strings.ToUpper(b.String()) + "}": 0, `\\PS1`: 0,
		"ps2.branch.contoso.com": 2, "ps2b": 2, "SMP01": estate.SMP, "smp": estate.SMP, estate.GUID{9}.String(): estate.SMP, "10.0.0.1": estate.SMP,
		"10": estate.NoServer, "": estate.NoServer, "ps3": estate.NoServer, g1: estate.NoServer, "ps1.elsewhere.com": estate.NoServer,
		"ps2": 1, "ps4.anywhere.com": 3, "smp01.elsewhere.com": estate.NoServer,
	} {
		if got := d.find(text); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

package smp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/examples"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
	"pslan/internal/smp"
)

// modelled is the block resource_model for a lab.
func modelled(t testing.TB, d *declared.SMP) *declared.SMPModel {
	t.Helper()
	d.Model = &declared.SMPModel{ImageType: guid(t, serve.ImageType), PCTType: guid(t, serve.PCTType), LocationField: "location"}
	return d.Model
}

// associating looks for packages along associations alone.
func associating(t testing.TB, d *declared.SMP) *declared.SMPModel {
	t.Helper()
	d.Model = &declared.SMPModel{Association: guid(t, serve.ImageToPackage), PackageType: guid(t, serve.PackageType)}
	d.Packages.Links = []string{"associations"}
	return d.Model
}

func summaries(p *smp.Platform) (all []string) {
	for _, n := range p.Notes() {
		all = append(all, n.Summary)
	}
	return all
}

const (
	noteModel   = "Lists that the resource model stands in for"
	noteLink    = "Images whose package is not known"
	noteOwner   = "Owners that no two sources agree on"
	noteExport  = "Packages whose XML names no owner"
	noteLookups = "Package servers whose GUID was not found"
	noteProven  = "GUIDs of package servers that no assignment confirms"
)

// TestModelStandsIn: in whatever way the deployment service fails for good, the resource
// model lists the same estate, and a note says so.
func TestModelStandsIn(t *testing.T) {
	for i, dialect := range [][]string{
		{"not_installed=DeploymentSolution"}, {"unlicensed=DeploymentSolution"}, {"denied=DSTaskManagementService"}, {"off.DSTaskManagementService=get,post,soap11,soap12"},
		{"return_xml_names=unknown"}, {"missing_fields=Success"},
		{"not_installed=DeploymentSolution", "resource_fields=short"}, {"not_installed=DeploymentSolution", "resource_fields=item", "guids=upper braces"},
		{"denied=DSTaskManagementService", "nulls=nil", "field_order=random", "off.*=soap11"}, {"denied=DSTaskManagementService,ExportItemXmlString", "item_page=html type"},
	} {
		names := []string{"legacy-and-pct", "new-smp"}
		if i == 0 {
			names = examples.Names()
		}
		for _, name := range names {
			t.Run(name+"/"+strings.Join(dialect, " "), func(t *testing.T) {
				s := serveLab(t, name, dialect, serve.Pace{}, func(d *declared.SMP) {
					modelled(t, d)
					d.Packages.ItemPage = true
				})
				whole := read(t, s)
				sameEstate(t, read(t, s.lab), whole)
				if got := summaries(s.Platform); !cmp.Equal(got, []string{noteModel}) {
					t.Error(texts(s.Notes()))
				}
				before := len(s.server.Journal())
				one := whole.Images[0].GUID
				sameEstate(t, read(t, s.lab, one), read(t, s, one))
				if n := len(s.server.Journal()) - before; n > 30 {
					t.Errorf("a poll made %d calls", n)
				}
			})
		}
	}
}

// TestModelFails: what stands in may fail as well, or be asked for the wrong thing. Then
// both are told, with what to do; and nothing stands in for a service that is only gone
// for a moment.
func TestModelFails(t *testing.T) {
	const gone = "not_installed=DeploymentSolution"
	for _, c := range []struct {
		name    string
		dialect []string
		change  func(*declared.SMPModel)
		says    []string
		kind    platform.Kind
	}{
		{"no rights", []string{gone, "denied=GetResourcesOfType"}, nil, []string{"must be installed", "GetResourcesOfType", "required permission"}, platform.KindDenied},
		{"unknown names", []string{gone, "resource_fields=unknown"}, nil, []string{"such an element is ResourceDataInfo with ResourceKey, ResourceLabel, ResourceTypeKey"}, platform.KindBadInput},
		{"the wrong type", []string{gone}, func(m *declared.SMPModel) { m.ImageType = estate.GUID{1} }, []string{"knows no resource of the type"}, platform.KindBadInput},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveLab(t, "retire-ps008", c.dialect, serve.Pace{}, func(d *declared.SMP) {
				m := modelled(t, d)
				if c.change != nil {
					c.change(m)
				}
			})
			_, err := s.ReadEstate(t.Context(), platform.Scope{})
			var e *platform.Error
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Hint, "pslan doctor") {
				t.Fatalf("%v (%+v)", err, e)
			}
			for _, want := range append(c.says, "and what stands in for it") {
				if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
					t.Errorf("%q is not in %v", want, err)
				}
			}
		})
	}
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, func(d *declared.SMP) { modelled(t, d) })
	s.trouble(t, "RunDeploymentSolutionTask:exception")
	if _, err := s.ReadEstate(t.Context(), platform.Scope{}); err == nil || len(s.calls("GetResourcesOfType")) > 0 {
		t.Errorf("a failure that may pass was taken for good: %v", err)
	}
}

// TestModelNames: names that the connection sets are read, wherever they stand; PCT
// packages of which no type is named are told to be missing.
func TestModelNames(t *testing.T) {
	s := serveLab(t, "legacy-and-pct", []string{"denied=DSTaskManagementService", "resource_fields=unknown"}, serve.Pace{}, func(d *declared.SMP) {
		modelled(t, d)
		d.Dialect = []declared.SMPDialect{{Kind: "resources", Fields: map[string]string{"record": "resourcedatainfo", "guid": "ResourceKey", "name": "ResourceLabel"}}}
	})
	sameEstate(t, read(t, s.lab), read(t, s))
	s.settings.Model.PCTType, s.settings.Model.LocationField = estate.GUID{}, ""
	s.open(t)
	e := read(t, s)
	for i := range e.Images {
		if e.Images[i].Kind == estate.KindPCT {
			t.Errorf("%s is listed", e.Images[i].Name)
		}
	}
	got := strings.Join(texts(s.Notes()), "\n")
	for _, want := range []string{"PCT packages are not listed", "Images that rows name and no list shows", "Images whose location is not told"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
}

// TestAssociations: the package of an image is found along an association where exactly
// one resource at its end is known as a package.
func TestAssociations(t *testing.T) {
	parents := func(m *declared.SMPModel) { m.PackagesAre = "parents" }
	for _, c := range []struct {
		name    string
		dialect []string
		change  func(*declared.SMPModel)
		why     string // in the note; "": the estate is whole
	}{
		{"children", nil, nil, ""},
		{"parents", []string{"associations=parents"}, parents, ""},
		{"in other words", []string{"resource_fields=item", "guids=braces"}, nil, ""},
		{"known by rows alone", []string{"image_packages=invalid type"}, nil, ""},
		{"the wrong way round", nil, parents, "nothing is associated"},
		{"none", []string{"associations=none"}, nil, "nothing is associated"},
		{"several", []string{"associations=several"}, nil, "2 associated resources are packages"},
		{"the wrong type", nil, func(m *declared.SMPModel) { m.PackageType = guid(t, serve.ImageType) }, "nothing is associated"},
		{"no rights", []string{"denied=GetAssociatedChildResources"}, nil, "associations: rights"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveLab(t, "retire-ps008", c.dialect, serve.Pace{}, func(d *declared.SMP) {
				m := associating(t, d)
				with(t, d, declared.RowsAssignments)
				if c.change != nil {
					c.change(m)
				}
			})
			e := read(t, s)
			notes := strings.Join(texts(s.Notes()), "\n")
			if c.why == "" {
				sameEstate(t, read(t, s.lab), e)
				if notes != "" {
					t.Error(notes)
				}
			} else if !strings.Contains(notes, noteLink) || !strings.Contains(notes, c.why) {
				t.Errorf("%q is not in %s", c.why, notes)
			}
			asked := len(s.calls("GetAssociated"))
			read(t, s)
			if again := len(s.calls("GetAssociated")) - asked; asked != len(e.Images) || c.why == "" && again != 0 {
				t.Errorf("%d calls for %d images, %d more for the next reading", asked, len(e.Images), again)
			}
		})
	}
	s := serveLab(t, "retire-ps008", []string{"resource_fields=unknown"}, serve.Pace{}, func(d *declared.SMP) { associating(t, d) })
	_, err := s.ReadEstate(t.Context(), platform.Scope{})
	if e := (*platform.Error)(nil); !errors.As(err, &e) || e.Kind != platform.KindBadInput || !strings.Contains(e.Hint, `dialect "resources"`) {
		t.Errorf("%v", err)
	}
}

// TestItemPage: where the method is refused, the page tells the same; without the setting
// nothing does, and nobody else asks for the page.
func TestItemPage(t *testing.T) {
	for _, c := range []struct {
		name    string
		dialect []string
		page    bool
		pages   bool // the page is asked for
		whole   bool
	}{
		{"the method", nil, true, false, true},
		{"refused", []string{"denied=ExportItemXmlString"}, true, true, true},
		{"refused, and the page says it is HTML", []string{"denied=ExportItemXmlString", "item_page=html type"}, true, true, true},
		{"no services but the page", []string{"denied=ItemManagementService"}, true, true, true},
		{"not asked for", []string{"denied=ExportItemXmlString"}, false, false, false},
		{"the page is off", []string{"denied=ExportItemXmlString", "item_page=off"}, true, true, false},
		{"the page is refused", []string{"denied=ExportItemXmlString,ItemAsXml.aspx"}, true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveLab(t, "retire-ps008", c.dialect, serve.Pace{}, func(d *declared.SMP) {
				d.Packages.Links, d.Packages.ItemPage = []string{"export"}, c.page
			})
			e := read(t, s)
			if asked := len(s.calls("ItemAsXml.aspx")) > 0; asked != c.pages {
				t.Errorf("the page was asked for: %v", asked)
			}
			if c.whole {
				sameEstate(t, read(t, s.lab), e)
			} else if !slices.Contains(summaries(s.Platform), noteLink) {
				t.Error(texts(s.Notes()))
			}
		})
	}
}

// TestExportOwner: the XML of a package is one more source, and no more than that.
func TestExportOwner(t *testing.T) {
	for _, c := range []struct {
		name    string
		dialect []string
		sources []string
		field   string
		owned   bool
		note    string // in the notes
	}{
		{"by GUID", nil, []string{"location", "export"}, "Owner", true, ""},
		{"by host", []string{"item_owner=host"}, []string{"location", "export"}, "owner", true, ""},
		{"by its attribute", nil, []string{"location", "export"}, "guid", true, ""},
		{"beside all", nil, nil, "owner", true, ""},
		{"by the page", []string{"denied=ExportItemXmlString"}, []string{"location", "export"}, "owner", true, ""},
		{"alone it is not enough", nil, []string{"export", "owners"}, "owner", false, "export says PS008"},
		{"several", []string{"item_owner=several"}, []string{"location", "export"}, "owner", false, "2 servers in owner"},
		{"none", []string{"item_owner=none"}, []string{"location", "export"}, "owner", false, "no known server in owner"},
		{"another field", nil, []string{"location", "export"}, "name", false, "no known server in name"},
		{"refused", []string{"denied=ExportItemXmlString,ItemAsXml.aspx"}, []string{"location", "export"}, "owner", false, "ItemAsXml.aspx: login"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveLab(t, "retire-ps008", c.dialect, serve.Pace{}, func(d *declared.SMP) {
				with(t, d, declared.RowsOwners)
				d.Owner.Sources, d.Owner.ExportField, d.Packages.ItemPage = c.sources, c.field, true
				if slices.Contains(c.sources, "owners") {
					d.Rows = slices.DeleteFunc(d.Rows, func(r declared.SMPRows) bool { return r.Kind == declared.RowsOwners })
				}
			})
			e := read(t, s)
			if c.owned {
				sameEstate(t, read(t, s.lab), e)
			}
			notes := strings.Join(texts(s.Notes()), "\n")
			if doubt := strings.Contains(notes, noteOwner); doubt == c.owned || !strings.Contains(notes, c.note) {
				t.Errorf("in doubt: %v: %s", doubt, notes)
			}
			for i := range e.Images {
				if known := e.Images[i].Owner != estate.NoServer; known != c.owned {
					t.Errorf("the owner of %s is known: %v", e.Images[i].Name, known)
				}
			}
		})
	}
}

// hostsOnly has rows "package_servers" come from a CSV file that tells no GUIDs.
func (s *served) hostsOnly(t testing.TB, names ...string) {
	t.Helper()
	text := "host,name,state,last_seen,free_bytes,total_bytes\n"
	e := read(t, s.lab)
	for i := range e.Servers {
		s := &e.Servers[i]
		text += fmt.Sprintf("%s,%s,%s,%s,%d,%d\n", s.Host, s.Name, s.State, s.LastSeen.Time().UTC().Format(time.RFC3339), s.FreeBytes, s.TotalBytes)
	}
	for _, name := range names {
		text += name + ",,online,,,\n"
	}
	file := filepath.Join(t.TempDir(), "hosts.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.files = map[string]string{"hosts.csv": file}
	for i := range s.settings.Rows {
		if r := &s.settings.Rows[i]; r.Kind == declared.RowsServers {
			r.Report, r.CSV = estate.GUID{}, "hosts.csv"
		}
	}
	s.open(t)
}

// TestLookup: with a list of host names alone assignments can be read and written, and
// nothing is written with GUIDs that no assignment confirms.
func TestLookup(t *testing.T) {
	jump := serve.Pace{Jump: true, Most: time.Minute}
	for _, c := range []struct {
		name    string
		example string
		dialect []string
		domains []string
		set     bool
		notes   []string
		says    string // why nothing is written; "": it is
	}{
		{"by the domain of the host", "narrowed-assignment", nil, nil, true, nil, ""},
		{"by GUIDs", "narrowed-assignment", []string{"off.ResourceManagementService=get,post", "guids=upper braces"}, nil, true, nil, ""},
		{"by the NetBIOS name", "narrowed-assignment", nil, []string{"CONTOSO", "contoso.com", "OTHER"}, true, nil, ""},
		{"in the wrong domain", "narrowed-assignment", nil, []string{"OTHER"}, true, []string{noteLookups}, "is not told"},
		{"no rights", "narrowed-assignment", []string{"denied=GetComputerByNameAndDomain"}, nil, true, []string{noteLookups}, "is not told"},
		{"computers with GUIDs of their own", "narrowed-assignment", []string{"computer_guids=own"}, nil, true, []string{noteProven}, "no assignment that was read"},
		{"not set", "narrowed-assignment", nil, nil, false, nil, "is not told"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveLab(t, c.example, c.dialect, jump, func(d *declared.SMP) {
				if c.set {
					d.Servers = declared.SMPServers{GUIDs: "lookup", Domains: c.domains}
				}
			})
			s.hostsOnly(t)
			e := read(t, s)
			for _, want := range c.notes {
				if !slices.Contains(summaries(s.Platform), want) {
					t.Errorf("%q is not in %v", want, texts(s.Notes()))
				}
			}
			if c.says == "" && len(c.notes) == 0 && len(s.Notes()) > 0 {
				t.Error(texts(s.Notes()))
			}
			img := &e.Images[slices.IndexFunc(e.Images, func(i estate.Image) bool { return !i.Package.IsZero() })]
			to := estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{e.Servers[0].Name, e.Servers[1].Name}}
			warned := s.Prepare(t.Context(), platform.Needs{Assign: []platform.ImageRef{ref(img)}})
			if want := slices.Contains(c.notes, noteProven); want != (len(warned) == 1 && !warned.HasErrors()) {
				t.Errorf("warned of %v", texts(warned))
			}
			err := s.SetAssignment(t.Context(), ref(img), to)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || len(s.calls("SetPackageServerSettings")) > 0 {
					t.Errorf("%v, %v", err, s.calls("SetPackageServerSettings"))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			now := read(t, s, img.GUID)
			if got := now.NameAssignment(&now.Images[0].Assignment); !got.Equal(&to) {
				t.Errorf("assigned %v", got)
			}
			asked := len(s.calls("GetComputerByNameAndDomain"))
			if want := len(e.Servers) * max(1, len(c.domains)); asked != want {
				t.Errorf("%d lookups, want %d", asked, want)
			}
		})
	}
}

// TestLookupNotFound: a host that nobody knows is asked for again by the next whole
// reading, and not by polls; an address is not asked for.
func TestLookupNotFound(t *testing.T) {
	s := serveLab(t, "narrowed-assignment", nil, serve.Pace{}, func(d *declared.SMP) { d.Servers.GUIDs = "lookup" })
	s.hostsOnly(t, "ps999.contoso.com", "10.0.0.9")
	e := read(t, s)
	asked := func() (n int) {
		for _, c := range s.calls("GetComputerByNameAndDomain") {
			if c.Arg("name") == "ps999" && c.Arg("domain") == "contoso.com" {
				n++
			}
			if strings.HasPrefix(c.Arg("name"), "10") {
				t.Errorf("asked for %v", c.Args)
			}
		}
		return n
	}
	if asked() != 1 {
		t.Errorf("asked %d times", asked())
	}
	read(t, s, e.Images[0].GUID)
	if asked() != 1 {
		t.Errorf("asked %d times", asked())
	}
	read(t, s)
	if notes := fmt.Sprint(texts(s.Notes())); asked() != 2 || !strings.Contains(notes, `not found as ps999 in "contoso.com"`) || !strings.Contains(notes, "an address has no name") {
		t.Errorf("asked %d times; %s", asked(), notes)
	}
}

// answering has the server answer in a dialect, with a trouble.
func (s *served) answering(t *testing.T, dialect []string, trouble string) {
	t.Helper()
	d, err := serve.ParseDialect(dialect, nil)
	if err != nil {
		t.Fatal(err)
	}
	one, err := serve.ParseTrouble(trouble)
	if err != nil {
		t.Fatal(err)
	}
	d.Troubles = []serve.Trouble{one}
	if s.server, err = serve.New(serve.Options{Lab: s.lab, Dialect: d, Pace: s.pace}); err != nil {
		t.Fatal(err)
	}
	s.http.Config.Handler = s.server
}

// TestFallbackTroubles: what goes wrong for a moment is asked for again, and what goes on
// being wrong is an error that says what; nothing is taken for an empty answer.
func TestFallbackTroubles(t *testing.T) {
	for _, c := range []struct {
		name    string
		dialect []string
		change  func(*declared.SMP)
		method  string
	}{
		{"list", []string{"not_installed=DeploymentSolution"}, func(d *declared.SMP) { modelled(t, d) }, "GetResourcesOfType"},
		{"association", nil, func(d *declared.SMP) { associating(t, d) }, "GetAssociatedChildResources"},
		{"page", []string{"denied=ExportItemXmlString"}, func(d *declared.SMP) {
			d.Packages.Links, d.Packages.ItemPage = []string{"export"}, true
		}, "ItemAsXml.aspx"},
		{"owner", nil, func(d *declared.SMP) { d.Owner.ExportField = "owner" }, "ExportItemXmlString"},
		{"lookup", nil, func(d *declared.SMP) { d.Servers.GUIDs = "lookup" }, "GetComputerByNameAndDomain"},
	} {
		for _, kind := range []string{"503", "truncated", "cut-after"} {
			t.Run(c.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				s := serveLab(t, "narrowed-assignment", nil, serve.Pace{}, c.change)
				if c.name == "lookup" {
					s.hostsOnly(t)
				}
				s.answering(t, c.dialect, c.method+":"+kind+":1")
				sameEstate(t, read(t, s.lab), read(t, s))
				if len(s.calls(c.method)) < 2 {
					t.Errorf("%v", s.calls(c.method))
				}
			})
		}
		t.Run(c.name+"/for ever", func(t *testing.T) {
			t.Parallel()
			s := serveLab(t, "narrowed-assignment", nil, serve.Pace{}, c.change)
			if c.name == "lookup" {
				s.hostsOnly(t)
			}
			s.answering(t, c.dialect, c.method+":exception")
			_, err := s.ReadEstate(t.Context(), platform.Scope{})
			if e := (*platform.Error)(nil); !errors.As(err, &e) || e.Kind != platform.KindUnreachable || e.Hint == "" || !strings.Contains(err.Error(), c.method) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestFallbacksEnd: whoever gives up a reading does not wait for what stands in.
func TestFallbacksEnd(t *testing.T) {
	s := serveLab(t, "retire-ps008", []string{"denied=DSTaskManagementService"}, serve.Pace{}, func(d *declared.SMP) { modelled(t, d) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.ReadEstate(ctx, platform.Scope{}); err == nil || len(s.calls("GetResourcesOfType")) > 0 {
		t.Errorf("%v", err)
	}
}

// TestFallbackDoctor: each fall-back that is asked for has its line, which says whether it
// works here, and the GUIDs that may be meant are listed for everybody.
func TestFallbackDoctor(t *testing.T) {
	all := func(t *testing.T, dialect ...string) (map[string]smp.Check, string) {
		s := serveLab(t, "narrowed-assignment", dialect, serve.Pace{}, func(d *declared.SMP) {
			m := modelled(t, d)
			m.Association, m.PackageType = guid(t, serve.ImageToPackage), guid(t, serve.PackageType)
			d.Owner.ExportField, d.Packages.ItemPage, d.Servers.GUIDs = "owner", true, "lookup"
		})
		s.hostsOnly(t)
		found, names := map[string]smp.Check{}, ""
		d := s.Doctor(t.Context(), smp.DoctorOptions{})
		if err := d.Bundle(io.Discard, "0.1.0", time.Time{}); err != nil {
			t.Error(err)
		}
		for _, c := range d.Checks {
			if c.Area == "fall-backs" {
				found[c.Name] = c
				names += fmt.Sprintf("%s\t%s\t%s\n", c.Verdict, c.Name, c.Found)
			}
		}
		return found, names
	}
	works, text := all(t)
	if len(works) != 10 || strings.Contains(text, "fails") {
		t.Error(text)
	}
	for _, want := range []string{
		"Image Resource " + serve.ImageType + ", Package " + serve.PackageType + ", Personality Resource " + serve.PCTType,
		`untried	associations of images with packages_are = "parents"	there is none`, "Image to Package " + serve.ImageToPackage,
		"an assignment names a server by such a GUID", "location_field of ", "export_field of the package of ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	fails, text := all(t, "denied=ResourceModel,ExportItemXmlString,GetComputerByNameAndDomain,ItemAsXml.aspx")
	for name, c := range fails {
		if want := smp.Fails; c.Verdict != want && name != "types that resource_model may name" {
			t.Errorf("%s: %s", name, c.Verdict)
		}
	}
	if len(fails) != 8 {
		t.Error(text)
	}
	for dialect, want := range map[string]string{
		"associations=several": "2 associated resources are packages", "item_owner=several": "so it claims nothing", "item_page=off": "ItemAsXml.aspx: not installed", "item_owner=host": "export_field of the package of SRV2022-STD	PS009",
		"computer_guids=own": "no assignment that was read names a server by such a GUID",
	} {
		if _, text := all(t, dialect); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// modelBlock has the resource model stand in for the deployment service of a lab.
const modelBlock = `  resource_model {
    image_type     = "` + serve.ImageType + `"
    pct_type       = "` + serve.PCTType + `"
    location_field = "location"
  }
`

// associationBlock finds the packages of a lab's images by their association alone.
const associationBlock = `  resource_model {
    association  = "` + serve.ImageToPackage + `"
    package_type = "` + serve.PackageType + `"
  }
  packages {
    links = ["associations"]
  }
`

// exportBlock has the XML of packages tell their owners, beside the location alone, and
// the links of images as well, by the page where the method is refused.
const exportBlock = `  owner {
    sources      = ["location", "export"]
    export_field = "owner"
  }
  packages {
    links     = ["rows", "export"]
    item_page = true
  }
`

const lookupBlock = "  package_servers {\n    guids = \"lookup\"\n  }\n"

var serversBlock = regexp.MustCompile(`  rows "package_servers" \{\n.*?\n  \}\n`)

// hostsOnly has the package servers come from an exported file without their GUIDs.
func (w *wired) hostsOnly() {
	w.t.Helper()
	e, err := w.lab.ReadEstate(w.t.Context(), platform.Scope{})
	if err != nil {
		w.t.Fatal(err)
	}
	text := "host,name,state,last_seen,free_bytes,total_bytes\n"
	for i := range e.Servers {
		s := &e.Servers[i]
		seen := ""
		if s.LastSeen != 0 {
			seen = s.LastSeen.Time().UTC().Format("2006-01-02T15:04:05Z")
		}
		text += fmt.Sprintf("%s,%s,%s,%s,%d,%d\n", s.Host, s.Name, s.State, seen, s.FreeBytes, s.TotalBytes)
	}
	w.write("hosts.csv", text)
	config, err := os.ReadFile(filepath.Join(w.dir, "pslan.hcl"))
	if err != nil {
		w.t.Fatal(err)
	}
	if !serversBlock.Match(config) {
		w.t.Fatal("no rows tell the package servers")
	}
	w.write("pslan.hcl", serversBlock.ReplaceAllString(string(config), "  rows \"package_servers\" {\n    csv = \"hosts.csv\"\n  }\n"))
}

// fallback is a way to read an estate where a better source is missing.
type fallback struct {
	name    string
	dialect []string
	block   string
	hosts   bool   // the package servers come without GUIDs
	method  string // that is called then
}

var fallbacks = []fallback{
	{"resource model", []string{"not_installed=DeploymentSolution"}, modelBlock, false, "GetResourcesOfType"},
	{"resource model in other words", []string{"return_xml_names=unknown", "resource_fields=item"}, modelBlock, false, "GetResourcesOfType"},
	{"associations", []string{"return_xml_names=documented"}, associationBlock, false, "GetAssociatedChildResources"},
	{"item page", []string{"denied=ExportItemXmlString", "item_page=html type", "item_owner=host"}, exportBlock, false, "ItemAsXml.aspx"},
	{"lookup", nil, lookupBlock, true, "GetComputerByNameAndDomain"},
	{"all of them", []string{"denied=DSTaskManagementService,ExportItemXmlString"}, modelBlock + exportBlock + lookupBlock, true, "GetResourcesOfType"},
}

// over puts an example on the wire with a fall-back.
func (f *fallback) over(t *testing.T, example string) *wired {
	t.Helper()
	w := overWire(t, example, f.dialect)
	w.inConnection(f.block)
	if f.hosts {
		w.hostsOnly()
	}
	return w
}

// fits reports whether an example can be told by a fall-back alone: an association tells
// of no image that it has no package.
func (f *fallback) fits(example string) bool {
	return f.name != "associations" || example != "legacy-and-pct"
}

// TestFallbackPlans: where a source is missing and another one stands in, an example gives
// the plan that the lab itself gives.
func TestFallbackPlans(t *testing.T) {
	for _, name := range wiredExamples() {
		want := beside(t, name).plan()
		for _, f := range fallbacks {
			if !f.fits(name) {
				continue
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				w := f.over(t, name)
				got := w.plan()
				if diff := gocmp.Diff(want.String(), got.String()); diff != "" || want.ID != got.ID {
					t.Errorf("plan ID %s, want %s; -lab +wire:\n%s", got.ID, want.ID, diff)
				}
				if !slices.ContainsFunc(w.server.Journal(), func(c serve.Call) bool { return strings.HasPrefix(c.Method, f.method) }) {
					t.Errorf("%s was never called", f.method)
				}
			})
		}
	}
}

// TestFallbackEnds: and apply comes to the end that it comes to on the lab itself.
func TestFallbackEnds(t *testing.T) {
	for _, name := range []string{"retire-ps008", "narrowed-assignment"} {
		want := onLab(t, name)
		for _, f := range fallbacks {
			if f.hosts && name == "retire-ps008" {
				continue // a file would list the server for ever
			}
			t.Run(name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				d, err := serve.ParseDialect(f.dialect, nil)
				if err != nil {
					t.Fatal(err)
				}
				w := f.over(t, name)
				w.steer(d)
				w.same(want)
			})
		}
	}
}

// TestFallbackIsSaid: whoever reads a plan is told which lists were stood in for, and by
// the doctor how each fall-back does.
func TestFallbackIsSaid(t *testing.T) {
	f := fallbacks[len(fallbacks)-1]
	w := f.over(t, "retire-ps008")
	if _, out := w.run("plan"); !strings.Contains(out, "Lists that the resource model stands in for") {
		t.Error(out)
	}
}

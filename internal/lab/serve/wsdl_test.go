package serve_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

var allServices = []string{smf, delivery, deployment, items, resources, reports, tasks, scoping, collection, model}

// TestDescriptionsAreWhole: every name that a description uses is defined in it, once.
func TestDescriptionsAreWhole(t *testing.T) {
	for _, settings := range [][]string{nil, {"off.*=soap11"}, {"off.*=soap12"}, {"off.*=get,post"}, {"off.*=get"}, {"overloads.*=reversed"}} {
		s := speaking(t, "retire-ps008", settings...)
		for _, service := range allServices {
			whole(t, service, s.do(s.request("GET", service+"?WSDL", "", "")).body)
		}
	}
}

// whole checks the names of one description.
func whole(t *testing.T, service, text string) {
	t.Helper()
	defined, used := map[string]int{}, map[string]bool{}
	d := xml.NewDecoder(strings.NewReader(text))
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", service, err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			for _, a := range e.Attr {
				kind := map[string]string{"element": "element", "message": "message", "binding": "binding"}[a.Name.Local]
				if a.Name.Local == "type" && e.Name.Local == "binding" {
					kind = "portType"
				} else if a.Name.Local == "type" {
					kind = "complexType"
				}
				if name, ours := strings.CutPrefix(a.Value, "tns:"); ours && kind != "" {
					used[kind+" "+name] = true
				}
				// Elements and types at the top of a schema, and what stands under definitions.
				if a.Name.Local == "name" && (depth == 2 || depth == 4 && strings.HasSuffix(e.Name.Space, "XMLSchema")) {
					defined[e.Name.Local+" "+a.Value]++
				}
			}
		}
	}
	if len(used) < 5 {
		t.Errorf("%s uses only %v", service, used)
	}
	for name := range used {
		if defined[name] != 1 {
			t.Errorf("%s: %s is defined %d times", service, name, defined[name])
		}
	}
}

// TestDescription shows one of them whole.
func TestDescription(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	got := s.do(s.request("GET", deployment+"?WSDL", "", "")).body
	got = strings.ReplaceAll(strings.ReplaceAll(got, s.url, "http://smp01"), "><", ">\n<")
	got = strings.ReplaceAll(got, "\r\n", "\n") + "\n"
	file := filepath.Join("testdata", "deployment.wsdl")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), []byte(got)) {
		t.Errorf("it is not what %s says (-update writes it anew):\n%s", file, got)
	}
}

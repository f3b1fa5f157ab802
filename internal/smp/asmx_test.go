//go:build peers

package smp_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/lab/serve"
	"pslan/internal/peertest"
	"pslan/internal/smp"
	"pslan/internal/smp/wire"
)

// asmx is a lab behind web services of ASP.NET: testdata/asmx has services with the
// signatures of the platform's, and clients that .NET made from the lab's descriptions
// carry the calls on. So what pslan speaks with is ASP.NET's service stack, and what
// speaks with the lab is its client.
type asmx struct {
	*served
	app *peertest.ASMX
}

// behindASMX serves a lab in a dialect. nil: left out.
func behindASMX(t *testing.T, example string, pace serve.Pace, dialect ...string) *asmx {
	t.Helper()
	s := serveLab(t, example, dialect, pace, nil)
	backend, err := url.Parse(s.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	app := peertest.BuildASMX(t, "testdata/asmx", backend)
	if app == nil {
		return nil
	}
	return &asmx{s, app}
}

// through opens a connection over ASP.NET with a changed web.config.
func (a *asmx) through(t *testing.T, services []declared.SMPService, change ...string) {
	t.Helper()
	a.settings.URL, a.settings.Services = a.app.Start(t, change...).URL.String(), services
	a.open(t)
}

// Changes of web.config.
var (
	noForms   = off("HttpGet", "HttpPost")
	noSOAP11  = off("HttpSoap")
	noWSDL    = off("Documentation")
	anyMarkup = []string{`requestValidationMode="4.0"`, `requestValidationMode="2.0"`}
)

// off switches protocols off.
func off(protocols ...string) (change []string) {
	for _, p := range protocols {
		change = append(change, `<add name="`+p+`" />`, "")
	}
	return change
}

// named tells the namespaces of testdata/asmx that are not publicly known.
var named = []declared.SMPService{
	{Name: "DSTaskManagementService", Namespace: "http://tempuri.org/"}, {Name: "TaskManagementService", Namespace: "http://Altiris.ASDK.Task.com"},
	{Name: "SoftwarePackageManagementService", Namespace: "http://Altiris.ASDK.SMF.com/"},
	{Name: "SWDSolnPackageManagementService", Namespace: "http://Altiris.ASDK.NS.SoftwareDelivery.com"},
}

// byForm has every service that takes forms go by them.
func byForm() (all []declared.SMPService) {
	for _, name := range wire.ServiceNames() {
		if name != "ResourceModel" { // it takes GUIDs
			all = append(all, declared.SMPService{Name: name, Binding: string(wire.Form)})
		}
	}
	return all
}

// TestThroughASMX reads and writes a lab through ASP.NET, however its services are
// configured, and the doctor finds nothing wrong.
func TestThroughASMX(t *testing.T) {
	a := behindASMX(t, "new-smp", serve.Pace{Jump: true, Most: time.Minute})
	if a == nil {
		return
	}
	for _, c := range []struct {
		name     string
		services []declared.SMPService
		change   []string
	}{
		{"as it comes", nil, nil},
		{"forms", byForm(), anyMarkup},
		{"forms are off", nil, noForms},
		{"SOAP 1.2 alone", nil, slices.Concat(noForms, noSOAP11)},
		{"not described", named, noWSDL},
		{"not described, without forms, and with pages that tell nothing", named, slices.Concat(noWSDL, noForms, shortErrors)},
	} {
		t.Run(c.name, func(t *testing.T) {
			a.through(t, c.services, c.change...)
			sameEstate(t, read(t, a.lab), read(t, a))
			a.everyRequest(t)
			for _, check := range a.Doctor(t.Context(), smp.DoctorOptions{}).Checks {
				if check.Verdict == smp.Fails {
					t.Errorf("doctor: %+v", check)
				}
			}
		})
	}
}

// TestDotNetReadsTheLab: a client that .NET makes understands the lab in a dialect too.
func TestDotNetReadsTheLab(t *testing.T) {
	a := behindASMX(t, "legacy-and-pct", serve.Pace{}, "wsdl_overloads=asmx", "field_order=random", "nulls=random", "empty_fields=random", "guids=upper braces",
		"columns=escaped", "row_element=Table1", "time_offset=-08:00", "return_xml_header=utf-16", "missing_fields=Description", "off.*=get,post,soap12")
	if a == nil {
		return
	}
	a.through(t, nil)
	sameEstate(t, read(t, a.lab), read(t, a))
}

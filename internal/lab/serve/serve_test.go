package serve_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab"
	"pslan/internal/lab/serve"
)

// What the examples hold.
const (
	win11      = "ee7bda07-4d28-5298-a4dc-cb2512299ebd" // the package of WIN11-23H2
	win11Image = "b465f7f2-b1c9-5352-9cfe-8a133c82ba9e"
	ps008      = "23d57130-f530-5818-af0c-012165ad4c94"
	ps009      = "13303f4f-0924-58e8-8e50-99ee6dcf6f3c"
	ps010      = "0d62837c-f69f-54aa-80a6-f9331e78d1fd"

	smf        = "/Altiris/ASDK.SMF/SoftwarePackageManagementService.asmx"
	delivery   = "/Altiris/ASDK.NS.SoftwareDelivery/SWDSolnPackageManagementService.asmx"
	deployment = "/Altiris/ASDK.DeploymentSolution/DSTaskManagementService.asmx"
	items      = "/Altiris/ASDK.NS/ItemManagementService.asmx"
	resources  = "/Altiris/ASDK.NS/ResourceManagementService.asmx"
	reports    = "/Altiris/ASDK.NS/ReportManagementService.asmx"
	tasks      = "/Altiris/ASDK.Task/TaskManagementService.asmx"
	scoping    = "/Altiris/ASDK.NS/ScopingManagementService.asmx"
	collection = "/Altiris/ASDK.NS/CollectionManagementService.asmx"
	model      = "/Altiris/nswebservice/ResourceModel.asmx"
)

// served is a lab that is being served.
type served struct {
	*serve.Server
	t      *testing.T
	lab    *lab.Lab
	url    string
	client *http.Client
}

// start serves a lab made from an example.
func start(t *testing.T, example string, change func(*serve.Options)) *served {
	t.Helper()
	l, err := lab.Open(lab.Options{SeedFile: "../../../examples/" + example + "/estate.json", Disk: lab.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	return serveLab(t, l, change)
}

func serveLab(t *testing.T, l *lab.Lab, change func(*serve.Options)) *served {
	t.Helper()
	o := serve.Options{Lab: l, Seed: 1, Report: func(err error) { t.Error(err) }}
	if change != nil {
		change(&o)
	}
	s, err := serve.New(o)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := s.HTTP()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends when it is closed
	}()
	client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		server.Close()
		<-done
	})
	return &served{Server: s, t: t, lab: l, url: "http://" + listener.Addr().String(), client: client}
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   string
}

func (s *served) do(r *http.Request) reply {
	s.t.Helper()
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

func (s *served) request(method, path, kind, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

// post calls a method by form: names and values in turn.
func (s *served) post(service, method string, args ...string) reply {
	s.t.Helper()
	return s.do(s.request("POST", service+"/"+method, "application/x-www-form-urlencoded", form(args...)))
}

// must calls a method that has to go well.
func (s *served) must(service, method string, args ...string) string {
	s.t.Helper()
	r := s.post(service, method, args...)
	if r.status != 200 {
		s.t.Fatalf("%s: %d %s", method, r.status, r.body)
	}
	return r.body
}

func form(args ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(args); i += 2 {
		v.Add(args[i], args[i+1])
	}
	return v.Encode()
}

// soap calls a method by SOAP 1.1.
func (s *served) soap(service, namespace, method, inner string) reply {
	s.t.Helper()
	r := s.request("POST", service, "text/xml; charset=utf-8", envelope("http://schemas.xmlsoap.org/soap/envelope/", namespace, method, inner))
	r.Header.Set("SOAPAction", `"`+strings.TrimSuffix(namespace, "/")+"/"+method+`"`)
	return s.do(r)
}

func envelope(space, namespace, method, inner string) string {
	return `<s:Envelope xmlns:s="` + space + `"><s:Body><` + method + ` xmlns="` + namespace + `">` + inner + `</` + method + `></s:Body></s:Envelope>`
}

// value returns the text of the first element of a name.
func value(t *testing.T, xml, name string) string {
	t.Helper()
	if strings.Contains(xml, "<"+name+" />") {
		return ""
	}
	_, rest, ok := strings.Cut(xml, "<"+name+">")
	text, _, closed := strings.Cut(rest, "</"+name+">")
	if !ok || !closed {
		t.Fatalf("there is no %s in %s", name, xml)
	}
	return text
}

// lineBreaks stand between the elements of an answer to a form.
var lineBreaks = regexp.MustCompile(`>\r\n *<`)

func wants(t *testing.T, text string, parts ...string) {
	t.Helper()
	text = lineBreaks.ReplaceAllString(text, "><")
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in:\n%s", p, text)
		}
	}
}

// TestBindings asks the same thing in every way there is.
func TestBindings(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	const ns = "http://Altiris.ASDK.SMF.com"
	get := s.request("GET", strings.ToLower(smf)+"/GetPackage?PACKAGEGUID={"+strings.ToUpper(win11)+"}", "", "")
	soap12 := s.request("POST", smf, `application/soap+xml; charset=utf-8; action="`+ns+`/GetPackageX"`,
		envelope("http://www.w3.org/2003/05/soap-envelope", ns, "GetPackageX", "<packageGuid>"+win11+"</packageGuid>"))
	byBody := s.request("POST", smf, "application/soap+xml; charset=utf-8",
		envelope("http://www.w3.org/2003/05/soap-envelope", ns, "GetPackage", "<packageGuid>"+win11+"</packageGuid>"))
	for name, r := range map[string]reply{
		"post": s.post(smf, "GetPackage", "packageGuid", win11, "surplus", "1"), "get": s.do(get),
		"soap11": s.soap(smf, ns, "GetPackage", "<packageGuid>"+win11+"</packageGuid>"), "soap12": s.do(soap12), "soap12 by its body": s.do(byBody),
	} {
		t.Run(name, func(t *testing.T) {
			if r.status != 200 {
				t.Fatal(r)
			}
			for field, want := range map[string]string{
				"Guid": win11, "Name": "WIN11-23H2", "PackageServerAssigments": "ALL", "PackageServerAutoAssign": "False",
				"PackageLocation": `\\PS008\PkgSvrHost$\{` + win11 + `}`,
			} {
				if got := value(t, r.body, field); got != want {
					t.Errorf("%s is %q, want %q", field, got, want)
				}
			}
			if r.header.Get("Date") != "Sun, 22 Nov 2026 10:00:00 GMT" {
				t.Errorf("the date is %s: it has to be the lab's", r.header.Get("Date"))
			}
		})
	}
	if n := len(s.Journal()); n != 5 {
		t.Errorf("%d calls are in the journal", n)
	}
}

// TestWrongForms: ASP.NET's answers to what is wrong with a form.
func TestWrongForms(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	const formType = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		method, path, kind, body string
		status                   int
		want                     string
	}{
		"missing":       {"POST", smf + "/GetPackage", formType, "x=1", 500, "Missing parameter: packageGuid.\r\n"},
		"wrong case":    {"POST", smf + "/getPackage", formType, "packageGuid=" + win11, 500, "Invalid method name &#39;getPackage&#39;,  method names are case sensitive.   The method name &#39;GetPackage&#39; with the same name but different casing was found.\r\n"},
		"unknown":       {"POST", smf + "/GetPackages", formType, "", 500, "GetPackages Web Service method name is not valid.\r\n"},
		"takes a guid":  {"POST", smf + "/GetPackageX", formType, "packageGuid=" + win11, 500, "GetPackageX Web Service method name is not valid.\r\n"},
		"number":        {"POST", smf + "/SetPackageServerSettings", formType, "PackageGuid=" + win11 + "&AssignmentType=one&AutomaticSiteAssignment=false&PackageServers=&PackageServerLocation=", 500, "Cannot convert one to System.Int32.\r\n"},
		"boolean":       {"POST", delivery + "/SetPackageExPackageServerOptions", formType, "sPackageGuid=" + win11 + "&bAllOrSpecificPackageServers=1&sPackageServerGuids=&sLocationOnPackageServer=", 500, "Cannot convert 1 to System.Boolean.\r\n"},
		"media type":    {"POST", smf + "/GetPackage", "application/json", "{}", 500, "Request format is invalid: application/json.\r\n"},
		"verb":          {"PUT", smf + "/GetPackage", formType, "", 405, ""},
		"guid":          {"POST", smf + "/GetPackage", formType, "packageGuid=12", 500, "Invalid parameter packageGuid: Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)\r\n"},
		"soap only":     {"POST", model + "/GetResourceStructureList", formType, "", 500, "Request format is unrecognized for URL unexpectedly ending in &#39;/GetResourceStructureList&#39;."},
		"no service":    {"POST", "/Altiris/ASDK.NS/Other.asmx/A", formType, "", 404, "404"},
		"no page":       {"GET", "/", "", "", 404, "404"},
		"suffix":        {"GET", smf + "x", "", "", 404, "404"},
		"another verb":  {"DELETE", smf, "", "", 405, ""},
		"rotten escape": {"POST", smf + "/GetPackage", formType, "packageGuid=%zz", 500, "invalid URL escape"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.do(s.request(c.method, c.path, c.kind, c.body))
			if r.status != c.status || !strings.Contains(r.body, c.want) {
				t.Errorf("%d %q, want %d %q", r.status, r.body, c.status, c.want)
			}
		})
	}
}

// TestWrongSOAP: what is wrong with an envelope.
func TestWrongSOAP(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	const ns = "http://Altiris.ASDK.SMF.com"
	const e11, e12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
	call := func(kind, action, body string) reply {
		r := s.request("POST", smf, kind, body)
		if action != "" {
			r.Header.Set("SOAPAction", action)
		}
		return s.do(r)
	}
	good := envelope(e11, ns, "GetPackageX", "<packageGuid>"+win11+"</packageGuid>")
	for name, c := range map[string]struct {
		r      reply
		status int
		want   string
	}{
		"action":    {call("text/xml", `"`+ns+`/Other"`, good), 500, "<faultcode>soap:Client</faultcode><faultstring>Server did not recognize the value of HTTP Header SOAPAction: " + ns + "/Other.</faultstring>"},
		"no action": {call("text/xml", "", good), 500, "Unable to handle request without a valid action parameter."},
		"no xml":    {call("text/xml", `"`+ns+`/GetPackageX"`, "<a"), 400, ""},
		"dtd":       {call("text/xml", `"`+ns+`/GetPackageX"`, `<!DOCTYPE a [<!ENTITY b "c">]>`+good), 400, ""},
		"depth":     {call("text/xml", `"`+ns+`/GetPackageX"`, envelope(e11, ns, "GetPackageX", strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100))), 400, ""},
		"guid":      {call("text/xml", `"`+ns+`/GetPackageX"`, envelope(e11, ns, "GetPackageX", "<packageGuid>12</packageGuid>")), 500, "<faultcode>soap:Client</faultcode><faultstring>Server was unable to read request. ---&gt; There is an error in XML document (1, 1). ---&gt; Guid should contain 32 digits"},
		"type":      {call("application/json", "", "{}"), 415, ""},
		"1.2":       {call(`application/soap+xml; action="`+ns+`/Other"`, "", envelope(e12, ns, "Other", "")), 500, "<soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang=\"en\">Unable to handle request. The action '" + ns + "/Other' was not recognized."},
		"1.2, bare": {call("application/soap+xml", "", envelope(e12, ns, "Other", "")), 500, "Unable to handle request without a valid action parameter."},
		"version":   {call("application/soap+xml", "", good), 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.r.status != c.status || !strings.Contains(c.r.body, c.want) || c.want == "" && c.r.body != "" {
				t.Errorf("%d %q, want %d %q", c.r.status, c.r.body, c.status, c.want)
			}
		})
	}
	// SOAP 1.2 goes by the element where the action says nothing.
	for _, kind := range []string{"application/soap+xml", `application/soap+xml; action="` + ns + `/Other"`} {
		if r := call(kind, "", envelope(e12, ns, "GetPackageX", "<packageGuid>"+win11+"</packageGuid>")); r.status != 200 || value(t, r.body, "Name") != "WIN11-23H2" {
			t.Errorf("%s: %v", kind, r)
		}
	}
	// An argument in another namespace is none, as ASP.NET has it: the package is not found.
	r := call("text/xml", `"`+ns+`/GetPackageX"`, envelope(e11, ns, "GetPackageX", `<packageGuid xmlns="urn:other">`+win11+`</packageGuid>`))
	if r.status != 200 || value(t, r.body, "Guid") != "00000000-0000-0000-0000-000000000000" {
		t.Error(r)
	}
}

// TestExceptions: the ASDK's nodes stand in a SOAP fault, and in a form only the text does.
func TestExceptions(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	const unknown = "11111111-2222-3333-4444-555555555555"
	if r := s.post(items, "GetItemByGuid", "itemGuid", unknown); r.status != 500 || r.body != "itemGuid "+unknown+" does not exist\r\n" || r.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error(r)
	}
	r := s.soap(items, "http://Altiris.ASDK.NS.com", "GetItemByGuid", "<itemGuid>"+unknown+"</itemGuid>")
	wants(t, r.body, "<faultcode>soap:Server</faultcode><faultstring>itemGuid "+unknown+" does not exist</faultstring>",
		"<exceptionType>Altiris.ASDK.ASDKDoesNotExistException</exceptionType>", "<stackTrace>", "<innerException />")
	if s.must(items, "ItemExists", "itemGuid", unknown); !strings.Contains(s.must(items, "ItemExists", "itemGuid", win11), ">true</boolean>") {
		t.Error("an item that is there does not exist")
	}
}

func TestPage(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	r := s.do(s.request("GET", items, "", ""))
	wants(t, r.body, "<h1>ItemManagementService</h1>", "<li>GetItemByGuid</li>", "<li>GetItemByGuidX</li>")
	if r = s.do(s.request("GET", items+"?wsdl", "", "")); r.status != 200 || r.header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Error(r)
	}
	wants(t, r.body, `targetNamespace="http://Altiris.ASDK.NS.com"`, `location="`+s.url+items+`"`)
}

package serve_test

import (
	"encoding/json"
	"errors"
	"html"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab/serve"
)

func speaking(t *testing.T, example string, settings ...string) *served {
	t.Helper()
	d, err := serve.ParseDialect(settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, example, func(o *serve.Options) { o.Dialect = d })
}

func TestParseDialect(t *testing.T) {
	files := map[string]string{
		"a.json":     "\ufeff" + `{"guids": "upper", "overloads": {"*": "reversed"}, "troubles": [{"kind": "503", "count": 1, "for": "1s"}]}`,
		"wrong.json": `{"guid": "upper"}`,
		"typo.json":  `{"guids": "upperr"}`,
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("not there")
	}
	d, err := serve.ParseDialect([]string{"a.json", "guids=braces", "off.*=get,post", "overloads.ItemManagementService=plain/2"}, read)
	if err != nil {
		t.Fatal(err)
	}
	want := serve.Dialect{GUIDs: "braces", Off: map[string][]string{"*": {"get", "post"}}, Overloads: map[string]string{"*": "reversed", "ItemManagementService": "plain/2"},
		Troubles: []serve.Trouble{{Kind: "503", Count: 1, For: serve.Span(time.Second)}}}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("%+v", d)
	}
	for _, c := range []struct{ setting, want string }{
		{"b.json", "the dialect b.json cannot be read: not there"}, {"wrong.json", `unknown field "guid"; the settings are: assignment_rows, associations, channel_binding, columns,`},
		{"typo.json", `guids cannot be "upperr"; it is one of: plain, braces, upper, upper braces. Did you mean "upper"?`}, {"time_offset=two", `it is written +02:00`},
		{"off.Other=get", `a service in off cannot be "Other"`}, {"off.*=ftp", `off.* cannot be "ftp"`}, {"logins=Kerberos", `logins cannot be "Kerberos"`},
		{"unlicensed=DS", `cannot be "DS"`}, {"guids.x=1", "cannot unmarshal"},
	} {
		if _, err := serve.ParseDialect([]string{c.setting}, read); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.setting, err, c.want)
		}
	}
}

// TestEverySettingIsNamed: whoever adds one tells of it where the list is printed.
func TestEverySettingIsNamed(t *testing.T) {
	_, err := serve.ParseDialect([]string{"nonsense=1"}, nil)
	kind := reflect.TypeFor[serve.Dialect]()
	docs, readErr := os.ReadFile("../../../docs/lab.md")
	if readErr != nil {
		t.Fatal(readErr)
	}
	if !strings.Contains(string(docs), serve.PackageListTask) {
		t.Error("docs/lab.md does not tell of the task that prints packages")
	}
	for i := range kind.NumField() {
		name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		if err == nil || !strings.Contains(err.Error(), " "+name+",") && !strings.HasSuffix(err.Error(), " "+name) {
			t.Errorf("%s is not in %v", name, err)
		}
		if !strings.Contains(string(docs), "`"+name+"`") {
			t.Errorf("docs/lab.md does not tell of %s", name)
		}
	}
}

func TestOverloads(t *testing.T) {
	names := regexp.MustCompile(`<li>(GetItemByGuid\w*)</li>`)
	for way, want := range map[string][]string{
		"plain/X": {"GetItemByGuid", "GetItemByGuidX"}, "plain/2": {"GetItemByGuid", "GetItemByGuid2"},
		"reversed": {"GetItemByGuid2", "GetItemByGuid"}, "guid only": {"GetItemByGuid"},
	} {
		s := speaking(t, "retire-ps008", "overloads.*="+way)
		var got []string
		for _, m := range names.FindAllStringSubmatch(s.do(s.request("GET", items, "", "")).body, -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", way, got, want)
		}
		carried := map[string]string{"plain/X": "GetItemByGuid", "plain/2": "GetItemByGuid", "reversed": "GetItemByGuid2"}[way]
		if carried != "" {
			s.must(items, carried, "itemGuid", win11)
		} else if r := s.post(items, "GetItemByGuid", "itemGuid", win11); r.status != 500 {
			t.Error("a form carried a GUID", r)
		}
	}
}

func TestNamespacesAndProtocols(t *testing.T) {
	s := speaking(t, "retire-ps008", "namespaces.ItemManagementService=urn:other/", "off.*=get,post", "off.ReportManagementService=soap11,soap12,wsdl")
	if r := s.soap(items, "urn:other/", "ItemExists", "<itemGuid>"+win11+"</itemGuid>"); r.status != 200 || value(t, r.body, "ItemExistsResult") != "true" {
		t.Error(r)
	}
	if r := s.soap(items, "urn:other", "ItemExists", "<itemGuid>"+win11+"</itemGuid>"); r.status != 500 {
		t.Error("a namespace without its slash is another one", r)
	}
	got := s.post(items, "ItemExists", "itemGuid", win11)
	if got.status != 500 || got.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(html.UnescapeString(got.body), "Request format is unrecognized for URL unexpectedly ending in '/ItemExists'.") {
		t.Error(got)
	}
	if got := s.soap(reports, "http://Altiris.ASDK.NS.com", "RunReport", ""); got.status != 415 {
		t.Error(got)
	}
	if got := s.do(s.request("GET", reports+"?WSDL", "", "")); got.status != 500 {
		t.Error(got)
	}
	if got := speaking(t, "retire-ps008", "off.*=wsdl"); got.do(got.request("GET", items+"?WSDL", "", "")).status != 405 {
		t.Error("SOAP takes a GET")
	}
	wsdl := s.do(s.request("GET", items+"?WSDL", "", "")).body
	if strings.Contains(wsdl, "HttpPost") || !strings.Contains(wsdl, `soapAction="urn:other/ItemExists"`) {
		t.Error(wsdl)
	}
}

// TestSpelling: order, nulls, GUIDs and empty fields, the same for the same seed.
func TestSpelling(t *testing.T) {
	details := func(settings ...string) string {
		s := speaking(t, "retire-ps008", settings...)
		return s.must(items, "GetItemByGuid", "itemGuid", win11)
	}
	plain := details()
	if strings.Contains(plain, "ScheduleXml") || !strings.Contains(plain, "<AppliedToResourceTargets />") {
		t.Error("null is absent, and nothing is an empty element", plain)
	}
	random := details("field_order=random")
	if random == plain || random != details("field_order=random") {
		t.Error("the order is drawn from the seed", random)
	}
	if len(random) != len(plain) {
		t.Error("an order changes nothing but the order")
	}
	wants(t, details("nulls=nil"), `<ScheduleXml xsi:nil="true"`)
	for style, want := range map[string]string{"braces": "{" + win11 + "}", "upper": strings.ToUpper(win11), "upper braces": "{" + strings.ToUpper(win11) + "}"} {
		wants(t, details("guids="+style), "<Guid>"+want+"</Guid>")
	}
	if text := details("empty_fields=absent", "missing_fields=Name,TypeName"); strings.Contains(text, "AppliedTo") || strings.Contains(text, "<Name>") || strings.Contains(text, "<TypeName>") {
		t.Error(text)
	}
}

func TestErrorForms(t *testing.T) {
	const unknown = "11111111-2222-3333-4444-555555555555"
	for form, c := range map[string]struct {
		status, soapStatus int
		text, soap         string
	}{
		"plain":      {500, 500, "itemGuid " + unknown + " does not exist\r\n", "<faultstring>Server was unable to process request. ---&gt; itemGuid"},
		"stack":      {500, 500, "Altiris.ASDK.ASDKDoesNotExistException: itemGuid " + unknown + " does not exist\r\n   at ", "SoapException: Server was unable to process request. ---&gt; Altiris.ASDK.ASDKDoesNotExistException"},
		"suppressed": {500, 500, "An error occurred on the server.\r\n", "<faultstring>Server was unable to process request.</faultstring>"},
		"html":       {500, 500, "<!DOCTYPE html>", "<!DOCTYPE html>"},
		"empty 400":  {500, 400, "itemGuid", ""},
	} {
		s := speaking(t, "retire-ps008", "errors="+form, "error_detail=absent")
		if r := s.post(items, "GetItemByGuid", "itemGuid", unknown); r.status != c.status || !strings.Contains(r.body, c.text) {
			t.Errorf("%s: %v", form, r)
		}
		r := s.soap(items, "http://Altiris.ASDK.NS.com", "GetItemByGuid", "<itemGuid>"+unknown+"</itemGuid>")
		if r.status != c.soapStatus || !strings.Contains(r.body, c.soap) || strings.Contains(r.body, "exceptionType") || c.soap == "" && r.body != "" {
			t.Errorf("%s: %v", form, r)
		}
	}
}

// TestFormMarkup: what looks like markup is refused in a form and in a query, and SOAP
// carries it.
func TestFormMarkup(t *testing.T) {
	s := speaking(t, "retire-ps008", "form_markup=refused")
	const refused = "A potentially dangerous Request.Form value was detected from the client (itemName=&quot;"
	for value, taken := range map[string]bool{"<a>": false, "a </b": false, "&#13;": false, "a < b & c": true, "é <1>": true} {
		r := s.post(items, "GetItemsByName", "itemName", value)
		if (r.status == 200) != taken || !taken && !strings.HasPrefix(r.body, refused) {
			t.Errorf("%q: %d %s", value, r.status, r.body)
		}
	}
	if r := s.do(s.request("GET", items+"/GetItemsByName?itemName=%3Ca%3E", "", "")); r.status != 500 || !strings.HasPrefix(r.body, "A potentially dangerous Request.QueryString value") {
		t.Error(r)
	}
	if r := s.soap(items, "http://Altiris.ASDK.NS.com", "GetItemsByName", "<itemName>&lt;a&gt;</itemName>"); r.status != 200 {
		t.Error(r)
	}
}

func TestLibrariesAndRights(t *testing.T) {
	s := speaking(t, "retire-ps008", "unlicensed=DeploymentSolution", "not_installed=SMF", "denied=ExecuteTask,ItemManagementService")
	for _, c := range []struct {
		r    reply
		want string
	}{
		{s.post(deployment, "RunDeploymentSolutionTask", "xml", "<DeploymentItem />"), "The license for product Deployment Solution was not found or is expired."},
		{s.post(smf, "GetPackage", "packageGuid", win11), "Product Software Management Framework was not found."},
		{s.post(items, "ItemExists", "itemGuid", win11), "does not have required permission"},
		{s.post(tasks, "ExecuteTask", "taskGuid", serve.RefreshTask, "executionName", "", "inputParameters", ""), "Unable to check for license"},
	} {
		if c.r.status != 500 || !strings.Contains(html.UnescapeString(c.r.body), c.want) {
			t.Errorf("%v, want %s", c.r, c.want)
		}
	}
	s.must(tasks, "GetTask", "taskGuid", serve.RefreshTask)
}

func TestImagePackages(t *testing.T) {
	set := []string{"PackageGuid", win11, "AssignmentType", "1", "AutomaticSiteAssignment", "false", "PackageServers", ps009, "PackageServerLocation", ""}
	for way, c := range map[string]struct{ get, set, points string }{
		"yes":          {"ALL", "INDIVIDUALLY", ">true<"},
		"invalid type": {"Parameter PackageGuid is not of type SoftwarePackage", "is not of type", "is not of type"},
		"empty":        {"<Guid>00000000-0000-0000-0000-000000000000</Guid>", "does not exist", ">false<"},
		"false":        {"ALL", "ALL", ">false<"},
	} {
		s := speaking(t, "retire-ps008", "image_packages="+way)
		wants(t, s.post(smf, "GetPackage", "packageGuid", win11).body, c.get)
		wants(t, s.post(smf, "SetPackageServerSettings", set...).body, c.set)
		wants(t, s.post(smf, "UpdateDistributionPoints", "PackageGuid", win11).body, c.points)
		if got := row(t, s.report("assignments"), "package", win11); way != "yes" && got["mode"] != "all" {
			t.Errorf("%s: it was changed all the same: %v", way, got)
		}
	}
}

func TestReportForms(t *testing.T) {
	s := speaking(t, "retire-ps008", "row_element=Table1", "columns=escaped", "time_offset=+02:00", "status_words.Ready=bereit")
	body := s.must(reports, "RunReport", "reportItemGuid", serve.Reports()[0].GUID.String())
	wants(t, body, `<xs:element name="Table1">`, "<Table1><guid>"+ps008+"</guid>", "<last_x0020_seen>2026-11-22T12:00:00+02:00</last_x0020_seen>")
	wants(t, s.must(reports, "RunReport", "reportItemGuid", "1ab00000-0005-4000-8000-000000000005"), "<status>bereit</status>")
	if got := serve.EncodeName("a_x0041_ 1é<"); got != "a_x005F_x0041__x0020_1é_x003C_" {
		t.Error(got)
	}
}

// TestReturnXML: the shapes of the deployment service's answers, whole.
func TestReturnXML(t *testing.T) {
	ask := "<DeploymentItem><ItemType>Resources</ItemType><ItemName>Personality</ItemName><ItemAction>GetAll</ItemAction></DeploymentItem>"
	location := `\\PS008\PkgSvrHost$\{7443cf68-e20b-51a7-bbdc-c1f9978cae6f}`
	inner := "<PCTResource><Name>Office settings</Name><Description /><Location>" + location + "</Location><ResourceGuid>ea92629e-18a6-561f-b31c-b129e685c598</ResourceGuid></PCTResource>"
	for settings, want := range map[string]string{
		"return_xml=elements":         "<PCTResources>" + inner + "</PCTResources>",
		"return_xml=wrapped":          "<PCTResources><Items>" + inner + "</Items></PCTResources>",
		"return_xml=single":           inner,
		"return_xml=none":             "<PCTResources />",
		"return_xml=attributes":       `<PCTResources><PCTResource Name="Office settings" Description="" Location="` + location + `" ResourceGuid="ea92629e-18a6-561f-b31c-b129e685c598" /></PCTResources>`,
		"return_xml_names=prefixed":   "<PCTResources>" + strings.NewReplacer("<N", "<PCTResource_N", "</N", "</PCTResource_N", "<D", "<PCTResource_D", "</D", "</PCTResource_D", "<L", "<PCTResource_L", "</L", "</PCTResource_L", "<R", "<PCTResource_R", "</R", "</PCTResource_R").Replace(inner) + "</PCTResources>",
		"return_xml_names=extra":      "<PCTResources>" + strings.Replace(strings.Replace(inner, "<Name>", "<SchemaVersion>8.0</SchemaVersion><Name>", 1), "</PCTResource>", `<Culture>en-US</Culture><CreatedBy>CONTOSO\svc</CreatedBy></PCTResource>`, 1) + "</PCTResources>",
		"return_xml_header=utf-16":    "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<PCTResources>" + inner + "</PCTResources>",
		"return_xml_header=bom":       "\ufeff<PCTResources>" + inner + "</PCTResources>",
		"return_xml_header=none":      "<PCTResources>" + inner + "</PCTResources>",
		"return_xml_names=documented": "<PCTResources>" + inner + "</PCTResources>",
	} {
		s := speaking(t, "legacy-and-pct", settings)
		body := s.must(deployment, "RunDeploymentSolutionTask", "xml", ask)
		if got := html.UnescapeString(value(t, body, "ReturnXML")); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", settings, got, want)
		}
	}
}

func TestComputersOfTheirOwn(t *testing.T) {
	s := speaking(t, "retire-ps008", "computer_guids=own")
	server := row(t, s.report("package_servers"), "name", "PS009")
	if server["guid"] != ps009 || server["computer"] == ps009 {
		t.Fatal(server)
	}
	if body := s.must(resources, "GetComputerByNameAndDomain", "name", "ps009", "domain", "CONTOSO"); !strings.Contains(body, server["computer"]) {
		t.Error(body)
	}
	if r := s.post(tasks, "ExecuteTask", "taskGuid", serve.RefreshTask, "executionName", "x", "inputParameters", strings.Replace(input, "RESOURCES", ps009, 1)); r.status != 500 {
		t.Error("a package server is no computer here", r)
	}
	s.refresh(server["computer"])
}

func TestCutOutput(t *testing.T) {
	s := speaking(t, "retire-ps008", "task_output=cut")
	instance := s.task(serve.PackageListTask, ps009)
	s.advance(5 * time.Minute)
	if body := s.must(tasks, "GetTaskResourceStatus", "taskInstanceGuid", instance, "resourceGuid", ps009); strings.Contains(body, "end\t11") || !strings.Contains(body, "pslan packages 1") {
		t.Error(body)
	}
}

func TestWSDLWithSharedNames(t *testing.T) {
	s := speaking(t, "retire-ps008", "wsdl_overloads=asmx")
	body := s.do(s.request("GET", items+"?WSDL", "", "")).body
	wants(t, body, `<wsdl:operation name="GetItemByGuid"><wsdl:input name="GetItemByGuidX" message="tns:GetItemByGuidXSoapIn" />`)
	if strings.Contains(body, `<wsdl:operation name="GetItemByGuidX">`) {
		t.Error("an overload has an operation of its own")
	}
}

func FuzzParseDialect(f *testing.F) {
	f.Add("guids", "upper", `{"off":{"*":["get"]}}`)
	f.Add("off.*", "get,post", `{}`)
	f.Fuzz(func(t *testing.T, name, value, file string) {
		d, err := serve.ParseDialect([]string{"a.json", name + "=" + value}, func(string) ([]byte, error) { return []byte(file), nil })
		if err != nil {
			return
		}
		if _, err := json.Marshal(d); err != nil {
			t.Error(err)
		}
	})
}

//go:build peers

package smp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/lab/serve"
	"pslan/internal/smp/wire"
)

// TestLabIsLikeASMX holds the lab's server against ASP.NET: the same services describe
// themselves alike, and answer the same requests with the same words.
func TestLabIsLikeASMX(t *testing.T) {
	a := behindASMX(t, "new-smp", serve.Pace{}, "form_markup=refused", "wsdl_overloads=asmx",
		"namespaces.SoftwarePackageManagementService="+smfSpace, "namespaces.DSTaskManagementService="+dsSpace,
		"namespaces.ResourceModel=http://nswebservice.invalid/ResourceModel")
	if a == nil {
		return
	}
	web := a.app.Start(t, shortErrors...)
	t.Run("descriptions", func(t *testing.T) { alikeDescribed(t, a.http.URL, web.URL.String()) })
	t.Run("answers", func(t *testing.T) { alikeAnswered(t, a.http.URL, web.URL.String()) })
}

// Services below /Altiris/, and the namespaces of testdata/asmx.
const (
	itemsPath   = "ASDK.NS/ItemManagementService.asmx"
	reportsPath = "ASDK.NS/ReportManagementService.asmx"
	smfPath     = "ASDK.SMF/SoftwarePackageManagementService.asmx"
	dsPath      = "ASDK.DeploymentSolution/DSTaskManagementService.asmx"
	tasksPath   = "ASDK.Task/TaskManagementService.asmx"

	nsSpace  = "http://Altiris.ASDK.NS.com"
	smfSpace = "http://Altiris.ASDK.SMF.com/"
	dsSpace  = "http://tempuri.org/"
)

func describedAt(t *testing.T, base, service string) *wire.Description {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.New(wire.Options{Base: u, PlainHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d, err := c.Discover(t.Context(), service)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func alikeDescribed(t *testing.T, lab, asmx string) {
	for _, service := range []string{"SoftwarePackageManagementService", "SWDSolnPackageManagementService", "DSTaskManagementService", "ItemManagementService",
		"ResourceManagementService", "ReportManagementService", "TaskManagementService", "ResourceModel"} {
		theirs, ours := describedAt(t, asmx, service), describedAt(t, lab, service)
		for i := range theirs.Operations {
			o := &theirs.Operations[i]
			if service == "ResourceModel" { // the platform's has no forms, whatever they could carry
				o.Bindings = []wire.Binding{wire.SOAP11, wire.SOAP12}
			}
			if d := cmp.Diff(o, ours.Operation(o.Name)); d != "" {
				t.Errorf("%s: -ASP.NET +lab\n%s", service, d)
			}
		}
		if theirs.Namespace != ours.Namespace {
			t.Errorf("%s: %s and %s", service, theirs.Namespace, ours.Namespace)
		}
	}
}

// rawRequest is sent as it is.
type rawRequest struct{ verb, path, kind, action, body string }

func formRequest(path, body string) rawRequest {
	return rawRequest{"POST", path, "application/x-www-form-urlencoded", "", body}
}

func soapRequest(version wire.Binding, path, namespace, method, inner string) rawRequest {
	space, kind, action := "http://schemas.xmlsoap.org/soap/envelope/", "text/xml; charset=utf-8", `"`+strings.TrimSuffix(namespace, "/")+"/"+method+`"`
	if version == wire.SOAP12 {
		space, kind, action = "http://www.w3.org/2003/05/soap-envelope", `application/soap+xml; charset=utf-8; action=`+action, ""
	}
	return rawRequest{"POST", path, kind, action, `<s:Envelope xmlns:s="` + space + `"><s:Body><` + method + ` xmlns="` + namespace + `">` + inner + `</` + method + `></s:Body></s:Envelope>`}
}

// requestsToCompare are good and bad ones. Those with which Mono does otherwise than .NET
// Framework are not among them: a PUT, a text that is no envelope, a media type of none,
// and how much of a long value is told where markup is refused.
func requestsToCompare() []rawRequest {
	const nobody, images = "11111111-2222-3333-4444-555555555555", "&lt;DeploymentItem>&lt;ItemType>Resources&lt;/ItemType>&lt;ItemName>Image&lt;/ItemName>&lt;ItemAction>getall&lt;/ItemAction>&lt;/DeploymentItem>"
	report := serve.Reports()[0].GUID.String()
	var all []rawRequest
	for _, v := range bindings[1:] {
		all = append(all,
			soapRequest(v, itemsPath, nsSpace, "ItemExists", "<itemGuid>"+report+"</itemGuid>"),
			soapRequest(v, itemsPath, nsSpace, "GetItemByGuid", "<itemGuid>"+report+"</itemGuid>"),
			soapRequest(v, itemsPath, nsSpace, "GetItemByGuidX", "<itemGuid>{"+strings.ToUpper(report)+"}</itemGuid>"),
			soapRequest(v, itemsPath, nsSpace, "GetItemByGuid", "<itemGuid>"+nobody+"</itemGuid>"),
			soapRequest(v, itemsPath, nsSpace, "GetItemByGuidX", "<itemGuid>x</itemGuid>"),
			soapRequest(v, itemsPath, nsSpace, "GetItemByGuid", ""),
			soapRequest(v, itemsPath, nsSpace, "GetItemsByName", "<itemName>nobody</itemName>"),
			soapRequest(v, itemsPath, nsSpace, "GetItemsByNameAndType", "<name>nobody</name><type>nothing</type>"),
			soapRequest(v, itemsPath, nsSpace, "GetItemsByNameAndType", "<name>%</name><type>Report</type>"),
			soapRequest(v, itemsPath, nsSpace, "ExecuteSchedulableItem", "<itemGuid>"+serve.MembershipSchedule+"</itemGuid>"),
			soapRequest(v, itemsPath, nsSpace, "Nothing", ""),
			soapRequest(v, reportsPath, nsSpace, "RunReport", "<reportItemGuid>"+report+"</reportItemGuid>"),
			soapRequest(v, dsPath, dsSpace, "RunDeploymentSolutionTask", "<xml>"+images+"</xml>"),
			soapRequest(v, dsPath, dsSpace, "RunDeploymentSolutionTask", ""),
			soapRequest(v, smfPath, smfSpace, "GetPackage", "<packageGuid>"+nobody+"</packageGuid>"),
			soapRequest(v, smfPath, smfSpace, "SetPackageServerSettings", "<PackageGuid>"+nobody+"</PackageGuid><AssignmentType>x</AssignmentType>"),
		)
	}
	return append(all,
		formRequest(itemsPath+"/ItemExists", "itemGuid="+report), formRequest(itemsPath+"/ItemExists", "ITEMGUID="+report+"&x=y"),
		formRequest(itemsPath+"/ItemExists", ""), formRequest(itemsPath+"/itemexists", "itemGuid="+report),
		formRequest(itemsPath+"/ItemExistsX", "itemGuid="+report), formRequest(itemsPath+"/Nothing", ""),
		formRequest(itemsPath+"/GetItemByGuid", "itemGuid="+report), formRequest(itemsPath+"/GetItemByGuid", "itemGuid="+nobody),
		formRequest(itemsPath+"/GetItemByGuid", "itemGuid=x"), formRequest(itemsPath+"/GetItemsByName", "itemName=nobody"),
		formRequest(itemsPath+"/GetItemsByNameAndType", "name=nobody&type=nothing"), formRequest(itemsPath+"/GetItemsByNameAndType", "name=%25&type=Report"),
		formRequest(itemsPath+"/ExecuteSchedulableItem", "itemGuid="+serve.MembershipSchedule), formRequest(itemsPath+"/ExportItemXmlString", "itemGuid="+report),
		formRequest(reportsPath+"/RunReport", "reportItemGuid="+report),
		formRequest(dsPath+"/RunDeploymentSolutionTask", "xml=%3Ca%2F%3E"), formRequest(dsPath+"/RunDeploymentSolutionTask", "xml=a"),
		formRequest(smfPath+"/GetPackage", "packageGuid="+nobody),
		formRequest(smfPath+"/SetPackageServerSettings", "PackageGuid="+nobody+"&AssignmentType=x&AutomaticSiteAssignment=&PackageServers=&PackageServerLocation="),
		formRequest(smfPath+"/SetPackageSource", "PackageGuid="+nobody+"&PackageSourceType=1&PackageLocation=&PackageFolder=&IgnoreAttributes=1"),
		formRequest(tasksPath+"/GetTaskStatus", "taskGuid="+serve.RefreshTask), formRequest(tasksPath+"/GetTask", "taskGuid="+serve.RefreshTask),
		rawRequest{"GET", itemsPath + "/ItemExists?itemGuid=" + report, "", "", ""}, rawRequest{"GET", itemsPath + "/ItemExists", "", "", ""},
		rawRequest{"POST", itemsPath + "/ItemExists", "application/json", "", "{}"},
		rawRequest{"POST", itemsPath, "text/xml", `"` + nsSpace + `/ItemExists"`, "<x"},
	)
}

// to sends the request and returns all of the answer.
func (q *rawRequest) to(t *testing.T, base string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), q.verb, base+"/Altiris/"+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if q.action != "" {
		r.Header["SOAPAction"] = []string{q.action}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s\n%s", resp.StatusCode, resp.Header.Get("Content-Type"), body)
}

func alikeAnswered(t *testing.T, lab, asmx string) {
	for _, q := range requestsToCompare() {
		theirs, ours := normal(q.to(t, asmx)), normal(q.to(t, lab))
		pattern := unfilled.ReplaceAllString(regexp.QuoteMeta(theirs), `.*`)
		if !regexp.MustCompile(`(?s)^` + pattern + `$`).MatchString(ours) {
			t.Errorf("%s %s %s %s\n--- ASP.NET\n%s\n--- lab\n%s\n", q.verb, q.path, q.action, q.body, theirs, ours)
		}
	}
}

var (
	// unfilled is a place in a message of ASP.NET's that Mono does not fill in.
	unfilled = regexp.MustCompile(`\\\{\d\\\}`)
	place    = regexp.MustCompile(`XML document \(\d+, \d+\)`)
	detail   = regexp.MustCompile(`(?s)<(?:soap:D|d)etail>.*?(<exceptionType>.*</exceptionType>).*?</(?:soap:D|d)etail>`)
	spaces   = regexp.MustCompile(`xmlns:xs[di]="[^"]*" xmlns:xs[di]="[^"]*"`)
)

// normal is an answer without what may differ: how lines end, in which order namespaces
// are named, the place of a mistake, and where in its detail the SDK's nodes lie.
func normal(answer string) string {
	answer = strings.ReplaceAll(answer, "\r\n", "\n")
	answer = place.ReplaceAllString(answer, "XML document (1, 1)")
	answer = spaces.ReplaceAllString(answer, "xmlns:xsi")
	return detail.ReplaceAllString(answer, "$1")
}

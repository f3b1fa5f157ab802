package serve_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pslan/internal/lab"
	"pslan/internal/lab/serve"
)

// FuzzRequest sends what nobody would send: there is an answer, whole or cut off, and
// never another panic.
func FuzzRequest(f *testing.F) {
	const e11 = "http://schemas.xmlsoap.org/soap/envelope/"
	f.Add("POST", smf+"/GetPackage", "application/x-www-form-urlencoded", "", "packageGuid="+win11)
	f.Add("GET", items+"/GetItemsByNameAndType?name=%25&type=ComputerResource", "", "", "")
	f.Add("POST", items, "text/xml", `"http://Altiris.ASDK.NS.com/GetItemByGuid"`, envelope(e11, "http://Altiris.ASDK.NS.com", "GetItemByGuid", "<itemGuid>"+win11+"</itemGuid>"))
	f.Add("POST", model, `application/soap+xml; action="http://Altiris.NSWebService.com/GetResource"`, "", envelope("http://www.w3.org/2003/05/soap-envelope", "http://Altiris.NSWebService.com", "GetResource", "<resourceGUID>"+win11+"</resourceGUID><dataClassTypesToFetchGUID><guid>"+win11+"</guid></dataClassTypesToFetchGUID>"))
	f.Add("POST", tasks+"/ExecuteTask", "application/x-www-form-urlencoded", "", form("taskGuid", serve.RefreshTask, "executionName", "x", "inputParameters", strings.Replace(input, "RESOURCES", ps009, 1)))
	f.Add("POST", deployment+"/RunDeploymentSolutionTask", "application/x-www-form-urlencoded", "", form("xml", "<DeploymentItem><ItemType>Resources</ItemType><ItemName>Image</ItemName><ItemAction>get</ItemAction><Item><Name>WIN11-23H2</Name></Item></DeploymentItem>"))
	f.Add("GET", itemPage+win11, "", "", "")
	f.Add("POST", smf+"/SetPackageServerSettings", "application/x-www-form-urlencoded", "", form(narrow...))
	l, err := lab.Open(lab.Options{SeedFile: "../../../examples/retire-ps008/estate.json", Disk: lab.NewMemory()})
	if err != nil {
		f.Fatal(err)
	}
	s, err := serve.New(serve.Options{Lab: l, Pace: serve.Pace{Jump: true}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path, kind, action, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://smp01/", strings.NewReader(body))
		if err != nil {
			return
		}
		if r.URL, err = r.URL.Parse("/" + strings.TrimPrefix(path, "/")); err != nil {
			return
		}
		r.Header["Content-Type"], r.Header["Soapaction"] = []string{kind}, []string{action}
		w := httptest.NewRecorder()
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
			}
		}()
		s.ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("status %d", w.Code)
		}
	})
}

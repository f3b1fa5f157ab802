package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clientOf is a client of a server that the test plays.
func clientOf(t *testing.T, handler http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Base: base, PlainHTTP: true, Retries: -1}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.wait = func(context.Context, time.Duration) error { return nil }
	t.Cleanup(c.Close)
	return c
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// received is what a server saw of one call.
type received struct{ path, contentType, action, body string }

// ask calls a service with the description in a file and returns what was sent, each
// call answered by the next of answers.
func ask(t *testing.T, wsdl string, call Call, answers []func(http.ResponseWriter), change ...func(*Options)) ([]received, *Node, error) {
	t.Helper()
	var got []received
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if wsdl == "" {
				http.Error(w, "no documentation here", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, testdata(t, wsdl))
			return
		}
		body, _ := io.ReadAll(r.Body)
		got = append(got, received{r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("SOAPAction"), string(body)})
		if len(got) > len(answers) {
			http.Error(w, "too many calls", http.StatusTeapot)
			return
		}
		answers[len(got)-1](w)
	}, change...)
	n, err := c.Call(t.Context(), call)
	return got, n, err
}

func xmlAnswer(body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = io.WriteString(w, body)
	}
}

func textAnswer(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { http.Error(w, body, status) }
}

const (
	guidText = "5b0c6f1e-52a1-4a35-9d6c-0d5be1a0f001"
)

func item(params ...Param) Call {
	return Call{Service: "ItemManagementService", Method: "ItemExists", Params: params}
}

func envelope(response string) string {
	return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>` + response + `</soap:Body></soap:Envelope>`
}

// pageAnswer is a page for people, with a status of failure.
func pageAnswer(title string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(500)
		_, _ = io.WriteString(w, "<html><title>"+title+"</title></html>")
	}
}

func TestWaysOfACall(t *testing.T) {
	exists := item(Param{Name: "itemGuid", Value: "{" + strings.ToUpper(guidText) + "}"})
	trueForm := xmlAnswer(`<boolean xmlns="http://Altiris.ASDK.NS.com">true</boolean>`)
	trueSOAP := xmlAnswer(envelope(`<ItemExistsXResponse xmlns="http://Altiris.ASDK.NS.com"><ItemExistsXResult>true</ItemExistsXResult></ItemExistsXResponse>`))
	not := func(method string) func(http.ResponseWriter) {
		return textAnswer(500, method+" Web Service method name is not valid.")
	}
	const path = "/Altiris/ASDK.NS/ItemManagementService.asmx"
	form := received{path + "/ItemExists", "application/x-www-form-urlencoded", "", "itemGuid=" + guidText}
	formX := received{path + "/ItemExistsX", "application/x-www-form-urlencoded", "", "itemGuid=" + guidText}
	form2 := received{path + "/ItemExists2", "application/x-www-form-urlencoded", "", "itemGuid=" + guidText}
	soap := func(envelope, method, contentType, action string) received {
		return received{path, contentType, action, `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="` + envelope + `"><s:Body><` + method +
			` xmlns="http://Altiris.ASDK.NS.com"><itemGuid>` + guidText + `</itemGuid></` + method + `></s:Body></s:Envelope>`}
	}
	soap11 := func(method string) received {
		return soap(envelope11, method, "text/xml; charset=utf-8", `"http://Altiris.ASDK.NS.com/`+method+`"`)
	}
	soap12 := soap(envelope12, "ItemExists", `application/soap+xml; charset=utf-8; action="http://Altiris.ASDK.NS.com/ItemExists"`, "")
	set := func(o Override) func(*Options) {
		return func(all *Options) { all.Services = map[string]Override{"ItemManagementService": o} }
	}
	for _, c := range []struct {
		name    string
		wsdl    string
		set     Override
		answers []func(http.ResponseWriter)
		want    []received
	}{
		{"described, by form", "item.wsdl", Override{}, []func(http.ResponseWriter){trueForm}, []received{form}},
		{"described, form says it is not there", "item.wsdl", Override{}, []func(http.ResponseWriter){not("ItemExists"), trueSOAP}, []received{form, soap11("ItemExists")}},
		{"only the guid overload", "guidonly.wsdl", Override{}, []func(http.ResponseWriter){trueSOAP}, []received{soap11("ItemExistsX")}},
		{"not described", "", Override{}, []func(http.ResponseWriter){trueForm}, []received{form}},
		{"not described, no form", "", Override{}, []func(http.ResponseWriter){not("ItemExists"), not("ItemExistsX"), not("ItemExists2"), trueSOAP}, []received{form, formX, form2, soap11("ItemExists")}},
		{"not described, no form with markup", "", Override{}, []func(http.ResponseWriter){
			textAnswer(500, "A potentially dangerous Request.Form value was detected from the client (itemGuid=&quot;&lt;x...&quot;)."), trueSOAP,
		}, []received{form, soap11("ItemExists")}},
		{"not described, form is off, and nobody is told", "", Override{}, []func(http.ResponseWriter){pageAnswer("Runtime Error"), trueSOAP}, []received{form, soap11("ItemExists")}},
		{"set to SOAP 1.1", "item.wsdl", Override{Binding: SOAP11}, []func(http.ResponseWriter){trueSOAP}, []received{soap11("ItemExists")}},
		{"set to SOAP 1.2", "item.wsdl", Override{Binding: SOAP12}, []func(http.ResponseWriter){trueSOAP}, []received{soap12}},
		{"set to another name", "item.wsdl", Override{Methods: map[string]string{"ItemExists": "ItemExistsX"}}, []func(http.ResponseWriter){trueSOAP}, []received{soap11("ItemExistsX")}},
		{"a form may hold no markup", "item.wsdl", Override{}, []func(http.ResponseWriter){
			textAnswer(500, "A potentially dangerous Request.Form value was detected from the client (itemGuid=&quot;&lt;x...&quot;)."), trueSOAP,
		}, []received{form, soap11("ItemExists")}},
		{"form switched off", "item.wsdl", Override{}, []func(http.ResponseWriter){
			pageAnswer("Request format is unrecognized for URL unexpectedly ending in '/ItemExists'."), trueSOAP,
		}, []received{form, soap11("ItemExists")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, n, err := ask(t, c.wsdl, exists, c.answers, set(c.set))
			if err != nil {
				t.Fatal(err)
			}
			if yes, err := n.Bool(); err != nil || !yes {
				t.Errorf("result %v, %v", yes, err)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d calls, want %d: %+v", len(got), len(c.want), got)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("call %d\n got %+v\nwant %+v", i+1, got[i], c.want[i])
				}
			}
		})
	}
}

func TestCallsThatAreNotSent(t *testing.T) {
	for _, c := range []struct {
		name string
		call Call
		set  Override
		kind Kind
		part string
	}{
		{"unknown parameter", item(Param{Name: "itemGuid"}, Param{Name: "colour", Value: "red"}), Override{}, KindNoMethod, "no parameter colour"},
		{"missing parameter", Call{Service: "ItemManagementService", Method: "UpdateTargets"}, Override{}, KindNoMethod, "its parameter fullUpdate is not known here"},
		{"unknown method", Call{Service: "ItemManagementService", Method: "PaintItem"}, Override{}, KindNoMethod, "no method PaintItem"},
		{"null by form", item(Param{Name: "itemGuid", Null: true}), Override{Binding: Form}, KindInvalid, "null, which a form POST cannot say"},
		{"what XML cannot hold", item(Param{Name: "itemGuid", Value: "a\x00b"}), Override{}, KindInvalid, "a character that XML cannot hold"},
		{"a name that is none", Call{Service: "ItemManagementService", Method: "A/../B"}, Override{}, KindNoMethod, "cannot be the name"},
		{"unknown service", Call{Service: "Nobody", Method: "A"}, Override{}, KindInvalid, "has no path"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _, err := ask(t, "guidonly.wsdl", c.call, nil, func(o *Options) { o.Services = map[string]Override{"ItemManagementService": c.set} })
			var e *Error
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Error(), c.part) {
				t.Errorf("error %v, want one of kind %s with %q", err, c.kind, c.part)
			}
			if len(got) > 0 {
				t.Errorf("something was sent: %+v", got)
			}
		})
	}
}

// TestNoMethodOfAnother: a text about another method comes from one that did run, and a
// page that says nothing may; a write must not go the next way then.
func TestNoMethodOfAnother(t *testing.T) {
	call := item(Param{Name: "itemGuid", Value: guidText})
	call.Class = ClassWrite
	for _, answer := range []func(http.ResponseWriter){
		textAnswer(500, "Saving failed. ---> Notify Web Service method name is not valid."),
		textAnswer(500, "Saving failed. ---> A potentially dangerous Request.Form value was detected from the client."),
		pageAnswer("Runtime Error"),
	} {
		got, _, err := ask(t, "item.wsdl", call, []func(http.ResponseWriter){answer, xmlAnswer("<boolean>true</boolean>")})
		var e *Error
		if !errors.As(err, &e) || e.Kind != KindServer || !e.MaybeDone || len(got) != 1 {
			t.Errorf("%d calls, error %v", len(got), err)
		}
	}
}

// TestMarkupGoesBySOAP: ASP.NET may refuse forms that hold markup, so such a call goes by
// SOAP where that is described, and by form where nothing else is there.
func TestMarkupGoesBySOAP(t *testing.T) {
	for value, soap := range map[string]bool{
		"<a/>": true, "x <!-- y": true, "a</b>": true, "<?xml?>": true, "&#8364;": true,
		"a < b": false, "a & b": false, "&lt;a": false, "<1>": false, "a<": false, "%": false,
	} {
		call := Call{Service: "ItemManagementService", Method: "GetItemsByNameAndType", Params: []Param{{Name: "name", Value: value}, {Name: "type", Value: "x"}}}
		got, _, err := ask(t, "item.wsdl", call, []func(http.ResponseWriter){xmlAnswer(envelope(`<GetItemsByNameAndTypeResponse xmlns="http://Altiris.ASDK.NS.com"/>`))})
		if err != nil || len(got) != 1 || (got[0].action != "") != soap {
			t.Errorf("%s: %v, %+v", value, err, got)
		}
		got, _, err = ask(t, "", call, []func(http.ResponseWriter){xmlAnswer("<ArrayOfGuid/>")})
		if err != nil || len(got) != 1 || got[0].action != "" {
			t.Errorf("%s, not described: %v, %+v", value, err, got)
		}
	}
	call := Call{Service: "DSTaskManagementService", Method: "RunDeploymentSolutionTask", Params: []Param{{Name: "xml", Value: "<a/>"}}}
	_, _, err := ask(t, "", call, []func(http.ResponseWriter){textAnswer(500, "A potentially dangerous Request.Form value was detected from the client (xml=&quot;&lt;a/&gt;&quot;).")})
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindNoMethod || !strings.Contains(e.Hint(), `service "DSTaskManagementService" { namespace }`) {
		t.Errorf("without a namespace: %v, %s", err, e.Hint())
	}
}

// TestUselessBindingIsRemembered: what a read has found out about a service a write need not.
func TestUselessBindingIsRemembered(t *testing.T) {
	call := item(Param{Name: "itemGuid", Value: guidText})
	var ways []string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		method := strings.TrimSuffix(r.Header.Get("SOAPAction")[strings.LastIndexByte(r.Header.Get("SOAPAction"), '/')+1:], `"`)
		ways = append(ways, method)
		switch {
		case r.Method == http.MethodGet:
			pageAnswer("Runtime Error")(w)
		case method == "":
			pageAnswer("Runtime Error")(w)
		default:
			xmlAnswer(envelope(`<` + method + `Response><` + method + `Result>true</` + method + `Result></` + method + `Response>`))(w)
		}
	}, func(o *Options) {
		o.Services = map[string]Override{"ItemManagementService": {Namespace: namespaceNS}}
	})
	if _, err := client.Call(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	call.Method, call.Class = "ExecuteSchedulableItem", ClassWrite
	if _, err := client.Call(t.Context(), call); err != nil {
		t.Error(err)
	}
	if got := strings.Join(ways, " "); strings.TrimSpace(got) != "ItemExists ExecuteSchedulableItem" || len(ways) != 4 {
		t.Errorf("%d requests: %q", len(ways), ways)
	}
}

package wire

import (
	"errors"
	"strings"
	"testing"
)

// A fault as the platform writes it; the depth of the three nodes is free.
func fault11(text, detail string) string {
	return envelope(`<soap:Fault><faultcode>soap:Server</faultcode><faultstring>` + text + `</faultstring><detail>` + detail + `</detail></soap:Fault>`)
}

func asdk(name string) string {
	return `<e><deeper><exceptionType>Altiris.ASDK.Common.` + name + `</exceptionType><stackTrace>at X</stackTrace><innerException/></deeper></e>`
}

const htmlType, textType, xmlType = "text/html; charset=utf-8", "text/plain; charset=utf-8", "text/xml; charset=utf-8"

// TestFailures is part 1.7 of the reference as a table: all that a service can answer
// in place of a result, and what it is taken for.
func TestFailures(t *testing.T) {
	fault12 := `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:%s</s:Value></s:Code><s:Reason><s:Text xml:lang="en">%s</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`
	of12 := func(code, text string) string {
		return strings.Replace(strings.Replace(fault12, "%s", code, 1), "%s", text, 1)
	}
	for _, c := range []struct {
		name   string
		answer reply
		kind   Kind
		part   string // of the message
	}{
		{"exception, details off", reply{500, textType, "", []byte("Operation failed ---&gt; User CONTOSO\\x has insufficient permission to execute command y")}, KindRights, `User CONTOSO\x has insufficient`},
		{"licence check that is a permission problem", reply{500, textType, "", []byte("Server was unable to process request. ---> Unable to check for license '9f9a80fc-2d71-4b08-a1ad-fb146b4af2c6'. ---> The current user does not have required permission 'Read' on item")}, KindRights, "Unable to check for license"},
		{"exception, details on", reply{500, textType, "", []byte("Altiris.ASDK.Common.ASDKDoesNotExistException: parameter itemGuid does not exist\r\n   at Altiris.ASDK.Item.Get()\r\n   at X")}, KindNotFound, "parameter itemGuid does not exist"},
		{"exception, details on, in German", reply{500, textType, "", []byte("System.ArgumentException: Der Wert ist leer.\r\n   bei Altiris.ASDK.Item.Get(String x)\r\n   bei X.Y()")}, KindServer, "Der Wert ist leer."},
		{"suppressed", reply{500, textType, "", []byte("An error occurred on the server.")}, KindServer, "An error occurred on the server."},
		{"licence", reply{500, textType, "", []byte("A license for Deployment Solution was not found or it has expired")}, KindLicence, "license for"},
		{"product", reply{500, textType, "", []byte("Product Deployment Solution was not found. It must be installed to use this.")}, KindNotInstalled, "must be installed"},
		{"unknown method", reply{500, textType, "", []byte("GetItem Web Service method name is not valid.")}, KindNoMethod, "not valid"},
		{"wrong case", reply{500, textType, "", []byte("Invalid method name 'getitem', method names are case sensitive. The method name 'GetItem' with the same name but different casing was found.")}, KindNoMethod, "case sensitive"},
		{"missing parameter", reply{500, textType, "", []byte("Missing parameter: itemGuid.\r\nParameter name: itemGuid")}, KindInvalid, "Missing parameter: itemGuid."},
		{"not convertible", reply{500, textType, "", []byte("Cannot convert abc to System.Int32.\nParameter name: type ---&gt; Input string")}, KindInvalid, "Cannot convert abc"},
		{"content type", reply{500, textType, "", []byte("Request format is invalid: text/xml.")}, KindNoMethod, "Request format"},
		{"form POST off", reply{500, htmlType, "", []byte("<html><head><title>Request format is unrecognized for URL unexpectedly ending in &#39;/GetItem&#39;.</title></head></html>")}, KindNoMethod, "unexpectedly ending in '/GetItem'"},
		{"markup in a form", reply{500, textType, "", []byte("System.Web.HttpRequestValidationException: A potentially dangerous Request.Form value was detected from the client (xml=&quot;&lt;DeploymentItem&gt;...&quot;).\r\n   at System.Web.HttpRequest.X()")}, KindNoMethod, `(xml="<DeploymentItem>...")`},
		{"markup in a form, as a page", reply{500, htmlType, "", []byte("<html><title>A potentially dangerous Request.Form value was detected from the client (xml=&quot;&lt;DeploymentItem&gt;...&quot;).</title></html>")}, KindNoMethod, "potentially dangerous"},
		{"verb", reply{405, htmlType, "", []byte("<html>405</html>")}, KindNoMethod, "does not take calls"},
		{"wrong content type of SOAP", reply{415, "", "", nil}, KindNoMethod, "does not take calls"},
		{"bad GUID in SOAP", reply{400, "", "", nil}, KindInvalid, "could not read the parameters"},
		{"SOAP fault of .NET", reply{500, xmlType, "", []byte(fault11("Server was unable to process request. ---&gt; Object reference not set", ""))}, KindServer, "---> Object reference not set"},
		{"SOAP fault, wrong action", reply{500, xmlType, "", []byte(fault11("Server did not recognize the value of HTTP Header SOAPAction: http://x/Y.", ""))}, KindNoMethod, "SOAPAction: http://x/Y."},
		{"SOAP fault, unreadable", reply{500, xmlType, "", []byte(fault11("Server was unable to read request. ---&gt; There is an error in XML document (1, 2).", ""))}, KindInvalid, "unable to read"},
		{"SDK: product", reply{500, xmlType, "", []byte(fault11("x", asdk("ASDKNoProductExistsException")))}, KindNotInstalled, "x"},
		{"SDK: licence", reply{500, xmlType, "", []byte(fault11("x", asdk("ASDKInvalidLicenseException")))}, KindLicence, "x"},
		{"SDK: rights", reply{500, xmlType, "", []byte(fault11("x", asdk("ASDKInsufficientPermissionException")))}, KindRights, "x"},
		{"SDK: not there", reply{500, xmlType, "", []byte(fault11("x", asdk("ASDKDoesNotExistException")))}, KindNotFound, "x"},
		{"SDK: type", reply{500, xmlType, "", []byte(fault11("x", asdk("ASDKInvalidTypeException")))}, KindWrongType, "x"},
		{"SDK: parameter", reply{500, xmlType, "", []byte(fault11("x", asdk("ASDKInvalidParameterException")))}, KindInvalid, "x"},
		{"SDK: internal", reply{500, xmlType, "", []byte(fault11("An internal exception occured", asdk("ASDKInternalException")))}, KindServer, "internal"},
		{"SDK: rights worded as a licence", reply{500, xmlType, "", []byte(fault11("the user does not have required permission", asdk("ASDKInvalidLicenseException")))}, KindRights, "required permission"},
		{"SOAP 1.2 fault", reply{500, "application/soap+xml", "", []byte(of12("Receiver", "ASDKInvalidTypeException: not a package"))}, KindWrongType, "not a package"},
		{"SOAP 1.2 fault of the sender", reply{500, "application/soap+xml", "", []byte(of12("Sender", "something"))}, KindInvalid, "something"},
		{"SOAP fault with status 200", reply{200, xmlType, "", []byte(fault11("x", asdk("ASDKInvalidLicenseException")))}, KindLicence, "x"},
		{"SOAP 1.2 fault, unknown action", reply{500, "application/soap+xml", "", []byte(of12("Sender", "Unable to handle request. The action 'NS/GetItem' was not recognized."))}, KindNoMethod, "'NS/GetItem' was not"},
		{"SOAP 1.2 fault, unknown element", reply{500, "application/soap+xml", "", []byte(of12("Sender", "The request element &lt;GetItem xmlns='NS'&gt; was not recognized."))}, KindNoMethod, "<GetItem xmlns"},
		{"accepted, with a word", reply{202, textType, "", []byte("later")}, KindServer, "later"},
		{"half a declaration", reply{200, xmlType, "", []byte(`<?xml version="1.0"`)}, KindNotUnderstood, "no XML"},
		{"not logged in", reply{401, htmlType, "", []byte("<html>401</html>")}, KindLogin, "did not let us in"},
		{"forbidden", reply{403, htmlType, "", []byte("<html>403</html>")}, KindLogin, "no further"},
		{"redirect of the console", reply{302, "", "/Altiris/NS/access_denied.aspx?user=x", nil}, KindLogin, "/Altiris/NS/access_denied.aspx, which is not followed"},
		{"redirect to elsewhere", reply{307, "", "https://evil.example/x?secret=1", nil}, KindNotUnderstood, "https://evil.example/x, which"},
		{"login page with status 200", reply{200, htmlType, "", []byte("<html><body><form><input type='password' name=p></form></body></html>")}, KindLogin, "a page for people"},
		{"page with status 200", reply{200, htmlType, "", []byte("<!DOCTYPE html><html><title>Welcome</title></html>")}, KindNotUnderstood, `"Welcome"`},
		{"page that says it is XML", reply{200, xmlType, "", []byte("<HTML><title>Sign in</title></HTML>")}, KindLogin, "Sign in"},
		{"application pool restarts", reply{503, htmlType, "", []byte("<html>Service Unavailable</html>")}, KindUnreachable, "does not answer for now"},
		{"service not there", reply{404, htmlType, "", []byte("<html>404</html>")}, KindNotInstalled, "no such service"},
		{"half a body", reply{200, xmlType, "", []byte("<boolean xmlns='x'>tr")}, KindNotUnderstood, "ends in the middle"},
		{"no XML", reply{200, "application/json", "", []byte(`{"ok":true}`)}, KindNotUnderstood, "no XML"},
		{"control characters", reply{500, textType, "", []byte("bad \x1b[31mthing\x07\r\nhere")}, KindServer, "bad [31mthing here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, e := c.answer.understand(Form, Limits{})
			if e == nil {
				t.Fatalf("taken for a result: %+v", n)
			}
			if e.Kind != c.kind || !strings.Contains(e.Message, c.part) {
				t.Errorf("%s: %q, want %s with %q", e.Kind, e.Message, c.kind, c.part)
			}
			if e.Hint() == "" || strings.Contains(e.Message, " at Altiris") || strings.Contains(e.Message, " bei Altiris") || strings.Contains(e.Message, "secret") {
				t.Errorf("message %q, hint %q", e.Message, e.Hint())
			}
			if e.Status != c.answer.status {
				t.Errorf("status %d, want %d", e.Status, c.answer.status)
			}
		})
	}
}

// TestResults is part 1.6 of the reference: where the result stands.
func TestResults(t *testing.T) {
	for _, c := range []struct {
		name    string
		binding Binding
		body    string
		want    string // name and text, or (nil)
	}{
		{"string", Form, `<?xml version="1.0" encoding="utf-8"?><string xmlns="NS">a &amp; b</string>`, "string=a & b"},
		{"null string", Form, `<string xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>`, "(nil)"},
		{"no result", Form, "", "(nil)"},
		{"null XML node", Form, "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n", "(nil)"},
		{"guid", Form, `<guid xmlns="NS">` + guidText + `</guid>`, "guid=" + guidText},
		{"details", Form, `<ItemDetails xmlns="NS"><Name>x</Name></ItemDetails>`, "ItemDetails="},
		{"SOAP result", SOAP11, envelope(`<GetXResponse xmlns="NS"><GetXResult>7</GetXResult></GetXResponse>`), "GetXResult=7"},
		{"SOAP null", SOAP11, envelope(`<GetXResponse xmlns="NS"/>`), "(nil)"},
		{"SOAP result of another name", SOAP11, envelope(`<GetItemInfoResponse><ItemInfo>i</ItemInfo></GetItemInfoResponse>`), "ItemInfo=i"},
		{"SOAP result among others", SOAP11, envelope(`<GetXResponse><other>1</other><getxresult>7</getxresult></GetXResponse>`), "getxresult=7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, e := reply{200, xmlType, "", []byte(c.body)}.understand(c.binding, Limits{})
			if e != nil {
				t.Fatal(e)
			}
			got := n.Name + "=" + n.Text
			if n.Nil {
				got = "(nil)"
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for _, binding := range []Binding{Form, SOAP11, SOAP12} {
		if n, e := (reply{202, "", "", nil}).understand(binding, Limits{}); e != nil || !n.Nil {
			t.Errorf("a one-way method by %s: %+v, %v", binding, n, e)
		}
	}
	for name, r := range map[string]reply{
		"empty":          {200, xmlType, "", nil},
		"not a SOAP one": {200, xmlType, "", []byte("<boolean>true</boolean>")},
		"without body":   {200, xmlType, "", []byte(`<Envelope/>`)},
	} {
		if _, e := r.understand(SOAP11, Limits{}); e == nil || e.Kind != KindNotUnderstood {
			t.Errorf("a SOAP reply that is %s: %v", name, e)
		}
	}
}

func TestValues(t *testing.T) {
	n, err := ParseXML(`<d Mode="SITE"><Name>x</Name><flag>True</flag><one>1</one><n> 42 </n><huge>99999999999999999999</huge>
		<g>{5B0C6F1E-52A1-4A35-9D6C-0D5BE1A0F001}</g><none>00000000-0000-0000-0000-000000000000</none><empty/>
		<absent xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/><at>2020-07-13T10:15:30.5+02:00</at><local>2020-07-13T10:15:30</local><never>0001-01-01T00:00:00</never></d>`, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := n.Value("name"); !ok || v != "x" {
		t.Errorf("name %q, %v", v, ok)
	}
	if v, ok := n.Value("MODE"); !ok || v != "SITE" {
		t.Errorf("attribute %q, %v", v, ok)
	}
	if _, ok := n.Value("absent"); ok {
		t.Error("a nil child has a value")
	}
	for name, want := range map[string]bool{"flag": true, "one": true} {
		if b, err := n.Child(name).Bool(); err != nil || b != want {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
	if i, err := n.Child("n").Int(); err != nil || i != 42 {
		t.Errorf("n: %d, %v", i, err)
	}
	if g, err := n.Child("g").GUID(); err != nil || g.String() != guidText {
		t.Errorf("g: %s, %v", g, err)
	}
	if g, err := n.Child("none").GUID(); err != nil || !g.IsZero() {
		t.Errorf("none: %s, %v", g, err)
	}
	if at, err := n.Child("at").Time(nil); err != nil || at.UTC().Format("15:04:05.0") != "08:15:30.5" {
		t.Errorf("at: %s, %v", at, err)
	}
	if at, err := n.Child("never").Time(nil); err != nil || !at.IsZero() {
		t.Errorf("never: %s, %v", at, err)
	}
	for _, bad := range []func() error{
		func() error { _, err := n.Child("huge").Int(); return err },
		func() error { _, err := n.Child("Name").Bool(); return err },
		func() error { _, err := n.Child("empty").GUID(); return err },
		func() error { _, err := n.Child("absent").GUID(); return err },
		func() error { _, err := n.Child("not there").Int(); return err },
		func() error { _, err := n.Bool(); return err },
		func() error { _, err := n.Child("local").Time(nil); return err },
	} {
		if bad() == nil {
			t.Error("a bad value is read without an error")
		}
	}
}

func TestXMLInStrings(t *testing.T) {
	for name, text := range map[string]string{
		"plain":             `<a><b>ü</b></a>`,
		"mark":              "\uFEFF<a><b>ü</b></a>",
		"utf-16 in words":   `<?xml version="1.0" encoding="utf-16"?><a><b>ü</b></a>`,
		"mark, then utf-16": "\uFEFF\r\n <?xml version='1.0' encoding='UTF-16'?>\n<a><b>ü</b></a>\n",
		"utf-16 in bytes":   "\xff\xfe<\x00a\x00>\x00<\x00b\x00>\x00\xfc\x00<\x00/\x00b\x00>\x00<\x00/\x00a\x00>\x00",
		"windows-1252":      "<?xml version='1.0' encoding='windows-1252'?><a><b>\xfc</b></a>",
		"in pieces":         `<a><b><![CDATA[ü]]><!-- x --></b></a>`,
	} {
		n, err := ParseXML(text, Limits{})
		if v, _ := n.Value("b"); err != nil || v != "ü" {
			t.Errorf("%s: %q, %v", name, v, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": " ", "two roots": "<a/><b/>", "text beside": "<a/>x", "an entity": "<a>&x;</a>", "unclosed": "<a><b></a>", "unknown encoding": `<?xml version="1.0" encoding="ebcdic"?><a/>`,
		"a DTD": `<!DOCTYPE a [<!ENTITY x "y">]><a/>`, "too deep": strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65),
	} {
		if n, err := ParseXML(text, Limits{}); err == nil {
			t.Errorf("%s is read as %+v", name, n)
		}
	}
	if _, err := ParseXML("<a><b", Limits{}); !errors.Is(err, errTruncated) {
		t.Errorf("a text that ends in the middle: %v", err)
	}
}

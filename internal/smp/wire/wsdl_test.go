package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescription(t *testing.T) {
	d, err := parseWSDL("ItemManagementService", []byte(testdata(t, "item.wsdl")), wsdlLimits)
	if err != nil {
		t.Fatal(err)
	}
	want := &Description{Service: "ItemManagementService", Namespace: namespaceNS, Bindings: []Binding{Form, SOAP11, SOAP12}, Operations: []Operation{
		{Name: "GetItemsByNameAndType", Method: "GetItemsByNameAndType", Action: namespaceNS + "/GetItemsByNameAndType", Bindings: []Binding{Form, SOAP11, SOAP12},
			Parameters: []Parameter{{Name: "name", Type: "string", Optional: true}, {Name: "type", Type: "string", Optional: true}}},
		{Name: "ItemExists", Method: "ItemExists", Action: namespaceNS + "/ItemExists", Bindings: []Binding{Form, SOAP11, SOAP12},
			Parameters: []Parameter{{Name: "itemGuid", Type: "string", Optional: true}}},
		{Name: "ItemExistsX", Method: "ItemExists", Action: namespaceNS + "/ItemExistsX", Bindings: []Binding{SOAP11, SOAP12},
			Parameters: []Parameter{{Name: "itemGuid", Type: "guid"}}},
	}}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
	d, err = parseWSDL("x", []byte(testdata(t, "guidonly.wsdl")), wsdlLimits)
	if err != nil {
		t.Fatal(err)
	}
	if p := d.Operation("UpdateTargets").Parameters; len(p) != 2 || p[1] != (Parameter{Name: "targetGuids", Type: "ArrayOfGuid", Item: "guid", Optional: true}) {
		t.Errorf("parameters with an array: %+v", p)
	}
}

func TestNoDescription(t *testing.T) {
	for name, text := range map[string]string{
		"a page": "<html/>", "nothing": "", "no operation": `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="x"/>`,
		"no namespace": strings.Replace(testdata(t, "item.wsdl"), `targetNamespace="`+namespaceNS+`">`, ">", 1),
		"cut off":      testdata(t, "item.wsdl")[:1000],
	} {
		if d, err := parseWSDL("x", []byte(text), wsdlLimits); err == nil {
			t.Errorf("%s is read as %+v", name, d)
		}
	}
	const elsewhere = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="x"><import namespace="y" location="http://smp/x.asmx?wsdl=wsdl1"/></definitions>`
	if _, err := parseWSDL("x", []byte(elsewhere), wsdlLimits); err == nil || !strings.Contains(err.Error(), "imports") {
		t.Errorf("in other documents: %v", err)
	}
}

// TestLists: one text with commas where the platform takes a text, an array where it
// takes one; in the spelling and the order of the description.
func TestLists(t *testing.T) {
	list := []string{"{" + strings.ToUpper(guidText) + "}", "5b0c6f1e-52a1-4a35-9d6c-0d5be1a0f002"}
	call := Call{Params: []Param{{Name: "TARGETGUIDS", List: list}, {Name: "fullUpdate", Value: "true"}}}
	d, err := parseWSDL("x", []byte(testdata(t, "guidonly.wsdl")), wsdlLimits)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		r    route
		want string
	}{
		{"array", route{binding: SOAP11, message: "UpdateTargets", namespace: "NS", operation: d.Operation("UpdateTargets")},
			`<fullUpdate>true</fullUpdate><targetGuids><guid>` + guidText + `</guid><guid>5b0c6f1e-52a1-4a35-9d6c-0d5be1a0f002</guid></targetGuids>`},
		{"text in SOAP", route{binding: SOAP11, message: "UpdateTargets", namespace: "NS"},
			`<TARGETGUIDS>` + guidText + `,5b0c6f1e-52a1-4a35-9d6c-0d5be1a0f002</TARGETGUIDS><fullUpdate>true</fullUpdate>`},
		{"text in a form", route{binding: Form, message: "UpdateTargets"},
			`TARGETGUIDS=` + guidText + `%2C5b0c6f1e-52a1-4a35-9d6c-0d5be1a0f002&fullUpdate=true`},
	} {
		m, err := c.r.encode(call)
		if err != nil || !strings.Contains(string(m.body), c.want) {
			t.Errorf("%s: %s, %v\nwant %s", c.name, m.body, err, c.want)
		}
	}
}

func TestValuesAreEscaped(t *testing.T) {
	call := Call{Params: []Param{{Name: "xml", Value: `<a b="1">ä & ü</a>` + "\n"}, {Name: "none", Null: true}}}
	soap := route{binding: SOAP12, message: "Run", namespace: "NS&", action: "NS&/Run"}
	m, err := soap.encode(call)
	if err != nil {
		t.Fatal(err)
	}
	n := parsed(t, string(m.body))
	run := n.Child("Body").Child("Run")
	if v, _ := run.Value("xml"); v != call.Params[0].Value || run.Child("none") != nil {
		t.Errorf("sent %s", m.body)
	}
	form := route{binding: Form, message: "Run"}
	m, err = form.encode(Call{Params: call.Params[:1]})
	if err != nil || string(m.body) != "xml=%3Ca+b%3D%221%22%3E%C3%A4+%26+%C3%BC%3C%2Fa%3E%0A" {
		t.Errorf("sent %s, %v", m.body, err)
	}
}

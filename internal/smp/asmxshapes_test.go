//go:build peers

package smp_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/lab/serve"
	"pslan/internal/peertest"
	"pslan/internal/smp/wire"
)

var updateShapes = flag.Bool("update-shapes", false, "write testdata/asmx/shapes.golden anew")

// shapesOf is a client of the service Shapes, which goes by one binding; "": by what the
// service says of itself.
func shapesOf(t *testing.T, web *peertest.Web, b wire.Binding) *wire.Client {
	t.Helper()
	c, err := wire.New(wire.Options{Base: web.URL, PlainHTTP: true, Retries: -1, Services: map[string]wire.Override{
		"Shapes": {Path: "/Altiris/Shapes.asmx", Binding: b},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

var bindings = []wire.Binding{wire.Form, wire.SOAP11, wire.SOAP12}

func shape(method string, params ...wire.Param) wire.Call {
	return wire.Call{Service: "Shapes", Method: method, Params: params}
}

// told writes a result; what a root is called differs by binding.
func told(b *strings.Builder, n *wire.Node, depth int) {
	if depth > 0 {
		fmt.Fprintf(b, "%s%s", strings.Repeat("  ", depth), n.Name)
	}
	for _, a := range n.Attrs {
		fmt.Fprintf(b, " %s=%q", a.Name, a.Value)
	}
	switch {
	case n.Nil:
		b.WriteString(" null")
	case len(n.Children) == 0:
		fmt.Fprintf(b, " %q", n.Text)
	}
	b.WriteString("\n")
	for _, c := range n.Children {
		told(b, c, depth+1)
	}
}

// TestASMXAnswers holds what ASP.NET answers against what is made of it.
func TestASMXAnswers(t *testing.T) {
	a := behindASMX(t, "no-copy-left", serve.Pace{})
	if a == nil {
		return
	}
	web := a.app.Start(t)
	t.Run("values", func(t *testing.T) { asmxValues(t, web) })
	t.Run("tables", func(t *testing.T) { asmxTables(t, web) })
	t.Run("ways", func(t *testing.T) { asmxWays(t, web) })
	t.Run("failures", func(t *testing.T) {
		asmxFailures(t, web, true)
		asmxFailures(t, a.app.Start(t, shortErrors...), false)
	})
}

var shortErrors = []string{`<customErrors mode="Off" />`, `<customErrors mode="On" />`}

// asmxValues: a value of every kind comes the same by every binding.
func asmxValues(t *testing.T, web *peertest.Web) {
	value := func(text string) wire.Param { return wire.Param{Name: "value", Value: text} }
	count := func(text string) wire.Param { return wire.Param{Name: "count", Value: text} }
	calls := []wire.Call{shape("Text", value("a + b & ü\t\n é % = €")), shape("Text", value("")), shape("Flag", value("true")), shape("Number", value("-7")),
		shape("Guids", count("0")), shape("Guids", count("2"))}
	for _, method := range []string{"NoText", "EmptyText", "Header16", "Control", "OneGuid", "NoGuid", "NoGuids", "Texts", "Whole", "NoRecord", "Records", "NoRecords", "EmptyRecords",
		"Moment", "OneWord", "Nothing", "NoTable", "NoNode", "GetItemInfo"} {
		calls = append(calls, shape(method))
	}
	var all strings.Builder
	for _, call := range calls {
		var first string
		for _, binding := range bindings {
			n, err := shapesOf(t, web, binding).Call(t.Context(), call)
			if err != nil {
				t.Errorf("%s by %s: %v", call.Method, binding, err)
				continue
			}
			var b strings.Builder
			told(&b, n, 0)
			if binding == wire.Form {
				first = b.String()
				fmt.Fprintf(&all, "%s:%s", call.Method, first)
			} else if b.String() != first {
				t.Errorf("%s by %s:\n%sby form:\n%s", call.Method, binding, b.String(), first)
			}
		}
	}
	golden := filepath.Join("testdata", "asmx", "shapes.golden")
	if *updateShapes {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), all.String()); d != "" {
		t.Errorf("-%s +now:\n%s", golden, d)
	}
}

// asmxTables: a table is the same whether a service hands out a DataTable, a DataSet or
// the XML of one, and one that is null is no table without rows.
func asmxTables(t *testing.T, web *peertest.Web) {
	want := &wire.Table{
		Columns: []string{"Package Version", "guid", "Name_x0041_", "At", "Flag", "2nd %", "Blob"},
		Types:   []string{"long", "guid", "string", "dateTime", "boolean", "decimal", "base64Binary"},
		Rows: [][]wire.Cell{
			{{Text: "1601867730"}, {Text: "ab000001-0000-4000-8000-0000000000ef"}, {Text: "a<b"}, {Text: "2026-11-22T10:11:12+00:00"}, {Text: "true"}, {Text: "1.5"}, {Text: "AQ=="}},
			{{Null: true}, {Null: true}, {Text: ""}, {Null: true}, {Null: true}, {Null: true}, {Null: true}},
		},
	}
	for _, binding := range bindings {
		for _, method := range []string{"Table", "Set", "Node", "EmptyTable", "EmptySet", "EmptyNode", "NoTable", "NoNode"} {
			n, err := shapesOf(t, web, binding).Call(t.Context(), shape(method))
			if err != nil {
				t.Errorf("%s by %s: %v", method, binding, err)
				continue
			}
			got, err := wire.ParseTable(n)
			expected := *want
			switch {
			case strings.HasPrefix(method, "No") && method != "Node":
				if err == nil {
					t.Errorf("%s by %s is read as %+v", method, binding, got)
				}
				continue
			case strings.HasPrefix(method, "Empty"):
				expected.Rows = nil
			case method == "Node" && binding == wire.Form:
				// ASP.NET breaks lines in a form's answer, also in an element of XML that is
				// empty and has an end of its own.
				expected.Rows = slices.Clone(want.Rows)
				expected.Rows[1] = slices.Clone(want.Rows[1])
				expected.Rows[1][2] = wire.Cell{Text: "\n    "}
			}
			if err != nil {
				t.Errorf("%s by %s: %v", method, binding, err)
			} else if d := cmp.Diff(&expected, got); d != "" {
				t.Errorf("%s by %s: -want +got\n%s", method, binding, d)
			}
		}
	}
}

// asmxWays: what goes by which binding, as the service describes itself.
func asmxWays(t *testing.T, web *peertest.Web) {
	const id = "ab000001-0000-4000-8000-0000000000ef"
	for _, c := range []struct {
		name    string
		call    wire.Call
		binding wire.Binding
		want    string
	}{
		{"text", shape("By", wire.Param{Name: "id", Value: id}), "", "text " + id},
		{"overload with a guid", shape("ByGuid", wire.Param{Name: "id", Value: "{" + strings.ToUpper(id) + "}"}), "", "guid " + id},
		{"overload with a guid, by SOAP 1.2", shape("ByGuid", wire.Param{Name: "id", Value: id}), wire.SOAP12, "guid " + id},
		{"list", shape("List", wire.Param{Name: "IDS", List: []string{id, id}}), "", "2 null"},
		{"null", shape("Text", wire.Param{Name: "value", Null: true}), "", "null"},
		{"markup", shape("Text", wire.Param{Name: "value", Value: "<a b=\"c\">&#8364;</a>"}), "", "<a b=\"c\">&#8364;</a>"},
		{"no markup", shape("Text", wire.Param{Name: "value", Value: "a < b <1> &amp; & c"}), wire.Form, "a < b <1> &amp; & c"},
		{"one way", shape("Fire", wire.Param{Name: "value", Value: "x"}), wire.Form, "null"},
	} {
		n, err := shapesOf(t, web, c.binding).Call(t.Context(), c.call)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := n.Text
		if n.Nil {
			got = "null"
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// asmxFailures: what went wrong is understood, with types and stack traces or without.
func asmxFailures(t *testing.T, web *peertest.Web, detailed bool) {
	text := func(name, value string) wire.Param { return wire.Param{Name: name, Value: value} }
	const kind = "Altiris.ASDK.ASDKInvalidTypeException"
	for _, c := range []struct {
		name      string
		call      wire.Call
		bindings  []wire.Binding
		kind      wire.Kind
		exception string
		part      string // of the message
	}{
		{"exception", shape("Fail", text("message", "it broke")), bindings, wire.KindServer, "", "it broke ---> "},
		{"inner exception", shape("Fail", text("message", "it broke")), bindings, wire.KindServer, "", "inner <why>"},
		{"rights", shape("Fail", text("message", "the user does not have required permission 'x'")), bindings, wire.KindRights, "", "required permission"},
		{"the SDK's nodes", shape("FailSoap", text("message", "wrong object"), text("type", kind)), bindings[1:], wire.KindWrongType, kind, "wrong object"},
		{"the SDK's text", shape("FailSoap", text("message", "Parameter x is not of type y"), text("type", kind)), bindings[:1], wire.KindWrongType, "", "is not of type y"},
		{"markup", shape("Text", text("value", "<a/>")), bindings[:1], wire.KindNoMethod, "", "potentially dangerous Request.Form value"},
		{"no number", shape("Number", text("value", "x")), bindings[1:], wire.KindInvalid, "", "Server was unable to read request. ---> "},
		{"no GUID", shape("ByGuid", text("id", "x")), bindings[1:], wire.KindInvalid, "", "There is an error in XML document"},
	} {
		for _, binding := range c.bindings {
			_, err := shapesOf(t, web, binding).Call(t.Context(), c.call)
			var e *wire.Error
			if !errors.As(err, &e) || e.Status != http.StatusInternalServerError {
				t.Errorf("%s by %s: %v", c.name, binding, err)
				continue
			}
			if e.Kind != c.kind || e.Exception != c.exception || !strings.Contains(e.Message, c.part) {
				t.Errorf("%s by %s: %s, %q: %s", c.name, binding, e.Kind, e.Exception, e.Message)
			}
			if strings.Contains(e.Message, " at ") || strings.Contains(e.Message, "Exception: ") != detailed {
				t.Errorf("%s by %s, details %v: %s", c.name, binding, detailed, e.Message)
			}
		}
	}
}

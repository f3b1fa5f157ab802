package wire

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var fuzzLimits = Limits{Bytes: 1 << 20, Depth: 20, Elements: 1000, Attribute: 1000}

// shape holds a tree against the limits it was read with.
func shape(t *testing.T, n *Node, depth int) (elements int) {
	t.Helper()
	if depth > fuzzLimits.Depth {
		t.Fatalf("a depth of %d", depth)
	}
	elements = 1
	for _, a := range n.Attrs {
		if len(a.Value) > fuzzLimits.Attribute {
			t.Fatalf("an attribute of %d bytes", len(a.Value))
		}
	}
	for _, c := range n.Children {
		elements += shape(t, c, depth+1)
	}
	return elements
}

func FuzzXML(f *testing.F) {
	for _, s := range []string{"<a/>", "\uFEFF<?xml version='1.0' encoding='utf-16'?><a b='c'><d>x</d></a>", "<a xsi:nil='1'/>", "\xff\xfe<\x00a\x00/\x00>\x00", "<!DOCTYPE a><a/>", "<a>&#0;</a>", "<a:b xmlns:a='x'/>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseXML(text, fuzzLimits)
		if err != nil {
			return
		}
		if count := shape(t, n, 1); count > fuzzLimits.Elements {
			t.Fatalf("%d elements", count)
		}
		for _, read := range []func() error{
			func() error { _, err := n.Bool(); return err }, func() error { _, err := n.Int(); return err },
			func() error { _, err := n.GUID(); return err }, func() error { _, err := n.Time(nil); return err },
		} {
			if err := read(); err == nil && (n.Nil || len(n.Children) > 0 || strings.TrimSpace(n.Text) == "") {
				t.Fatalf("a value is read from %+v", n)
			}
		}
	})
}

func FuzzTable(f *testing.F) {
	f.Add(testdata(f, "table.xml"))
	f.Add(`<NewDataSet><schema><sequence><element name="a_x0020_b" type="xs:int"/></sequence></schema><Table><a_x0020_b>1</a_x0020_b></Table><Errors>e</Errors></NewDataSet>`)
	f.Add(`<R><NewDataSet><T><c/><c/><d/></T><T/></NewDataSet></R>`)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseXML(text, fuzzLimits)
		if err != nil {
			return
		}
		table, err := ParseTable(n)
		if err != nil {
			return
		}
		if len(table.Types) != len(table.Columns) {
			t.Fatalf("%d types of %d columns", len(table.Types), len(table.Columns))
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Fatalf("a row of %d cells in %d columns", len(row), len(table.Columns))
			}
		}
	})
}

func FuzzReply(f *testing.F) {
	f.Add(200, xmlType, "", "<boolean>true</boolean>")
	f.Add(500, textType, "", "A ---&gt; ASDKException: x\r\n   at y")
	f.Add(500, xmlType, "", fault11("x", asdk("ASDKInvalidTypeException")))
	f.Add(302, "", "/a?b", "")
	f.Add(500, htmlType, "", "<html><title>a</title>")
	f.Fuzz(func(t *testing.T, status int, contentType, location, body string) {
		for _, b := range []Binding{Form, SOAP11, SOAP12} {
			n, e := reply{status, contentType, location, []byte(body)}.understand(b, fuzzLimits)
			if (n == nil) == (e == nil) {
				t.Fatalf("result %v, error %v", n, e)
			}
			if e == nil {
				continue
			}
			if e.Message == "" || len(e.Message) > 4000 || !utf8.ValidString(e.Message) || strings.ContainsFunc(e.Message, unicode.IsControl) {
				t.Fatalf("message %q", e.Message)
			}
			if e.Hint() == "" || e.Kind.String() == "" {
				t.Fatalf("kind %d without words", e.Kind)
			}
		}
	})
}

func FuzzDescription(f *testing.F) {
	f.Add(testdata(f, "item.wsdl"))
	f.Add(testdata(f, "guidonly.wsdl"))
	f.Add(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:h="http://schemas.xmlsoap.org/wsdl/http/" targetNamespace="x"><message name="m"><part name="p" type="string"/></message><portType name="t"><operation name="o"><input message="m"/></operation></portType><binding type="t"><h:binding verb="POST"/><operation name="o"><h:operation location="/o"/><input/></operation></binding></definitions>`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parseWSDL("x", []byte(text), fuzzLimits)
		if err != nil {
			return
		}
		if len(d.Operations) == 0 || d.Namespace == "" || !slices.IsSortedFunc(d.Operations, func(a, b Operation) int { return strings.Compare(a.Name, b.Name) }) {
			t.Fatalf("%+v", d)
		}
		for _, o := range d.Operations {
			if !o.named() || len(o.Bindings) == 0 {
				t.Fatalf("%+v", o)
			}
		}
	})
}

// FuzzScrub: what is called a password does not come out.
func FuzzScrub(f *testing.F) {
	f.Add("x", "y")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "s3cr3t-v4lue"
		for _, text := range []string{"<Password>" + secret + "</Password>", "&lt;domainPwd a='b'&gt;" + secret, `<a userToken="` + secret + `"/>`} {
			if out := scrub(before+"\n"+text+after, "unrelated"); strings.Contains(out, secret) {
				t.Fatalf("%q", out)
			}
		}
	})
}

package wire

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// typed answers with a text of a type.
func typed(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// TestPage: a page is a tree whatever type it says it has, and everything else is told
// by its kind.
func TestPage(t *testing.T) {
	const xmlItem, person = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<item guid='" + guidText + "'/>", "<!DOCTYPE html>\r\n<html><title>Welcome</title></html>"
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		kind    Kind
		says    string // "": it is read
	}{
		{"XML", typed(200, "text/xml; charset=utf-8", xmlItem), 0, ""},
		{"XML that says it is HTML", typed(200, "text/html", "\ufeff"+xmlItem), 0, ""},
		{"a page for people", typed(200, "text/html", person), KindNotUnderstood, `"Welcome"`},
		{"a page for people that says it is XML", typed(200, "text/xml", person), KindNotUnderstood, `"Welcome"`},
		{"XHTML", typed(200, "text/xml", "<?xml version='1.0'?><html><title>Welcome</title></html>"), KindNotUnderstood, `"Welcome"`},
		{"a form for the password", typed(200, "text/html", "<!DOCTYPE html><html><input type='password'/></html>"), KindLogin, "page for people"},
		{"HTML that is no XML", typed(200, "text/html", "<br><p>"), KindNotUnderstood, "page for people"},
		{"a text", typed(200, "text/plain", "OK"), KindNotUnderstood, "page for people"},
		{"nothing", typed(200, "text/xml", " "), KindNotUnderstood, "empty"},
		{"half of it", typed(200, "text/xml", "<item><a>"), KindNotUnderstood, "ends in the middle"},
		{"a DTD", typed(200, "text/xml", "<!DOCTYPE a><a/>"), KindNotUnderstood, "refused"},
		{"too much of it", typed(200, "text/xml", "<a>"+strings.Repeat(" ", 8<<20)+"</a>"), KindNotUnderstood, "limit"},
		{"no such page", typed(404, "text/html", person), KindNotInstalled, "no such"},
		{"an error page", typed(500, "text/html", "<html><title>User has insufficient permission</title></html>"), KindRights, "insufficient"},
		{"an error text", typed(500, "text/plain", "insufficient permission"), KindRights, "insufficient"},
		{"sent on", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/Altiris/NS/access_denied.aspx")
			w.WriteHeader(302)
		}, KindLogin, "not followed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := 0
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				if asked++; r.Method != http.MethodGet || r.URL.Path != "/Altiris/NS/ItemAsXml.aspx" || r.URL.Query().Get("ItemGuid") != guidText {
					t.Errorf("asked for %s %s", r.Method, r.URL)
				}
				c.handler(w, r)
			})
			n, err := client.Page(t.Context(), Page{Name: "ItemAsXml.aspx", Path: "/Altiris/NS/ItemAsXml.aspx", Query: url.Values{"ItemGuid": {guidText}}, Object: "W11"})
			if asked != 1 {
				t.Errorf("asked %d times", asked)
			}
			var e *Error
			switch {
			case c.says == "":
				if g, _ := n.Value("guid"); err != nil || n.Name != "item" || g != guidText {
					t.Errorf("%+v, %v", n, err)
				}
			case !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Error(), c.says) || !strings.HasPrefix(e.Error(), "ItemAsXml.aspx of W11: ") || e.Hint() == "":
				t.Errorf("error %v", err)
			}
		})
	}
}

func FuzzPage(f *testing.F) {
	f.Add(200, htmlType, "<item guid='"+guidText+"'/>")
	f.Add(200, xmlType, "<!DOCTYPE html><html/>")
	f.Add(500, textType, "insufficient permission")
	f.Add(200, "", "\xff\xfe<\x00a\x00/\x00>\x00")
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		n, e := reply{status: status, contentType: contentType, body: []byte(body)}.document()
		if (n == nil) == (e == nil) {
			t.Fatalf("result %v, error %v", n, e)
		}
		if e != nil && (e.Message == "" || e.Hint() == "") {
			t.Fatalf("an error without words: %+v", e)
		}
	})
}

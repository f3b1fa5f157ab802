package smp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/platform"
	"pslan/internal/smp"
)

// endless is a body without an end.
type endless struct{ text string }

func (e endless) Read(p []byte) (int, error) {
	return copy(p, strings.Repeat(e.text, len(p)/len(e.text)+1)), nil
}

// TestHostile: whatever a server answers, the reading ends with an error that says so,
// in time and without harm.
func TestHostile(t *testing.T) {
	table := func(cells string) string {
		return `<NewDataSet xmlns=""><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="NewDataSet"><xs:complexType><xs:choice><xs:element name="Table"><xs:complexType><xs:sequence>` +
			`<xs:element name="host"/><xs:element name="guid"/><xs:element name="free_bytes"/><xs:element name="sites"/></xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element></xs:schema>` + cells + `</NewDataSet>`
	}
	for _, c := range []struct {
		name string
		body io.Reader
	}{
		{"nothing", strings.NewReader("")},
		{"no XML", strings.NewReader("OK")},
		{"an endless list", io.MultiReader(strings.NewReader("<NewDataSet>"), endless{"<Table><host>x</host></Table>"})},
		{"endless depth", endless{"<a>"}},
		{"entities in entities", strings.NewReader(`<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>`)},
		{"huge numbers", strings.NewReader(table("<Table><host>PS1</host><guid>x</guid><free_bytes>" + strings.Repeat("9", 5000) + "</free_bytes></Table>"))},
		{"a name of a megabyte", strings.NewReader(table("<Table><host>" + strings.Repeat("x", 1<<20) + "</host></Table>"))},
		{"no rows", strings.NewReader(table(""))},
		{"control characters", strings.NewReader(table("<Table><host>PS1&#x1b;[31m</host><sites>a,,;,b</sites></Table>"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := io.ReadAll(io.LimitReader(c.body, 2<<20))
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/xml; charset=utf-8")
				_, _ = w.Write(text) // the client may have gone
			}))
			defer server.Close()
			p, err := smp.Open(smp.Options{
				Settings: &declared.SMP{
					URL: server.URL, AllowHTTP: true, Rows: []declared.SMPRows{{Kind: declared.RowsServers, Report: guid(t, "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f")}},
					Timeouts: declared.SMPTimeouts{Read: 5 * time.Second, Slow: 5 * time.Second},
				},
				Env: func(name string) string {
					return map[string]string{"PSLAN_SMP_USER": "a", "PSLAN_SMP_PASSWORD": "b"}[name]
				},
				Path: func(name string) string { return name },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if e, err := p.ReadEstate(t.Context(), platform.Scope{}); err == nil {
				t.Errorf("an estate was read: %+v", e.Servers)
			} else if len(err.Error()) > 4000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// endless writes a piece until the client has had enough.
func endless(w http.ResponseWriter, piece string) {
	for {
		if _, err := io.WriteString(w, piece); err != nil {
			return
		}
	}
}

// TestHostileServer: whatever answers, a call ends, soon, with an error of the right
// kind and without much memory.
func TestHostileServer(t *testing.T) {
	var elsewhere int
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request)
		kind   Kind
		part   string
	}{
		{"endless text", func(w http.ResponseWriter, _ *http.Request) { endless(w, "<a>"+strings.Repeat("x", 4096)) }, KindNotUnderstood, "larger than the limit"},
		{"endless elements", func(w http.ResponseWriter, _ *http.Request) { endless(w, "<a><b/>") }, KindNotUnderstood, "larger than the limit"},
		{"endless headers", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}, KindUnreachable, "header"},
		{"XML bomb", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><z>&b;&b;</z>`)
		}, KindNotUnderstood, "DTD"},
		{"file by entity", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/passwd">]><z>&a;</z>`)
		}, KindNotUnderstood, "DTD"},
		{"deep nesting", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("<a>", 100_000)+strings.Repeat("</a>", 100_000))
		}, KindNotUnderstood, "deeper than"},
		{"many elements", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<a>"+strings.Repeat("<b/>", 200_000)+"</a>")
		}, KindNotUnderstood, "more than 100000 elements"},
		{"many attributes", func(w http.ResponseWriter, _ *http.Request) {
			var b strings.Builder
			for i := range 1000 {
				fmt.Fprintf(&b, " a%d=''", i)
			}
			_, _ = io.WriteString(w, "<a"+b.String()+"/>")
		}, KindNotUnderstood, "attributes"},
		{"a long attribute", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<a b='"+strings.Repeat("x", 100_000)+"'/>")
		}, KindNotUnderstood, "attribute b"},
		{"text in very many pieces", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<a>"+strings.Repeat("x<!---->", 100_000)+"</a><b/>")
		}, KindNotUnderstood, "second root"},
		{"slow drip", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client has gone
			_, _ = io.WriteString(w, "<a>")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, KindTimeout, "no whole answer within 2s"},
		{"redirect to elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+r.Host+"/elsewhere", http.StatusTemporaryRedirect)
		}, KindNotUnderstood, "not followed"},
		{"half a body", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "<boolean>true</boolean>")
		}, KindNotUnderstood, "broke off"},
		{"half a chunked body", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<boolean>true</boolean>")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, KindNotUnderstood, "broke off"},
		{"wrong content type", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = io.WriteString(w, "\x89PNG")
		}, KindNotUnderstood, "no XML"},
		{"a page with status 200", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><title>"+strings.Repeat("Maintenance ", 1_000)+"</title></html>")
		}, KindNotUnderstood, "Maintenance"},
		{"an endless page of failure", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			endless(w, "license expired ")
		}, KindNotUnderstood, "larger than the limit"},
		{"no answer at all", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, KindUnreachable, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/elsewhere" {
					elsewhere++
				}
				w.Header().Set("Content-Type", "text/xml; charset=utf-8")
				c.answer(w, r)
			}, func(o *Options) {
				o.Limits = Limits{Bytes: 4 << 20, Elements: 100_000}
				limit := time.Minute // on a busy machine, for what a limit of size has to stop
				if c.kind == KindTimeout {
					limit = 2 * time.Second
				}
				o.Timeouts = Timeouts{Read: limit, Write: limit}
				o.Services = map[string]Override{"ItemManagementService": {Binding: Form}}
			})
			for _, class := range []Class{ClassRead, ClassWrite} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				call := item(Param{Name: "itemGuid", Value: guidText})
				call.Class = class
				_, err := client.Call(t.Context(), call)
				runtime.ReadMemStats(&after)
				var e *Error
				if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Error(), c.part) {
					t.Fatalf("error %v, want one of kind %s with %q", err, c.kind, c.part)
				}
				if e.MaybeDone != (class == ClassWrite) {
					t.Errorf("class %d: maybe done: %v", class, e.MaybeDone)
				}
				if len(e.Error()) > 2000 {
					t.Errorf("a message of %d bytes", len(e.Error()))
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 200<<20 {
					t.Errorf("%s bytes were allocated", strconv.FormatUint(used, 10))
				}
			}
		})
	}
	if elsewhere > 0 {
		t.Errorf("the redirect was followed %d times", elsewhere)
	}
}

// TestHostileDescription: a ?WSDL is bounded, too, and what it names is not believed
// to be a name.
func TestHostileDescription(t *testing.T) {
	for name, text := range map[string]string{
		"endless":    "",
		"bomb":       `<!DOCTYPE z [<!ENTITY a "b">]><z>&a;</z>`,
		"no XML":     "hello",
		"odd names":  strings.ReplaceAll(testdata(t, "item.wsdl"), `name="ItemExists"`, `name="ItemExists&gt;&lt;x/"`),
		"many parts": `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="x">` + strings.Repeat(`<message name="m"/>`, 300_000) + `</definitions>`,
	} {
		t.Run(name, func(t *testing.T) {
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				if text == "" {
					endless(w, "<a><b/></a>")
				}
				w.Header().Set("Content-Type", "text/xml; charset=utf-8")
				_, _ = io.WriteString(w, text)
			}, func(o *Options) { o.Limits.Bytes = 1 << 20 })
			d, err := client.Discover(t.Context(), "ItemManagementService")
			if name == "odd names" { // the operation is passed over; others of the service stay
				if err != nil || len(d.Operations) == 0 || d.Operation("ItemExists><x/") != nil {
					t.Errorf("%+v, %v", d, err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Kind != KindNotUnderstood {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}

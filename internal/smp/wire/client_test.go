package wire

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pslan/internal/credential"
	"pslan/internal/declared"
	"pslan/internal/peertest"
)

func byForm(o *Options) {
	o.Services = map[string]Override{"ItemManagementService": {Binding: Form}}
}

func answerTrue(w http.ResponseWriter) { xmlAnswer(`<boolean>true</boolean>`)(w) }

// TestRepetition: reads are repeated where it may go better, with growing pauses;
// writes are sent once, and it is said whether they may have happened.
func TestRepetition(t *testing.T) {
	broken := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		answerTrue(w)
	}
	lost := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	const victim = "Transaction (Process ID 71) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction."
	const victimFault = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>Server was unable to process request. ---&gt; ` + victim + `</faultstring></s:Fault></s:Body></s:Envelope>`
	for _, c := range []struct {
		name    string
		class   Class
		answers []func(http.ResponseWriter) // the last one again and again
		tries   int
		kind    Kind // where it fails
		fails   bool
		maybe   bool
	}{
		{"a read meets 503 twice", ClassRead, []func(http.ResponseWriter){textAnswer(503, "x"), textAnswer(503, "x"), answerTrue}, 3, 0, false, false},
		{"a read meets 503 for ever", ClassRead, []func(http.ResponseWriter){textAnswer(503, "x")}, 4, KindUnreachable, true, false},
		{"a slow one meets half a body", ClassSlow, []func(http.ResponseWriter){broken, answerTrue}, 2, 0, false, false},
		{"a read loses its answer", ClassRead, []func(http.ResponseWriter){lost, answerTrue}, 2, 0, false, false},
		{"a read is not allowed", ClassRead, []func(http.ResponseWriter){textAnswer(500, "insufficient permission")}, 1, KindRights, true, false},
		{"a read meets an error", ClassRead, []func(http.ResponseWriter){textAnswer(500, "An error occurred on the server.")}, 1, KindServer, true, false},
		{"a read meets a deadlock", ClassRead, []func(http.ResponseWriter){textAnswer(500, victim), answerTrue}, 2, 0, false, false},
		{"a read meets a fault by a deadlock", ClassRead, []func(http.ResponseWriter){textAnswer(500, victimFault), answerTrue}, 2, 0, false, false},
		{"a write meets a deadlock", ClassWrite, []func(http.ResponseWriter){textAnswer(500, victim), answerTrue}, 1, KindServer, true, true},
		{"a write meets 503", ClassWrite, []func(http.ResponseWriter){textAnswer(503, "x"), answerTrue}, 1, KindUnreachable, true, true},
		{"a write loses its answer", ClassWrite, []func(http.ResponseWriter){lost, answerTrue}, 1, KindUnreachable, true, true},
		{"a write meets half a body", ClassWrite, []func(http.ResponseWriter){broken, answerTrue}, 1, KindNotUnderstood, true, true},
		{"a write meets an error", ClassWrite, []func(http.ResponseWriter){textAnswer(500, "An error occurred on the server.")}, 1, KindServer, true, true},
		{"a write is not allowed", ClassWrite, []func(http.ResponseWriter){textAnswer(500, "insufficient permission")}, 1, KindRights, true, false},
		{"a write finds no login", ClassWrite, []func(http.ResponseWriter){textAnswer(401, "x")}, 1, KindLogin, true, false},
		{"a write finds no object", ClassWrite, []func(http.ResponseWriter){textAnswer(500, "ASDKDoesNotExistException: x")}, 1, KindNotFound, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tries atomic.Int32
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				c.answers[min(int(tries.Add(1)), len(c.answers))-1](w)
			}, byForm, func(o *Options) { o.Retries = 3 })
			var pauses []time.Duration
			client.wait = func(_ context.Context, d time.Duration) error {
				pauses = append(pauses, d)
				return nil
			}
			call := item(Param{Name: "itemGuid", Value: guidText})
			call.Class = c.class
			_, err := client.Call(t.Context(), call)
			var e *Error
			if errors.As(err, &e) != c.fails || c.fails && (e.Kind != c.kind || e.MaybeDone != c.maybe) {
				t.Fatalf("error %v (%+v)", err, e)
			}
			if got := int(tries.Load()); got != c.tries {
				t.Errorf("%d tries, want %d", got, c.tries)
			}
			if len(pauses) != c.tries-1 {
				t.Errorf("%d pauses for %d tries", len(pauses), c.tries)
			}
			for i, d := range pauses {
				if most := firstPause << i; d < most/2 || d > most {
					t.Errorf("pause %d is %s", i+1, d)
				}
			}
		})
	}
}

// TestPauseEnds: whoever gives up does not wait for the next try.
func TestPauseEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pause(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := pause(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}

func TestUnreachableWriteIsNotDone(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	c, err := New(Options{Base: base, PlainHTTP: true, Services: map[string]Override{"ItemManagementService": {Binding: Form}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	call := item(Param{Name: "itemGuid", Value: guidText})
	call.Class = ClassWrite
	_, err = c.Call(t.Context(), call)
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindUnreachable || e.MaybeDone {
		t.Errorf("error %v, maybe done %v", err, e.MaybeDone)
	}
}

func TestCallThatIsGivenUp(t *testing.T) {
	began := make(chan struct{})
	client := clientOf(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client has gone
		close(began)
		<-r.Context().Done()
	}, byForm)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	call := item(Param{Name: "itemGuid", Value: guidText})
	call.Class = ClassWrite
	_, err := client.Call(ctx, call)
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindTimeout || !e.MaybeDone || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v", err)
	}
}

// TestParallel: no more calls at once than allowed, on no more connections.
func TestParallel(t *testing.T) {
	var now, most atomic.Int32
	var mu sync.Mutex
	connections := map[string]bool{}
	full := make(chan struct{})
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		mu.Lock()
		connections[r.RemoteAddr] = true
		most.Store(max(most.Load(), n))
		mu.Unlock()
		if n == 3 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		<-full
		answerTrue(w)
	}, byForm, func(o *Options) { o.Parallel = 3 })
	done := make(chan error)
	const count = 30
	for range count {
		go func() {
			_, err := client.Call(t.Context(), item(Param{Name: "itemGuid", Value: guidText}))
			done <- err
		}()
	}
	for range count {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 3 || len(connections) != 3 {
		t.Errorf("%d at once on %d connections, want 3 on 3", most.Load(), len(connections))
	}
}

// TestLog: it tells enough to find a mistake, and no secret.
func TestLog(t *testing.T) {
	const password, hash = "S3cret&<Horse", "topsecretvalue"
	var exchanges []Exchange
	var authorization string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		authorization = r.Header.Get("Authorization")
		w.Header().Set("Set-Cookie", "session="+hash)
		_, _ = io.Copy(io.Discard, r.Body)
		xmlAnswer(`<string>&lt;Join Password="` + hash + `"&gt;&lt;AdminPassword&gt;` + hash + `&lt;/AdminPassword&gt;` + strings.Repeat("x", 5000) + `</string>`)(w)
	}, func(o *Options) {
		o.Credential = as(t, declared.Login{Method: "basic", User: `CONTOSO\svc`}, password)
		o.BasicOverHTTP = true
		o.Services = map[string]Override{"DSTaskManagementService": {Binding: Form}}
		o.Log = func(x Exchange) { exchanges = append(exchanges, x) }
	})
	_, err := client.Call(t.Context(), Call{Service: "DSTaskManagementService", Method: "RunDeploymentSolutionTask", Object: "all images", Params: []Param{
		{Name: "xml", Value: `<DeploymentItem><ItemName>Image</ItemName><domainPassword type="x">` + hash + `</domainPassword><a token='` + hash + `'/><b>` + password + `</b></DeploymentItem>`},
		{Name: "userPassword", Value: hash},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(authorization, "Basic ") || len(exchanges) != 1 {
		t.Fatalf("authorization %q, %d exchanges", authorization, len(exchanges))
	}
	x := exchanges[0]
	for _, text := range []string{x.Request, x.Reply, x.URL} {
		if strings.Contains(text, hash) || strings.Contains(text, "S3cret") || strings.Contains(text, strings.TrimPrefix(authorization, "Basic ")) {
			t.Errorf("a secret in %q", text)
		}
		if len(text) > 2*logShown {
			t.Errorf("%d bytes of log", len(text))
		}
	}
	if !strings.Contains(x.Request, "<ItemName>Image</ItemName>") || !strings.Contains(x.Request, "userPassword="+hidden) || x.Status != 200 || x.Object != "all images" || x.Binding != Form || x.Try != 1 || x.ReplyBytes < 5000 || x.RequestBytes == 0 {
		t.Errorf("told too little: %+v", x)
	}
}

func TestErrorsShowNoSecret(t *testing.T) {
	const password = "S3cretHorse"
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "cannot log in with "+password+" and <Password>other</Password>", 500)
	}, byForm, func(o *Options) {
		o.Credential = as(t, declared.Login{Method: "basic", User: "svc"}, password)
		o.BasicOverHTTP = true
	})
	_, err := client.Call(t.Context(), item(Param{Name: "itemGuid", Value: guidText}))
	if err == nil || strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "other") {
		t.Errorf("error %v", err)
	}
}

func TestServerTime(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	there := time.Date(2026, 1, 1, 14, 30, 0, 0, time.UTC)
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", there.Format(http.TimeFormat))
		answerTrue(w)
	}, byForm, func(o *Options) { o.Now = func() time.Time { return now } })
	if _, ok := client.ServerTime(); ok {
		t.Error("a time before any answer")
	}
	if _, err := client.Call(t.Context(), item(Param{Name: "itemGuid", Value: guidText})); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	if at, ok := client.ServerTime(); !ok || !at.Equal(there.Add(time.Minute)) {
		t.Errorf("%s, %v", at, ok)
	}
}

// TestWayIsRemembered: what the platform said it does not have is not asked for again.
func TestWayIsRemembered(t *testing.T) {
	asked := map[string]int{}
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		asked[r.Method+" "+r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]++
		switch {
		case r.Method == http.MethodGet:
			xmlAnswer(testdata(t, "item.wsdl"))(w)
		case strings.HasSuffix(r.URL.Path, "ItemExists"):
			textAnswer(500, "ItemExists Web Service method name is not valid.")(w)
		default:
			xmlAnswer(envelope(`<ItemExistsResponse><ItemExistsResult>true</ItemExistsResult></ItemExistsResponse>`))(w)
		}
	})
	for range 3 {
		if _, err := client.Call(t.Context(), item(Param{Name: "itemGuid", Value: guidText})); err != nil {
			t.Fatal(err)
		}
	}
	const service = "ItemManagementService.asmx"
	if asked["GET "+service] != 1 || asked["POST ItemExists"] != 1 || asked["POST "+service] != 3 {
		t.Errorf("asked %v", asked)
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerTrue(w) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it
	server.StartTLS()
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := peertest.Certificate(t)
	own := filepath.Join(t.TempDir(), "own.pem")
	writePEM(t, own, server.Certificate().Raw)
	foreign := filepath.Join(t.TempDir(), "foreign.pem")
	if err := os.WriteFile(foreign, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file, part string }{
		{"trusted by the CA file", own, ""},
		{"not trusted", "", "certificate is not trusted"},
		{"another CA file", foreign, "its certificate is not trusted"},
	} {
		client, err := New(Options{Base: base, CAFile: c.file, Services: map[string]Override{"ItemManagementService": {Binding: Form}}})
		if err != nil {
			t.Fatal(err)
		}
		call := item(Param{Name: "itemGuid", Value: guidText})
		call.Class = ClassWrite
		_, err = client.Call(t.Context(), call)
		client.Close()
		var e *Error
		switch {
		case c.part == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.part != "" && (!errors.As(err, &e) || e.Kind != KindUnreachable || e.MaybeDone || !strings.Contains(err.Error(), c.part)):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestOldTLS: what is older than TLS 1.2 is not spoken.
func TestOldTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerTrue(w) }))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	writePEM(t, ca, server.Certificate().Raw)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{Base: base, CAFile: ca, Retries: -1, Services: map[string]Override{"ItemManagementService": {Binding: Form}}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Call(t.Context(), item(Param{Name: "itemGuid", Value: guidText}))
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindUnreachable || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("error %v", err)
	}
}

// TestOptions: all that is wrong is told at once, before anything is dialled.
func TestOptions(t *testing.T) {
	base := func(s string) *url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	basic := as(t, declared.Login{Method: "basic", User: "svc"}, "p4ssword")
	noCA := filepath.Join(t.TempDir(), "no.pem")
	if err := os.WriteFile(noCA, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		o     Options
		parts []string
	}{
		{"nothing", Options{}, []string{"address of the platform is missing"}},
		{"http", Options{Base: base("http://smp01"), Credential: basic}, []string{"is not https", "show the password"}},
		{"ftp", Options{Base: base("ftp://smp01")}, []string{"neither https nor http"}},
		{"user in the address", Options{Base: base("https://u:sesame@smp01/x?y#z")}, []string{"holds a user", "more than a host"}},
		{"services", Options{Base: base("https://smp01"), Parallel: 1000, Services: map[string]Override{"Nobody": {Binding: "carrier pigeon", Path: ""}, "ItemManagementService": {Path: "x?"}}},
			[]string{`service "Nobody" is not known`, "ItemManagementService, ItemModel", `binding "carrier pigeon"`, `path "x?"`, "1000 calls at once"}},
		{"CA file that is not there", Options{Base: base("https://smp01"), CAFile: filepath.Join(t.TempDir(), "none")}, []string{"CA file cannot be read"}},
		{"CA file without certificate", Options{Base: base("https://smp01"), CAFile: noCA}, []string{"no certificate in PEM form"}},
	} {
		_, err := New(c.o)
		for _, part := range c.parts {
			if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "sesame") {
				t.Errorf("%s: %v, want %q", c.name, err, part)
			}
		}
	}
}

// as is a credential, read as the program reads it.
func as(t *testing.T, login declared.Login, password string) *credential.Credential {
	t.Helper()
	c, err := credential.Read(credential.Source{Login: &login, Prefix: "PSLAN_SMP",
		Env:  func(name string) string { return map[string]string{"PSLAN_SMP_PASSWORD": password}[name] },
		Path: func(name string) string { return name }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func writePEM(t *testing.T, file string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

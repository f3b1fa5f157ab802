package serve_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/go-ntlmssp"

	"pslan/internal/credential"
	"pslan/internal/declared"
	"pslan/internal/lab/serve"
	"pslan/internal/smp/wire"
)

func guarded(t *testing.T, logins ...string) *served {
	t.Helper()
	return start(t, "retire-ps008", func(o *serve.Options) {
		o.Dialect.Logins = logins
		o.Users = []serve.User{serve.NewUser(`CONTOSO\svc`, "pass wörd"), serve.NewUser("other", "x")}
	})
}

// TestLogins by a client that others wrote.
func TestLogins(t *testing.T) {
	for name, c := range map[string]struct {
		offered        []string
		user, password string
		status         int
	}{
		"ntlm":             {[]string{"NTLM"}, `CONTOSO\svc`, "pass wörd", 200},
		"small letters":    {[]string{"NTLM"}, `contoso\SVC`, "pass wörd", 200},
		"negotiate":        {[]string{"Negotiate"}, `CONTOSO\svc`, "pass wörd", 200},
		"both":             {[]string{"Negotiate", "NTLM"}, `CONTOSO\svc`, "pass wörd", 200},
		"no domain":        {[]string{"NTLM"}, "other", "x", 200},
		"wrong password":   {[]string{"NTLM"}, `CONTOSO\svc`, "password", 401},
		"wrong domain":     {[]string{"NTLM"}, `FABRIKAM\svc`, "pass wörd", 401},
		"nobody":           {[]string{"NTLM"}, `CONTOSO\me`, "pass wörd", 401},
		"nothing offered":  {[]string{"Basic"}, "other", "y", 401},
		"another's":        {[]string{"NTLM"}, "other", "pass wörd", 401},
		"wrong, negotiate": {[]string{"Negotiate"}, `CONTOSO\svc`, "x", 401},
	} {
		t.Run(name, func(t *testing.T) {
			s := guarded(t, c.offered...)
			s.client.Transport = ntlmssp.Negotiator{RoundTripper: s.client.Transport}
			for range 2 { // the second call comes on a connection that is logged in
				r := s.request("POST", items+"/ItemExists", "application/x-www-form-urlencoded", form("itemGuid", win11))
				r.SetBasicAuth(c.user, c.password)
				if got := s.do(r); got.status != c.status {
					t.Fatal(got)
				}
			}
			for _, call := range s.Journal() {
				if call.User == "" || c.status != 200 {
					t.Errorf("a call by nobody: %v", call)
				}
			}
		})
	}
}

func TestBasic(t *testing.T) {
	s := guarded(t, "Basic")
	ask := func(user, password string) reply {
		r := s.request("POST", items+"/ItemExists", "application/x-www-form-urlencoded", form("itemGuid", win11))
		if user != "" {
			r.SetBasicAuth(user, password)
		}
		return s.do(r)
	}
	if r := ask("", ""); r.status != 401 || r.header.Get("WWW-Authenticate") != `Basic realm="pslan lab"` {
		t.Error(r)
	}
	if r := ask(`contoso\svc`, "pass wörd"); r.status != 200 {
		t.Error(r)
	}
	if r := ask("svc@contoso.com", "pass wörd"); r.status != 200 {
		t.Error(r)
	}
	if r := ask("", ""); r.status != 401 {
		t.Error("one call logs nobody in for the next", r)
	}
	if r := ask(`CONTOSO\svc`, "pass word"); r.status != 401 {
		t.Error(r)
	}
}

// TestOffers: a 401 names the schemes in their order.
func TestOffers(t *testing.T) {
	s := guarded(t, "Negotiate", "NTLM", "Basic")
	r := s.do(s.request("GET", items, "", ""))
	if got := strings.Join(r.header.Values("WWW-Authenticate"), "; "); r.status != 401 || got != `Negotiate; NTLM; Basic realm="pslan lab"` {
		t.Error(r.status, got)
	}
	for _, token := range []string{"NTLM", "NTLM !", "NTLM AAAA", "NTLM TlRMTVNTUAADAAAA", "Negotiate YIIB", "Kerberos x", "Negotiate oQMCAQA="} {
		q := s.request("GET", items, "", "")
		q.Header.Set("Authorization", token)
		if got := s.do(q); got.status != 401 {
			t.Error(token, got)
		}
	}
	if len(s.Journal()) != 0 {
		t.Error("somebody called")
	}
}

// TestWithoutUsers: a login that nobody has is a mistake of whoever serves.
func TestWithoutUsers(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	if _, err := serve.New(serve.Options{Lab: s.lab, Dialect: serve.Dialect{Logins: []string{"NTLM"}}}); err == nil || !strings.Contains(err.Error(), "name a user") {
		t.Error(err)
	}
	if _, err := serve.New(serve.Options{}); err == nil {
		t.Error("served nothing")
	}
}

// overTLS serves a lab over TLS with a CA of its own, and returns the address and who
// to trust.
func overTLS(t *testing.T, change func(*serve.Options)) (url string, ca *x509.Certificate) {
	t.Helper()
	authority, err := serve.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Config(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, "retire-ps008", func(o *serve.Options) {
		o.Certificate, o.Report = config.Certificates[0].Certificate[0], func(err error) { t.Log(err) }
		change(o)
	})
	server := s.HTTP()
	server.TLSConfig = config
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.ServeTLS(listener, "", "") // it ends when it is closed
	}()
	t.Cleanup(func() { server.Close(); <-done })
	if ca, err = x509.ParseCertificate(authority.Certificate()); err != nil {
		t.Fatal(err)
	}
	return "https://" + listener.Addr().String(), ca
}

func trusting(ca *x509.Certificate) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	return roots
}

// TestAuthority: its own CA is trusted, and nothing else is.
func TestAuthority(t *testing.T) {
	url, ca := overTLS(t, func(*serve.Options) {})
	get := func(roots *x509.CertPool) (string, error) {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		resp, err := (&http.Client{Transport: transport}).Get(url + items + "?wsdl")
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp.Proto + " " + string(body), err
	}
	text, err := get(trusting(ca))
	if err != nil || !strings.HasPrefix(text, "HTTP/1.1 ") {
		t.Errorf("%.20s %v", text, err)
	}
	wants(t, text, `location="`+url+items+`"`)
	if _, err := get(x509.NewCertPool()); err == nil {
		t.Error("trusted without its CA")
	}
}

// TestChannelBinding: where it is required, who binds is let in, by NTLM bare or
// wrapped, and who does not is not.
func TestChannelBinding(t *testing.T) {
	for _, way := range []string{"ignored", "required"} {
		for _, scheme := range []string{"NTLM", "Negotiate"} {
			address, ca := overTLS(t, func(o *serve.Options) {
				o.Dialect.Logins, o.Dialect.ChannelBinding = []string{scheme}, way
				o.Users = []serve.User{serve.NewUser(`CONTOSO\svc`, "x")}
			})
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusting(ca)}}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+items, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth(`CONTOSO\svc`, "x")
			resp, err := (&http.Client{Transport: ntlmssp.Negotiator{RoundTripper: transport}}).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			transport.CloseIdleConnections()
			if (resp.StatusCode == 200) != (way == "ignored") {
				t.Errorf("%s, %s, and no binding: %d", way, scheme, resp.StatusCode)
			}
			if err := askBound(t, address, ca); err != nil {
				t.Errorf("%s, %s, with a binding: %v", way, scheme, err)
			}
		}
	}
}

// askBound calls with pslan's own client, which binds its logins to the channel.
func askBound(t *testing.T, address string, ca *x509.Certificate) error {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	who, err := credential.Read(credential.Source{Prefix: "PSLAN_SMP", Login: &declared.Login{Method: "ntlm"}, Env: func(name string) string {
		return map[string]string{"PSLAN_SMP_USER": `CONTOSO\svc`, "PSLAN_SMP_PASSWORD": "x"}[name]
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	client, err := wire.New(wire.Options{Base: base, Credential: who, CAFile: file, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Call(t.Context(), wire.Call{Service: "ItemManagementService", Method: "ItemExists", Params: []wire.Param{{Name: "itemGuid", Value: win11}}})
	return err
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "localhost:0": true, ":80": false, "0.0.0.0:80": false, "10.0.0.1:80": false, "smp01:80": false, "x": false} {
		if serve.Loopback(addr) != want {
			t.Errorf("%s: %t", addr, !want)
		}
	}
}

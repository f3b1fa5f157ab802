//go:build peers

package wire

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pslan/internal/credential"
	"pslan/internal/declared"
	"pslan/internal/peertest"
)

const peerPassword = "Corr3ct-horse"

// peers are an Apache that asks for a login, a KDC it believes, and the service behind.
type peers struct {
	kdc     *peertest.KDC
	backend *httptest.Server
	keytab  string // of the service
	cert    string
	key     string
	caFile  string

	mu    sync.Mutex
	users []string // who called, in order
}

// startPeers starts what all servers have in common. nil: left out.
func startPeers(t *testing.T) *peers {
	t.Helper()
	p := &peers{kdc: peertest.StartKDC(t)}
	if p.kdc == nil {
		return nil
	}
	p.kdc.AddUser("svc-pslan", peerPassword)
	p.keytab = p.kdc.Keytab("HTTP/localhost")
	p.cert, p.key = peertest.Certificate(t)
	p.caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(p.caFile, []byte(p.cert), 0o644); err != nil {
		t.Fatal(err)
	}
	p.backend = httptest.NewServer(http.HandlerFunc(p.service))
	t.Cleanup(p.backend.Close)
	return p
}

// service says true to a call that arrived whole.
func (p *peers) service(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || string(body) != "itemGuid="+guidText {
		http.Error(w, "Missing parameter: itemGuid.", http.StatusInternalServerError)
		return
	}
	p.mu.Lock()
	p.users = append(p.users, r.Header.Get("X-Remote-User"))
	p.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, `<boolean>true</boolean>`)
}

func (p *peers) start(t *testing.T, a peertest.Apache) *peertest.Web {
	t.Helper()
	backend, err := url.Parse(p.backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	a.Backend, a.Certificate, a.Key, a.Kerberos = backend, p.cert, p.key, p.kdc.Config
	if slices.Contains(a.Mechanisms, "krb5") {
		a.Keytab = p.keytab
	}
	return a.Start(t)
}

func (p *peers) client(t *testing.T, web *peertest.Web, who *credential.Credential) *Client {
	t.Helper()
	c, err := New(Options{Base: web.URL, Credential: who, CAFile: p.caFile, Services: map[string]Override{"ItemManagementService": {Binding: Form}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestLoginsToApache logs in to a web server that others wrote, with tickets of a KDC
// that others wrote, and with NTLM as gss-ntlmssp understands it.
func TestLoginsToApache(t *testing.T) {
	p := startPeers(t)
	if p == nil {
		return
	}
	ntlm := map[string]string{`CONTOSO\svc-pslan`: peerPassword, p.kdc.Realm + `\svc-pslan`: peerPassword}
	both := p.start(t, peertest.Apache{Mechanisms: []string{"krb5", "ntlmssp"}, NTLM: ntlm})
	kerberosOnly := p.start(t, peertest.Apache{Mechanisms: []string{"krb5"}})
	wrapped := p.start(t, peertest.Apache{Mechanisms: []string{"ntlmssp"}, NTLM: ntlm, Lines: []string{`Header always edit WWW-Authenticate "^NTLM$" "Unknown"`}})
	userKeys := p.kdc.Keytab("svc-pslan")
	kerberosUser, ntlmUser := "svc-pslan@"+p.kdc.Realm, `CONTOSO\svc-pslan`
	const secret = peerPassword
	byAddress := *both
	byAddress.URL = &url.URL{Scheme: both.URL.Scheme, Host: "127.0.0.1:" + both.URL.Port()}
	for _, c := range []struct {
		name     string
		web      *peertest.Web
		login    declared.Login
		password string
		user     string // whom the server saw; a part of it
	}{
		{"Kerberos by keytab", both, declared.Login{Method: "kerberos", User: kerberosUser, Keytab: userKeys}, "", kerberosUser},
		{"Kerberos by tickets of kinit", both, declared.Login{Method: "kerberos", CredentialCache: p.kdc.Tickets("svc-pslan", userKeys)}, "", kerberosUser},
		{"Kerberos by password", both, declared.Login{Method: "kerberos", User: kerberosUser}, secret, kerberosUser},
		{"Negotiate finds Kerberos", kerberosOnly, declared.Login{User: kerberosUser}, secret, kerberosUser},
		{"NTLM by its own word", both, declared.Login{Method: "ntlm", User: ntlmUser}, secret, "svc-pslan"},
		{"NTLM by Negotiate", wrapped, declared.Login{Method: "ntlm", User: ntlmUser}, secret, "svc-pslan"},
		{"Negotiate finds NTLM", both, declared.Login{Method: "negotiate", User: ntlmUser}, secret, "svc-pslan"},
		{"no ticket for an address, so NTLM", &byAddress, declared.Login{User: kerberosUser}, secret, "svc-pslan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			login := c.login
			if login.Method != "ntlm" && !strings.Contains(c.name, "finds NTLM") {
				login.KerberosConfig = p.kdc.Config
			}
			client := p.client(t, c.web, as(t, login, c.password))
			p.mu.Lock()
			p.users = nil
			p.mu.Unlock()
			calls := make(chan error)
			const count = 12
			for range count {
				go func() {
					n, err := client.Call(t.Context(), Call{Service: "ItemManagementService", Method: "ItemExists", Params: []Param{{Name: "itemGuid", Value: guidText}}, Class: ClassWrite})
					if err == nil {
						_, err = n.Bool()
					}
					calls <- err
				}()
			}
			for range count {
				if err := <-calls; err != nil {
					t.Fatalf("%v\n%s", err, c.web.Log())
				}
			}
			if len(p.users) != count {
				t.Errorf("the service was called %d times, want %d", len(p.users), count)
			}
			for _, u := range p.users {
				if !strings.Contains(u, c.user) {
					t.Errorf("the server saw %q, want %q", u, c.user)
				}
			}
		})
	}
}

// TestWrongPasswordsAreTriedOnce: an account must not be locked by a typing mistake.
func TestWrongPasswordsAreTriedOnce(t *testing.T) {
	p := startPeers(t)
	if p == nil {
		return
	}
	web := p.start(t, peertest.Apache{Mechanisms: []string{"krb5", "ntlmssp"}, NTLM: map[string]string{`CONTOSO\svc-pslan`: peerPassword}})
	for _, c := range []struct {
		name  string
		login declared.Login
		part  string
	}{
		{"Kerberos", declared.Login{User: "svc-pslan@" + p.kdc.Realm, KerberosConfig: p.kdc.Config}, "the KDC refuses the login"},
		{"NTLM", declared.Login{Method: "ntlm", User: `CONTOSO\svc-pslan`}, "NTLM: the server did not take user and password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := p.client(t, web, as(t, c.login, "wrong-horse"))
			exists := item(Param{Name: "itemGuid", Value: guidText})
			for try := range 3 {
				_, err := client.Call(t.Context(), exists)
				var e *Error
				if !errors.As(err, &e) || e.Kind != KindLogin || !strings.Contains(e.Message, c.part) {
					t.Fatalf("error %v, want a refused login with %q", err, c.part)
				}
				if before := strings.Contains(e.Message, "not tried again"); before != (try > 0) {
					t.Errorf("try %d: %v", try+1, err)
				}
				if strings.Contains(e.Error()+e.Hint(), "wrong-horse") {
					t.Errorf("the password is told: %v", err)
				}
			}
		})
	}
}

// TestTicketsAreReadAgain: tickets that are no good any more are no reason to start
// again once kinit has made new ones.
func TestTicketsAreReadAgain(t *testing.T) {
	p := startPeers(t)
	if p == nil {
		return
	}
	web := p.start(t, peertest.Apache{Mechanisms: []string{"krb5"}})
	other := peertest.StartKDC(t) // of a realm of the same name
	other.AddUser("svc-pslan", peerPassword)
	cache := other.Tickets("svc-pslan", other.Keytab("svc-pslan"))
	client := p.client(t, web, as(t, declared.Login{Method: "kerberos", CredentialCache: cache, KerberosConfig: p.kdc.Config}, ""))
	exists := item(Param{Name: "itemGuid", Value: guidText})
	_, err := client.Call(t.Context(), exists)
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindLogin || !strings.Contains(e.Message, "no ticket for HTTP/localhost") {
		t.Fatalf("error %v, want one about a ticket", err)
	}
	tickets, err := os.ReadFile(p.kdc.Tickets("svc-pslan", p.kdc.Keytab("svc-pslan")))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cache, tickets, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Call(t.Context(), exists); err != nil {
		t.Errorf("with new tickets: %v\n%s", err, web.Log())
	}
}

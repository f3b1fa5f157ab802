//go:build peers

package wire

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"pslan/internal/declared"
	"pslan/internal/peertest"
)

// boundServer lets in who logs in on its own channel, as IIS does where Extended
// Protection is required. MIT's GSS-API judges.
type boundServer struct {
	word     string // Negotiate or NTLM
	acceptor *peertest.Acceptor
	channel  []byte

	mu    sync.Mutex
	why   []string        // why somebody was not let in
	began map[string]bool // connections in the middle of a login
}

func (s *boundServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.Copy(io.Discard, r.Body)
	word, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sent, err := base64.StdEncoding.DecodeString(token)
	if word != s.word || err != nil {
		w.Header().Set("WWW-Authenticate", s.word)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if !s.began[r.RemoteAddr] {
		s.began[r.RemoteAddr] = true
		if err := s.acceptor.Begin(s.channel); err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
			return
		}
	}
	user, reply, err := s.acceptor.Step(sent)
	if reply == nil {
		delete(s.began, r.RemoteAddr)
	}
	switch {
	case err != nil:
		w.Header().Set("WWW-Authenticate", s.word)
		s.why = append(s.why, err.Error())
		w.WriteHeader(http.StatusUnauthorized)
	case reply != nil:
		w.Header().Set("WWW-Authenticate", s.word+" "+base64.StdEncoding.EncodeToString(reply))
		w.WriteHeader(http.StatusUnauthorized)
	default:
		xmlAnswer("<string>" + user + "</string>")(w)
	}
}

// TestLoginIsBoundToItsChannel: a server that requires Extended Protection lets us in,
// and one that sits between us and it, with a certificate of its own, gets nowhere.
func TestLoginIsBoundToItsChannel(t *testing.T) {
	p := startPeers(t)
	if p == nil {
		return
	}
	ntlm := map[string]string{`CONTOSO\svc-pslan`: peerPassword}
	kerberosUser := "svc-pslan@" + p.kdc.Realm
	for _, c := range []struct {
		name, word string
		login      declared.Login
		why        string // the acceptor's word about a channel that is another's; "": it is the server's own
	}{
		{"Kerberos", "Negotiate", declared.Login{Method: "kerberos", User: kerberosUser, KerberosConfig: p.kdc.Config}, ""},
		{"Kerberos through another", "Negotiate", declared.Login{Method: "kerberos", User: kerberosUser, KerberosConfig: p.kdc.Config}, "binding"},
		{"NTLM", "NTLM", declared.Login{Method: "ntlm", User: `CONTOSO\svc-pslan`}, ""},
		{"NTLM through another", "NTLM", declared.Login{Method: "ntlm", User: `CONTOSO\svc-pslan`}, "permission denied"},
		{"NTLM by Negotiate", "Negotiate", declared.Login{Method: "ntlm", User: `CONTOSO\svc-pslan`}, ""},
		{"NTLM by Negotiate through another", "Negotiate", declared.Login{Method: "ntlm", User: `CONTOSO\svc-pslan`}, "permission denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bound := &boundServer{word: c.word, acceptor: peertest.StartAcceptor(t, p.kdc, p.keytab, ntlm), began: map[string]bool{}}
			if bound.acceptor == nil {
				return
			}
			pair, err := tls.X509KeyPair([]byte(p.cert), []byte(p.key))
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewUnstartedServer(bound)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			server.StartTLS()
			t.Cleanup(server.Close)
			certificate := pair.Certificate[0]
			if c.why != "" {
				certificate = []byte("that of another server")
			}
			sum := sha256.Sum256(certificate)
			bound.channel = append([]byte("tls-server-end-point:"), sum[:]...)
			base, err := url.Parse(strings.Replace(server.URL, "127.0.0.1", "localhost", 1))
			if err != nil {
				t.Fatal(err)
			}
			client, err := New(Options{Base: base, CAFile: p.caFile, Parallel: 1, Credential: as(t, c.login, peerPassword), Services: map[string]Override{"ItemManagementService": {Binding: Form}}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			n, err := client.Call(t.Context(), item(Param{Name: "itemGuid", Value: guidText}))
			var e *Error
			switch {
			case c.why == "" && (err != nil || !strings.Contains(n.Text, "svc-pslan")):
				t.Errorf("not let in: %v; %q", err, bound.why)
			case c.why != "" && (!errors.As(err, &e) || e.Kind != KindLogin):
				t.Errorf("let in as %+v, %v", n, err)
			case !strings.Contains(strings.ToLower(strings.Join(bound.why, " ")), c.why):
				t.Errorf("not let in for another reason: %q", bound.why)
			}
		})
	}
}

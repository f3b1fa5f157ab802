package smp_test

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"pslan/internal/declared"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// TestConnectionsAreKept: a reading of hundreds of packages opens as many connections as
// there may be calls at once, and no more: a login by NTLM costs three round trips on
// each.
func TestConnectionsAreKept(t *testing.T) {
	s := serveLab(t, "branch-offices", nil, serve.Pace{}, nil)
	var opened atomic.Int64
	h := httptest.NewUnstartedServer(s.server)
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	h.Start()
	t.Cleanup(h.Close)
	s.settings.URL, s.settings.Parallel = h.URL, 3
	s.open(t)
	before := s.server.Calls()
	read(t, s)
	if calls, n := s.server.Calls()-before, opened.Load(); calls < 300 || n == 0 || n > 3 {
		t.Errorf("%d connections for %d calls, want up to 3", n, calls)
	}
}

// TestOneLogin: where the login is refused the first reading tries it once, and not as
// often as there may be calls at once: that could lock the account.
func TestOneLogin(t *testing.T) {
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, nil)
	var tried atomic.Int64
	h := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			tried.Add(1)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(h.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	s.settings.URL, s.settings.CAFile = h.URL, ca
	s.settings.Login = &declared.Login{Method: "basic"}
	s.open(t)
	if _, err := s.ReadEstate(t.Context(), platform.Scope{}); kind(err) != platform.KindDenied {
		t.Error(err)
	}
	if n := tried.Load(); n != 1 {
		t.Errorf("the password was tried %d times", n)
	}
}

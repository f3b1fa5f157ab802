package smp_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"pslan/internal/lab/serve"
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

package login

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pslan/internal/credential"
	"pslan/internal/declared"
)

func as(t testing.TB, login declared.Login, password string) *credential.Credential {
	t.Helper()
	c, err := credential.Read(credential.Source{Login: &login, Prefix: "PSLAN_SMP",
		Env:  func(name string) string { return map[string]string{"PSLAN_SMP_PASSWORD": password}[name] },
		Path: func(name string) string { return name }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// over is a connection to a server that the test plays.
func over(t *testing.T, a *Account, handler http.HandlerFunc) (http.RoundTripper, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(a.Close)
	transport := &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(transport.CloseIdleConnections)
	return a.Over(transport), server.URL
}

func post(t *testing.T, to string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestOffers(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{nil, ""},
		{[]string{"Negotiate", "NTLM"}, "Negotiate NTLM"},
		{[]string{"Negotiate, NTLM", `Basic realm="a, b", charset="UTF-8"`}, "Negotiate NTLM Basic"},
		{[]string{`Digest realm="x", nonce="y", qop=auth`, "negotiate", "Negotiate"}, "Digest negotiate"},
		{[]string{"Negotiate dG9rZW4="}, "Negotiate"},
		{[]string{",,,", strings.Repeat("x", 100)}, ""},
	} {
		got := strings.Join(offers(http.Header{"Www-Authenticate": c.lines}), " ")
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.lines, got, c.want)
		}
	}
}

// TestServersThatDoNotLetIn: the error tells what was offered and tried.
func TestServersThatDoNotLetIn(t *testing.T) {
	ntlm := declared.Login{Method: "ntlm", User: `CONTOSO\svc`}
	for _, c := range []struct {
		name   string
		login  declared.Login
		answer func(http.ResponseWriter)
		part   string
	}{
		{"no way to log in", ntlm, func(http.ResponseWriter) {}, "names no way to log in; nothing could be tried with the method ntlm"},
		{"only basic", ntlm, func(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", `Basic realm="x"`) }, "offers Basic; nothing could be tried"},
		{"NTLM without an answer", ntlm, func(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", "NTLM") }, "did not answer its first message"},
		{"broken NTLM", ntlm, func(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", "NTLM dG9rZW4=") }, "NTLM: "},
		{"broken SPNEGO", ntlm, func(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", "Negotiate dG9rZW4=") }, "answer to Negotiate is broken"},
		{"connections that do not stay", ntlm, func(w http.ResponseWriter) {
			w.Header().Set("WWW-Authenticate", "NTLM dG9rZW4=")
			w.Header().Set("Connection", "close")
		}, "closes the connection"},
		{"basic over http", declared.Login{Method: "basic", User: "svc"}, func(http.ResponseWriter) {}, "not https"},
		{"no KDC", declared.Login{Method: "kerberos", User: "svc@NOBODY.TEST", KerberosConfig: "testdata/nobody.conf"}, func(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", "Negotiate") }, "Kerberos: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			var seen []string
			a := New(as(t, c.login, "p4ssword"), false)
			carry, at := over(t, a, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				seen = append(seen, r.Header.Get("Authorization"))
				c.answer(w)
				w.WriteHeader(http.StatusUnauthorized)
			})
			_, err := carry.RoundTrip(post(t, at))
			var refused *Refused
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.part) {
				t.Errorf("error %v, want %q", err, c.part)
			}
			for _, s := range seen {
				token, _ := base64.StdEncoding.DecodeString(s[strings.IndexByte(s, ' ')+1:])
				if strings.HasPrefix(s, "Basic") || bytes.Contains(token, []byte("p4ssword")) {
					t.Errorf("the server was told %q", s)
				}
			}
		})
	}
}

// TestBasic: the password goes out where that is allowed, and once where it is wrong.
func TestBasic(t *testing.T) {
	var calls atomic.Int32
	handler := func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		user, password, _ := r.BasicAuth()
		if user != `CONTOSO\svc` || password != "right" {
			w.Header().Set("WWW-Authenticate", "Basic")
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	login := declared.Login{Method: "basic", User: `CONTOSO\svc`}
	carry, at := over(t, New(as(t, login, "right"), true), handler)
	for range 2 {
		resp, err := carry.RoundTrip(post(t, at))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
		drain(resp)
	}
	calls.Store(0)
	carry, at = over(t, New(as(t, login, "wrong"), true), handler)
	for range 3 {
		if _, err := carry.RoundTrip(post(t, at)); err == nil {
			t.Error("let in with a wrong password")
		}
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("a wrong password was sent %d times", n)
	}
}

// TestBindingHash holds the hash of a channel against values worked out by hand from
// RFC 5929 and RFC 2744: a structure of four zero words, the length, and the data.
func TestBindingHash(t *testing.T) {
	// MD5 of 16 zero bytes, 04 00 00 00, "test".
	if got := hex.EncodeToString(bindingOf([]byte("test"))); got != "6252d6eafbbaed8937914ec84dc4365d" {
		t.Errorf("%s", got)
	}
	for algorithm, want := range map[x509.SignatureAlgorithm]int{
		x509.SHA1WithRSA: 32, x509.MD5WithRSA: 32, x509.SHA256WithRSA: 32, x509.ECDSAWithSHA384: 48, x509.SHA512WithRSAPSS: 64, x509.PureEd25519: 0,
	} {
		h, ok := endPointHash(algorithm)
		if ok != (want > 0) || ok && h.Size() != want {
			t.Errorf("%s: %v, %v", algorithm, h, ok)
		}
	}
	if bindingHash(nil) != nil {
		t.Error("a binding without a channel")
	}
}

// made is a challenge with such pairs in its target information.
func made(pairs ...[]byte) []byte {
	m := make([]byte, 56)
	copy(m, "NTLMSSP\x00\x02\x00\x00\x00")
	info := slices.Concat(pairs...)
	binary.LittleEndian.PutUint16(m[40:], uint16(len(info)))
	binary.LittleEndian.PutUint16(m[42:], uint16(len(info)))
	binary.LittleEndian.PutUint32(m[44:], uint32(len(m)))
	return append(m, info...)
}

func TestBoundChallenge(t *testing.T) {
	domain := appendPair(nil, 2, []byte("C\x00"))
	end := appendPair(nil, avEnd, nil)
	bound := bytes.Repeat([]byte{7}, 16)
	got := bindChallenge(made(domain, appendPair(nil, avTargetName, []byte("old")), end), "HTTP/a", bound)
	at := binary.LittleEndian.Uint32(got[44:])
	info := got[at : at+uint32(binary.LittleEndian.Uint16(got[40:]))]
	want := slices.Concat(domain, appendPair(nil, avTargetName, []byte("H\x00T\x00T\x00P\x00/\x00a\x00")), appendPair(nil, avChannelBindings, bound), end)
	if !bytes.Equal(info, want) {
		t.Errorf("got  %x\nwant %x", info, want)
	}
	for name, m := range map[string][]byte{"short": []byte("NTLMSSP\x00"), "no information": made(), "no end": made(domain), "cut": made(domain, []byte{9, 0, 200, 0})} {
		if got := bindChallenge(m, "HTTP/a", bound); !bytes.Equal(got, m) {
			t.Errorf("%s: changed to %x", name, got)
		}
	}
}

func FuzzChallenge(f *testing.F) {
	f.Add(made(appendPair(nil, 2, []byte("C\x00")), appendPair(nil, avEnd, nil)))
	token, err := wrapNext([]byte("NTLMSSP\x00"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	c := &connection{account: New(as(f, declared.Login{Method: "ntlm", User: "svc"}, "p4ssword"), false)}
	f.Fuzz(func(t *testing.T, message []byte) {
		out := bindChallenge(message, "HTTP/a", make([]byte, 16))
		if len(out) > len(message)+maxTargetInfo+100 {
			t.Fatalf("%d bytes of %d", len(out), len(message))
		}
		if inner, err := unwrap(message); err == nil && len(inner) == 0 {
			t.Fatal("an empty token")
		}
		req := httptest.NewRequest(http.MethodPost, "https://smp01/", nil)
		for _, plain := range []bool{true, false} {
			if final, err := c.answer(req, message, plain); err == nil && (len(final) == 0 || bytes.Contains(final, []byte("p4ssword"))) {
				t.Fatalf("answered %x", final)
			}
		}
		offers(http.Header{"Www-Authenticate": {string(message)}})
	})
}

//go:build peers

package smp_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/lab/serve"
	"pslan/internal/peertest"
)

// TestThroughApache reads and writes a lab behind a web server that others wrote and
// that asks for a login, with tickets of a KDC that others wrote, and with NTLM.
func TestThroughApache(t *testing.T) {
	kdc := peertest.StartKDC(t)
	if kdc == nil {
		return
	}
	const password = "secret" // what served.open puts into the environment
	kdc.AddUser("svc", password)
	keytab := kdc.Keytab("HTTP/localhost")
	certificate, key := peertest.Certificate(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveLab(t, "new-smp", nil, serve.Pace{Jump: true, Most: time.Minute}, nil)
	backend, err := url.Parse(s.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	web := peertest.Apache{Backend: backend, Certificate: certificate, Key: key, Mechanisms: []string{"krb5", "ntlmssp"},
		Keytab: keytab, Kerberos: kdc.Config, NTLM: map[string]string{`\svc`: password}}.Start(t)
	if web == nil {
		return
	}
	s.settings.URL, s.settings.CAFile, s.settings.AllowHTTP = web.URL.String(), ca, false
	for _, login := range []declared.Login{{Method: "kerberos", KerberosConfig: kdc.Config}, {Method: "ntlm"}} {
		t.Run(login.Method, func(t *testing.T) {
			s.settings.Login = &login
			s.open(t)
			e := read(t, s)
			sameEstate(t, read(t, s.lab), e)
			img := image(t, e, "WIN11-23H2")
			to := estate.AssignmentNames{Mode: estate.AssignServers, Servers: []string{"PS009", "PS010"}}
			if login.Method == "ntlm" {
				to = estate.AssignmentNames{Mode: estate.AssignSites, Sites: []string{"HQ"}}
			}
			if err := s.SetAssignment(t.Context(), ref(img), to); err != nil {
				t.Fatal(err)
			}
			now := read(t, s, img.GUID)
			if got := now.NameAssignment(&now.Images[0].Assignment); !got.Equal(&to) {
				t.Errorf("assigned %v, want %v", got, to)
			}
		})
	}
}

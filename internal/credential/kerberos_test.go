package credential

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/declared"
)

// TestKerberosFiles: what is wrong with tickets, keytabs and configurations is told
// before any KDC is asked, and never by a panic of the library.
func TestKerberosFiles(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"krb5.conf": "[libdefaults]\n default_realm = PSLAN.TEST\n dns_lookup_kdc = false\n", "norealm.conf": "[libdefaults]\n dns_lookup_kdc = false\n",
		"broken.conf": "[libdefaults]\n clockskew = soon\n", "broken.cache": "\x05\x04\x00\xff", "short.cache": "\x05\x04", "broken.keytab": "\x05\x02\x00\x00\x10\x00x", "empty": "",
		"large": strings.Repeat("x", kerberosFileLimit+1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		login declared.Login
		env   map[string]string
		err   string // a part of it
	}{
		{"broken tickets", declared.Login{Method: "kerberos", CredentialCache: "broken.cache"}, nil, "broken.cache is broken"},
		{"short tickets", declared.Login{Method: "kerberos", CredentialCache: "short.cache"}, nil, "short.cache"},
		{"no tickets", declared.Login{Method: "kerberos", CredentialCache: "none"}, nil, "the ticket cache cannot be read"},
		{"huge tickets", declared.Login{Method: "kerberos", CredentialCache: "large"}, nil, "is larger than"},
		{"tickets in the kernel", declared.Login{Method: "kerberos"}, map[string]string{"KRB5CCNAME": "KEYRING:persistent:0"}, "pslan reads ticket caches that are files"},
		{"broken keytab", declared.Login{Method: "kerberos", User: "svc", Keytab: "broken.keytab"}, nil, "broken.keytab is broken"},
		{"empty keytab", declared.Login{Method: "kerberos", User: "svc", Keytab: "empty"}, nil, "empty is broken"},
		{"broken configuration", declared.Login{Method: "kerberos", User: "svc", KerberosConfig: "broken.conf", Keytab: "empty"}, nil, "broken.conf is broken"},
		{"no configuration", declared.Login{Method: "kerberos", User: "svc", KerberosConfig: "none.conf", Keytab: "empty"}, nil, "the Kerberos configuration cannot be read"},
		{"no realm", declared.Login{Method: "kerberos", User: "svc", KerberosConfig: "norealm.conf", Keytab: "empty"}, nil, "write the user as user@REALM"},
		{"neither keytab nor password", declared.Login{Method: "kerberos", User: "svc"}, nil, "neither tickets nor a keytab nor a password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.login.KerberosConfig == "" {
				c.login.KerberosConfig = "krb5.conf"
			}
			who, err := Read(Source{Login: &c.login, Prefix: "PSLAN_SMB", Env: func(name string) string { return c.env[name] },
				Path: func(name string) string { return filepath.Join(dir, name) }})
			if err != nil {
				t.Fatal(err)
			}
			cl, err := who.Kerberos()
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v, error %v, want one with %q", cl, err, c.err)
			}
			if errors.Is(err, ErrRefused) {
				t.Errorf("nobody was asked, so nobody refused: %v", err)
			}
		})
	}
}

// TestWhatIsTried: Kerberos where there is something to try it with, NTLM where there
// is a password.
func TestWhatIsTried(t *testing.T) {
	for _, c := range []struct {
		name           string
		login          declared.Login
		config         string // KRB5_CONFIG
		kerberos, ntlm bool
	}{
		{"a local account", declared.Login{User: "svc"}, "", false, true},
		{"a domain account", declared.Login{User: `CONTOSO\svc`}, "", false, true},
		{"a domain account, and a krb5.conf", declared.Login{User: `CONTOSO\svc`}, "/etc/a.conf" + string(filepath.ListSeparator) + "/etc/b.conf", true, true},
		{"with a realm", declared.Login{User: "svc@contoso.com"}, "", true, true},
		{"with a keytab", declared.Login{User: "svc", Keytab: "k"}, "", true, true},
		{"kerberos alone", declared.Login{User: "svc", Method: "kerberos"}, "", true, false},
		{"ntlm alone", declared.Login{User: "svc@contoso.com", Method: "ntlm"}, "", false, true},
		{"basic", declared.Login{User: "svc", Method: "basic"}, "", false, false},
	} {
		who, err := Read(Source{Login: &c.login, Prefix: "PSLAN_SMB", Path: func(name string) string { return name },
			Env: func(name string) string {
				return map[string]string{"PSLAN_SMB_PASSWORD": "p", "KRB5_CONFIG": c.config}[name]
			}})
		if err != nil {
			t.Fatal(err)
		}
		if who.MayKerberos() != c.kerberos || who.MayNTLM() != c.ntlm {
			t.Errorf("%s: Kerberos %v, NTLM %v", c.name, who.MayKerberos(), who.MayNTLM())
		}
		if c.config != "" && who.Config != "/etc/a.conf" {
			t.Errorf("%s: %q", c.name, who.Config)
		}
	}
}

// TestRealmFromName: a machine without krb5.conf asks DNS for the realm's KDCs.
func TestRealmFromName(t *testing.T) {
	conf := realmConfig("contoso.com")
	if conf.LibDefaults.DefaultRealm != "CONTOSO.COM" || !conf.LibDefaults.DNSLookupKDC {
		t.Errorf("%+v", conf.LibDefaults)
	}
}

//go:build peers

package smb

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/content"
	"pslan/internal/credential"
	"pslan/internal/declared"
	"pslan/internal/peertest"
)

// who is a credential of a login block and an environment.
func who(t *testing.T, login declared.Login, env map[string]string) *credential.Credential {
	t.Helper()
	c, err := credential.Read(credential.Source{Login: &login, Prefix: "PSLAN_SMB",
		Env: func(name string) string { return env[name] }, Path: func(name string) string { return name }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// realmAndServer starts a KDC, and a server that accepts its tickets and, where ntlm
// says so, passwords.
func realmAndServer(t *testing.T, ntlm bool, global ...string) (*peertest.KDC, *peertest.FileServer) {
	t.Helper()
	if !peertest.HasSamba(t) {
		return nil, nil
	}
	realm := peertest.StartKDC(t)
	if realm == nil {
		return nil, nil
	}
	realm.AddUser(peertest.User(t), peertest.Password)
	dir := t.TempDir()
	write(t, dir, map[string]string{"p/cache/f": "1"})
	if !ntlm {
		global = append(global, "ntlm auth = disabled")
	}
	return realm, peertest.Samba{Global: global, Keytab: realm.Keytab("cifs/localhost"), Kerberos: realm.Config, Shares: map[string]string{"packages": dir}}.Start(t)
}

// TestKerberos logs in with tickets that a real KDC gave, in every way there is to get
// them, at a server that accepts nothing else.
func TestKerberos(t *testing.T) {
	realm, s := realmAndServer(t, false)
	if realm == nil {
		return
	}
	conf := map[string]string{"KRB5_CONFIG": realm.Config}
	password := map[string]string{"KRB5_CONFIG": realm.Config, "PSLAN_SMB_PASSWORD": peertest.Password}
	for _, tt := range []struct {
		name string
		who  *credential.Credential
	}{
		{"password", who(t, declared.Login{Method: "kerberos", User: s.User + "@" + realm.Realm}, password)},
		{"default realm", who(t, declared.Login{Method: "kerberos", User: `PSLAN\` + s.User}, password)},
		{"keytab", who(t, declared.Login{Method: "kerberos", User: s.User, Keytab: realm.Keytab(s.User)}, conf)},
		{"tickets", who(t, declared.Login{Method: "kerberos", CredentialCache: realm.Tickets(s.User, realm.Keytab(s.User))}, conf)},
		{"negotiate with a password", who(t, declared.Login{User: s.User + "@" + realm.Realm}, password)},
		{"negotiate with tickets", who(t, declared.Login{}, map[string]string{"KRB5_CONFIG": realm.Config, "KRB5CCNAME": "FILE:" + realm.Tickets(s.User, realm.Keytab(s.User))})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := open(t, pool(t, s, func(o *Options) { o.Who = tt.who }), "//localhost/packages")
			files, _, err := content.ReadTree(t.Context(), fsys, "p/cache", true)
			if err != nil || len(files) != 1 {
				t.Error(files, err, s.Log())
			}
		})
	}
	// And a server that takes no passwords says so to those who have nothing else.
	_, _, err := pool(t, s, nil).Open("//localhost/packages")
	wantKind(t, err, LoginRefused, "the login at localhost as "+s.User+" failed: ")
}

func TestKerberosEncrypted(t *testing.T) {
	realm, s := realmAndServer(t, false, "server smb encrypt = required")
	if realm == nil {
		return
	}
	fsys := open(t, pool(t, s, func(o *Options) {
		o.Who = who(t, declared.Login{Method: "kerberos", CredentialCache: realm.Tickets(s.User, realm.Keytab(s.User))}, map[string]string{"KRB5_CONFIG": realm.Config})
	}), "//localhost/packages")
	if _, err := fs.ReadFile(fsys, "p/cache/f"); err != nil {
		t.Error(err)
	}
}

// TestNegotiate: where Kerberos does not work, NTLM is next, but never with a password
// that a KDC just refused; and the error names what became of both.
func TestNegotiate(t *testing.T) {
	realm, s := realmAndServer(t, true)
	if realm == nil {
		return
	}
	env := func(conf, password string) map[string]string {
		return map[string]string{"KRB5_CONFIG": conf, "PSLAN_SMB_PASSWORD": password}
	}
	user := declared.Login{User: s.User + "@" + realm.Realm}
	noKDC := filepath.Join(t.TempDir(), "krb5.conf")
	text := fmt.Sprintf("[libdefaults]\ndefault_realm = %[1]s\ndns_lookup_kdc = false\nudp_preference_limit = 1\n[realms]\n%[1]s = {\n kdc = 127.0.0.1:%[2]d\n}\n", realm.Realm, peertest.FreePort(t))
	if err := os.WriteFile(noKDC, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, host string
		who        *credential.Credential
		kind       Kind
		texts      []string // parts of the error; none: it works
	}{
		{"a name that the realm does not know", "127.0.0.1", who(t, user, env(realm.Config, peertest.Password)), Other, nil},
		{"no KDC", "localhost", who(t, user, env(noKDC, peertest.Password)), Other, nil},
		{"no KDC and a wrong password", "localhost", who(t, user, env(noKDC, "wrong")), LoginRefused,
			[]string{"the login at localhost as PSLAN.TEST\\" + s.User + " failed: by Kerberos: no KDC of the realm answers", "; by NTLM: the user name or the password is wrong"}},
		{"a wrong password", "localhost", who(t, user, env(realm.Config, "wrong")), LoginRefused, []string{"by Kerberos: the KDC refuses the login", "KDC_ERR_PREAUTH_FAILED"}},
		{"an unknown user", "localhost", who(t, declared.Login{User: "nobody-known@" + realm.Realm}, env(realm.Config, "x")), LoginRefused, []string{"KDC_ERR_C_PRINCIPAL_UNKNOWN"}},
		{"kerberos alone, no KDC", "localhost", who(t, declared.Login{Method: "kerberos", User: user.User}, env(noKDC, "x")), NoTicket, []string{"no KDC of the realm answers"}},
		{"kerberos alone, a name that the realm does not know", "127.0.0.1", who(t, declared.Login{Method: "kerberos", User: user.User}, env(realm.Config, peertest.Password)), NoTicket, []string{"no ticket for cifs/127.0.0.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, closer, err := pool(t, s, func(o *Options) { o.Who = tt.who }).Open("//" + tt.host + "/packages")
			if len(tt.texts) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				closer.Close()
				return
			}
			for _, text := range tt.texts {
				wantKind(t, err, tt.kind, text)
			}
			if strings.Contains(err.Error(), "NTLM") != strings.Contains(strings.Join(tt.texts, ""), "NTLM") {
				t.Errorf("%v", err)
			}
		})
	}
}

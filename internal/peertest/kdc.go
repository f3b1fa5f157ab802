package peertest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// KDC is a running MIT KDC of the realm PSLAN.TEST. Its tickets carry no PAC, the
// domain controllers' list of groups, which a server outside of a domain refuses.
type KDC struct {
	Realm  string
	Config string // krb5.conf

	tb  testing.TB
	dir string
	env []string
}

var kdc = kind{[]string{"PSLAN_TEST_KDC", "PSLAN_TEST_APACHE"}, "krb5-kdc krb5-admin-server krb5-user"}

// StartKDC starts a KDC. nil: left out.
func StartKDC(tb testing.TB) *KDC {
	tb.Helper()
	if program(tb, kdc, "krb5kdc") == "" {
		return nil
	}
	k := &KDC{Realm: "PSLAN.TEST", tb: tb, dir: folder(tb)}
	port := FreePort(tb)
	k.Config = write(tb, k.dir, "krb5.conf", fmt.Sprintf(`[libdefaults]
  default_realm = %[1]s
  dns_lookup_kdc = false
  dns_lookup_realm = false
  rdns = false
  dns_canonicalize_hostname = false
  udp_preference_limit = 1
  permitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
[realms]
  %[1]s = {
    kdc = 127.0.0.1:%[2]d
  }
[domain_realm]
  localhost = %[1]s
`, k.Realm, port))
	profile := write(tb, k.dir, "kdc.conf", fmt.Sprintf(`[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:%[2]d
[realms]
  %[1]s = {
    database_name = %[3]s
    key_stash_file = %[4]s
    acl_file = %[5]s
    max_life = 10h
    disable_pac = true
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = STDERR
`, k.Realm, port, filepath.Join(k.dir, "principal"), filepath.Join(k.dir, "stash"), write(tb, k.dir, "kadm5.acl", "")))
	k.env = []string{"KRB5_CONFIG=" + k.Config, "KRB5_KDC_PROFILE=" + profile}
	run(tb, k.env, program(tb, kdc, "kdb5_util"), "-r", k.Realm, "create", "-s", "-W", "-P", "master")
	serve(tb, k.env, port, filepath.Join(k.dir, "kdc.log"), program(tb, kdc, "krb5kdc"), "-n", "-P", filepath.Join(k.dir, "kdc.pid"))
	return k
}

// AddUser makes a principal with a password.
func (k *KDC) AddUser(name, password string) {
	k.tb.Helper()
	run(k.tb, k.env, program(k.tb, kdc, "kadmin.local"), "-r", k.Realm, "addprinc", "-requires_preauth", "-pw", password, name)
	run(k.tb, k.env, program(k.tb, kdc, "kadmin.local"), "-r", k.Realm, "modprinc", "+requires_preauth", name)
}

// Keytab writes the keys of a principal to a file, and makes the principal where it is
// a service. A user's password stays what it is.
func (k *KDC) Keytab(principal string) string {
	k.tb.Helper()
	file := filepath.Join(k.dir, strings.NewReplacer("/", "_", "@", "_").Replace(principal)+".keytab")
	if strings.Contains(principal, "/") {
		run(k.tb, k.env, program(k.tb, kdc, "kadmin.local"), "-r", k.Realm, "addprinc", "-randkey", principal)
	}
	run(k.tb, k.env, program(k.tb, kdc, "kadmin.local"), "-r", k.Realm, "ktadd", "-norandkey", "-k", file, principal)
	return file
}

// Tickets logs in with kinit and a keytab, and returns the file with the tickets.
func (k *KDC) Tickets(user, keytab string) string {
	k.tb.Helper()
	file := filepath.Join(k.dir, user+".ccache")
	run(k.tb, k.env, program(k.tb, kdc, "kinit"), "-c", file, "-k", "-t", keytab, user+"@"+k.Realm)
	return file
}

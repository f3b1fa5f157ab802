package sambatest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Realm is a running Kerberos KDC with one realm, and in it the service cifs/localhost.
type Realm struct {
	Name   string
	Config string // krb5.conf
	Keytab string // of cifs/localhost

	tb    testing.TB
	dir   string
	env   []string
	admin string
}

// StartRealm starts a KDC with a user, whose password is Password. It is nil where
// such tests are left out.
func StartRealm(tb testing.TB, user string) *Realm {
	tb.Helper()
	kdc, util := Find(tb, "krb5kdc", "krb5-kdc"), ""
	if kdc == "" {
		return nil
	}
	r := &Realm{Name: "PSLAN.TEST", tb: tb, dir: tb.TempDir(), admin: Find(tb, "kadmin.local", "krb5-admin-server")}
	util = Find(tb, "kdb5_util", "krb5-kdc")
	r.Config, r.Keytab = filepath.Join(r.dir, "krb5.conf"), filepath.Join(r.dir, "cifs.keytab")
	address := "127.0.0.1:" + strconv.Itoa(FreePort(tb))
	profile := filepath.Join(r.dir, "kdc.conf")
	check(tb, os.WriteFile(r.Config, fmt.Appendf(nil, `[libdefaults]
default_realm = %[1]s
dns_lookup_kdc = false
dns_lookup_realm = false
rdns = false
udp_preference_limit = 1
[realms]
%[1]s = {
  kdc = %[2]s
}
[domain_realm]
localhost = %[1]s
[logging]
kdc = FILE:%[3]s/kdc.log
admin_server = FILE:%[3]s/admin.log
`, r.Name, address, r.dir), 0o644))
	check(tb, os.WriteFile(profile, fmt.Appendf(nil, `[kdcdefaults]
kdc_listen = %[2]s
kdc_tcp_listen = %[2]s
[realms]
%[1]s = {
  database_name = %[3]s/principal
  key_stash_file = %[3]s/stash
  acl_file = %[3]s/acl
  disable_pac = true
}
`, r.Name, address, r.dir), 0o644))
	r.env = append(os.Environ(), "KRB5_CONFIG="+r.Config, "KRB5_KDC_PROFILE="+profile)
	r.run(util, "create", "-s", "-P", "master", "-r", r.Name)
	r.Admin("addprinc -pw " + Password + " +requires_preauth " + user)
	r.Admin("addprinc -randkey cifs/localhost")
	r.Admin("ktadd -k " + r.Keytab + " cifs/localhost")
	r.start(kdc, address)
	return r
}

func (r *Realm) start(kdc, address string) {
	r.tb.Helper()
	cmd := exec.Command(kdc, "-n")
	cmd.Env = r.env
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	ownGroup(cmd)
	check(r.tb, cmd.Start())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = cmd.Wait() // it is killed
	}()
	r.tb.Cleanup(func() { killGroup(cmd); <-gone })
	Await(r.tb, address, gone, func() string { <-gone; return out.String() })
}

// Admin carries out a command of kadmin.
func (r *Realm) Admin(command string) {
	r.tb.Helper()
	r.run(r.admin, "-r", r.Name, "-q", command)
}

// UserKeytab makes a keytab of a user.
func (r *Realm) UserKeytab(user string) string {
	r.tb.Helper()
	file := filepath.Join(r.dir, "user.keytab")
	r.Admin("ktadd -norandkey -k " + file + " " + user)
	return file
}

// Tickets logs a user in, as kinit does, and gives the file with the tickets.
func (r *Realm) Tickets(user string) string {
	r.tb.Helper()
	file := filepath.Join(r.dir, "tickets")
	r.run(Find(r.tb, "kinit", "krb5-user"), "-c", "FILE:"+file, "-k", "-t", r.UserKeytab(user), user)
	return file
}

// Global are the lines that make a Samba server accept the realm's tickets.
func (r *Realm) Global() []string {
	return []string{"realm = " + r.Name, "kerberos method = dedicated keytab", "dedicated keytab file = " + r.Keytab, "min domain uid = 0"}
}

func (r *Realm) run(program string, args ...string) {
	r.tb.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = r.env
	if out, err := cmd.CombinedOutput(); err != nil {
		r.tb.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}

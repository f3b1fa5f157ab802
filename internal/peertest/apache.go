package peertest

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Apache says what a web server with mod_auth_gssapi is like: one that lets in who
// logs in, and hands their requests on with the header X-Remote-User.
type Apache struct {
	Backend *url.URL
	// Certificate and Key, PEM, for https; "": http.
	Certificate, Key string
	// Mechanisms are those of GssapiAllowedMech: krb5, ntlmssp.
	Mechanisms []string
	Keytab     string            // of HTTP/localhost
	Kerberos   string            // krb5.conf
	NTLM       map[string]string // passwords by DOMAIN\user
	Lines      []string          // more lines for the location
}

var apache = kind{[]string{"PSLAN_TEST_APACHE"}, "apache2 libapache2-mod-auth-gssapi gss-ntlmssp"}

// Web is a running Apache.
type Web struct {
	URL *url.URL
	log string
}

// Log is what it wrote about errors.
func (w *Web) Log() string {
	text, _ := os.ReadFile(w.log)
	return string(text)
}

// Start starts it. nil: left out.
func (a Apache) Start(tb testing.TB) *Web {
	tb.Helper()
	const modules = "/usr/lib/apache2/modules"
	if program(tb, apache, "apache2") == "" || find(tb, apache, "mod_auth_gssapi.so", modules) == "" {
		return nil
	}
	dir, port := folder(tb), FreePort(tb)
	w := &Web{URL: &url.URL{Scheme: "http", Host: fmt.Sprintf("localhost:%d", port)}, log: filepath.Join(dir, "error.log")}
	var conf strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&conf, format+"\n", args...) }
	line("ServerRoot %s\nServerName localhost\nListen 127.0.0.1:%d\nPidFile %s/pid\nMutex file:%s\nErrorLog %s\nLogLevel warn auth_gssapi:debug", dir, port, dir, dir, w.log)
	for _, m := range []string{"mpm_event", "authn_core", "authz_core", "authz_user", "auth_gssapi", "headers", "proxy", "proxy_http", "ssl", "socache_shmcb"} {
		line("LoadModule %s_module %s/mod_%s.so", m, modules, m)
	}
	if os.Geteuid() == 0 {
		line("User nobody\nGroup nogroup")
	}
	line("StartServers 1\nThreadsPerChild 8\nMaxRequestWorkers 8\nServerLimit 1\nKeepAlive On\nMaxKeepAliveRequests 0")
	if a.Certificate != "" {
		w.URL.Scheme = "https"
		line("SSLEngine on\nSSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\nSSLCertificateFile %s\nSSLCertificateKeyFile %s", write(tb, dir, "cert.pem", a.Certificate), write(tb, dir, "key.pem", a.Key))
	}
	env := []string{"KRB5_CONFIG=" + a.Kerberos, "NETBIOS_COMPUTER_NAME=WEB", "NETBIOS_DOMAIN_NAME=CONTOSO"}
	line("ProxyPass / %s/", a.Backend)
	line("<Location />\nAuthType GSSAPI\nAuthName pslan\nGssapiAllowedMech %s\nGssapiConnectionBound On\nRequire valid-user", strings.Join(a.Mechanisms, "\nGssapiAllowedMech "))
	if a.Keytab != "" {
		// By environment: where a GssapiCredStore is set, gss-ntlmssp 1.2.0 gets no
		// credential of a server and refuses every NTLM message.
		env = append(env, "KRB5_KTNAME="+a.Keytab)
	}
	if a.NTLM != nil {
		env = append(env, "NTLM_USER_FILE="+ntlmUsers(tb, dir, a.NTLM))
	}
	line("RequestHeader unset Authorization\nRequestHeader set X-Remote-User expr=%%{REMOTE_USER}")
	for _, l := range a.Lines {
		line("%s", l)
	}
	line("</Location>")
	if a.Keytab != "" {
		check(tb, os.Chmod(a.Keytab, 0o644)) // keys of a realm that is gone with the test
	}
	serve(tb, env, port, filepath.Join(dir, "out.log"), program(tb, apache, "apache2"), "-f", write(tb, dir, "apache.conf", conf.String()), "-D", "FOREGROUND")
	return w
}

// ntlmUsers writes the file in which gss-ntlmssp looks passwords up.
func ntlmUsers(tb testing.TB, dir string, passwords map[string]string) string {
	tb.Helper()
	var users strings.Builder
	for _, user := range slices.Sorted(maps.Keys(passwords)) {
		domain, name, _ := strings.Cut(user, `\`)
		fmt.Fprintf(&users, "%s:%s:%s\n", domain, name, passwords[user])
	}
	return write(tb, dir, "ntlm", users.String())
}

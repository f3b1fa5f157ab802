//go:build peers

package serve_test

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab/serve"
	"pslan/internal/lab/tds"
)

// TestFreeTDS: a client of SQL Server that nobody here wrote logs in, reads a table of
// the lab's database and is refused a write; by each way to encrypt, by password and by
// NTLM, and not where it must not get in.
func TestFreeTDS(t *testing.T) {
	tsql := found(t, "tsql", "PSLAN_TEST_FREETDS", "apt-get install freetds-bin")
	if tsql == "" {
		return
	}
	authority, other := anAuthority(t), anAuthority(t)
	dir := t.TempDir()
	for name, a := range map[string]*serve.Authority{"ca.pem": authority, "other.pem": other} {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate()})
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		settings, user, password string
		want                     string // of tds.Session.Encryption; "": it is not let in
	}{
		{"encryption = require\nca file = ca.pem\ncheck certificate hostname = yes", "svc", "s3cret", tds.EncryptedAll},
		{"encryption = require\nca file = other.pem", "svc", "s3cret", ""},
		{"encryption = request", "svc", "s3cret", tds.EncryptedLogin},
		{"encryption = off", "svc", "s3cret", tds.EncryptedNot},
		{"encryption = request", "svc", "wrong", ""},
		{"encryption = require\nca file = ca.pem", `CONTOSO\svc`, "s3cret", tds.EncryptedAll},
		{"encryption = require\nca file = ca.pem", `CONTOSO\svc`, "wrong", ""},
		{"tds version = 7.2", "svc", "s3cret", tds.EncryptedLogin},
		{"tds version = 7.3", "svc", "s3cret", tds.EncryptedLogin},
	} {
		s := start(t, "retire-ps008", func(o *serve.Options) {
			o.Dialect.Logins = []string{"NTLM", "Basic"}
			o.Users = []serve.User{serve.NewUser(`CONTOSO\svc`, "s3cret")}
		})
		database, addr := aDatabase(t, s, authority)
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		settings := strings.ReplaceAll(c.settings, "= ca.pem", "= "+filepath.Join(dir, "ca.pem"))
		settings = strings.ReplaceAll(settings, "= other.pem", "= "+filepath.Join(dir, "other.pem"))
		if !strings.Contains(settings, "tds version") {
			settings += "\ntds version = 7.4"
		}
		conf := filepath.Join(dir, "freetds.conf")
		if err := os.WriteFile(conf, fmt.Appendf(nil, "[lab]\nhost = %s\nport = %s\nclient charset = UTF-8\nconnect timeout = 20\n%s\n", host, port, settings), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("FREETDSCONF", conf)
		// tsql ends well whether it was let in or not.
		got := runAnyway(t, "SELECT guid, name, version FROM dbo.smp\ngo\nSELECT name, format FROM dbo.images WHERE package IS NULL\ngo\nDELETE FROM dbo.smp\ngo\nexit\n",
			tsql, "-S", "lab", "-D", serve.DatabaseName, "-U", c.user, "-P", c.password)
		all := database.Sessions()
		if c.want == "" {
			if len(all) != 0 || strings.Contains(got, "smp01") {
				t.Errorf("%s as %s: it was let in: %s", c.settings, c.user, got)
			}
			continue
		}
		if len(all) != 1 || all[0].Encryption != c.want || all[0].User != `CONTOSO\svc` {
			t.Errorf("%s as %s: %+v\n%s", c.settings, c.user, all, got)
			continue
		}
		for _, want := range []string{"smp01.contoso.com", "(1 row affected)", "Msg 3906"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s as %s: %s is not in\n%s", c.settings, c.user, want, got)
			}
		}
		if n := database.Counts(); n.Writes != 1 || n.NotUnderstood != 0 || n.Selects != 2 {
			t.Errorf("%s as %s: %+v", c.settings, c.user, n)
		}
	}
}

func anAuthority(t *testing.T) *serve.Authority {
	t.Helper()
	a, err := serve.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// aDatabase serves the database of a lab until the test ends.
func aDatabase(t *testing.T, s *served, authority *serve.Authority) (*tds.Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := tds.Options{Database: s.Database(), Logins: s.Logins()}
	if o.TLS, err = authority.Config(l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	database, err := tds.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- database.Serve(l) }()
	t.Cleanup(func() {
		database.Close()
		if err := <-ended; !errors.Is(err, tds.ErrClosed) {
			t.Error(err)
		}
	})
	return database, l.Addr().String()
}

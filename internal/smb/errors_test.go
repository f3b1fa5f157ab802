//go:build peers

package smb

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pslan/internal/peertest"
)

// shortly is how long a server may take in tests in which none answers: long enough
// for what comes before on a machine with much else to do.
const shortly = 3 * time.Second

// TestRefusals: what can be wrong with a share is told in its own words.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"Package Delivery/x": "1"})
	s := peertest.Samba{
		Shares: map[string]string{"packages": dir, "closed": dir, "gone": filepath.Join(dir, "none")},
		Lines:  map[string][]string{"closed": {"invalid users = " + peertest.User(t)}},
	}.Start(t)
	if s == nil {
		return
	}
	for _, tt := range []struct {
		name   string
		folder string
		change func(*Options)
		kind   Kind
		text   string
	}{
		{"wrong password", "//127.0.0.1/packages", func(o *Options) { o.Who = as(t, s.User, "wrong") }, LoginRefused,
			"the login at 127.0.0.1 as " + s.User + " failed: the user name or the password is wrong"},
		{"unknown user", "//127.0.0.1/packages", func(o *Options) { o.Who = as(t, `PSLAN\nobody-known`, "x") }, LoginRefused,
			`the login at 127.0.0.1 as PSLAN\nobody-known failed: the user name or the password is wrong`},
		{"no such share", "//127.0.0.1/package", nil, NoShare, "the server has no share of this name"},
		{"share of a folder that is gone", "//127.0.0.1/gone", nil, NoShare, "the server has no share of this name"},
		{"share for others", "//127.0.0.1/closed", nil, Denied, "access is denied"},
		{"no such folder", "//127.0.0.1/packages/Package-Delivery", nil, NoFolder, `the share \\127.0.0.1\packages has no such folder`},
		{"a file", "//127.0.0.1/packages/Package Delivery/x", nil, NotAFolder, "it is no folder"},
		{"unknown host", "//no-such-host.invalid/packages", nil, HostNotFound, "no-such-host.invalid"},
		{"nobody listens", "//127.0.0.1/packages", func(o *Options) { o.Port = peertest.FreePort(t) }, Refused, "is up and refuses the connection: no file server listens at 127.0.0.1:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := pool(t, s, tt.change).Open(tt.folder)
			wantKind(t, err, tt.kind, tt.text)
		})
	}
	if _, _, err := pool(t, s, nil).Open(`D:\packages`); err == nil {
		t.Error("a drive was opened")
	}
}

// TestDenied: what the account may not read is told for the file.
func TestDenied(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"open/a": "1", "closed/a": "1", "open/secret": "2"})
	for name, mode := range map[string]os.FileMode{"..": 0o755, "closed": 0o700, "open/secret": 0o600} {
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() != 0 {
		t.Log("only root's server can act for others, so there is nobody here to deny anything to")
		return
	}
	s := peertest.Samba{Shares: map[string]string{"packages": dir}, Users: []string{"nobody"}}.Start(t)
	if s == nil {
		return
	}
	fsys := open(t, pool(t, s, func(o *Options) { o.Who = as(t, "nobody", peertest.Password) }), "//127.0.0.1/packages")
	for _, name := range []string{"closed", "open/secret"} {
		_, err := fsys.Open(name)
		wantKind(t, err, Denied, "access is denied")
	}
	if f, err := fsys.Open("open/a"); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}

// TestNoFileServers: whatever else listens at the port is told from a file server.
func TestNoFileServers(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		kind         Kind
		text         string
	}{
		{"silence", "", Timeout, "did not answer within 100ms (the login)"},
		{"a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", Incompatible, "what listens there is not a file server"},
		{"SMB 1", "\x00\x00\x00\x24\xffSMBr" + string(make([]byte, 31)), Incompatible, "it speaks SMB 1"},
		{"hanging up", "bye", Incompatible, "ended the connection at the first word"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				if tt.answer == "bye" {
					conn.Read(make([]byte, 10))
					conn.Close()
					return
				}
				io.WriteString(conn, tt.answer)
				io.Copy(io.Discard, conn)
			}()
			patience := time.Minute
			if tt.kind == Timeout {
				patience = 100 * time.Millisecond
			}
			p := New(Options{Who: as(t, "a", "b"), Port: l.Addr().(*net.TCPAddr).Port, LoginTimeout: patience})
			defer p.Close()
			_, _, err = p.Open("//127.0.0.1/packages")
			wantKind(t, err, tt.kind, tt.text)
		})
	}
}

// TestOtherCiphers: a server that encrypts in a way that pslan does not know.
func TestOtherCiphers(t *testing.T) {
	s := peertest.Samba{Global: []string{"server smb encrypt = required", "server smb3 encryption algorithms = AES-256-GCM"},
		Shares: map[string]string{"packages": t.TempDir()}}.Start(t)
	if s == nil {
		return
	}
	_, _, err := pool(t, s, nil).Open("//127.0.0.1/packages")
	wantKind(t, err, Incompatible, "do not agree on signing or encryption (SMB 3.1.1; pslan knows AES-128-GCM and AES-128-CCM)")
}

// TestSMB1 asks a server that speaks nothing newer.
func TestSMB1(t *testing.T) {
	s := peertest.Samba{Global: []string{"server min protocol = NT1", "server max protocol = NT1"}, Shares: map[string]string{"packages": t.TempDir()}}.Start(t)
	if s == nil {
		return
	}
	_, _, err := pool(t, s, func(o *Options) { o.LoginTimeout = 5 * time.Second }).Open("//127.0.0.1/packages")
	wantKind(t, err, Incompatible, "SMB 1")
}

// TestLockout: a password that is wrong is not tried until the account is locked, and
// one server that knows the user is enough to ask all others.
func TestLockout(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	l := login{who: as(t, "svc", "x"), now: func() time.Time { return now }, refused: map[string]refusal{}}
	refuse := func(host string) { l.record(host, &Error{Kind: LoginRefused, Host: host, Text: host + " says no"}) }
	refuse("ps001")
	l.record("ps002", &Error{Kind: Timeout})
	wantKind(t, l.mayTry("ps001"), LoginRefused, "ps001 says no")
	if err := l.mayTry("ps002"); err != nil {
		t.Error(err)
	}
	refuse("ps003")
	refuse("ps004")
	wantKind(t, l.mayTry("ps002"), LoginRefused, "was not tried: 3 servers refused svc and none accepted it")
	l.record("ps005", nil)
	if err := l.mayTry("ps002"); err != nil {
		t.Error(err)
	}
	wantKind(t, l.mayTry("ps003"), LoginRefused, "ps003 says no")
	now = now.Add(refusalCounts)
	if err := l.mayTry("ps003"); err != nil {
		t.Error(err)
	}
}

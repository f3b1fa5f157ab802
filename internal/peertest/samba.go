package peertest

import (
	"fmt"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Password is that of every user of a Samba server.
const Password = "Corr3ct-horse"

// Samba says what a file server is like.
type Samba struct {
	Shares map[string]string   // the folder of each share
	Lines  map[string][]string // more lines for a share
	Global []string            // more lines for [global]
	Users  []string            // Unix accounts that may log in; whoever runs the tests always may
	// Keytab of cifs/localhost makes it accept tickets; Kerberos is krb5.conf.
	Keytab, Kerberos string
}

// FileServer is a running Samba server.
type FileServer struct {
	Port int
	User string // who may log in, with Password

	tb   testing.TB
	dir  string
	conf string
	env  []string
	kill func()
}

var samba = kind{[]string{"PSLAN_TEST_SAMBA"}, "samba samba-vfs-modules"}

// HasSamba reports whether there is Samba to test with; false: left out.
func HasSamba(tb testing.TB) bool {
	tb.Helper()
	return program(tb, samba, "smbd") != ""
}

// User is who runs the tests.
func User(tb testing.TB) string {
	tb.Helper()
	me, err := user.Current()
	check(tb, err)
	return me.Username
}

// Start starts it. nil: left out.
func (c Samba) Start(tb testing.TB) *FileServer {
	tb.Helper()
	if !HasSamba(tb) {
		return nil
	}
	s := &FileServer{Port: FreePort(tb), User: User(tb), tb: tb, dir: folder(tb)}
	for _, name := range []string{"private", "lock", "state", "cache", "pid", "rpc"} {
		check(tb, os.Mkdir(filepath.Join(s.dir, name), 0o755))
	}
	if c.Kerberos != "" {
		s.env = []string{"KRB5_CONFIG=" + c.Kerberos}
	}
	s.conf = write(tb, s.dir, "smb.conf", s.config(&c))
	for _, name := range append([]string{s.User}, c.Users...) {
		runWith(tb, Password+"\n"+Password+"\n", nil, program(tb, samba, "pdbedit"), "-s", s.conf, "-a", "-t", "-u", name)
	}
	s.Run()
	return s
}

func (s *FileServer) config(c *Samba) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("[global]\nserver role = standalone server\nworkgroup = PSLAN\nnetbios name = PSLANTEST")
	line("interfaces = 127.0.0.1/8\nbind interfaces only = yes\nsmb ports = %d\ndisable netbios = yes", s.Port)
	for option, folder := range map[string]string{"private dir": "private", "lock directory": "lock", "state directory": "state",
		"cache directory": "cache", "pid directory": "pid", "ncalrpc dir": "rpc"} {
		line("%s = %s", option, filepath.Join(s.dir, folder))
	}
	guest := s.User
	if os.Geteuid() == 0 { // who may become nobody does
		guest = "nobody"
	}
	line("log file = %s\nlog level = 1\nmax log size = 0\npassdb backend = tdbsam\nguest account = %s", s.log(), guest)
	line("load printers = no\nprintcap name = /dev/null\ndisable spoolss = yes\nserver min protocol = SMB2_02")
	if c.Keytab != "" {
		line("realm = PSLAN.TEST\nkerberos method = dedicated keytab\ndedicated keytab file = %s\nmin domain uid = 0", c.Keytab)
	}
	for _, l := range c.Global {
		line("%s", l)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Shares)) {
		line("[%s]\npath = %s\nread only = yes", name, c.Shares[name])
		for _, l := range c.Lines[name] {
			line("%s", l)
		}
	}
	return b.String()
}

// Run starts the server again after Kill.
func (s *FileServer) Run() {
	s.tb.Helper()
	s.kill = serve(s.tb, s.env, s.Port, s.log(), program(s.tb, samba, "smbd"), "--foreground", "--no-process-group", "--configfile="+s.conf)
}

// Kill ends the server in the middle of whatever it does.
func (s *FileServer) Kill() { s.kill() }

func (s *FileServer) log() string { return filepath.Join(s.dir, "log") }

// Log is what the server wrote.
func (s *FileServer) Log() string {
	text, _ := os.ReadFile(s.log())
	return string(text)
}

// Package sambatest starts real Samba servers for tests: on loopback, on a free port,
// as the user who runs the tests, with everything they write in a temporary folder.
//
// What it promises: a server is ready when Start returns and gone when the test ends.
// Where Samba is not installed, the test fails and says how to install it, unless the
// environment says PSLAN_TEST_SAMBA=off; then Start returns nil, says so in the log,
// and the test is to return.
//
// It must not know what is tested.
package sambatest

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Password is that of every user.
const Password = "Corr3ct-horse"

// Config says what a server is like.
type Config struct {
	Global []string          // more lines for [global]
	Shares map[string]string // the folder of each share
	Lines  map[string][]string
	Env    []string // more of its environment
	Users  []string // Unix accounts that may log in; the one that runs the tests always may
}

// Server is a running Samba server.
type Server struct {
	Port int
	User string // who may log in, with Password

	tb   testing.TB
	dir  string
	conf string
	env  []string
	cmd  *exec.Cmd
	gone chan struct{}
}

// Off is the variable that leaves out the tests that need Samba.
const Off = "PSLAN_TEST_SAMBA"

// Find looks for a program of Samba or its like. It is "" where the environment says
// to leave such tests out; where it is just not installed, the test fails.
func Find(tb testing.TB, program, pkg string) string {
	tb.Helper()
	if os.Getenv(Off) == "off" {
		tb.Logf("left out, because %s=off: this needs %s", Off, program)
		return ""
	}
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
		file := filepath.Join(dir, program)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	tb.Fatalf("%s is not installed, and this is tested against the real one: apt-get install --no-install-recommends %s (or set %s=off to leave such tests out)", program, pkg, Off)
	return ""
}

// Start starts a server with the users and shares of the configuration.
func Start(tb testing.TB, c Config) *Server {
	tb.Helper()
	if Find(tb, "smbd", "samba") == "" {
		return nil
	}
	s := &Server{Port: FreePort(tb), User: User(tb), tb: tb, dir: tb.TempDir(), env: append(os.Environ(), c.Env...)}
	s.conf = filepath.Join(s.dir, "smb.conf")
	for _, name := range []string{"private", "lock", "state", "cache", "pid", "rpc", "log"} {
		check(tb, os.Mkdir(filepath.Join(s.dir, name), 0o755))
	}
	check(tb, os.WriteFile(s.conf, []byte(s.config(&c)), 0o644))
	for _, name := range append([]string{s.User}, c.Users...) {
		s.addUser(name)
	}
	s.Run()
	tb.Cleanup(s.Kill)
	return s
}

func (s *Server) config(c *Config) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("[global]")
	line("server role = standalone server\nworkgroup = PSLAN\nnetbios name = PSLANTEST")
	line("interfaces = 127.0.0.1/8\nbind interfaces only = yes\nsmb ports = %d\ndisable netbios = yes", s.Port)
	for option, folder := range map[string]string{"private dir": "private", "lock directory": "lock", "state directory": "state",
		"cache directory": "cache", "pid directory": "pid", "ncalrpc dir": "rpc"} {
		line("%s = %s", option, filepath.Join(s.dir, folder))
	}
	line("log file = %s\nlog level = 1\nmax log size = 0", filepath.Join(s.dir, "log", "smbd"))
	line("passdb backend = tdbsam\nguest account = %s", s.guest())
	line("load printers = no\nprintcap name = /dev/null\ndisable spoolss = yes")
	line("server min protocol = SMB2_02\nkernel oplocks = no")
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

// guest is nobody where Samba may become nobody.
func (s *Server) guest() string {
	if os.Geteuid() == 0 {
		return "nobody"
	}
	return s.User
}

func (s *Server) addUser(name string) {
	s.tb.Helper()
	cmd := exec.Command(Find(s.tb, "pdbedit", "samba"), "-s", s.conf, "-a", "-t", "-u", name)
	cmd.Stdin = strings.NewReader(Password + "\n" + Password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("pdbedit: %v\n%s", err, out)
	}
}

// User is who runs the tests, and may log in to every server.
func User(tb testing.TB) string {
	tb.Helper()
	me, err := user.Current()
	check(tb, err)
	return me.Username
}

// Run starts the server, again after Kill, and waits until it answers.
func (s *Server) Run() {
	s.tb.Helper()
	out, err := os.OpenFile(filepath.Join(s.dir, "log", "out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	check(s.tb, err)
	defer out.Close()
	cmd := exec.Command(Find(s.tb, "smbd", "samba"), "--foreground", "--no-process-group", "--configfile="+s.conf)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = s.env
	ownGroup(cmd)
	check(s.tb, cmd.Start())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = cmd.Wait() // it is killed
	}()
	s.cmd, s.gone = cmd, gone
	Await(s.tb, "127.0.0.1:"+strconv.Itoa(s.Port), gone, s.Log)
}

// Kill ends the server and everything it started, in the middle of whatever it does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	killGroup(s.cmd)
	<-s.gone
	s.cmd = nil
}

// Log is what the server wrote.
func (s *Server) Log() string {
	var b strings.Builder
	for _, name := range []string{"out", "smbd"} {
		text, err := os.ReadFile(filepath.Join(s.dir, "log", name))
		if err == nil {
			b.Write(text)
		}
	}
	return b.String()
}

// FreePort is a port that nobody listens at.
func FreePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(tb, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Await waits until somebody listens at an address. gone, where it is not nil, is
// closed when that can no longer happen.
func Await(tb testing.TB, address string, gone <-chan struct{}, log func() string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-gone:
			tb.Fatalf("the server ended at once\n%s", log())
		case <-ctx.Done():
			tb.Fatalf("the server does not answer\n%s", log())
		}
	}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

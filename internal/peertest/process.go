package peertest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// kind is what a server needs to run.
type kind struct {
	off      []string // the variables of which any leaves it out, set to off
	packages string   // as Debian calls them
}

// find looks for a program or another file in folders. "": left out.
func find(tb testing.TB, need kind, name string, folders ...string) string {
	tb.Helper()
	for _, off := range need.off {
		if os.Getenv(off) == "off" {
			tb.Logf("left out, because %s=off: this needs %s", off, name)
			return ""
		}
	}
	for _, dir := range folders {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	tb.Fatalf("%s is not installed, and this is tested against the real one: apt-get install --no-install-recommends %s (or set %s=off to leave such tests out)", name, need.packages, need.off[0])
	return ""
}

// program looks for a program. "": left out.
func program(tb testing.TB, need kind, name string) string {
	tb.Helper()
	return find(tb, need, name, append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin")...)
}

// folder is a temporary folder that servers which give up their rights can read.
func folder(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "pslan-peer-")
	check(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	check(tb, os.Chmod(dir, 0o755))
	return dir
}

func write(tb testing.TB, dir, name, text string) string {
	tb.Helper()
	file := filepath.Join(dir, name)
	check(tb, os.WriteFile(file, []byte(text), 0o644))
	return file
}

// FreePort is a port that nobody listens at.
func FreePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(tb, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// run runs a program to its end; what it wrote is shown where it fails.
func run(tb testing.TB, env []string, program string, args ...string) {
	tb.Helper()
	runWith(tb, "", env, program, args...)
}

// runWith is run with something to read on standard input.
func runWith(tb testing.TB, input string, env []string, program string, args ...string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), env...), strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}

// serve starts a server and waits until it listens. It ends with the test, or when it
// is killed with everything that it started. log is where it writes.
func serve(tb testing.TB, env []string, port int, log, program string, args ...string) (kill func()) {
	tb.Helper()
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	check(tb, err)
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = out, out
	ownGroup(cmd)
	check(tb, cmd.Start())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = cmd.Wait() // it is killed
	}()
	kill = sync.OnceFunc(func() {
		killGroup(cmd)
		<-gone
	})
	tb.Cleanup(kill)
	await(tb, port, gone, log)
	return kill
}

func await(tb testing.TB, port int, gone <-chan struct{}, log string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-gone:
			text, _ := os.ReadFile(log)
			tb.Fatalf("the server ended at once\n%s", text)
		case <-ctx.Done():
			text, _ := os.ReadFile(log)
			tb.Fatalf("the server does not answer\n%s", text)
		}
	}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

package examples_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// servedLab is `pslan lab serve` in another terminal.
type servedLab struct {
	cmd   *exec.Cmd
	block string // what it says to write into the configuration
}

const servedPassword = "s3cret of the lab"

// serveLab serves the lab of an example over https until the test ends.
func (e *example) serveLab(t *testing.T, flags ...string) *servedLab {
	t.Helper()
	e.pslan(t, 0, "lab", "init", "-from=estate.json", filepath.Join(".pslan", "lab"))
	args := append([]string{"lab", "serve", "-addr=127.0.0.1:0", "-ca-out=ca.pem", "-speed=jump"}, flags...)
	s := &servedLab{cmd: exec.Command(binary, append(args, filepath.Join(".pslan", "lab"))...)}
	s.cmd.Dir = e.dir
	s.cmd.Env = append(os.Environ(), "PSLAN_LAB_PASSWORD="+servedPassword)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if runtime.GOOS == "windows" || s.cmd.Process.Signal(os.Interrupt) != nil {
			_ = s.cmd.Process.Kill() // it may have ended
		}
		_, _ = io.Copy(io.Discard, out) // until it ends
		_ = s.cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	inside, last := false, false
	for lines.Scan() {
		line := lines.Text()
		inside = inside || strings.HasPrefix(line, `connection "smp" {`)
		last = last || strings.HasPrefix(line, "content {")
		if inside {
			s.block += line + "\n"
		}
		if last && line == "}" {
			return s
		}
	}
	t.Fatalf("lab serve ended without a block to write: %v", lines.Err())
	return nil
}

var labConnection = regexp.MustCompile(`(?s)connection "lab" \{.*?\n\}\n`)

// TestServed follows docs/lab.md: the lab is served in one terminal, and planned and
// applied over the wire in another, by https and with a login.
func TestServed(t *testing.T) {
	e := unpack(t, "narrowed-assignment")
	s := e.serveLab(t, `-user=CONTOSO\svc`)
	before := e.look(t)
	held := e.heldBefore(t, before)
	main := filepath.Join(e.dir, "pslan.hcl")
	text, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	block := strings.Replace(s.block, `poll = "1s"`, `poll = "20ms"`, 1)
	if err := os.WriteFile(main, labConnection.ReplaceAllLiteral(text, []byte(block)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PSLAN_SMP_PASSWORD", servedPassword)
	t.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
	if out := e.pslan(t, 0, "doctor"); !strings.Contains(out, " 0 fail,") || strings.Contains(out, servedPassword) {
		t.Errorf("the doctor: %s", out)
	}
	if out := e.pslan(t, 2, "plan", "-detailed-exitcode"); !strings.Contains(out, "take_ownership") {
		t.Errorf("the plan: %s", lastLines(out, 40))
	}
	if out := e.pslan(t, 0, "apply", "-auto-approve"); !strings.Contains(out, "Apply complete! ") {
		t.Errorf("apply: %s", lastLines(out, 40))
	}
	e.pslan(t, 0, "plan", "-detailed-exitcode")
	after := e.look(t)
	e.nothingLost(t, held, after)
	for i := range stories {
		if stories[i].name == "narrowed-assignment" {
			stories[i].where(t, e, held, before, after)
		}
	}
}

package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMain lets this very program play the commands.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "play" {
		os.Exit(play(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func play(args []string) int {
	switch args[0] {
	case "echo":
		in, _ := io.ReadAll(os.Stdin) // a test
		fmt.Printf("%s|%s|%s", in, strings.Join(args[1:], ","), os.Getenv("PSLAN_SMP_PASSWORD"))
		return 3
	case "lines":
		for i := range 100 {
			fmt.Fprintf(os.Stderr, "line %d\x1b[31m\n", i)
		}
		return 1
	case "flood":
		line := strings.Repeat("x", 1<<16)
		for {
			if _, err := fmt.Println(line); err != nil {
				return 1
			}
		}
	case "hang": // with a child that outlives it, unless it is killed too
		child := exec.Command(os.Args[0], "play", "wait")
		if err := child.Start(); err != nil {
			return 1
		}
		if err := os.WriteFile(args[1], []byte(strconv.Itoa(child.Process.Pid)), 0o600); err != nil {
			return 1
		}
		_ = child.Wait() // never
	case "wait":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt)
		<-signals
	}
	return 0
}

func playing(t *testing.T, words ...string) *Command {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Command{Words: append([]string{self, "play"}, words...), Dir: t.TempDir(), Timeout: time.Minute,
		Env: append(os.Environ(), "PSLAN_SMP_PASSWORD=secret", "PSLAN_X=1")}
}

func TestRun(t *testing.T) {
	if err := playing(t, "nothing").Run(t.Context(), nil); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"echo", "a b", "$HOME;`id`"}, "ended with code 3; the last it wrote: {task}|a b,$HOME;`id`|"},
		{[]string{"echo", `say "a" 'b'`, `C:\x y\`, "%PATH%", "a&b|c^", ""}, `ended with code 3; the last it wrote: {task}|say "a" 'b',C:\x y\,%PATH%,a&b|c^,|`},
		{[]string{"lines"}, "ended with code 1; the last it wrote: line 95[31m / line 96[31m / line 97[31m / line 98[31m / line 99[31m"},
		{[]string{"flood"}, "was stopped, because it wrote more than 16 MiB"},
	} {
		cmd := playing(t, c.words...)
		err := cmd.Run(t.Context(), []byte("{task}"))
		if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), cmd.Words[0]+" "), c.want) {
			t.Errorf("%s: %.300s", c.words[0], err)
		}
	}
}

func TestTimeout(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	cmd := playing(t, "hang", pidFile)
	cmd.Timeout = 2 * time.Second
	err := cmd.Run(t.Context(), nil)
	var f *Failure
	if !errors.As(err, &f) || !f.Unfinished || !strings.Contains(err.Error(), "was stopped after 2s") {
		t.Fatal(err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatalf("the child was not started in time: %v", err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := playing(t, "wait").Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestProgram(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		"no-such-program-here": "no-such-program-here cannot be run: executable file not found in $PATH",
		"./tool":               "./tool cannot be run: ",
	} {
		c := Command{Words: []string{name}, Dir: dir}
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), strings.Split(want, "executable")[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"take.ps1", "batch.cmd"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{ // the second is found by its extension
		"./take.ps1":  "./take.ps1 is a script, and no program: name the program that runs it",
		"./batch":     "./batch is a batch file, which only a shell can run: name the program",
		"./batch.cmd": "./batch.cmd is a batch file",
		"gone.BAT":    "gone.BAT is a batch file",
	} {
		c := Command{Words: []string{name}, Dir: dir}
		if err := c.Check(); runtime.GOOS == "windows" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (&Command{}).Run(t.Context(), nil); err == nil {
		t.Error("no program at all")
	}
}

func TestWithoutPasswords(t *testing.T) {
	got := withoutPasswords([]string{"A=1", "PSLAN_SMP_PASSWORD=x", "pslan_smb_password_file=y", "PSLAN_RUN=2", "PASSWORD=z"})
	if s := strings.Join(got, " "); s != "A=1 PSLAN_RUN=2 PASSWORD=z" {
		t.Error(s)
	}
}

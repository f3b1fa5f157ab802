package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// watched is an output that does something once when a text first appears in it.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	on   string
	then func()
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.text.Write(p)
	if w.then != nil && strings.Contains(w.text.String(), w.on) {
		w.then()
		w.then = nil
	}
	return n, err
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// interrupting runs pslan in a copy of an example and interrupts it when a text
// appears on stdout. Nothing ever comes in on stdin.
func interrupting(t *testing.T, example, on string, times int, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	files, err := startingFiles(example)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeNew(dir, files); err != nil {
		t.Fatal(err)
	}
	interrupts := make(chan os.Signal, times)
	silent, feed := io.Pipe()
	t.Cleanup(func() { feed.Close() })
	out := &watched{on: on, then: func() {
		for range times {
			interrupts <- syscall.SIGINT
		}
	}}
	if on == "" {
		out.then()
		out.then = nil
	}
	var errs watched
	code = Main(context.Background(), IO{
		Args: args, Dir: dir, Stdin: silent, Stdout: out, Stderr: &errs,
		Terminal: Terminal{In: true}, Interrupts: interrupts,
	})
	return code, out.String(), errs.String()
}

func TestInterruptAtTheQuestion(t *testing.T) {
	code, stdout, _ := interrupting(t, "", "Enter a value:", 1, "apply")
	if code != exitNotApproved || !strings.Contains(stdout, "Apply cancelled.") {
		t.Errorf("exit code %d, want %d; stdout:\n%s", code, exitNotApproved, stdout)
	}
}

func TestInterruptStopsCleanly(t *testing.T) {
	code, stdout, stderr := interrupting(t, "", "Still downloading...", 1, "apply", "-auto-approve")
	if code != exitWorkRemains || !strings.Contains(stdout, "Apply paused! Work remains: ") {
		t.Errorf("exit code %d, want %d; stdout:\n%s\nstderr:\n%s", code, exitWorkRemains, stdout, stderr)
	}
	if !strings.Contains(stderr, "starts nothing new") {
		t.Errorf("the interrupt was not answered; stderr:\n%s", stderr)
	}
}

func TestSecondInterruptLeavesAtOnce(t *testing.T) {
	code, _, _ := interrupting(t, "", "", 2, "fmt", "-")
	if code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
}

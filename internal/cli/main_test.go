package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

// failingOutput cannot be written to.
type failingOutput struct{ err error }

func (f failingOutput) Write([]byte) (int, error) { return 0, f.err }

func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		code int
		says string
	}{
		{"a full disk", syscall.ENOSPC, exitError, "Cannot write to the output: "},
		{"an output that is broken in another way", errors.New("gone"), exitError, "Cannot write to the output: gone."},
	} {
		var stderr bytes.Buffer
		code := Main(context.Background(), IO{
			Args: []string{"version"}, Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: failingOutput{c.err}, Stderr: &stderr,
		})
		if code != c.code || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%s: exit code %d, stderr %q; want %d and %q", c.name, code, stderr.String(), c.code, c.says)
		}
	}
}

// TestReaderThatLeft: whoever has read enough of the output has not seen a failure.
func TestReaderThatLeft(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	var stderr bytes.Buffer
	code := Main(context.Background(), IO{
		Args: []string{"version"}, Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: w, Stderr: &stderr,
	})
	if code != exitSuccess || stderr.Len() > 0 {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}

// A panic becomes one error: no stack trace reaches the reader, and the log has it.
func TestPanicIsABug(t *testing.T) {
	var stderr bytes.Buffer
	code := Main(context.Background(), IO{
		Args: []string{"fmt", "-"}, Dir: t.TempDir(), Stdin: panicking{}, Stdout: &stderr, Stderr: &stderr,
	})
	if code != exitError || !strings.Contains(stderr.String(), "This is a bug in pslan") || strings.Contains(stderr.String(), "goroutine") {
		t.Errorf("exit code %d, output:\n%s", code, stderr.String())
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("a state that nobody thought of") }

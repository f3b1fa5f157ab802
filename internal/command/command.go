// Package command runs a program of the admin's that does one thing for pslan.
//
// What it promises: there is no shell; what the program is to do comes to it on its
// standard input and never in its arguments; it does not get pslan's passwords; it is
// stopped with its children when its time is over, or when it writes without end; it
// is told whether it ended with 0, and what it wrote last.
//
// It must not know what the program is for, nor take its word for it: whether the
// thing was done is seen elsewhere.
package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"pslan/internal/fileerror"
)

// Command is a program and what it runs with.
type Command struct {
	Words   []string // the program, then its arguments
	Dir     string   // where it runs, and what its name is relative to
	Env     []string // NAME=value; those of pslan's passwords are taken out
	Timeout time.Duration
}

// The limits of what is taken of a program's output.
const (
	maxOutput = 16 << 20
	keptTail  = 4 << 10
	// lingering is how long a program that was stopped, or whose children hold its
	// output, is waited for.
	lingering = 2 * time.Second
)

// Failure is a program that did not end with 0.
type Failure struct {
	Program string
	Problem string
	Tail    string // the last lines that it wrote
	// Unfinished: it was stopped, so what it did is not known.
	Unfinished bool
	Err        error
}

// Error tells what happened and what the program wrote last.
func (f *Failure) Error() string {
	text := f.Program + " " + f.Problem
	if f.Tail != "" {
		text += "; the last it wrote: " + f.Tail
	}
	return text
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Check reports whether the program could be started.
func (c *Command) Check() error {
	_, err := c.program()
	return err
}

// program finds the program: a plain name on the PATH, any other name from Dir.
func (c *Command) program() (string, error) {
	if len(c.Words) == 0 {
		return "", errors.New("no program is named")
	}
	name := filepath.FromSlash(c.Words[0])
	// On Windows \folder is not absolute, and nothing that stands in Dir either.
	if strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) && !os.IsPathSeparator(name[0]) {
		name = filepath.Join(c.Dir, name)
	}
	found, err := exec.LookPath(name)
	if runtime.GOOS == "windows" {
		if why := scriptOnWindows(cmp.Or(found, name)); why != "" {
			return "", fmt.Errorf("%s is %s: name the program that runs it, for example powershell.exe with -File", c.Words[0], why)
		}
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be run: %w", c.Words[0], fileerror.Reason(errors.Unwrap(err)))
	}
	return found, nil
}

// scriptOnWindows says what a file is that Windows does not start by itself, by its
// extension, which may have been found by PATHEXT; "" for a program.
func scriptOnWindows(file string) string {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".bat", ".cmd":
		return "a batch file, which only a shell can run"
	case ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".msc", ".py":
		return "a script, and no program"
	}
	return ""
}

// Run runs the program with a text on its standard input. An error is a *Failure, or
// that of ctx.
func (c *Command) Run(ctx context.Context, input []byte) error {
	failure := func(err error, unfinished bool, tail, problem string, args ...any) error {
		return &Failure{Program: c.Words[0], Problem: fmt.Sprintf(problem, args...), Tail: tail, Unfinished: unfinished, Err: err}
	}
	program, err := c.program()
	if err != nil {
		return &Failure{Program: "the command", Problem: err.Error(), Err: err}
	}
	limited, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, program, c.Words[1:]...)
	out := &tail{stop: cancel}
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, withoutPasswords(c.Env), bytes.NewReader(input), out, out
	cmd.WaitDelay = lingering
	family := newFamily(cmd)
	cmd.Cancel = family.kill
	if err := cmd.Start(); err != nil {
		family.close()
		return failure(err, false, "", "cannot be started: %v", fileerror.Reason(err))
	}
	family.started()
	err = cmd.Wait()
	family.close()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return ctx.Err()
	case out.flooded():
		return failure(err, true, out.text(), "was stopped, because it wrote more than %d MiB", maxOutput>>20)
	case limited.Err() != nil:
		return failure(err, true, out.text(), "was stopped after %s, so it is not known what it did", c.Timeout)
	case errors.As(err, &exit) && exit.Exited():
		return failure(err, false, out.text(), "ended with code %d", exit.ExitCode())
	case errors.Is(err, exec.ErrWaitDelay):
		return nil // it ended with 0, and something that it started still holds its output
	case err != nil:
		return failure(err, true, out.text(), "ended badly: %v", err)
	}
	return nil
}

// withoutPasswords leaves out what pslan itself logs in with.
func withoutPasswords(env []string) []string {
	out := make([]string, 0, len(env)+1)
	for _, e := range env {
		name, _, _ := strings.Cut(strings.ToUpper(e), "=")
		if !strings.HasPrefix(name, "PSLAN_") || !strings.Contains(name, "PASSWORD") {
			out = append(out, e)
		}
	}
	return out
}

// tail keeps the end of what is written to it.
type tail struct {
	mu    sync.Mutex
	kept  []byte
	total int
	stop  func()
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.total += len(p); t.total > maxOutput {
		t.stop()
	}
	t.kept = append(t.kept, p[max(0, len(p)-keptTail):]...)
	if extra := len(t.kept) - keptTail; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

func (t *tail) flooded() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total > maxOutput
}

const tailLines = 5

// text are the last lines as one that no terminal takes for a command.
func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := t.kept
	for len(kept) > 0 && !utf8.RuneStart(kept[0]) { // cut in the middle of a letter
		kept = kept[1:]
	}
	lines := strings.FieldsFunc(strings.ToValidUTF8(string(kept), "?"), func(r rune) bool { return r == '\n' || r == '\r' })
	lines = lines[max(0, len(lines)-tailLines):]
	for i, line := range lines {
		lines[i] = strings.TrimSpace(strings.Map(func(r rune) rune {
			switch {
			case r == '\t':
				return ' '
			case !unicode.IsPrint(r):
				return -1
			}
			return r
		}, line))
	}
	return strings.Join(lines, " / ")
}

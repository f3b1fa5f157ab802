package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"pslan/internal/config"
	"pslan/internal/diag"
	"pslan/internal/fileerror"
	"pslan/internal/view"
)

// app is one run of pslan.
type app struct {
	streams        IO
	env            environ
	dir            string // working folder, after -chdir
	now            func() time.Time
	stdin          *bufio.Reader
	stdout, stderr *stream
	log            hclog.Logger
	closers        []io.Closer
	view           *sharedView
	line           commandLine
	loaded         atomic.Pointer[config.Loaded] // for source lines; nil before it is loaded
	outcome        outcome

	cancel   context.CancelFunc
	stop     chan struct{} // closed by the first interrupt
	stopOnce sync.Once
	// graceful: the command ends by itself when stop is closed; otherwise its
	// context is cancelled.
	graceful atomic.Bool
}

func newApp(streams IO, cancel context.CancelFunc) *app {
	a := &app{
		streams: streams, env: environ(streams.Env), dir: streams.Dir, now: streams.Now,
		stdin:  bufio.NewReader(streams.Stdin),
		stdout: &stream{w: streams.Stdout}, stderr: &stream{w: streams.Stderr},
		log: hclog.NewNullLogger(), cancel: cancel, stop: make(chan struct{}),
	}
	if a.now == nil {
		a.now = time.Now
	}
	a.view = &sharedView{inner: view.NewHuman(a.viewOptions(colorUnset))}
	return a
}

// run runs the command that the arguments name.
func (a *app) run(ctx context.Context) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			a.report(a.bug(p))
			o.failed = true
		}
	}()
	err := a.start()
	if err == nil {
		err = a.execute(ctx)
	}
	o = a.outcome
	if err != nil {
		a.report(err)
		o.failed = true
	}
	return o
}

// start chooses the view, before anything can fail, then the folder and the log.
func (a *app) start() error {
	root := a.rootCommand()
	line, err := readLine(root, a.streams.Args, a.env)
	a.line = line
	a.view.use(a.newView(line))
	if err != nil {
		return err
	}
	switch line.color {
	case colorUnset, colorAuto, colorAlways, colorNever:
	default:
		return problem("Invalid value for a flag", "-color may be auto, always or never, not %q.", string(line.color))
	}
	if line.chdir != "" {
		dir := a.path(line.chdir)
		info, err := os.Stat(dir)
		if err != nil {
			return problem("Cannot use the folder", "-chdir names %s: %v.", line.chdir, fileerror.Reason(err))
		}
		if !info.IsDir() {
			return problem("Cannot use the folder", "-chdir names %s, which is not a folder.", line.chdir)
		}
		a.dir = dir
	}
	ds := a.openLog()
	if err := ds.Err(); err != nil {
		return err
	}
	a.view.Diagnostics(ds)
	return nil
}

func (a *app) execute(ctx context.Context) error {
	root := a.line.cmd.Root()
	root.SetArgs(append([]string{}, a.line.args...)) // nil would be the arguments of this process
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetIn(a.stdin)
	started := a.now()
	err := root.ExecuteContext(ctx)
	a.log.Debug("command ended", "command", a.line.cmd.CommandPath(), "took", a.now().Sub(started), "error", err != nil)
	return err
}

// report shows an error as diagnostics.
func (a *app) report(err error) {
	ds := diagnose(err)
	for _, d := range ds {
		a.log.Debug("diagnostic", "severity", d.Severity.String(), "summary", d.Summary, "at", d.Subject.String())
	}
	a.view.Diagnostics(ds)
}

// interrupt is the first one: whoever can stop cleanly is asked to, everything
// else ends by its context.
func (a *app) interrupt() {
	a.stopOnce.Do(func() { close(a.stop) })
	if !a.graceful.Load() {
		a.cancel()
		return
	}
	a.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "Interrupted",
		"pslan starts nothing new and ends when the calls in flight have returned. Interrupt again to leave at once."))
}

// leaveWithin is how long a second interrupt waits for a reader of the output that
// has stalled.
const leaveWithin = time.Second

// close ends the view with the exit code and lets go of what was opened.
func (a *app) close(o outcome) int {
	if o.interruptedTwice {
		// The command still runs, and whoever reads its output may have stalled.
		said := make(chan struct{})
		go func() {
			a.view.Close(o.code())
			close(said)
		}()
		select {
		case <-said:
		case <-time.After(leaveWithin):
		}
		return o.code()
	}
	if err := a.stdout.failure(); err != nil {
		fmt.Fprintf(a.stderr, "Error: Cannot write to the output: %v.\n", fileerror.Reason(err))
		o.failed = true
	}
	a.view.Close(o.code())
	for _, c := range slices.Backward(a.closers) {
		if err := c.Close(); err != nil {
			fmt.Fprintf(a.stderr, "Warning: Something could not be closed: %v.\n", fileerror.Reason(err))
		}
	}
	return o.code()
}

// stream is an output that remembers the first write that failed, so that a full
// disk behind a redirection is not taken for success. Where nobody reads any more
// nothing is amiss: what is written goes nowhere.
type stream struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

// Write writes to the stream.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.w.Write(p)
	if readerGone(err) {
		return len(p), nil
	}
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}

func (s *stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

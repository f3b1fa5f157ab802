package cli

import (
	"strings"
	"sync"

	"pslan/internal/apply"
	"pslan/internal/diag"
	"pslan/internal/proposal"
	"pslan/internal/view"
)

// newView makes the view that the command line asks for. -json is a stream of
// lines where something is planned, applied or probed; elsewhere it is one document, and
// errors stay text on stderr.
func (a *app) newView(line commandLine) view.View {
	name := strings.Join(line.path, " ")
	if line.json && (name == "plan" || name == "apply" || name == "probe") {
		return view.NewJSON(a.viewOptions(colorNever))
	}
	return view.NewHuman(a.viewOptions(line.color))
}

func (a *app) viewOptions(choice colorChoice) view.Options {
	t := a.streams.Terminal
	return view.Options{
		Out: a.stdout, Err: a.stderr,
		Color:       useColor(choice, a.env, t.Out),
		OutTerminal: t.Out, ErrTerminal: t.Err,
		Width:      t.Width,
		Automation: a.env.on("PSLAN_IN_AUTOMATION"),
		Version:    Version,
		Source:     a.source,
		Now:        a.now,
	}
}

// sharedView lets an interrupt speak while the command does, and keeps the
// command silent once the last line is out.
type sharedView struct {
	mu     sync.Mutex
	inner  view.View
	closed bool
}

func (v *sharedView) use(inner view.View) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.inner = inner
}

func (v *sharedView) with(show func(view.View)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.closed {
		show(v.inner)
	}
}

// Diagnostics shows located problems; none shows nothing.
func (v *sharedView) Diagnostics(ds diag.Diagnostics) {
	if len(ds) > 0 {
		v.with(func(in view.View) { in.Diagnostics(ds) })
	}
}

// Plan shows a proposal.
func (v *sharedView) Plan(p *proposal.Proposal, o view.PlanOptions) {
	v.with(func(in view.View) { in.Plan(p, o) })
}

// Event shows one event of an apply.
func (v *sharedView) Event(e apply.Event) { v.with(func(in view.View) { in.Event(e) }) }

// ApplyEnd shows the end of an apply.
func (v *sharedView) ApplyEnd(end view.ApplyEnd) { v.with(func(in view.View) { in.ApplyEnd(end) }) }

// Lock shows what happens to the lock.
func (v *sharedView) Lock(e view.LockEvent) { v.with(func(in view.View) { in.Lock(e) }) }

// Probe shows how far a probe has come.
func (v *sharedView) Probe(p view.ProbeProgress) { v.with(func(in view.View) { in.Probe(p) }) }

// Info shows one plain line.
func (v *sharedView) Info(line string) { v.with(func(in view.View) { in.Info(line) }) }

// Close ends the stream, once.
func (v *sharedView) Close(exit int) {
	v.with(func(in view.View) {
		in.Close(exit)
		v.closed = true
	})
}

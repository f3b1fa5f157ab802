package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"pslan/internal/content"
	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/observe"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/smp"
	"pslan/internal/smp/wire"
	"pslan/internal/unc"
)

// openSMP opens the real platform, with eyes for its copies where the content block
// gives any. Without them nothing is seen, and the rules say what that blocks.
func (a *app) openSMP(g *ground, conn *declared.Connection, opts *observe.Options) error {
	p, err := smp.Open(a.smpOptions(conn))
	if err != nil {
		return err
	}
	g.platform = p
	if g.loaded.Declared.Content == nil {
		opts.Eyes = content.None()
		return nil
	}
	opts.Eyes, err = a.contentEyes(g, a.locationFolder(g), p.Now)
	if err != nil {
		p.Close()
	}
	return err
}

// smpOptions makes the options of a connection from its block. An operator is taken
// to be there only where somebody can be talked to.
func (a *app) smpOptions(conn *declared.Connection) smp.Options {
	present := conn.Operator == "present"
	if conn.Operator == "" {
		present = a.streams.Terminal.In && a.streams.Terminal.Out && a.env.mayAsk()
	}
	o := smp.Options{
		Settings: conn.SMP, OperatorPresent: present, Env: a.env.get, Environ: a.env,
		Path: func(name string) string { return a.path(filepath.FromSlash(name)) }, Dir: a.dir, Now: a.now,
	}
	if a.log.IsDebug() { // taking the secrets out costs more than a call
		o.Log = a.logExchange
	}
	return o
}

// logExchange writes one call to the log. Package wire has taken the secrets out.
func (a *app) logExchange(x wire.Exchange) {
	args := []any{"service", x.Service, "method", x.Method, "binding", string(x.Binding), "status", x.Status, "took", x.Took.Round(time.Millisecond),
		"sent", x.RequestBytes, "received", x.ReplyBytes, "try", x.Try}
	if x.Object != "" {
		args = append(args, "object", x.Object)
	}
	if x.Err != nil {
		args = append(args, "error", x.Err.Error())
	}
	a.log.Debug("call", args...)
	a.log.Trace("call", "service", x.Service, "method", x.Method, "request", x.Request, "reply", x.Reply)
}

var errNoShare = errors.New(`it lies on a share: name the folder under which shares are mounted with content { locations = "/mnt" }, or use method = "smb"`)

// locationFolder finds the folder of a location, \\HOST\SHARE\FOLDER, on this machine
// for eyes that look at mounted folders; nil for other eyes, which go to the share.
// Windows goes to the share too.
func (a *app) locationFolder(g *ground) func(string) (string, error) {
	c := g.loaded.Declared.Content
	if h := a.streams.hooks; h != nil && h.locations != nil {
		return h.locations
	}
	if c.Method != "path" {
		return nil
	}
	return func(location string) (string, error) {
		p, err := unc.Parse(location)
		switch {
		case err != nil:
			return "", fmt.Errorf("%s is no folder on a share: %w", location, err)
		case c.Locations != "":
			return filepath.Join(a.path(filepath.FromSlash(c.Locations)), p.Host, p.Share, filepath.FromSlash(p.Dir)), nil
		case runtime.GOOS == "windows":
			return location, nil
		}
		return "", errNoShare
	}
}

// showNotes shows what the newest reading left out, unless it said the same before.
func (a *app) showNotes(g *ground) {
	n, ok := g.platform.(platform.Noter)
	if !ok {
		return
	}
	notes := n.Notes()
	if slices.EqualFunc(notes, g.noted, func(x, y *diag.Diagnostic) bool { return *x == *y }) {
		return
	}
	g.noted = notes
	a.view.Diagnostics(notes)
}

// obstacles are what the platform would refuse of a plan's steps, as far as it can be
// told beforehand. Asking changes nothing.
func (g *ground) obstacles(ctx context.Context, steps []plan.Step) diag.Diagnostics {
	p, ok := g.platform.(platform.Preparer)
	if !ok || len(steps) == 0 {
		return nil
	}
	var n platform.Needs
	for i := range steps {
		s := &steps[i]
		image := platform.ImageRef{Image: s.Image, Package: s.Package, Name: s.Name}
		switch s.Op {
		case plan.Assign, plan.Unassign:
			n.Assign = append(n.Assign, image)
		case plan.SetLocation:
			n.Locate = append(n.Locate, image)
		case plan.Sync:
			n.Update, n.Refresh = true, n.Refresh || s.By != plan.ByOperator
		case plan.RebuildPreboot:
			n.Build = true
		}
		if op := platform.OperatorOp(s.Op.String()); !slices.Contains(n.Operator, op) {
			n.Operator = append(n.Operator, op)
		}
	}
	return p.Prepare(ctx, n)
}

// warnOfObstacles says beside a plan what apply would refuse it for.
func (a *app) warnOfObstacles(ctx context.Context, g *ground, steps []plan.Step) {
	var ds diag.Diagnostics
	for _, d := range g.obstacles(ctx, steps) {
		told := *d
		if told.Severity == diag.Error {
			told.Severity = diag.Warning
			told.Detail += "\n\nApply would stop here before it changes anything."
		}
		ds = append(ds, &told)
	}
	a.view.Diagnostics(ds)
}

// prepare stops a run that the platform would refuse, before it changes anything.
func (r *applying) prepare(ctx context.Context, steps []plan.Step) error {
	ds := r.g.obstacles(ctx, steps)
	if !ds.HasErrors() {
		r.view.Diagnostics(ds)
		return nil
	}
	stopped := make(diag.Diagnostics, len(ds))
	for i, d := range ds {
		told := *d
		if told.Severity == diag.Error {
			told.Detail += "\n\nNothing was changed."
		}
		stopped[i] = &told
	}
	return stopped
}

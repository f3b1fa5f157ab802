package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"pslan/internal/config"
	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/observe"
	"pslan/internal/platform"
	"pslan/internal/proposal"
	"pslan/internal/recorded"
)

// planFlags are the flags that say what is planned.
type planFlags struct {
	vars              variableFlags
	targets, excludes []string
	state             string // plan against a recorded estate
	hash              bool   // hash the copies that are looked at
}

func (f *planFlags) register(flags *pflag.FlagSet) {
	f.vars.register(flags)
	flags.StringArrayVar(&f.targets, "target", nil, "plan only `ADDRESS` (a block, a member, a server) and what it needs;\nmay be repeated")
	flags.StringArrayVar(&f.excludes, "exclude", nil, "leave out `ADDRESS` and what needs it; may be repeated")
}

// ground is what every plan stands on: the configuration, and the platform that
// it names, opened.
type ground struct {
	loaded   *config.Loaded
	platform platform.Platform
	world    *observe.Observer
	hashes   *observe.HashStore
	record   *contents        // what content.record names; nil where it names nothing
	recorded bool             // the estate comes from a file
	noted    diag.Diagnostics // what was said of the last reading
}

// open loads the configuration and opens the platform. state, where given, is an
// estate file that stands in for the platform.
func (a *app) open(vars *variableFlags, state string) (*ground, error) {
	estateRead := a.readRecorded(state) // beside the configuration: both take their time
	loaded, ds := a.load(vars, false)
	if ds.HasErrors() {
		return nil, ds
	}
	a.view.Diagnostics(ds)
	loaded.Declared.Unfinished = a.readMoves()
	g := &ground{loaded: loaded}
	opts := observe.Options{HashMaxAge: loaded.Declared.Policy.HashMaxAge, DeleteUnusedAfter: declared.DefaultDeleteUnusedAfter}
	if c := loaded.Declared.Content; c != nil {
		opts.Verify, opts.DeleteUnusedAfter = c.Verify, c.DeleteUnusedAfter
		if ds := a.readContents(g, c); ds.HasErrors() {
			return nil, ds
		}
		opts.Record = g.record.contents()
	}
	if err := a.openPlatform(g, estateRead, &opts); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, g.platform)
	opts.Platform = g.platform
	if opts.Eyes != nil {
		g.hashes, ds = observe.OpenHashes(a.dataPath("hashes.json"))
		a.view.Diagnostics(ds)
		opts.Hashes = g.hashes
	}
	g.world = observe.New(opts)
	d := g.platform.Describe()
	a.log.Debug("platform opened", "type", d.Type, "source", d.Source, "simulated", d.Simulated)
	return g, nil
}

// openPlatform opens what the connection names, with eyes to look at its copies.
// estateRead, where it is not nil, brings the recorded estate that stands in for it.
func (a *app) openPlatform(g *ground, estateRead <-chan recordedEstate, opts *observe.Options) error {
	conn := g.loaded.Declared.Connection
	if estateRead == nil && conn.Type == "snapshot" {
		estateRead = a.readRecorded(filepath.FromSlash(conn.Path))
	}
	switch {
	case estateRead != nil:
		r := <-estateRead
		if r.err != nil {
			return r.err
		}
		g.platform, g.recorded = r.platform, true
		return nil
	case conn.Type == "lab":
		return a.openLab(g, conn, opts)
	case conn.Type == "smp":
		return a.openSMP(g, &conn, opts)
	}
	return problem("No connection", "The configuration has no connection block, so there is nothing to compare it with.\n\n"+
		`Add one, for example: connection "lab" { path = ".pslan/lab" }, or name a recorded estate: -state=FILE`)
}

// recordedEstate is an estate file that was opened, or why it could not be.
type recordedEstate struct {
	platform *recorded.Recorded
	err      error
}

// readRecorded opens an estate file in the background; nil where none is named.
// Nothing is looked at: what was seen stands in it.
func (a *app) readRecorded(file string) <-chan recordedEstate {
	if file == "" {
		return nil
	}
	read := make(chan recordedEstate, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				read <- recordedEstate{err: a.bug(p)}
			}
		}()
		r, err := recorded.Open(a.path(file), recorded.Options{Now: a.now})
		if err != nil {
			err = fileProblem(file, err)
		}
		read <- recordedEstate{r, err}
	}()
	return read
}

func (a *app) openLab(g *ground, conn declared.Connection, opts *observe.Options) error {
	l, err := lab.Open(a.labOptions(conn))
	if err != nil {
		return err
	}
	g.platform, opts.Eyes, opts.Nominal = l, l.Eyes(), l.Nominal
	if g.loaded.Declared.Content == nil { // it looks at its own folders
		return nil
	}
	opts.Eyes, err = a.contentEyes(g, l.LocationDir, l.Now) // evidence is as old as the lab's clock says
	return err
}

// labOptions makes a lab's options from its connection block.
func (a *app) labOptions(conn declared.Connection) lab.Options {
	o := lab.Options{Dir: a.path(filepath.FromSlash(conn.Path)), Operator: conn.Operator, Ownership: conn.Ownership}
	if conn.Seed != "" {
		o.SeedFile = a.path(filepath.FromSlash(conn.Seed))
	}
	return o
}

// dataPath is a path in the folder for what pslan keeps (PSLAN_DATA_DIR).
func (a *app) dataPath(name string) string {
	dir := a.env.get("PSLAN_DATA_DIR")
	if dir == "" {
		dir = ".pslan"
	}
	return filepath.Join(a.path(dir), name)
}

// openToWrite is open for a command that changes the platform.
func (a *app) openToWrite(vars *variableFlags) (*ground, error) {
	g, err := a.open(vars, "")
	if err != nil {
		return nil, err
	}
	if g.platform.Describe().ReadOnly {
		return nil, &diag.Diagnostic{
			Severity: diag.Error, Summary: "The connection cannot write",
			Detail:  "A recorded estate can be planned against, and nothing can be applied to it. Apply where the platform can be reached.",
			Subject: g.loaded.Declared.Connection.Range, In: fmt.Sprintf("connection %q", g.loaded.Declared.Connection.Type),
		}
	}
	return g, nil
}

// observe reads the whole estate and looks at its copies.
func (a *app) observe(ctx context.Context, g *ground, hash bool) (*estate.Estate, error) {
	return a.survey(g, func() (*estate.Estate, error) { return g.world.All(ctx, hash) })
}

// observeToPlan is observe where what a plan concerns is confirmed before it counts.
func (a *app) observeToPlan(ctx context.Context, g *ground, hash bool) (*estate.Estate, error) {
	return a.survey(g, func() (*estate.Estate, error) { return g.world.AllToPlan(ctx, hash) })
}

func (a *app) survey(g *ground, read func() (*estate.Estate, error)) (*estate.Estate, error) {
	started := a.now()
	e, err := read()
	if err != nil {
		return nil, err
	}
	a.log.Debug("estate observed", "images", len(e.Images), "package_servers", len(e.Servers), "took", a.now().Sub(started))
	a.showNotes(g)
	a.saveHashes(g)
	return e, nil
}

// propose is the one way from flags to a proposal. Assignments of the images in also, and
// of those that it concerns, are first-hand.
func (a *app) propose(ctx context.Context, g *ground, f *planFlags, also ...estate.GUID) (*proposal.Proposal, error) {
	e, err := a.observeToPlan(ctx, g, f.hash)
	if err != nil {
		return nil, err
	}
	if e, err = a.confirmed(ctx, g, e, f.hash, also); err != nil {
		return nil, err
	}
	return a.proposeFor(ctx, g, e, f)
}

// proposeFor makes the proposal for an estate that was just observed to plan.
func (a *app) proposeFor(ctx context.Context, g *ground, e *estate.Estate, f *planFlags) (*proposal.Proposal, error) {
	p, ds, err := a.makeProposal(g, e, f)
	if err != nil {
		return nil, err
	}
	sure, err := a.confirmed(ctx, g, e, f.hash, concerned(p))
	if err != nil {
		return nil, err
	}
	if sure != e {
		if p, ds, err = a.makeProposal(g, sure, f); err != nil {
			return nil, err
		}
	}
	a.view.Diagnostics(ds)
	return p, nil
}

func (a *app) makeProposal(g *ground, e *estate.Estate, f *planFlags) (*proposal.Proposal, diag.Diagnostics, error) {
	started := a.now()
	checks, ds := g.loaded.EvalChecks(e)
	if ds.HasErrors() {
		return nil, nil, ds
	}
	describes := g.platform.Describe()
	p, more := proposal.Make(proposal.Input{
		Estate: e, Declared: g.loaded.Declared, Checks: checks,
		Now: estate.TimeOf(g.platform.Now()), Version: Version, Recorded: g.recorded,
		OwnershipByOperator: describes.OwnershipByOperator, SyncByOperator: describes.SyncByOperator,
		Targets: f.targets, Excludes: f.excludes, Variables: g.loaded.Variables,
	})
	if ds = append(ds, more...); ds.HasErrors() {
		return nil, nil, ds
	}
	a.log.Debug("proposal made", "changes", len(p.Plan.Changes), "steps", len(p.Plan.Steps), "findings", len(p.Findings),
		"took", a.now().Sub(started))
	return p, ds, nil
}

// saveHashes remembers what was hashed. That it cannot is no reason to fail: then
// the next run hashes again.
func (a *app) saveHashes(g *ground) {
	if g.hashes == nil {
		return
	}
	if err := g.hashes.Save(); err != nil {
		a.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "Hashes cannot be remembered", "%s", sentence(err.Error(), "")))
	}
}

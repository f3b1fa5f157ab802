package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/manifest"
	"pslan/internal/probe"
	"pslan/internal/view"
	"pslan/internal/wording"
)

func (a *app) probeCommand() *cobra.Command {
	var f probeFlags
	c := &cobra.Command{
		Use:   "probe [-root=DIR -server=NAME] [-out=FILE]",
		Short: "Lists and hashes the packages on a package server's disk",
		Long: `Lists and hashes the packages on the disk of a package server, on that server or
through a share, and writes a manifest for content { method = "manifests" }. It
needs no configuration and only reads.

Files that were not touched since they were hashed for the manifest in FILE are not
read again until that is -hash-max-age ago. When it is interrupted, FILE stays as it
was, and what was hashed until then is kept in FILE.partial, with which the next run
goes on.`,
		Args: takes(0, 0, ""),
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) { return a.probe(ctx, &f) })),
	}
	flags := c.Flags()
	flags.StringVar(&f.root, "root", "", "the folder `DIR` with the package folders; default: that of the agent on this machine")
	flags.StringVar(&f.server, "server", "", "the `NAME` of the package server; needed with -root")
	flags.StringVar(&f.out, "out", "", "write the manifest to `FILE` (default NAME.json); .zst and .gz are compressed")
	flags.StringVar(&f.previous, "previous", "", "recognise files by the manifest in `FILE`, instead of the one in -out")
	flags.StringArrayVar(&f.packages, "package", nil, "a custom package folder: `GUID=DIR`; may be given several times")
	flags.StringArrayVar(&f.status, "status", nil, "the folder `DIR` with the agent's status files; default: beside the root")
	flags.BoolVar(&f.listOnly, "list-only", false, "hash nothing")
	flags.StringVar(&f.maxAge, "hash-max-age", "6d", "hash again what was hashed longer than `TIME` ago (default 6d), touched or not")
	flags.BoolVar(&f.rehash, "rehash", false, "hash every file, touched or not")
	flags.StringVar(&f.rate, "limit-rate", "", "read no more than `RATE` in a second: 50MB, 8MiB")
	flags.BoolVar(&f.nice, "nice", false, "give way to other programs on this machine")
	flags.IntVar(&f.parallel, "parallelism", 0, "hash `N` files at once; default: one for each processor")
	flags.Bool("json", false, "JSON lines instead of text")
	return c
}

// prober is one run of probe.
type prober struct {
	*app
	o    probe.Options
	out  string // as shown
	path string
	work *probe.Probe
}

func (a *app) probe(ctx context.Context, f *probeFlags) (outcome, error) {
	o, err := a.probeOptions(f)
	if err != nil {
		return outcome{}, err
	}
	if f.out == "" {
		f.out = strings.ToLower(o.Server) + ".json"
	}
	if f.nice {
		if err := probe.LowerPriority(); err != nil {
			a.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "The priority stays as it is", "This process cannot be made to give way: %v.", err))
		}
	}
	r := &prober{app: a, o: *o, out: f.out, path: a.path(filepath.FromSlash(f.out))}
	if info, err := os.Stat(filepath.Dir(r.path)); err != nil || !info.IsDir() {
		return outcome{}, problem("Cannot write the manifest", "There is no folder %s to write %s to.", filepath.Dir(r.path), f.out)
	}
	if !o.Rehash {
		r.o.Known = r.known(f.previous)
	}
	return r.run(ctx)
}

// known reads the earlier manifests by which files are recognised.
func (r *prober) known(previous string) (known []*manifest.Manifest) {
	paths := []string{r.path, r.partial()}
	if previous != "" {
		paths = []string{r.app.path(filepath.FromSlash(previous)), r.partial()}
	}
	for i, path := range paths {
		if _, err := os.Stat(path); fileerror.Missing(err) && (i > 0 || previous == "") {
			continue
		}
		m, ds := manifest.ReadFile(path)
		switch {
		case m == nil:
			r.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "An earlier manifest cannot be used",
				"Files are not recognised by %s, and are hashed again.\n\n%s", path, ds.Error()))
		case estate.Fold(m.Server) != estate.Fold(r.o.Server):
			r.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "An earlier manifest cannot be used",
				"%s is of %s, and not of %s: files are hashed again.", path, m.Server, r.o.Server))
		default:
			known = append(known, m)
		}
	}
	return known
}

// partial is where the work of an interrupted run is kept.
func (r *prober) partial() string { return r.path + ".partial" }

// The rhythm of a run: how often its progress is told, on a terminal and elsewhere,
// and how often what was hashed is saved for the case of a crash.
const (
	tellTerminal  = 500 * time.Millisecond
	tellLine      = 10 * time.Second
	saveEvery     = 2 * time.Minute
	packagesShown = 20
)

func (r *prober) run(ctx context.Context) (outcome, error) {
	r.graceful.Store(true)
	defer r.graceful.Store(false)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.work = probe.New(r.o)
	told := make(chan struct{})
	go func() {
		defer close(told)
		r.tell(ctx, cancel)
	}()
	m, err := r.work.Run(ctx)
	stopped := ctx.Err() != nil
	cancel()
	<-told
	switch {
	case stopped:
		return r.interrupted()
	case err != nil:
		return outcome{}, problem("The packages cannot be read", "%s", sentence(err.Error(),
			"Name the folder that holds the package folders, {GUID} with cache in it: -root=DIR"))
	}
	if err := manifest.WriteFile(r.path, m); err != nil {
		return outcome{}, fileProblem(r.out, err)
	}
	if err := manifest.Remove(r.partial()); err != nil {
		return outcome{}, fileProblem(r.out+".partial", err)
	}
	return r.done(m), nil
}

// tell shows the progress, saves the work now and then, and stops it when asked to.
func (r *prober) tell(ctx context.Context, cancel context.CancelFunc) {
	every := tellLine
	if r.streams.Terminal.Err && !r.line.json {
		every = tellTerminal
	}
	show, save := time.NewTicker(every), time.NewTicker(saveEvery)
	defer show.Stop()
	defer save.Stop()
	started := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.stop:
			cancel()
		case <-save.C:
			if err := r.savePartial(); err != nil {
				r.log.Warn("the work so far cannot be saved", "error", err)
			}
		case <-show.C:
			p := r.work.Progress()
			r.view.Probe(view.ProbeProgress{
				Server: r.o.Server, Phase: phaseOf(p.Phase), Packages: p.Listed, Files: p.Files, FilesDone: p.FilesDone,
				Done: p.BytesKnown + p.BytesRead, Total: p.Bytes, Elapsed: time.Since(started), Left: p.Left(time.Now()),
			})
		}
	}
}

func phaseOf(p probe.Phase) view.ProbePhase {
	switch p {
	case probe.Listing:
		return view.ProbeListing
	case probe.Hashing:
		return view.ProbeHashing
	default:
		return view.ProbeChecking
	}
}

// savePartial keeps what was hashed so far, if there is anything.
func (r *prober) savePartial() error {
	m := r.work.Partial()
	if len(m.Packages) == 0 {
		return nil
	}
	return manifest.WriteFile(r.partial(), m)
}

// interrupted keeps the work and says how to go on.
func (r *prober) interrupted() (outcome, error) {
	if err := r.savePartial(); err != nil {
		return outcome{}, fileProblem(r.out+".partial", err)
	}
	p := r.work.Progress()
	r.view.Info(fmt.Sprintf("Probe paused! Hashed so far: %s. %s was not written.", wording.Share(p.BytesKnown+p.BytesRead, p.Bytes), r.out))
	if !r.env.on("PSLAN_IN_AUTOMATION") {
		r.view.Info("To go on, run the same command again.")
	}
	return outcome{workRemains: true}, nil
}

// done sums the run up.
func (r *prober) done(m *manifest.Manifest) outcome {
	var unknown, empty int
	var ds diag.Diagnostics
	if len(m.Packages) == 0 {
		ds = ds.Warnf(diag.Range{}, "No packages", "There is no package folder, {GUID}, in %s. By this manifest %s holds no copy of anything. "+
			"If it does, -root names the wrong folder.", m.Root, m.Server)
	}
	for i := range m.Packages {
		p := &m.Packages[i]
		switch {
		case p.Error != "":
			if unknown++; unknown <= packagesShown {
				ds = ds.Warnf(diag.Range{}, "A package cannot be seen", "%s: %s. Nobody can tell whether this copy is good.", p.GUID, p.Error)
			}
		case len(p.Files) == 0:
			empty++
		}
	}
	if more := unknown - packagesShown; more > 0 {
		ds = ds.Warnf(diag.Range{}, "More packages cannot be seen", "%d more packages cannot be seen. The manifest says why.", more)
	}
	r.view.Diagnostics(ds)
	p := r.work.Progress()
	text := fmt.Sprintf("%s: %d packages, %d files, %s.", m.Server, len(m.Packages), p.Files, wording.Size(p.Bytes))
	if !r.o.ListOnly {
		text += fmt.Sprintf(" Hashed %s; %s not touched since they were hashed.", wording.Size(p.BytesRead), wording.Size(p.BytesKnown))
	}
	if empty > 0 {
		text += fmt.Sprintf(" Packages without a file: %d.", empty)
	}
	if unknown > 0 {
		text += fmt.Sprintf(" Packages that cannot be seen: %d.", unknown)
	}
	r.view.Info(text)
	r.view.Info("Saved the manifest to: " + r.out)
	return outcome{stepsFailed: unknown > 0}
}

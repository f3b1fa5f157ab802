package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"pslan/internal/estate"
	"pslan/internal/estatefile"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// Options say which lab to open, and what it is made of if it is not there yet.
type Options struct {
	Dir       string
	SeedFile  string         // an estate file
	Seed      *estate.Estate // instead of SeedFile
	Operator  string         // "" or "present": the simulated operator works; "absent": he does not
	Ownership string         // "": the package server takes it itself; "operator": an operator's step
	Random    int64          // the seed of every choice; 0: derived from the seed estate
	Disk      Disk           // nil: real folders in Dir
	Rules     *world.Rules   // of a lab that is made; nil: world.DefaultRules
	// Trace is told everything that happens while this Lab moves the clock.
	Trace func(world.Happening)
}

// Lab is an open lab. It implements platform.Platform; all methods may be called
// at once, here and in other processes that have the same folder open.
type Lab struct {
	options Options
	mu      sync.Mutex
	journal journal
	shelf   shelf
	scales  map[estate.GUID]scale // never change, and are read without a lock
	// looked: what people changed in the folders before this Lab was opened is known.
	looked  bool
	changed bool // since lab.json was written, by this Lab
	closed  bool
}

// Exists reports whether a folder holds a lab.
func Exists(dir string) bool {
	_, err := NewFolders(dir).ReadFrom(stateName, 0)
	return err == nil
}

// Init makes a new lab and refuses a folder that already holds one.
func Init(o Options) (*Lab, error) { return open(o, true) }

// Open opens a lab, and makes it from the seed on first use.
func Open(o Options) (*Lab, error) { return open(o, false) }

func open(o Options, fresh bool) (*Lab, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	disk := o.Disk
	if disk == nil {
		disk = NewFolders(o.Dir)
		if err := disk.MakeDir("."); err != nil {
			return nil, badInput("open lab", o.Dir, err, "Name a folder that can be written to.")
		}
	}
	l := &Lab{options: o, journal: journal{disk: disk}, shelf: shelf{disk: disk}}
	unlock, err := disk.Lock(context.Background())
	if err != nil {
		return nil, badInput("open lab", o.Dir, err, "")
	}
	defer unlock()
	_, err = disk.ReadFrom(stateName, 0)
	switch {
	case err == nil && fresh:
		return nil, badInput("make lab", o.Dir, errors.New("there is a lab in this folder already"), "Choose another folder, or remove this one first.")
	case errors.Is(err, fs.ErrNotExist):
		err = l.make()
	case err == nil:
		err = l.catchUp()
	}
	if err != nil {
		var typed *platform.Error
		if errors.As(err, &typed) {
			return nil, err
		}
		return nil, badInput("open lab", o.Dir, err, "Remove the folder, and the lab is made anew from its seed.")
	}
	l.scales = scalesOf(l.journal.world)
	return l, nil
}

func (o *Options) check() error {
	switch {
	case o.Dir == "" && o.Disk == nil:
		return badInput("open lab", "", errors.New("no folder is named"), "Set path in connection \"lab\".")
	case o.Operator != "" && o.Operator != "present" && o.Operator != "absent":
		return badInput("open lab", o.Dir, fmt.Errorf("operator is %q", o.Operator), `It can be "present" or "absent".`)
	case o.Ownership != "" && o.Ownership != "operator":
		return badInput("open lab", o.Dir, fmt.Errorf("ownership is %q", o.Ownership), `It can be "operator", or be left out.`)
	}
	return nil
}

func badInput(op, object string, err error, hint string) error {
	return &platform.Error{Op: op, Object: object, Kind: platform.KindBadInput, Err: err, Hint: hint}
}

// make fills an empty folder from the seed. The state is written first, saying that
// the folders are not made yet: if that is cut short, the next Open goes on.
func (l *Lab) make() error {
	e, err := l.seed()
	if err != nil {
		return err
	}
	if taken := l.foreign(); taken != "" {
		return badInput("make lab", l.options.Dir, fmt.Errorf("%s is there, but no %s", l.journal.disk.Path(taken), stateName),
			"Choose an empty folder: a lab does not overwrite what it has not made.")
	}
	random := uint64(l.options.Random)
	if random == 0 {
		random = world.SeedOf(e)
	}
	rules := world.DefaultRules()
	if l.options.Rules != nil {
		rules = *l.options.Rules
	}
	w, err := world.New(e, random, rules)
	if err != nil {
		return badInput("make lab", l.options.SeedFile, err, "")
	}
	j := &l.journal
	j.world = w
	w.Trace(l.options.Trace)
	if err := j.writeState(1, false); err != nil {
		return err
	}
	l.looked = true
	return l.fill()
}

// fill makes the folders of a new lab.
func (l *Lab) fill() error {
	j := &l.journal
	if err := l.shelf.makeRoots(j.world); err != nil {
		return err
	}
	if err := l.shelf.fill(j.world); err != nil {
		return err
	}
	j.made = true
	return j.write([]byte(madeLine))
}

func (l *Lab) seed() (*estate.Estate, error) {
	if l.options.Seed != nil {
		return l.options.Seed, nil
	}
	if l.options.SeedFile == "" {
		return nil, badInput("make lab", l.options.Dir, errors.New("there is no lab in this folder, and no seed to make one from"),
			"Name an estate file: seed in connection \"lab\", or pslan lab init -from=FILE.")
	}
	e, diags := estatefile.ReadFile(l.options.SeedFile)
	if diags.HasErrors() || e == nil {
		return nil, &platform.Error{Op: "make lab", Object: l.options.SeedFile, Kind: platform.KindBadInput,
			Err: diags.Err(), Diagnostics: diags, Hint: "The seed of a lab is an estate file, as written by pslan snapshot."}
	}
	return e, nil
}

// foreign returns a name that a lab would make and that is there already.
func (l *Lab) foreign() string {
	for _, name := range []string{serversDir, locationsDir} {
		if _, closer, err := l.journal.disk.Open(name); err == nil {
			closer.Close()
			return name
		}
	}
	return ""
}

// finish has the folders follow the last command, if they have not.
func (l *Lab) finish() error {
	j := &l.journal
	if !j.made {
		return l.fill()
	}
	if len(j.undone) == 0 {
		return nil
	}
	if err := l.shelf.follow(j.world, j.undone); err != nil {
		return err
	}
	j.undone = nil
	return j.write([]byte(doneLine))
}

func (l *Lab) catchUp() error {
	if err := l.journal.catchUp(); err != nil {
		return err
	}
	l.journal.world.Trace(l.options.Trace)
	return l.finish()
}

// held runs f with the lab's lock and the newest state.
func (l *Lab) held(ctx context.Context, op, object string, f func(w *world.World) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return &platform.Error{Op: op, Object: object, Err: fs.ErrClosed}
	}
	unlock, err := l.journal.disk.Lock(ctx)
	if err != nil {
		return &platform.Error{Op: op, Object: object, Err: err}
	}
	defer unlock()
	if err := l.catchUp(); err != nil {
		return &platform.Error{Op: op, Object: object, Kind: platform.KindBadInput, Err: err}
	}
	if err = f(l.journal.world); err == nil {
		return nil
	}
	var refusal *world.Refusal
	var typed *platform.Error
	switch {
	case errors.As(err, &refusal):
		return &platform.Error{Op: op, Object: object, Kind: refusal.Kind, Hint: refusal.Hint, Err: refusal}
	case errors.As(err, &typed), ctx.Err() != nil:
		return err
	}
	l.journal.world = nil // what is on the disk is not known: read it again
	return &platform.Error{Op: op, Object: object, Err: err}
}

// do journals a command, carries it out, and has the folders follow. Call it in held.
func (l *Lab) do(c world.Command) error {
	j := &l.journal
	line, err := encodeCommand(&c)
	if err != nil {
		return err
	}
	if err := j.write(line); err != nil {
		return err
	}
	l.changed = true
	refused := j.world.Do(c)
	if changes := j.world.Changes(); len(changes) > 0 {
		j.undone = changes
		if err := l.finish(); err != nil {
			return err
		}
	}
	if j.offset > compactAfter {
		if err := j.compact(); err != nil {
			return err
		}
		l.changed = false
	}
	return refused
}

// Close writes the state, if this Lab changed it, and lets go of the folder.
func (l *Lab) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	changed := l.changed
	l.mu.Unlock()
	var err error
	if changed {
		err = l.held(context.Background(), "close lab", l.options.Dir, func(*world.World) error { return l.journal.compact() })
	}
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	return err
}

// Describe implements platform.Platform.
func (l *Lab) Describe() platform.Description {
	return platform.Description{
		Type: "lab", Source: "lab", Simulated: true,
		OwnershipByOperator: l.options.Ownership == "operator", OperatorPresent: l.options.Operator != "absent",
	}
}

// Nominal scales real bytes of an image up to the size that it pretends to have;
// all of its files give exactly that.
func (l *Lab) Nominal(image estate.GUID, bytes int64) int64 {
	s, ok := l.scales[image]
	if !ok {
		return bytes
	}
	return world.Scale(bytes, s.nominal, s.real)
}

// scale is how large an image pretends to be, and is.
type scale struct{ nominal, real int64 }

func scalesOf(w *world.World) map[estate.GUID]scale {
	scales := make(map[estate.GUID]scale, len(w.Images))
	for i := range w.Images {
		scales[w.Images[i].GUID] = scale{w.Images[i].Nominal, w.Images[i].Scaled}
	}
	return scales
}

// LocationDir says where in the lab's folder a location lies: \\host\share\folder.
// The share of a server's package folders is that server's folder here.
func (l *Lab) LocationDir(unc string) (string, error) {
	var dir string
	err := l.held(context.Background(), "find location", unc, func(w *world.World) error {
		name, err := placeOf(w, unc)
		dir = l.journal.disk.Path(name)
		return err
	})
	return dir, err
}

// placeOf is the name of a location's folder in the lab.
func placeOf(w *world.World, unc string) (string, error) {
	if world.HostOf(unc) == "" {
		return "", &world.Refusal{Kind: platform.KindNotFound, Text: fmt.Sprintf("%q is no location", unc), Hint: `It should look like \\host\share\folder.`}
	}
	parts := strings.Split(strings.Trim(strings.ReplaceAll(unc, "/", `\`), `\`), `\`)
	s := w.ServerOfLocation(unc)
	if s < 0 || len(parts) < 3 || !strings.HasPrefix(estate.Fold(parts[1]), "pkgsvrhost") {
		return locationDir(unc), nil
	}
	name := parts[2]
	if g, err := estate.ParseGUID(parts[2]); err == nil && !g.IsZero() {
		name = packageName(g)
	}
	return serverDir(w.Servers[s].Name) + "/" + deliveryDir + "/" + folderName(name, name) + "/cache", nil
}

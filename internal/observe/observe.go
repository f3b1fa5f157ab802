package observe

import (
	"context"
	"slices"
	"time"

	"pslan/internal/apply"
	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// Options of an Observer.
type Options struct {
	Platform platform.Platform
	// Eyes look at copies; nil: the platform's estate carries its evidence already (a
	// recorded one).
	Eyes platform.Eyes
	// Nominal turns the bytes that lie on a disk into those of the real image, where a
	// platform keeps small files in the place of large ones; nil: they are the same.
	Nominal func(image estate.GUID, bytes int64) int64
	// Hashes remembers hashes; nil: nothing is remembered.
	Hashes *HashStore
	// HashMaxAge is how long a remembered hash holds, from the end of hashing; 0: none does.
	HashMaxAge time.Duration
	// Verify: with VerifySize nothing is ever hashed.
	Verify declared.Verify
	// DeleteUnusedAfter is how long after its mark a copy is deleted, where the platform
	// tells of no mark and the agent's own files do; 0: these marks do not count.
	DeleteUnusedAfter time.Duration
	// Record is the recorded content of images for which the platform has none; may be nil.
	Record map[estate.GUID]*estate.Content
}

// Observer is a platform together with eyes: the apply.World of an engine.
type Observer struct {
	platform.Platform
	o Options
}

var _ apply.World = (*Observer)(nil)

// New makes an Observer.
func New(o Options) *Observer {
	if o.Hashes == nil {
		o.Hashes = NewHashStore()
	}
	if o.HashMaxAge > 0 {
		o.Hashes.forget(estate.TimeOf(o.Platform.Now().Add(-o.HashMaxAge)))
	}
	return &Observer{Platform: o.Platform, o: o}
}

// Observe implements apply.World. Wants for another folder than the image's own
// (Want.Location) are answered in Seen only.
func (ob *Observer) Observe(ctx context.Context, images []estate.GUID, wants []apply.Want) (*apply.Observation, error) {
	return ob.observe(ctx, scopeOf(images, wants), wants)
}

// Again implements apply.World.
func (ob *Observer) Again(ctx context.Context, images []estate.GUID, wants []apply.Want) (*apply.Observation, error) {
	scope := scopeOf(images, wants)
	scope.Recent = true
	return ob.observe(ctx, scope, wants)
}

// Glance implements apply.World.
func (ob *Observer) Glance(ctx context.Context, choose func(*apply.Observation) []apply.Want) (*apply.Observation, error) {
	e, err := ob.read(ctx, platform.Scope{Secondhand: true})
	if err != nil {
		return nil, err
	}
	obs := &apply.Observation{Estate: e, Index: estate.NewIndex(e)}
	return ob.with(ctx, obs, choose(obs))
}

func (ob *Observer) observe(ctx context.Context, scope platform.Scope, wants []apply.Want) (*apply.Observation, error) {
	e, err := ob.read(ctx, scope)
	if err != nil {
		return nil, err
	}
	return ob.with(ctx, &apply.Observation{Estate: e, Index: estate.NewIndex(e)}, wants)
}

// with looks at what is wanted and writes it into a reading.
func (ob *Observer) with(ctx context.Context, obs *apply.Observation, wants []apply.Want) (*apply.Observation, error) {
	obs.Seen = make([]platform.Seen, len(wants))
	if ob.o.Eyes == nil {
		ob.recollect(obs, wants)
		return obs, nil
	}
	var looks []platform.Look
	at := make([]int, len(wants)) // of the want: its look, -1 without one
	known := map[lookKey]int{}
	for i := range wants {
		w := &wants[i]
		look, why := ob.lookFor(obs.Index, w)
		if why != "" {
			at[i] = -1
			obs.Seen[i] = notSeen(why, estate.TimeOf(ob.Now()))
			continue
		}
		key := lookKey{w.Image, estate.Fold(w.Server), w.Location}
		n, twice := known[key]
		if !twice {
			n = len(looks)
			known[key] = n
			looks = append(looks, look)
		}
		looks[n].Hash = looks[n].Hash || look.Hash
		at[i] = n
	}
	seen, err := ob.see(ctx, looks)
	if err != nil {
		return nil, err
	}
	for i, n := range at {
		if n >= 0 {
			obs.Seen[i] = seen[n]
		}
		ob.put(obs, &wants[i], &obs.Seen[i].Evidence)
	}
	return obs, nil
}

// recollect answers wants with the evidence that the estate carries.
func (ob *Observer) recollect(obs *apply.Observation, wants []apply.Want) {
	for i := range wants {
		w := &wants[i]
		img, id := obs.Index.ImageByGUID(w.Image), serverOf(obs.Index, w.Server)
		switch {
		case w.Location != "":
			obs.Seen[i] = notSeen("a recorded estate cannot be looked at", 0)
		case img != nil && img.Copy(id) != nil:
			obs.Seen[i].Evidence = img.Copy(id).Evidence
		}
	}
}

// lookKey tells the same look from another one.
type lookKey struct {
	image    estate.GUID
	server   string
	location string
}

// scopeOf are the images to read: those asked for and those to be looked at.
func scopeOf(images []estate.GUID, wants []apply.Want) platform.Scope {
	scope := make([]estate.GUID, 0, len(images)+len(wants)) // never nil, which would mean all
	seen := make(map[estate.GUID]struct{}, len(images)+len(wants))
	add := func(g estate.GUID) {
		if _, twice := seen[g]; !twice {
			seen[g] = struct{}{}
			scope = append(scope, g)
		}
	}
	for _, g := range images {
		add(g)
	}
	for i := range wants {
		add(wants[i].Image)
	}
	return platform.Scope{Images: scope}
}

// read reads the estate so that it may be changed.
func (ob *Observer) read(ctx context.Context, scope platform.Scope) (*estate.Estate, error) {
	e, err := ob.Platform.ReadEstate(ctx, scope)
	if err != nil {
		return nil, err
	}
	if ob.Describe().ReadOnly { // what was recorded stays as it is
		switch {
		case ob.o.Eyes != nil:
			e = unshared(e)
		case ob.o.Record != nil:
			c := *e
			c.Images = slices.Clone(e.Images)
			e = &c
		}
	}
	for i := range e.Images {
		if img := &e.Images[i]; img.Content == nil {
			img.Content = ob.o.Record[img.GUID]
		}
	}
	return e, nil
}

// lookFor makes the look that a want asks for, or says why there is none.
func (ob *Observer) lookFor(ix *estate.Index, w *apply.Want) (look platform.Look, why string) {
	e := ix.Estate()
	img := ix.ImageByGUID(w.Image)
	if img == nil {
		return look, "the platform does not list the image any more"
	}
	id := serverOf(ix, w.Server)
	if id == estate.NoServer {
		return look, "the platform does not list the package server any more"
	}
	if !e.Reachable(id) {
		return look, serverOff
	}
	look, why = lookAt(e, img, id)
	if w.Location != "" {
		look.Location, why = w.Location, ""
	}
	look.Hash = w.Hash
	return look, why
}

const serverOff = "the server is off"

// put writes what was seen into the copy that was looked at.
func (ob *Observer) put(obs *apply.Observation, w *apply.Want, ev *estate.Evidence) {
	img := obs.Index.ImageByGUID(w.Image)
	if img == nil || w.Location != "" {
		return
	}
	if id := serverOf(obs.Index, w.Server); id != estate.NoServer {
		ob.tell(copyOn(img, id), ev)
	}
}

// serverOf finds the server that a want names, "smp" for the SMP.
func serverOf(ix *estate.Index, name string) estate.ServerID {
	if estate.Fold(name) == "smp" {
		return estate.SMP
	}
	return ix.Server(name)
}

package observe

import (
	"context"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// batchSize is how many copies are looked at in one call of the eyes: many,
// because a call reads each server's folder once, and not all, because what was
// seen of a batch is in memory at once.
const batchSize = 100_000

// All reads the whole estate and looks at the copies of every image on every
// package server that can be reached, and on the SMP. They are listed; hashes that
// are remembered count, and new ones are taken only where hash says so. A copy is
// in the estate where the platform told of one, where a folder was found, and
// where the server is assigned. Servers that are off are not looked at.
func (ob *Observer) All(ctx context.Context, hash bool) (*estate.Estate, error) {
	return ob.all(ctx, platform.Scope{}, hash)
}

// AllToPlan is All for a plan: assignments may be second-hand where the platform allows
// it. Those of the images that a plan concerns are to be confirmed (platform.Confirmer)
// before it counts.
func (ob *Observer) AllToPlan(ctx context.Context, hash bool) (*estate.Estate, error) {
	return ob.all(ctx, platform.Scope{Secondhand: true}, hash)
}

func (ob *Observer) all(ctx context.Context, scope platform.Scope, hash bool) (*estate.Estate, error) {
	e, err := ob.read(ctx, scope)
	if err != nil || ob.o.Eyes == nil {
		return e, err
	}
	s := &survey{ob: ob, e: e, hash: hash}
	// Server by server, and within one image by image: a call of the eyes then reads
	// each server's folder once.
	for id := estate.ServerID(0); int(id) < len(e.Servers); id++ {
		for i := range e.Images {
			s.packageCopy(int32(i), id)
		}
		if len(s.looks) >= batchSize {
			if err := s.look(ctx); err != nil {
				return nil, err
			}
		}
	}
	for i := range e.Images {
		s.locationCopy(int32(i))
	}
	if err := s.look(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// survey is one look at everything.
type survey struct {
	ob    *Observer
	e     *estate.Estate
	hash  bool
	looks []platform.Look
	of    []target // parallel to looks
}

// target is the copy that a look is for.
type target struct {
	image  int32
	server estate.ServerID
}

// packageCopy asks for the copy of an image in a server's package folder.
func (s *survey) packageCopy(image int32, id estate.ServerID) {
	img := &s.e.Images[image]
	if byLocation(img, id) {
		return
	}
	s.want(image, id)
}

// locationCopy asks for the copy of an image that lies at its location.
func (s *survey) locationCopy(image int32) {
	img := &s.e.Images[image]
	if img.Owner != estate.NoServer && byLocation(img, img.Owner) {
		s.want(image, img.Owner)
	}
}

func (s *survey) want(image int32, id estate.ServerID) {
	img := &s.e.Images[image]
	look, why := lookAt(s.e, img, id)
	if !s.e.Reachable(id) {
		why = serverOff
	}
	if why != "" {
		s.put(target{image, id}, notSeen(why, estate.TimeOf(s.ob.Now())).Evidence)
		return
	}
	look.Hash = s.hash
	s.looks = append(s.looks, look)
	s.of = append(s.of, target{image, id})
}

// look looks at what was asked for so far.
func (s *survey) look(ctx context.Context) error {
	seen, err := s.ob.see(ctx, s.looks)
	if err != nil {
		return err
	}
	for i := range seen {
		s.put(s.of[i], seen[i].Evidence)
	}
	s.looks, s.of = s.looks[:0], s.of[:0]
	return nil
}

// put writes evidence into the copy, if there is one to speak of: nobody needs to
// be told that a server to which nothing is assigned has nothing.
func (s *survey) put(t target, ev estate.Evidence) {
	img := &s.e.Images[t.image]
	if ev.Folder || ev.Files > 0 || t.server == img.Owner || img.Copy(t.server) != nil || s.e.Covers(&img.Assignment, t.server) {
		s.ob.tell(copyOn(img, t.server), &ev)
	}
}

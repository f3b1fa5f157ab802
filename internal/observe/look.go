package observe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
)

// lookAt makes the look at the copy of an image on a server, or says why there is
// nothing to look at. An image without a package has a folder at its location
// only; one that is kept on the SMP has its first copy there.
func lookAt(e *estate.Estate, img *estate.Image, id estate.ServerID) (look platform.Look, why string) {
	look = platform.Look{
		Server: e.ServerName(id),
		Image:  platform.ImageRef{Image: img.GUID, Package: img.Package, Name: img.Name},
	}
	if id == estate.SMP {
		look.Host = e.SMP.Name
	} else {
		look.Host = e.Servers[id].Host
	}
	switch {
	case !byLocation(img, id):
		return look, ""
	case id != img.Owner:
		return look, "the image has no package, so only its owner has a folder of it"
	case img.Location == "":
		return look, "the platform tells no location of the image"
	}
	look.Location = img.Location
	return look, ""
}

// byLocation reports whether the files of an image on a server lie at its location
// rather than in the server's package folder.
func byLocation(img *estate.Image, id estate.ServerID) bool {
	return img.Package.IsZero() || id == estate.SMP
}

// see looks at copies: lists them all, takes the hashes that are remembered for
// exactly these listings, and hashes what is wanted and not remembered.
func (ob *Observer) see(ctx context.Context, looks []platform.Look) ([]platform.Seen, error) {
	if len(looks) == 0 {
		return nil, nil
	}
	wanted := make([]bool, len(looks))
	for i := range looks {
		wanted[i] = looks[i].Hash && ob.o.Verify == declared.VerifyHash
		looks[i].Hash = false
	}
	seen, err := ob.ask(ctx, looks)
	if err != nil {
		return nil, err
	}
	now := estate.TimeOf(ob.Now())
	var again []platform.Look
	var at []int
	for i := range seen {
		ev := &seen[i].Evidence
		if ev.Sight != estate.Seen {
			continue
		}
		ob.o.Hashes.forgetChanged(&looks[i], seen[i].Listing)
		if ev.Files == 0 {
			continue
		}
		if !ob.fresh(ev, now) {
			ob.recall(&looks[i], &seen[i], now)
		}
		if wanted[i] && !ob.fresh(ev, now) {
			look := looks[i]
			look.Hash, look.Known = true, ob.known(&looks[i], now)
			again, at = append(again, look), append(at, i)
		}
	}
	if len(again) > 0 {
		hashed, err := ob.ask(ctx, again)
		if err != nil {
			return nil, err
		}
		for n, i := range at {
			seen[i] = hashed[n]
			ob.remember(&again[n], &seen[i])
		}
	}
	for i := range seen {
		ob.scale(&looks[i], &seen[i].Evidence)
	}
	return seen, nil
}

// ask asks the eyes, and holds them to their promise.
func (ob *Observer) ask(ctx context.Context, looks []platform.Look) ([]platform.Seen, error) {
	seen, err := ob.o.Eyes.See(ctx, looks)
	if err != nil {
		return nil, err
	}
	if len(seen) != len(looks) {
		return nil, fmt.Errorf("asked to look at %d copies, and was told of %d", len(looks), len(seen))
	}
	return seen, nil
}

// fresh reports whether the evidence has a hash that is young enough.
func (ob *Observer) fresh(ev *estate.Evidence, now estate.Time) bool {
	return !ev.Digest.IsZero() && ob.young(ev.HashedAt, now)
}

// young reports whether a hash from then still holds. One from the future was made
// by another clock.
func (ob *Observer) young(then, now estate.Time) bool {
	age := int64(now) - int64(then)
	return !then.IsZero() && age >= 0 && age <= int64(ob.o.HashMaxAge)
}

// recall fills in the hash that was taken when the copy listed as it does now.
func (ob *Observer) recall(look *platform.Look, s *platform.Seen, now estate.Time) {
	h, ok := ob.o.Hashes.get(look)
	if ok && ob.young(h.hashedAt, now) && h.listing == stamp(s.Listing) {
		s.Evidence.Digest, s.Evidence.HashedAt = h.digest, h.hashedAt
		s.Listing = slices.Clone(s.Listing)
		for i := range s.Listing { // as it is listed now, so it was when it was hashed
			f := &s.Listing[i]
			if n, known := slices.BinarySearchFunc(h.files, f.Path, func(k hashedFile, path string) int { return strings.Compare(k.Path, path) }); known {
				f.SHA256 = h.files[n].SHA256
			}
		}
	}
}

// known are the files of a copy whose hashes are remembered and young enough.
func (ob *Observer) known(look *platform.Look, now estate.Time) []platform.File {
	h, ok := ob.o.Hashes.get(look)
	if !ok {
		return nil
	}
	var files []platform.File
	for i := range h.files {
		if f := &h.files[i]; ob.young(f.at, now) {
			files = append(files, f.File)
		}
	}
	return files
}

// remember keeps the hash of a copy together with its listing. A copy of which some
// files were hashed before is as old as the oldest hash in it.
func (ob *Observer) remember(look *platform.Look, s *platform.Seen) {
	ev := &s.Evidence
	if ev.Sight != estate.Seen || ev.Digest.IsZero() || len(s.Listing) == 0 {
		return
	}
	files := ob.o.Hashes.byThemselves(look, s.Listing, ev.HashedAt)
	for i := range files {
		ev.HashedAt = min(ev.HashedAt, files[i].at)
	}
	ob.o.Hashes.set(look, remembered{listing: stamp(s.Listing), digest: ev.Digest, hashedAt: ev.HashedAt, files: files})
}

// scale turns bytes on the disk into those of the real image.
func (ob *Observer) scale(look *platform.Look, ev *estate.Evidence) {
	if ob.o.Nominal == nil {
		return
	}
	ev.Bytes = ob.o.Nominal(look.Image.Image, ev.Bytes)
	if ev.Agent != nil && ev.Agent.Snapshot != nil { // eyes may keep theirs
		agent, snapshot := *ev.Agent, *ev.Agent.Snapshot
		snapshot.Bytes = ob.o.Nominal(look.Image.Image, snapshot.Bytes)
		agent.Snapshot = &snapshot
		ev.Agent = &agent
	}
}

// tell writes what was seen into a copy, and when it goes, where the platform tells of
// no mark and the agent's own file does.
func (ob *Observer) tell(c *estate.Copy, ev *estate.Evidence) {
	c.Evidence = *ev
	if c.DeleteAfter.IsZero() && ob.o.DeleteUnusedAfter > 0 && ev.Agent != nil && !ev.Agent.Deleted.IsZero() {
		c.DeleteAfter = ev.Agent.Deleted + estate.Time(ob.o.DeleteUnusedAfter)
	}
}

// notSeen is what is said of a copy that could not be looked at.
func notSeen(why string, at estate.Time) platform.Seen {
	return platform.Seen{Evidence: estate.Evidence{Sight: estate.NotSeen, CheckedAt: at, Error: why}}
}

// copyOn returns the copy of an image on a server, made where nothing is known of
// one. Rooms grow a little at a time, because there may be millions.
func copyOn(img *estate.Image, id estate.ServerID) *estate.Copy {
	i, ok := slices.BinarySearchFunc(img.Copies, id, func(c estate.Copy, id estate.ServerID) int { return int(c.Server) - int(id) })
	if ok {
		return &img.Copies[i]
	}
	if len(img.Copies) == cap(img.Copies) {
		more := make([]estate.Copy, len(img.Copies), len(img.Copies)+4)
		copy(more, img.Copies)
		img.Copies = more
	}
	img.Copies = slices.Insert(img.Copies, i, estate.Copy{Server: id})
	return &img.Copies[i]
}

// unshared copies all that observing changes.
func unshared(e *estate.Estate) *estate.Estate {
	c := *e
	c.Images = slices.Clone(e.Images)
	for i := range c.Images {
		c.Images[i].Copies = slices.Clone(c.Images[i].Copies)
	}
	return &c
}

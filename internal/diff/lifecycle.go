package diff

import (
	"cmp"
	"slices"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// lifecycles adds what a draining or retired server declares: a new owner for
// everything that it owns, and, where it is retired, its way out of individual
// assignments.
func (r *resolver) lifecycles() {
	leaving := false
	for i := range r.out.Servers {
		leaving = leaving || r.out.Leaving(estate.ServerID(i))
	}
	if !leaving {
		return
	}
	room := map[estate.ServerID]int64{}
	for n := range r.e.Images {
		img := &r.e.Images[n]
		if img.Kind == estate.KindBackup {
			continue
		}
		d := r.out.Of(int32(n))
		if r.out.Leaving(img.Owner) && (d == nil || d.OwnerSource == OwnerUndeclared) {
			if d == nil {
				d = r.lifecycleDesired(int32(n), r.out.Servers[img.Owner].Block)
			}
			r.successor(d, img, room)
		}
		if d != nil && d.Assignment != nil {
			continue
		}
		if out := r.firstRetired(&img.Assignment); out != estate.NoServer && d == nil {
			r.lifecycleDesired(int32(n), r.out.Servers[out].Block)
		}
	}
}

// unfinished goes on with moves through a middle server that a lifecycle started:
// the middle server stays, and shall not keep what was only passing through.
func (r *resolver) unfinished() {
	for i := range r.d.Unfinished {
		u := &r.d.Unfinished[i]
		n := r.ix.ImageNumber(u.Image)
		to := r.ix.Server(u.To)
		if n < 0 || !to.IsServer() || r.out.Leaving(to) {
			continue
		}
		img := &r.e.Images[n]
		b := r.handsOverTo(to)
		if b == nil || !img.Owner.IsServer() || img.Owner != r.ix.Server(u.Middle) || r.out.Leaving(img.Owner) {
			continue
		}
		d := r.out.Of(int32(n))
		if d == nil {
			d = r.lifecycleDesired(int32(n), b)
		}
		if d.OwnerSource == OwnerUndeclared {
			d.Owner, d.OwnerSource, d.OwnerRange = to, OwnerSuccessor, b.LifecycleRange
		}
	}
}

// handsOverTo returns the first server that leaves and names another one as its
// successor, nil where none does. It may be gone already.
func (r *resolver) handsOverTo(to estate.ServerID) *declared.PackageServer {
	for i := range r.d.Servers {
		b := &r.d.Servers[i]
		if b.Lifecycle == declared.Active {
			continue
		}
		for k := range b.Successors {
			if ids := r.ix.HostMatches(b.Successors[k].Host); len(ids) == 1 && ids[0] == to {
				return b
			}
		}
	}
	return nil
}

// firstRetired returns a retired server in an individual assignment.
func (r *resolver) firstRetired(a *estate.Assignment) estate.ServerID {
	for _, id := range a.Servers {
		if r.out.Retired(id) {
			return id
		}
	}
	return estate.NoServer
}

// lifecycleDesired adds an image that no block names.
func (r *resolver) lifecycleDesired(n int32, b *declared.PackageServer) *Desired {
	r.out.byImage[n] = int32(len(r.out.Desired))
	r.out.Desired = append(r.out.Desired, Desired{
		Image: n, Address: estate.UndeclaredImage(r.memberName(n)), In: b.In, Range: b.LifecycleRange,
		Owner: estate.NoServer, Reference: estate.NoServer, MinCopies: r.d.Policy.MinCopies,
	})
	return &r.out.Desired[len(r.out.Desired)-1]
}

// successor picks who takes an image from a server that leaves: of its
// successors the one in the same site, then the one with the most room once the
// image is there, then by name. room keeps count of what was given to whom.
func (r *resolver) successor(d *Desired, img *estate.Image, room map[estate.ServerID]int64) {
	b := r.out.Servers[img.Owner].Block
	best, bestNear, bestFree := estate.NoServer, false, int64(0)
	size := imageBytes(img)
	for i := range b.Successors {
		id, ok := r.server(&b.Successors[i], b.In)
		if !ok {
			continue
		}
		if r.out.Leaving(id) {
			r.errorf(b.Successors[i].Range, b.In, "Successor is leaving",
				"%s is %s, so it cannot take over from %s. Name a server that stays.", r.e.ServerName(id), r.out.Servers[id].Lifecycle, r.e.ServerName(img.Owner))
			continue
		}
		near := r.shareSite(id, img.Owner)
		free := r.e.Servers[id].FreeBytes - room[id] - missingBytes(img, id, size)
		better := best == estate.NoServer || cmp.Or(compareBool(near, bestNear), cmp.Compare(free, bestFree)) > 0
		if better {
			best, bestNear, bestFree = id, near, free
		}
	}
	if best == estate.NoServer {
		d.Homeless = true
		return
	}
	room[best] += missingBytes(img, best, size)
	d.Owner, d.OwnerSource, d.OwnerRange = best, OwnerSuccessor, b.LifecycleRange
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (r *resolver) shareSite(a, b estate.ServerID) bool {
	return slices.ContainsFunc(r.e.Servers[a].Sites, func(s string) bool {
		return slices.ContainsFunc(r.e.Servers[b].Sites, func(t string) bool { return estate.Fold(s) == estate.Fold(t) })
	})
}

// imageBytes is the best that is known of an image's size; 0 where nothing tells.
func imageBytes(img *estate.Image) int64 {
	if img.Content != nil && img.Content.Bytes > 0 {
		return img.Content.Bytes
	}
	if c := img.Copy(img.Owner); c != nil {
		return c.Evidence.Bytes
	}
	return 0
}

// missingBytes is what a server still has to download of an image.
func missingBytes(img *estate.Image, id estate.ServerID, size int64) int64 {
	if c := img.Copy(id); c != nil && c.Evidence.Sight == estate.Seen {
		return max(0, size-c.Evidence.Bytes)
	}
	return size
}

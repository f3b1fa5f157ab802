package apply

import (
	"context"
	"fmt"
	"slices"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// keepers are the copies that carry min_copies when a server's role goes: of every
// image with files there, or perhaps with files, the owner's and as many others as
// are needed. A role is taken only while they are verified (P3), and a listing
// verifies nothing where copies are proved by hash: so those that carry no hash in
// the reading are asked for. It touches nothing but the reading and the plan.
func (m *machine) keepers(o *Observation, steps []*plan.Step) []Want {
	var wants []Want
	for _, s := range steps {
		id := o.Index.Server(s.Server)
		if id == estate.NoServer {
			continue
		}
		opt := m.drainOptions(o, s)
		for n := range o.Estate.Images {
			img := &o.Estate.Images[n]
			c := img.Copy(id)
			if c == nil || img.Kind == estate.KindBackup || c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0 {
				continue
			}
			wants = m.keepersOf(o, img, int32(n), id, &opt, wants)
		}
	}
	return wants
}

func (m *machine) keepersOf(o *Observation, img *estate.Image, n int32, leaving estate.ServerID, opt *plan.DrainOptions, wants []Want) []Want {
	word := estate.NoServer
	if opt.Reference != nil {
		word = opt.Reference(n)
	}
	j := o.Estate.Judge(img, word)
	stays := func(c *estate.Copy) bool {
		return c.Server != leaving && c.DeleteAfter == 0 && opt.Stays(o.Estate, &img.Assignment, c.Server)
	}
	ask := func(c *estate.Copy) {
		w := Want{Image: img.GUID, Server: o.Estate.ServerName(c.Server), Hash: true}
		if c.Evidence.Digest.IsZero() && !slices.Contains(wants, w) {
			wants = append(wants, w)
		}
	}
	// What they are compared with is hashed too, be it on the server that goes.
	if ref := &j.Reference; ref.Origin == estate.FromWord || ref.Origin == estate.FromOwner {
		ask(img.Copy(ref.Server))
	}
	need := max(1, opt.MinCopies(n))
	for _, owners := range []bool{true, false} {
		for c := range j.GoodCopies {
			if need > 0 && stays(c) && (c.Server == img.Owner) == owners {
				ask(c)
				need--
			}
		}
	}
	return wants
}

// proveKeepers hashes the keepers of a reading of everything, and puts what was seen
// into it. A copy that turns out not to be good is replaced by the next one, until
// those that are left are all proved.
func (m *machine) proveKeepers(ctx context.Context, w World, o *Observation, steps []*plan.Step) error {
	if m.settings.verify != declared.VerifyHash {
		return nil
	}
	for range len(o.Estate.Servers) + 1 {
		wants := m.keepers(o, steps)
		if len(wants) == 0 {
			return nil
		}
		var images []estate.GUID
		for i := range wants {
			images = append(images, wants[i].Image)
		}
		slices.SortFunc(images, func(a, b estate.GUID) int { return slices.Compare(a[:], b[:]) })
		seen, err := w.Observe(ctx, slices.Compact(images), wants)
		if err != nil {
			return err
		}
		for i := range wants {
			from, to := copyOf(seen, &wants[i]), copyOf(o, &wants[i])
			if from == nil || to == nil || from.Evidence.Digest.IsZero() && from.Evidence.Sight == estate.Seen {
				return fmt.Errorf("the copy of an image on %s could not be hashed", wants[i].Server)
			}
			to.Evidence = from.Evidence
		}
	}
	return nil
}

// copyOf finds a copy in a reading, nil if it is not there.
func copyOf(o *Observation, w *Want) *estate.Copy {
	img := o.Index.ImageByGUID(w.Image)
	switch {
	case img == nil:
		return nil
	case sameName(w.Server, "smp"):
		return img.Copy(estate.SMP)
	}
	return img.Copy(o.Index.Server(w.Server))
}

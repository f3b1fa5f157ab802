package apply

import (
	"context"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// lane is a way of looking: each has its own readings, so that a hash that takes an
// hour holds up nothing else.
type lane uint8

const (
	facts   lane = iota // what the platform says, and listings
	proofs              // copies whose hashes are known already: the reading right before a write
	hashes              // copies whose files are read
	surveys             // everything there is
	lanes
)

// width is how many readings of a lane may be under way, and most how many steps
// one of them serves: all that wait in one batch, and few where each is to be written
// soon.
var (
	laneWidth = [lanes]int{facts: 1, proofs: 1, hashes: 2, surveys: 1}
	laneSteps = [lanes]int{facts: 1 << 20, proofs: 256, hashes: 256, surveys: 256}
)

// hashBytes bounds what one reading hashes where the platform is a real one, so
// that an image goes on soon after its own files were read.
const hashBytes = 32 << 30

// lookSet is what one reading is to look at: images and copies, each once, in the
// order in which the steps ask.
type lookSet struct {
	starts, polls []plan.StepNo
	images        []estate.GUID
	wants         []Want
	whole         []*plan.Step  // whose servers are to be held against law 15, which needs everything
	led           []estate.GUID // whose assignment grows: who would follow whom is to be looked at
	owned         []Want        // images whose owner's copy is compared with, whoever owns them by now
	sync          bool          // the state of membership updates and refreshes is wanted too
	beyond        bool          // a step waits for something that belongs to no image
	haveImage     map[estate.GUID]struct{}
	haveWant      map[place]int
}

func newLookSet() *lookSet {
	return &lookSet{haveImage: map[estate.GUID]struct{}{}, haveWant: map[place]int{}}
}

func (k *lookSet) image(g estate.GUID) {
	if _, has := k.haveImage[g]; !has && !g.IsZero() {
		k.haveImage[g] = struct{}{}
		k.images = append(k.images, g)
	}
}

func (k *lookSet) copy(g estate.GUID, server, location string, hash bool) {
	if server == "" {
		return
	}
	k.image(g)
	at := placeOf(g, server, location)
	if i, has := k.haveWant[at]; has {
		k.wants[i].Hash = k.wants[i].Hash || hash
		return
	}
	k.haveWant[at] = len(k.wants)
	k.wants = append(k.wants, Want{Image: g, Server: server, Location: location, Hash: hash})
}

// laneOf says how a step is looked at.
func (m *machine) laneOf(no plan.StepNo) lane {
	watched := m.state(no) == watching
	switch m.step(no).Op {
	case plan.VerifyCopy, plan.ClearCopy, plan.CopyFiles:
		return hashes
	case plan.SetLocation, plan.TakeOwnership, plan.Unassign:
		if !watched {
			return proofs
		}
	case plan.VerifyDrained:
		return surveys
	case plan.RetireServer:
		if !watched {
			return surveys
		}
	}
	return facts
}

// want adds to a reading what the judgement of a step needs.
func (m *machine) want(no plan.StepNo, k *lookSet) {
	s, watched := m.step(no), m.state(no) == watching
	hash := m.settings.verify == declared.VerifyHash
	k.image(s.Image)
	k.beyond = k.beyond || !waitsForImage(s)
	switch s.Op {
	case plan.WaitCopy:
		m.wantDownload(no, s, k)
	case plan.VerifyCopy:
		if s.After.Location != nil {
			wantLocations(s, k, hash)
		} else {
			m.wantCopies(s, k, hash, s.Server)
		}
	case plan.ClearCopy:
		// Wrong files of the right size are found by their hash alone.
		m.wantCopies(s, k, true, s.Server, s.From)
	case plan.TakeOwnership:
		if !watched {
			m.wantCopies(s, k, hash, append([]string{s.Server, ownerBefore(s)}, s.Before.Verified...)...)
		}
	case plan.Assign:
		if !watched {
			m.wantCopies(s, k, false, s.Servers...)
			k.led = append(k.led, s.Image)
		}
	case plan.Unassign:
		if watched {
			break
		}
		m.wantCopies(s, k, hash, s.Before.Verified...)
		if s.Before.Owner != nil {
			k.copy(s.Image, *s.Before.Owner, "", hash)
		}
		if len(s.Before.Verified) == 0 {
			m.wantCopies(s, k, hash, s.Servers...)
		}
	case plan.CopyFiles, plan.SetLocation:
		if s.Op == plan.CopyFiles || !watched {
			wantLocations(s, k, hash)
		}
	case plan.Convert:
		if !watched {
			k.copy(s.Image, s.Server, "", false)
		}
	case plan.VerifyOwnership:
		if s.Address.Type() == "package_server" {
			for _, g := range m.leaving(s.Server) {
				k.image(g)
			}
		}
	case plan.VerifyDrained, plan.RetireServer:
		if s.Op == plan.VerifyDrained || !watched {
			k.whole = append(k.whole, s)
		}
	}
}

// waitsForImage reports whether all that can come of a step shows on its image, or on
// copies of it.
func waitsForImage(s *plan.Step) bool {
	switch s.Op {
	case plan.WaitCopy, plan.Assign, plan.Unassign, plan.TakeOwnership, plan.SetLocation, plan.Convert:
		return true
	case plan.VerifyOwnership:
		return s.Address.Type() != "package_server"
	}
	return false
}

// addLed asks for the copies that nobody knew before the reading was there: those of
// owners, as somebody may have taken an image over since the plan was made, or the plan
// itself has; and, where an assignment grows, those on servers that are not assigned and
// would follow the owner. It reports whether there are any, and touches nothing but the
// reading.
func (m *machine) addLed(k *lookSet, o *Observation) bool {
	before := len(k.wants)
	for _, w := range k.owned {
		if img := o.Index.ImageByGUID(w.Image); img != nil && img.Owner.IsServer() && o.Estate.Reachable(img.Owner) {
			k.copy(w.Image, o.Estate.ServerName(img.Owner), "", w.Hash)
		}
	}
	for _, g := range k.led {
		img := o.Index.ImageByGUID(g)
		if img == nil || !img.Owner.IsServer() {
			continue
		}
		k.copy(g, o.Estate.ServerName(img.Owner), "", false)
		for i := range img.Copies {
			if c := &img.Copies[i]; c.Server.IsServer() && !o.Estate.Covers(&img.Assignment, c.Server) {
				k.copy(g, o.Estate.ServerName(c.Server), "", false)
			}
		}
	}
	return len(k.wants) > before
}

// wantCopies asks for copies together with those that they are compared with.
func (m *machine) wantCopies(s *plan.Step, k *lookSet, hash bool, servers ...string) {
	k.owned = append(k.owned, Want{Image: s.Image, Hash: hash})
	for _, server := range servers {
		k.copy(s.Image, server, "", hash)
		k.copy(s.Image, m.referenceFor(s.Image, server), "", hash)
	}
	k.copy(s.Image, m.words[s.Image], "", hash)
	k.copy(s.Image, m.snapshotFor(s.Image), "", false)
	if s.Before.Owner != nil {
		k.copy(s.Image, *s.Before.Owner, "", hash)
	}
	if s.Op == plan.VerifyCopy {
		k.copy(s.Image, s.From, "", hash)
	}
}

// wantLocations asks for the files of an image on the SMP, where they are and where
// they are to be.
func wantLocations(s *plan.Step, k *lookSet, hash bool) {
	k.copy(s.Image, "smp", "", hash)
	if s.After.Location != nil {
		k.copy(s.Image, "smp", *s.After.Location, hash)
	}
}

// wantDownload looks at a copy that is on its way, and at the one it is compared
// with only as often as needed: at the start, and when it seems to be complete.
func (m *machine) wantDownload(no plan.StepNo, s *plan.Step, k *lookSet) {
	k.copy(s.Image, s.Server, "", false)
	if l := m.live[no]; l == nil || !l.download.known || l.download.lookAgain {
		k.copy(s.Image, s.From, "", false)
		k.copy(s.Image, m.referenceFor(s.Image, s.Server), "", false)
		k.copy(s.Image, m.words[s.Image], "", false)
	}
}

// take makes the reading. One image is always asked for, so that a reading of
// servers alone is not taken for one of everything.
func (k *lookSet) take(ctx context.Context, w World, any estate.GUID) (*Observation, error) {
	if len(k.whole) > 0 {
		e, err := w.All(ctx, false)
		if err != nil {
			return nil, err
		}
		return &Observation{Estate: e, Index: estate.NewIndex(e)}, nil
	}
	if len(k.images) == 0 {
		k.image(any)
	}
	if len(k.starts) == 0 && !k.sync && !k.beyond {
		return w.Again(ctx, k.images, k.wants)
	}
	return w.Observe(ctx, k.images, k.wants)
}

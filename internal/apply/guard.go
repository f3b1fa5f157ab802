package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// riskOf is the risk of a step: what the plan says, and never less than its operation
// carries by itself.
func riskOf(s *plan.Step) plan.Risk {
	switch {
	case s.Risk != plan.NoRisk:
		return s.Risk
	case s.Op == plan.TakeOwnership:
		return plan.OriginMoves
	case s.Op == plan.Unassign || s.Op == plan.ClearCopy || s.Op == plan.RetireServer:
		return plan.DeletesData
	}
	return plan.NoRisk
}

func risky(s *plan.Step) bool { return riskOf(s) != plan.NoRisk }

// tooOld says that evidence is older than the policy allows for a decision (P2).
func (m *machine) tooOld(name string, at estate.Time, now time.Time) error {
	most := m.settings.policy.EvidenceMaxAge
	if most <= 0 || at.IsZero() || m.settings.weaken.Evidence {
		return nil
	}
	if age := now.Sub(at.Time()); age > most {
		return fmt.Errorf("the copy on %s was looked at %s ago, more than evidence_max_age allows (%s)", name, brief(age), brief(most))
	}
	return nil
}

// lastCopyStays holds a smaller assignment against P1, whatever else was checked:
// where a copy that goes is good, or may be, another one is seen good and stays.
func (m *machine) lastCopyStays(s *plan.Step, v *view, img *estate.Image, after *estate.Assignment) error {
	if m.settings.weaken.LastCopy {
		return nil
	}
	e := m.weigh(v, img)
	lost := ""
	for i := range img.Copies {
		c := &img.Copies[i]
		good := e.class(c.Server) == estate.Good
		switch keeps := c.Server == img.Owner || !c.Server.IsServer() || v.Estate.Covers(after, c.Server); {
		case keeps && good && c.DeleteAfter.IsZero() && m.tooOld("", c.Evidence.CheckedAt, v.now) == nil:
			return nil
		case keeps || !v.Estate.Reachable(c.Server):
		case c.Evidence.Sight != estate.Seen || mayBeGood(&e, c):
			lost = v.Estate.ServerName(c.Server)
		}
	}
	if lost == "" {
		return nil
	}
	return fmt.Errorf("the copy on %s is good, or may be, and no other good copy of %s was seen that stays; nothing is taken away", lost, s.Name)
}

// lastCopies names the images whose last good copy goes when a server's role is
// removed. Copies on servers that go as well do not count.
func lastCopies(o *Observation, id estate.ServerID, opt *plan.DrainOptions) []string {
	var names []string
	var room []estate.Class
	for n := range o.Estate.Images {
		img := &o.Estate.Images[n]
		if img.Kind == estate.KindBackup || img.Copy(id) == nil {
			continue
		}
		word := estate.NoServer
		if opt.Reference != nil {
			word = opt.Reference(int32(n))
		}
		j := o.Estate.JudgeInto(img, word, room)
		room = j.Classes()
		if j.Class(id) != estate.Good {
			continue
		}
		stays := false
		for c := range j.GoodCopies {
			gone := c.Server == id || c.Server.IsServer() && opt.Retired(c.Server)
			stays = stays || !gone && c.DeleteAfter.IsZero()
		}
		if !stays {
			names = append(names, img.Name)
		}
	}
	return names
}

// guard holds the refreshes in line against a reading taken for them (P1): a server
// that is refreshed deletes copies whose mark has come due, and follows an owner whose
// content is not good, of any image, in the plan or not. A plan knows what was so when
// it was made; this is what is so now.
func (l *loop) guard(now time.Time) {
	for _, no := range l.m.byHand {
		l.guarded = append(l.guarded, task{step: no})
	}
	l.m.byHand = nil
	if len(l.guarded) == 0 || l.guarding || l.blinded {
		return
	}
	tasks := l.guarded
	l.guarded = nil
	if l.Options.Weaken.LastCopy {
		l.refresh(tasks, nil, nil)
		return
	}
	var servers []string
	byHand := false
	for _, t := range tasks {
		if t.refresh != nil {
			servers = append(servers, t.refresh.server)
		} else {
			byHand = true
			servers = append(servers, refreshedBy(l.m.step(t.step))...)
		}
	}
	l.guarding = true
	due := estate.TimeOf(now.Add(l.Options.Policy.Timeouts.Sync))
	ctx := numbered(l.looks, l.next)
	l.spawn("a reading before a refresh", func() func() {
		v, err := l.m.endangered(ctx, l.World, servers, due)
		var sync *platform.SyncState
		if err == nil && byHand {
			sync, err = l.World.ReadSync(ctx)
			if untold(err) {
				err = nil
			}
		}
		return func() {
			l.guarding = false
			if err != nil {
				l.guarded = append(tasks, l.guarded...)
				l.unseen(err, l.World.Now())
				return
			}
			l.blind = blindness{}
			l.refresh(tasks, l.m.unsafeRefreshes(v, due), sync)
			l.syncDue = true
		}
	})
}

// refresh puts refreshes in line, before the requests of steps, but for those that are
// not safe.
func (l *loop) refresh(tasks []task, unsafe map[string]error, sync *platform.SyncState) {
	for _, t := range tasks {
		switch {
		case t.refresh == nil:
			if l.m.state(t.step) != looking || l.m.doneByHand(t.step, sync) {
				continue
			}
			if l.m.handOver(t.step, unsafe, l.World.Now()) && !l.m.handedOver(t.step) {
				l.intend(t.step, nil)
				l.record(RecordRequested, t.step, leftToOperator)
			}
		case unsafe[estate.Fold(t.refresh.server)] != nil:
			t.refresh.asking, t.refresh.unsafe = false, unsafe[estate.Fold(t.refresh.server)]
		default:
			t.guarded = l.World.Now()
			at := slices.IndexFunc(l.queue, func(o task) bool { return o.refresh == nil })
			if at < 0 {
				at = len(l.queue)
			}
			l.queue = slices.Insert(l.queue, at, t)
		}
	}
}

// refreshGoes reports whether a refresh in line is still to be asked for. One that waited
// long for a free worker is held against a new reading first.
func (l *loop) refreshGoes(t task, now time.Time) bool {
	t.refresh.asking = l.m.openRound(t.round)
	if t.refresh.asking && now.Sub(t.guarded) > staleAfter {
		l.guarded = append(l.guarded, t)
		return false
	}
	return t.refresh.asking
}

// gather takes out of the line what the request for a refresh serves as well: a server
// that fetches its policy fetches it for all rounds.
func (l *loop) gather(t task, now time.Time) task {
	l.queue = slices.DeleteFunc(l.queue, func(o task) bool {
		same := o.refresh != nil && sameName(o.refresh.server, t.refresh.server) && l.byHand(o.round, o.refresh) == l.byHand(t.round, t.refresh)
		if same && l.refreshGoes(o, now) {
			t.with = append(t.with, o)
		}
		return same
	})
	return t
}

// endangered reads the images that a refresh of some servers could harm, with all of
// their copies looked at. Most estates have none: then nothing more is looked at than
// the owners' copies. Where assignments are second-hand they do not say for sure who
// holds a copy, so all owners are looked at, and of what is in danger the platform itself
// is asked. Where a person's word says what is right, that tells of every owner. It
// touches nothing but the readings and the plan.
func (m *machine) endangered(ctx context.Context, w World, servers []string, due estate.Time) (*view, error) {
	secondhand := w.Describe().Secondhand
	k, marked := newLookSet(), map[estate.GUID]bool{}
	var words map[estate.GUID]string
	o, err := w.Glance(ctx, func(o *Observation) []Want {
		words = m.wordsIn(o)
		refreshed := map[estate.ServerID]bool{}
		for _, name := range servers {
			if id := o.Index.Server(name); id != estate.NoServer {
				refreshed[id] = true
			}
		}
		for n := range o.Estate.Images {
			img := &o.Estate.Images[n]
			if img.Kind == estate.KindBackup {
				continue
			}
			for i := range img.Copies {
				if c := &img.Copies[i]; secondhand || refreshed[c.Server] {
					marked[img.GUID] = marked[img.GUID] || overdue(o.Estate, img, c, due) || ownerDue(o.Estate, img, due) || words[img.GUID] != ""
					k.copy(img.GUID, o.Estate.ServerName(img.Owner), "", false)
				}
			}
			if marked[img.GUID] {
				k.image(img.GUID)
			}
		}
		return k.wants
	})
	if err != nil || len(k.images) == 0 {
		return nil, err
	}
	suspects := newLookSet()
	for _, g := range k.images {
		img := o.Index.ImageByGUID(g)
		j := o.Estate.Judge(img, estate.NoServer)
		if !marked[g] && !spoils(o.Estate, img, &j, j.OwnerClass) {
			continue
		}
		suspects.copy(g, words[g], "", false)
		suspects.copies(o.Estate, img)
	}
	if len(suspects.images) == 0 {
		return nil, nil
	}
	if secondhand {
		o, err := w.Observe(ctx, suspects.images, nil)
		if err != nil {
			return nil, err
		}
		for n := range o.Estate.Images {
			suspects.copies(o.Estate, &o.Estate.Images[n])
		}
	}
	if o, err = w.Observe(ctx, suspects.images, suspects.wants); err != nil {
		return nil, err
	}
	v := newView(o, suspects.wants, w.Now())
	v.words = words
	return v, nil
}

// copies asks for every copy of an image that a reading knows.
func (k *lookSet) copies(e *estate.Estate, img *estate.Image) {
	for i := range img.Copies {
		k.copy(img.GUID, e.ServerName(img.Copies[i].Server), "", false)
	}
}

// wordsIn are the servers that a person named as reference: of the images of the plan,
// and of all others that are declared, where the run knows what is.
func (m *machine) wordsIn(o *Observation) map[estate.GUID]string {
	words := maps.Clone(m.words)
	if m.settings.drain == nil {
		return words
	}
	opt := m.settings.drain(o)
	if opt.Reference == nil {
		return words
	}
	for n := range o.Estate.Images {
		if id := opt.Reference(int32(n)); id != estate.NoServer {
			words[o.Estate.Images[n].GUID] = o.Estate.ServerName(id)
		}
	}
	return words
}

// overdue reports whether a refresh before a moment would delete a copy. One that is
// assigned again is unmarked by that refresh.
func overdue(e *estate.Estate, img *estate.Image, c *estate.Copy, due estate.Time) bool {
	return c.DueBy(due) && !e.Covers(&img.Assignment, c.Server)
}

// ownerDue reports whether the owner's own copy would be deleted by a refresh of it.
func ownerDue(e *estate.Estate, img *estate.Image, due estate.Time) bool {
	c := img.Copy(img.Owner)
	return c != nil && overdue(e, img, c, due)
}

// spoils reports whether servers that follow the owner would lose what they have
// (law 4), or may: it is up and its copy is not good, or cannot be seen, or the content
// that the platform knows of it is not the one that a person named.
func spoils(e *estate.Estate, img *estate.Image, j *estate.Judgement, owner estate.Class) bool {
	if img.Owner == estate.NoServer || owner == estate.Good {
		return false
	}
	return e.Reachable(img.Owner) && (owner != estate.ClassUnknown || hidden(img)) || j.Contested
}

// hidden reports whether the owner's copy was looked at and could not be seen: whoever
// follows it then follows what nobody knows.
func hidden(img *estate.Image) bool {
	c := img.Copy(img.Owner)
	return c != nil && c.Evidence.Sight == estate.NotSeen
}

// unsafeRefreshes says which servers are not to be refreshed, because that would
// destroy the last good copy of an image there.
func (m *machine) unsafeRefreshes(v *view, due estate.Time) map[string]error {
	if v == nil {
		return nil
	}
	unsafe := map[string]error{}
	for n := range v.Estate.Images {
		img := &v.Estate.Images[n]
		e := m.weigh(v, img)
		// An owner whose own copy is due to go will be one without files, and is followed.
		bad := spoils(v.Estate, img, &e.judgement, e.class(img.Owner)) || ownerDue(v.Estate, img, due)
		// Which of several copies would be left last, nobody knows: their servers refresh
		// by themselves, too. So none of them is asked to.
		var harmed, staying []*estate.Copy
		stays := false
		for i := range img.Copies {
			c := &img.Copies[i]
			switch {
			case !mayBeGood(&e, c):
			case c.Server.IsServer() && (overdue(v.Estate, img, c, due) || bad && c.Server != img.Owner):
				harmed = append(harmed, c)
			default:
				staying = append(staying, c)
				stays = stays || e.class(c.Server) == estate.Good
			}
		}
		if stays {
			continue
		}
		for _, c := range harmed {
			if slices.ContainsFunc(staying, func(s *estate.Copy) bool { return alike(&s.Evidence, &c.Evidence) }) {
				continue // what nobody can judge stays elsewhere as it is here
			}
			if name := v.Estate.ServerName(c.Server); unsafe[estate.Fold(name)] == nil {
				unsafe[estate.Fold(name)] = fmt.Errorf("a refresh of %s would destroy the last good copy of %s%s; save that copy first: make %s its owner, or copy its files aside", name, img.Name, whyHidden(v.Estate, img), name)
			}
		}
	}
	return unsafe
}

// alike reports whether two copies hold the same, as far as was seen.
func alike(a, b *estate.Evidence) bool {
	if !a.Digest.IsZero() && !b.Digest.IsZero() {
		return a.Digest == b.Digest
	}
	return !a.Listing.IsZero() && a.Listing == b.Listing
}

// whyHidden says that it is not known what the owner's copy is.
func whyHidden(e *estate.Estate, img *estate.Image) string {
	if !hidden(img) || !e.Reachable(img.Owner) {
		return ""
	}
	return fmt.Sprintf(" if the copy of its owner %s, which cannot be seen (%s), is not good", e.ServerName(img.Owner), img.Copy(img.Owner).Evidence.Error)
}

// mayBeGood reports whether a copy is good, or holds files that nothing is there now to
// be compared with: what may be the last good copy is not risked. That it differs from
// what was proved earlier in this run does not make it bad: that was the owner's, and
// the owner has it no more.
func mayBeGood(e *evidence, c *estate.Copy) bool {
	unjudged := e.judgement.Reference.Origin == estate.NoReference
	return e.class(c.Server) == estate.Good || unjudged && c.Evidence.Sight == estate.Seen && c.Evidence.Files > 0
}

package plan

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
)

// hazards finds what a refresh would destroy. A sync is not harmless: a server
// that is refreshed deletes copies whose mark is overdue, and follows an owner
// whose content is not good; and an owner that is refreshed makes its snapshot
// anew, so that all others follow it (law 4). That goes for every image, declared
// or not. Where the last good copy would be destroyed, the server is not refreshed
// by this plan. It reports whether it had to refuse a move for that.
func (b *builder) hazards() (refused bool) {
	clear(b.fatal)
	clear(b.risky)
	clear(b.harms)
	clear(b.behind)
	mending := make(map[int32]estate.ServerID, 8) // image -> the server that takes before any refresh
	saving := map[int32][]estate.ServerID{}
	for i := range b.moves {
		m := &b.moves[i]
		if m.whole {
			continue
		}
		if m.ownerBad && m.OwnerMoves() && m.stop == "" {
			mending[m.Image] = m.Path[1]
		}
		if len(m.Saves) > 0 {
			saving[m.Image] = m.Saves
		}
	}
	var room []estate.Class
	for n := range b.e.Images {
		img := &b.e.Images[n]
		word := estate.NoServer
		if d := b.Resolved.Of(int32(n)); d != nil {
			word = d.Reference
		}
		if !mayBeHazardous(img, word) {
			continue
		}
		j := b.e.JudgeInto(img, word, room)
		safe, mended := mending[int32(n)]
		b.hazard(int32(n), &j, safe, mended, saving[int32(n)])
		room = j.Classes()
	}
	for i := range b.moves {
		refused = b.refuseFatal(&b.moves[i]) || refused
	}
	return refused
}

// mayBeHazardous is a quick look that spares judging most images.
func mayBeHazardous(img *estate.Image, word estate.ServerID) bool {
	if img.Kind == estate.KindBackup {
		return false
	}
	if word != estate.NoServer { // by a person's word any owner may be wrong
		return true
	}
	for i := range img.Copies {
		c := &img.Copies[i]
		if c.DeleteAfter != 0 {
			return true
		}
		if c.Server != img.Owner || c.Evidence.Sight != estate.Seen {
			continue
		}
		if img.Content == nil && c.Evidence.Files == 0 || img.Content != nil && c.Evidence.Against(img.Content) != estate.Good || c.ShortOfSnapshot() != nil {
			return true
		}
	}
	return false
}

// misleads reports whether servers that follow the owner would lose what is right:
// it is up and its copy is not good, or its content is not the one that a person named.
func misleads(e *estate.Estate, j *estate.Judgement, owner estate.ServerID) bool {
	seen := e.Reachable(owner) && j.OwnerClass != estate.Good && j.OwnerClass != estate.ClassUnknown
	return seen || j.Contested && j.OwnerClass != estate.Good
}

// refuseDoomedSource blocks a move whose downloads would come from an owner that will
// delete its copy at its next refresh, and that the plan cannot save: it is not known to
// be assigned, before or after.
func (b *builder) refuseDoomedSource(m *moving) {
	img := m.delta.Image
	c := img.Copy(img.Owner)
	if m.whole || len(m.Creates) == 0 || c == nil || c.DeleteAfter == 0 || !b.ownerServes(m) || b.e.Covers(&m.Between, img.Owner) {
		return
	}
	name := b.e.ServerName(img.Owner)
	b.block(m, codeOwnerBad, img.Owner, true, fmt.Sprintf(
		"The copy on the owner %s is marked for deletion, and %s is not known to be assigned: its next refresh may delete what the others would download. Declare `assignment` for the image, with %s in it.", name, name, name))
}

// refuseMisleading blocks a move that would assign a server whose files would then
// follow an owner that has no good copy, and that the plan does not replace first.
func (b *builder) refuseMisleading(m *moving) {
	img := m.delta.Image
	if m.whole || m.OwnerMoves() || !misleads(b.e, &m.Judged, img.Owner) {
		return
	}
	for i := range img.Copies {
		c := &img.Copies[i]
		id := c.Server
		gains := id.IsServer() && id != img.Owner && b.e.Covers(&m.Between, id) && !b.e.Covers(&m.delta.Start, id)
		if !gains || c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0 {
			continue
		}
		class := m.Judged.Class(id)
		if class != estate.Good && class != estate.ClassUnknown {
			continue
		}
		b.block(m, codeOwnerBad, img.Owner, true, fmt.Sprintf(
			"The copy on the owner %s is %s. %s holds a copy that is good, or may be: once assigned, it would follow the owner's content. Declare %s as the owner, or copy its files aside first.",
			b.e.ServerName(img.Owner), m.Judged.OwnerClass, b.e.ServerName(id), b.e.ServerName(id)))
		return
	}
}

// hazard finds what refreshes would destroy of one image. safe is the server that takes
// it before any refresh (mended), saved are those whose copies are assigned again first.
func (b *builder) hazard(n int32, j *estate.Judgement, safe estate.ServerID, mended bool, saved []estate.ServerID) {
	img := &b.e.Images[n]
	bad := misleads(b.e, j, img.Owner) || b.ownerGoes(img, saved)
	var spoiled, later []estate.ServerID
	stays, first := false, false
	b.noteHarm(n, j, bad)
	for c := range j.GoodCopies {
		overdue := c.DueBy(b.e.TakenAt) && !slices.Contains(saved, c.Server)
		if overdue {
			b.risky[c.Server] = true
		}
		switch follows := bad && c.Server != img.Owner; {
		case !c.Server.IsServer():
			stays = true
		case overdue && !b.e.Covers(&img.Assignment, c.Server): // else the refresh takes the mark away (law 7)
			spoiled = append(spoiled, c.Server)
		case follows && mended && c.Server != safe: // it follows the emptiness too, until another one has taken
			later = append(later, c.Server)
		case follows && !mended:
			b.risky[c.Server] = true
			spoiled = append(spoiled, c.Server)
		case slices.Contains(saved, c.Server):
			first = true
		default:
			stays = true
		}
	}
	switch {
	case !stays && !first: // each, not all but one: their servers refresh by themselves as well, in any order
		for _, id := range spoiled {
			b.neverRefresh(id, n)
		}
	case !stays: // all that stays is what is assigned again first
		later = append(later, spoiled...)
	}
	if len(later) > 0 {
		b.behind[n] = later
	}
	if bad && !mended && len(spoiled) > 0 && img.Owner.IsServer() {
		b.risky[img.Owner] = true
		b.neverRefresh(img.Owner, n)
	}
}

// ownerGoes reports whether the owner's own copy goes with its next refresh (law 7 makes
// no exception for it), so that the others follow an owner without files.
func (b *builder) ownerGoes(img *estate.Image, saved []estate.ServerID) bool {
	c := img.Copy(img.Owner)
	return c != nil && b.e.Reachable(img.Owner) && c.DueBy(b.e.TakenAt) &&
		!b.e.Covers(&img.Assignment, img.Owner) && !slices.Contains(saved, img.Owner)
}

// noteHarm notes which servers nobody should refresh by hand before the plan has
// run, though it may well mend or save what that would destroy. By hand there may be no
// membership update first: then a server knows nothing of what it was assigned again.
func (b *builder) noteHarm(n int32, j *estate.Judgement, bad bool) {
	owner := b.e.Images[n].Owner
	for c := range j.GoodCopies {
		overdue := c.DueBy(b.e.TakenAt)
		follows := bad && c.Server != owner
		if overdue || follows {
			b.harms[c.Server] = append(b.harms[c.Server], n)
		}
		if harmed := b.harms[owner]; follows && (len(harmed) == 0 || harmed[len(harmed)-1] != n) {
			b.harms[owner] = append(harmed, n)
		}
	}
}

// neverRefresh notes a server whose refresh would destroy the last good copy of an image,
// or one of several that a refresh each would destroy.
func (b *builder) neverRefresh(id estate.ServerID, image int32) {
	if _, have := b.fatal[id]; !have {
		b.fatal[id] = image
	}
}

// refuseFatal blocks a move that needs a refresh of a server on which that would
// destroy the last good copy of some image.
func (b *builder) refuseFatal(m *moving) bool {
	if m.whole || len(b.fatal) == 0 {
		return false
	}
	for _, id := range slices.Concat(m.Path[1:], m.Creates, m.Saves) {
		n, fatal := b.fatal[id]
		if !fatal {
			continue
		}
		b.block(m, codeLastCopy, id, true, fmt.Sprintf(
			"The plan would have to refresh %s, and that would destroy %s. Save that copy first: declare a server that holds it as its owner, or copy its files aside.",
			b.e.ServerName(id), b.lastOf(n, id)))
		return true
	}
	return false
}

// lastOf names what a refresh of a server would destroy: the last good copy of an image,
// or one of several that each go the same way.
func (b *builder) lastOf(n int32, id estate.ServerID) string {
	img := &b.e.Images[n]
	word := estate.NoServer
	if d := b.Resolved.Of(n); d != nil {
		word = d.Reference
	}
	j := b.e.Judge(img, word)
	var others []estate.ServerID
	for c := range j.GoodCopies {
		if c.Server != id {
			others = append(others, c.Server)
		}
	}
	owner := b.e.ServerName(img.Owner)
	if img.Copy(img.Owner) == nil || !b.e.Reachable(img.Owner) {
		owner += " cannot be reached"
	} else {
		owner += " has a copy that is " + j.OwnerClass.String()
	}
	switch {
	case len(others) == 0 || id == img.Owner && len(others) == 1:
		return fmt.Sprintf("the last good copy of %s, whose owner %s", img.Name, owner)
	case id == img.Owner: // all others follow it
		return fmt.Sprintf("the last good copies of %s, whose owner %s", img.Name, owner)
	}
	return fmt.Sprintf("one of the last good copies of %s (%s may lose its own at any time), whose owner %s", img.Name, strings.Join(b.serverNames(others), " and "), owner)
}

// reach is a set of servers to refresh.
type reach struct {
	ids     []estate.ServerID
	names   []string
	skipped []string
}

// reachable splits servers into those to refresh and those to skip: off, or with
// a last good copy that a refresh would destroy.
func (b *builder) reachable(ids []estate.ServerID) reach {
	var r reach
	var skipped []estate.ServerID
	for _, id := range ids {
		_, fatal := b.fatal[id]
		switch {
		case !id.IsServer() || slices.Contains(r.ids, id) || slices.Contains(skipped, id):
		case !b.e.Reachable(id) || fatal:
			skipped = append(skipped, id)
		default:
			r.ids = append(r.ids, id)
		}
	}
	slices.Sort(r.ids)
	r.names, r.skipped = b.serverNames(r.ids), b.serverNames(skipped)
	return r
}

package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/diff"
	"pslan/internal/estate"
)

// The codes by which the planner blocks.
const (
	codeNoReference  = "PSL107"
	codeOwnerBad     = "PSL108"
	codeUnseen       = "PSL105"
	codeBare         = "PSL101"
	codeWrong        = "PSL103"
	codeDoubt        = "PSL110"
	codeLastCopy     = "PSL201"
	codeLost         = "PSL202"
	codeFewCopies    = "PSL203"
	codeOwnerLoses   = "PSL302"
	codeOwnerLeftOut = "PSL304"
	codeRetiredOwns  = "PSL402"
	codeSiteBare     = "PSL404"
	codeNoRoom       = "PSL405"
	codeEmptyConvert = "PSL502"
	codePCT          = "PSL503"
	codeBackup       = "PSL506"
	codeLocation     = "PSL507"
	codePreboot      = "PSL508"
)

// move decides the path of one image: which owners it passes, which assignments
// it needs, and whether it can be done at all.
func (b *builder) move(d *diff.Delta) {
	m := moving{
		Move:    Move{Desired: d.Desired, Image: d.Desired.Image, Judged: d.Judged, Final: d.Assignment, Between: d.Start, Creates: d.Creates},
		delta:   d,
		address: d.Desired.Address,
		names:   stepNames{image: d.Image.GUID, pack: d.Image.Package, name: d.Image.Name, label: d.Desired.Address.Name()},
	}
	m.Path, m.reached = []estate.ServerID{d.Image.Owner}, d.Image.Owner
	if b.raise(&m); !m.whole {
		b.choosePath(&m)
	}
	if !m.whole {
		b.chooseAssignments(&m)
		b.refuseMisleading(&m)
	}
	if !m.whole {
		b.chooseCopies(&m)
		b.refuseDoomedSource(&m)
	}
	b.moves = append(b.moves, m)
}

// raise blocks a move by findings that the policy made errors.
func (b *builder) raise(m *moving) {
	for _, r := range b.raised[m.address] {
		b.block(m, r.Code, estate.NoServer, true, r.Detail)
	}
}

// choosePath finds the owners that the image passes through.
func (b *builder) choosePath(m *moving) {
	d, img := m.delta, m.delta.Image
	switch {
	case img.Owner == estate.NoServer:
		b.block(m, codeDoubt, estate.NoServer, true, "The platform does not say who owns the image, or its sources disagree. Nothing is done to an image whose owner is in doubt.")
		return
	case img.Owner == estate.SMP:
		b.chooseLocation(m)
		return
	case d.Converts:
		if class := m.Judged.Class(img.Owner); class.IsBare() {
			b.block(m, codeEmptyConvert, img.Owner, true, fmt.Sprintf("The legacy folder on %s holds no file (%s).", b.e.ServerName(img.Owner), class))
			return
		}
	}
	if !d.OwnerMoves && !d.Repairs {
		b.stay(m)
		return
	}
	up := b.e.Reachable(img.Owner)
	m.ownerBad = misleads(b.e, &m.Judged, img.Owner)
	switch {
	case !b.e.Reachable(d.Owner):
		b.block(m, codeUnseen, d.Owner, true, fmt.Sprintf("%s cannot be reached, so its copy can neither come nor be seen.", b.e.ServerName(d.Owner)))
	case up && !m.ownerBad:
		m.Path = append(m.Path, d.Owner)
		m.TakeWaits = m.Judged.Class(d.Owner) != estate.Good
	default:
		b.detour(m)
	}
}

// stay is for an image whose owner does not change: copies that have to come are
// downloaded from it.
func (b *builder) stay(m *moving) {
	d, img := m.delta, m.delta.Image
	if len(d.Creates) == 0 {
		return
	}
	up := b.e.Reachable(img.Owner)
	switch class := m.Judged.OwnerClass; {
	case !up && m.Judged.Lost():
		b.block(m, codeLost, img.Owner, true, fmt.Sprintf("%s owns the image and cannot be reached, and no other server was seen with a good copy.", b.e.ServerName(img.Owner)))
	case !up:
		b.stopBefore(m, Sync, codeOwnerBad, img.Owner, fmt.Sprintf("%s owns the image and cannot be reached: nobody can download from it. Declare another owner, and the plan goes through a server that has the files.", b.e.ServerName(img.Owner)))
	case class != estate.Good && class != estate.ClassUnknown:
		m.ownerBad = true
		b.block(m, codeOwnerBad, img.Owner, true, fmt.Sprintf("The copy on the owner %s is %s. What others would download from it is not the image.", b.e.ServerName(img.Owner), class))
	}
}

// detour is for an owner that is gone or whose copy is not good: straight to the
// final owner if its copy is good, else through the best server that has one.
func (b *builder) detour(m *moving) {
	d, img := m.delta, m.delta.Image
	if m.Judged.Class(d.Owner) == estate.Good && d.Owner != img.Owner {
		m.Path = append(m.Path, d.Owner)
		b.mustBeSafe(m, d.Owner)
		return
	}
	middle := b.bestHolder(m)
	if middle == estate.NoServer {
		b.lost(m)
		return
	}
	m.Path = append(m.Path, middle, d.Owner)
	m.TakeWaits = true
	b.mustBeSafe(m, middle)
}

// mustBeSafe refuses a first hop to a server that would lose or spoil its good
// copy before it could take ownership: where the owner is up and its copy is not
// good, every refresh of that server makes it follow the owner (law 4).
func (b *builder) mustBeSafe(m *moving, id estate.ServerID) {
	if !m.ownerBad {
		return
	}
	c := m.delta.Image.Copy(id)
	marked := c != nil && c.DeleteAfter != 0
	if b.e.Covers(&m.delta.Image.Assignment, id) && !marked {
		return
	}
	why := "is not assigned"
	if marked {
		why = "is marked for deletion there"
	}
	b.block(m, codeOwnerBad, m.delta.Image.Owner, true, fmt.Sprintf(
		"The copy on the owner %s is %s. %s holds a good copy, but the image %s; the refresh that would mend this would also make it follow the owner's content. Copy its files aside first.",
		b.e.ServerName(m.delta.Image.Owner), m.Judged.OwnerClass, b.e.ServerName(id), why))
}

// lost blocks an image of which no good copy was seen.
func (b *builder) lost(m *moving) {
	img, d := m.delta.Image, m.delta
	var seen []string
	for i := range img.Copies {
		c := &img.Copies[i]
		seen = append(seen, fmt.Sprintf("%s: %s", b.e.ServerName(c.Server), b.copyWord(m, c)))
	}
	at := "no copy is known anywhere"
	if len(seen) > 0 {
		at = strings.Join(seen, "; ")
	}
	owner := b.e.ServerName(img.Owner)
	if m.ownerBad {
		b.block(m, codeOwnerBad, img.Owner, true, fmt.Sprintf("The copy on the owner %s is %s.", owner, m.Judged.OwnerClass))
	}
	b.block(m, codeLost, d.Owner, true, fmt.Sprintf("No server was seen with a good copy (%s).", at))
	if m.Judged.Reference.Origin == estate.NoReference && slices.ContainsFunc(img.Copies, func(c estate.Copy) bool { return c.Evidence.Files > 0 }) {
		b.block(m, codeNoReference, estate.NoServer, true, "There is nothing to compare its copies with, so those that were seen cannot be judged.")
	}
	if m.Judged.Class(d.Owner).IsBare() && b.e.Covers(&img.Assignment, d.Owner) {
		b.block(m, codeBare, d.Owner, true, fmt.Sprintf("%s is assigned and holds no file, and there is no server left to download from.", b.e.ServerName(d.Owner)))
	}
}

// copyWord says what is known of a copy that is not good.
func (b *builder) copyWord(m *moving, c *estate.Copy) string {
	switch {
	case !b.e.Reachable(c.Server):
		return "off"
	case c.Evidence.Sight == estate.NotSeen:
		return "could not be seen"
	case c.Evidence.Sight == estate.NotLooked:
		return "not looked at"
	}
	return m.Judged.Class(c.Server).String()
}

// bestHolder picks the server in between: one with a good copy that stays, then
// one in a site of the final owner, then the one with the most room, then by name.
func (b *builder) bestHolder(m *moving) estate.ServerID {
	d, img := m.delta, m.delta.Image
	best, bestRank := estate.NoServer, [3]int64{}
	for c := range m.Judged.GoodCopies {
		id := c.Server
		if !id.IsServer() || id == img.Owner || id == d.Owner || !b.e.Reachable(id) {
			continue
		}
		safe := int64(1)
		if m.ownerBad && (c.DeleteAfter != 0 || !b.e.Covers(&img.Assignment, id)) {
			safe = 0
		}
		rank := [3]int64{safe*2 + boolRank(!b.Resolved.Leaving(id)), boolRank(b.shareSite(id, d.Owner)), b.e.Servers[id].FreeBytes}
		if best == estate.NoServer || slices.Compare(rank[:], bestRank[:]) > 0 {
			best, bestRank = id, rank
		}
	}
	return best
}

func boolRank(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

func (b *builder) shareSite(x, y estate.ServerID) bool {
	a := estate.Assignment{Mode: estate.AssignSites, Sites: b.e.Servers[y].Sites}
	return b.e.Covers(&a, x)
}

// chooseLocation is for an image kept on the SMP.
func (b *builder) chooseLocation(m *moving) {
	if !m.delta.LocationMoves {
		return
	}
	b.stopUnhashed(m)
	if m.Judged.Reference.Origin == estate.NoReference {
		b.stopBefore(m, VerifyCopy, codeNoReference, estate.SMP, "There is nothing to compare copies with: the files at the present location cannot be read.")
	}
}

// names of servers for messages, in name order.
func (b *builder) serverNames(ids []estate.ServerID) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = b.e.ServerName(id)
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Compare(estate.Fold(x), estate.Fold(y)) })
	return names
}

package plan

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// chooseAssignments decides the assignment between and after. While a move runs
// the assignment only ever grows (P4); what has to shrink shrinks at the end.
func (b *builder) chooseAssignments(m *moving) {
	d, img := m.delta, m.delta.Image
	if img.Owner == estate.SMP {
		return
	}
	start := &d.Start
	members, known := b.Index.Members(start)
	if !known && d.Desired.Assignment == nil {
		b.chooseUnknown(m, start)
		return
	}
	must := slices.Clone(m.Path[1:])
	if b.sourceMarked(m) {
		must = append(must, img.Owner)
	}
	if !known { // nobody knows who is a member: every server that holds files is taken for one
		members = b.holders(img, members)
	}
	if d.Desired.Assignment == nil {
		m.Between = *start
		for _, id := range must {
			m.Between = b.e.Add(&m.Between, id)
		}
		m.Final = b.withoutRetired(m.Between)
	} else {
		m.Final = d.Assignment
		m.Between = b.between(start, &m.Final, members, known, must)
	}
	b.gainsAndLosses(m, members)
	b.checkOwnerKept(m)
}

// between finds the smallest usual assignment that covers the start, the end and
// the servers that the image passes through.
func (b *builder) between(start, final *estate.Assignment, members []estate.ServerID, known bool, must []estate.ServerID) estate.Assignment {
	ends, endsKnown := b.Index.Members(final)
	switch {
	case b.coversAll(final, members) && b.coversAll(final, must) && endsKnown:
		return *final
	case known && b.coversAll(start, ends) && b.coversAll(start, must) && endsKnown:
		return *start
	case start.Mode == estate.AssignAll:
		return *start
	case start.Mode == estate.AssignSites && (final.Mode == estate.AssignSites || final.Mode == estate.AssignAutomatic):
		wide := estate.SitesOf(slices.Concat(start.Sites, final.Sites)...)
		for _, id := range must {
			wide = b.e.Add(&wide, id)
		}
		return wide
	}
	return estate.ServersOf(slices.Concat(members, ends, must)...)
}

func (b *builder) coversAll(a *estate.Assignment, ids []estate.ServerID) bool {
	return !slices.ContainsFunc(ids, func(id estate.ServerID) bool { return !b.e.Covers(a, id) })
}

// chooseUnknown is for a mode whose members are not known and no declared assignment.
func (b *builder) chooseUnknown(m *moving, start *estate.Assignment) {
	m.Between, m.Final = *start, *start
	var out []estate.ServerID
	for _, id := range m.Path[1:] {
		if !b.e.Covers(start, id) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return
	}
	mode := "automatic, so its members are not known"
	if start.Mode == estate.AssignUnknown {
		mode = "not told by the platform"
	}
	b.block(m, "PSL301", out[0], true, fmt.Sprintf(
		"The assignment of the image is %s, and %s may not be a member. Adding it would mean to replace a list that nobody can see. Declare `assignment` for the image.",
		mode, strings.Join(b.serverNames(out), " and ")))
}

// holders adds every server that has files, or may have, to a list of members.
func (b *builder) holders(img *estate.Image, members []estate.ServerID) []estate.ServerID {
	out := slices.Clone(members)
	for i := range img.Copies {
		c := &img.Copies[i]
		bare := c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0
		if c.Server.IsServer() && !bare && !slices.Contains(out, c.Server) {
			out = append(out, c.Server)
		}
	}
	return out
}

func (b *builder) withoutRetired(a estate.Assignment) estate.Assignment {
	if a.Mode != estate.AssignServers {
		return a
	}
	a.Servers = slices.DeleteFunc(slices.Clone(a.Servers), b.Resolved.Retired)
	return a
}

func (b *builder) gainsAndLosses(m *moving, members []estate.ServerID) {
	wide, _ := b.Index.Members(&m.Between)
	for _, id := range wide {
		if !slices.Contains(members, id) {
			m.Gains = append(m.Gains, id)
		}
		if !b.e.Covers(&m.Final, id) {
			m.Loses = append(m.Loses, id)
		}
	}
	for _, id := range members {
		if !b.e.Covers(&m.Final, id) && !slices.Contains(m.Loses, id) {
			m.Loses = append(m.Loses, id)
		}
	}
	for _, id := range m.delta.Deletes {
		if !slices.Contains(m.Loses, id) {
			m.Loses = append(m.Loses, id)
		}
	}
	slices.Sort(m.Loses)
}

// checkOwnerKept refuses an end in which the owner is not assigned.
func (b *builder) checkOwnerKept(m *moving) {
	owner := m.Target()
	changes := m.delta.Updates() || m.OwnerMoves() || len(m.Loses) > 0
	if !changes || !owner.IsServer() || b.e.Covers(&m.Final, owner) {
		return
	}
	name := b.e.ServerName(owner)
	if m.Final.Mode == estate.AssignAutomatic {
		b.block(m, codeOwnerLeftOut, owner, true, fmt.Sprintf("%s is in none of the declared sites; whether targeted computers would bring it in cannot be known.", name))
		return
	}
	b.block(m, codeOwnerLeftOut, owner, true, fmt.Sprintf("%s would own the image and not be assigned.", name))
	if owner == m.delta.Image.Owner && b.e.Covers(&m.delta.Start, owner) {
		b.block(m, codeOwnerLoses, owner, true, fmt.Sprintf("%s owns the image and would lose its assignment, and with it the files.", name))
	}
}

// chooseCopies decides which copies come, are cleared, are saved, and carry
// min_copies, and what blocks the chain.
func (b *builder) chooseCopies(m *moving) {
	d, img := m.delta, m.delta.Image
	if img.Owner == estate.SMP {
		return
	}
	ref := &m.Judged.Reference
	for _, id := range m.Path[1:] {
		b.saveIfMarked(m, id)
	}
	if b.sourceMarked(m) || slices.Contains(m.Gains, img.Owner) { // or a refresh for another image takes it first
		b.saveIfMarked(m, img.Owner)
	}
	for _, id := range d.Creates {
		if id == m.Desired.Reference && ref.Origin == estate.NoReference { // what comes there would be its own proof
			b.block(m, codeNoReference, id, true, fmt.Sprintf("By `reference`, the copy on %s says what is right, and no file was seen there. Name a server that has the right files, or put them there by hand.", b.e.ServerName(id)))
		}
		b.saveIfMarked(m, id)
		c := img.Copy(id)
		if m.Judged.Class(id) == estate.Different && c.Evidence.SameSizes(&ref.Content) {
			b.clearIfSafe(m, id)
		}
	}
	if m.OwnerMoves() && ref.Origin == estate.NoReference {
		b.stopBefore(m, VerifyCopy, codeNoReference, estate.NoServer, "There is nothing to compare its copies with, so none can be proved.")
	}
	if m.OwnerMoves() {
		b.stopUnhashed(m)
		if c := img.Copy(m.Target()); c != nil && c.Evidence.Sight == estate.NotSeen {
			b.stopBefore(m, VerifyCopy, codeUnseen, m.Target(), fmt.Sprintf("%s could not be looked at: %s.", b.e.ServerName(m.Target()), c.Evidence.Error))
		}
	}
	if len(m.Loses) > 0 {
		b.chooseKeeps(m)
	}
}

// stopUnhashed ends a chain before its first proof where copies are proved by hash and
// the reference has none and never will (P2): sizes are enough only by choice.
func (b *builder) stopUnhashed(m *moving) {
	ref := &m.Judged.Reference
	if b.Verify != declared.VerifyHash || !ref.Unhashed() {
		return
	}
	if img := m.delta.Image; m.ownerBad { // and no other way to put the owner right
		b.block(m, codeOwnerBad, img.Owner, true, fmt.Sprintf("The copy on the owner %s is %s.", b.e.ServerName(img.Owner), m.Judged.OwnerClass))
	}
	what := "The content recorded of " + ref.From
	if ref.Origin == estate.FromSnapshot {
		what = "The newest snapshot.xml, that of " + ref.From + ","
	}
	b.stopBefore(m, VerifyCopy, codeNoReference, estate.NoServer,
		what+" tells paths and sizes and no hashes, and copies are proved by hash here: ownership is not taken of a copy whose bytes were compared with nothing.")
}

// clearIfSafe has wrong files of the right size cleared, while a good copy stands elsewhere.
func (b *builder) clearIfSafe(m *moving, id estate.ServerID) {
	for c := range m.Judged.GoodCopies {
		if c.Server != id && b.e.Reachable(c.Server) {
			m.Clears = append(m.Clears, id)
			return
		}
	}
	b.stopBefore(m, WaitCopy, codeWrong, id, fmt.Sprintf(
		"%s holds files of the right sizes with the wrong content, which the platform keeps for ever, and no good copy was seen elsewhere that would allow to clear them.", b.e.ServerName(id)))
}

// sourceMarked reports whether copies are to come from an owner whose own copy is
// marked for deletion (law 7 makes no exception for it), or will be at its next refresh,
// because it is not assigned.
func (b *builder) sourceMarked(m *moving) bool {
	start := &m.delta.Start
	_, known := b.Index.Members(start)
	c := m.delta.Image.Copy(m.Path[0])
	return c != nil && (c.DeleteAfter != 0 || known && !b.e.Covers(start, m.Path[0])) && b.ownerServes(m) && (m.OwnerMoves() || len(m.Creates) > 0)
}

// saveIfMarked notes a needed copy that is to be assigned again before any refresh of its
// server. Where the owner is bad nothing can be: what is assigned follows it until another
// server has taken (law 4). What goes meanwhile is downloaded from there again.
func (b *builder) saveIfMarked(m *moving, id estate.ServerID) {
	if m.ownerBad {
		return
	}
	c := m.delta.Image.Copy(id)
	if c != nil && c.DeleteAfter != 0 && m.Judged.Class(id).HasFiles() && !slices.Contains(m.Saves, id) {
		m.Saves = append(m.Saves, id)
	}
}

// chooseKeeps picks the copies that must be verified before others may be
// deleted: the owner's first, then as many as min_copies asks for (P3).
func (b *builder) chooseKeeps(m *moving) {
	owner := m.Target()
	coming := func(id estate.ServerID) bool {
		return slices.Contains(m.Creates, id) || slices.Contains(m.Path[1:], id)
	}
	good := func(id estate.ServerID) bool {
		return b.e.Reachable(id) && (coming(id) || m.Judged.Class(id) == estate.Good)
	}
	if good(owner) {
		m.Keeps = append(m.Keeps, owner)
	}
	members, _ := b.Index.Members(&m.Final)
	for _, existing := range []bool{true, false} {
		for _, id := range members {
			if len(m.Keeps) >= m.Desired.MinCopies && len(m.Keeps) > 0 {
				break
			}
			if !slices.Contains(m.Keeps, id) && good(id) && !b.Resolved.Retired(id) && (m.Judged.Class(id) == estate.Good) == existing {
				m.Keeps = append(m.Keeps, id)
			}
		}
	}
	losesGood := slices.ContainsFunc(m.Loses, func(id estate.ServerID) bool { return m.Judged.Class(id) == estate.Good })
	lost := strings.Join(b.serverNames(m.Loses), ", ")
	switch {
	case len(m.Keeps) == 0 && losesGood:
		b.stopBefore(m, Unassign, codeLastCopy, estate.NoServer, fmt.Sprintf("The servers that would lose it (%s) hold the only good copies.", lost))
		b.neverDeletePCT(m)
	case len(m.Keeps) == 0 && m.Judged.Lost():
		b.stopBefore(m, Unassign, codeLost, owner, "No server was seen with a good copy, so nothing may be taken from any.")
	case len(m.Keeps) < m.Desired.MinCopies || m.Keeps[0] != owner:
		b.stopBefore(m, Unassign, codeFewCopies, estate.NoServer, b.fewCopies(m, owner))
		if len(m.Keeps) == 0 {
			b.neverDeletePCT(m)
		}
	}
}

func (b *builder) fewCopies(m *moving, owner estate.ServerID) string {
	if len(m.Keeps) == 0 || m.Keeps[0] != owner {
		return fmt.Sprintf("The copy on the owner %s cannot be verified now (%s).", b.e.ServerName(owner), b.ownerWord(m, owner))
	}
	return fmt.Sprintf("%d of %d copies could be verified and would stay: %s.", len(m.Keeps), m.Desired.MinCopies, strings.Join(b.serverNames(m.Keeps), ", "))
}

func (b *builder) ownerWord(m *moving, owner estate.ServerID) string {
	if !b.e.Reachable(owner) {
		return "the server cannot be reached"
	}
	return "its copy is " + m.Judged.Class(owner).String()
}

func (b *builder) neverDeletePCT(m *moving) {
	if m.delta.Image.Kind == estate.KindPCT {
		b.stopBefore(m, Unassign, codePCT, estate.NoServer, "A PC Transplant package cannot be imported again: what is deleted is gone.")
	}
}

package plan

import (
	"fmt"
	"slices"

	"pslan/internal/estate"
)

// model is the hostile platform that Check replays steps on: the images that the
// plan moves, and of all others those whose copies a refresh may destroy.
type model struct {
	in     CheckInput
	e      *estate.Estate
	order  string
	images map[estate.GUID]*modelImage
	// touchy are, for each server, the images whose copy there a refresh may destroy.
	touchy map[estate.ServerID][]*modelImage
	gone   map[estate.ServerID]bool // roles removed
	broken []Violation
}

// modelImage is one image on the model.
type modelImage struct {
	name      string
	owner     estate.ServerID
	start     estate.ServerID // owner before the plan
	settled   estate.ServerID // last owner that was verified
	assigned  estate.Assignment
	ownerBad  bool // the first owner's copy was seen, and is not good
	unseen    bool // nothing is known of the first owner's copy
	bystander bool // the plan does not move it
	abandoned bool
	hadGood   bool
	min       int
	copies    map[estate.ServerID]*modelCopy
}

type modelCopy struct {
	good, files, verified bool
	marked, overdue       bool
}

func newModel(in CheckInput, order string) *model {
	m := &model{
		in: in, e: in.Estate, order: order, gone: map[estate.ServerID]bool{},
		images: make(map[estate.GUID]*modelImage, len(in.Plan.Moves)), touchy: map[estate.ServerID][]*modelImage{},
	}
	for i := range in.Plan.Moves {
		mv := &in.Plan.Moves[i]
		mi := m.add(mv.Image, &mv.Judged)
		mi.min, mi.abandoned = max(1, mv.Desired.MinCopies), mv.Desired.Abandon && mv.Judged.Lost()
	}
	for n := range m.e.Images {
		img := &m.e.Images[n]
		word, abandon := estate.NoServer, false
		if d := in.Resolved.Of(int32(n)); d != nil {
			word, abandon = d.Reference, d.Abandon
		}
		if m.images[img.GUID] != nil || !mayBeHazardous(img, word) {
			continue
		}
		j := m.e.Judge(img, word)
		mi := m.add(int32(n), &j)
		mi.bystander, mi.abandoned = true, abandon && j.Lost()
	}
	return m
}

func (m *model) add(n int32, j *estate.Judgement) *modelImage {
	img := &m.e.Images[n]
	up := m.e.Reachable(img.Owner)
	mi := &modelImage{
		name: img.Name, owner: img.Owner, start: img.Owner, settled: img.Owner, assigned: img.Assignment, min: 1,
		ownerBad: misleads(m.e, j, img.Owner),
		unseen:   up && j.OwnerClass == estate.ClassUnknown,
		copies:   make(map[estate.ServerID]*modelCopy, len(img.Copies)),
	}
	for k := range img.Copies {
		c := &img.Copies[k]
		class := j.Class(c.Server)
		mc := &modelCopy{good: class == estate.Good, files: class.HasFiles(), marked: c.DeleteAfter != 0}
		mc.overdue = c.DueBy(m.e.TakenAt)
		mi.copies[c.Server] = mc
		mi.hadGood = mi.hadGood || mc.good
		if mc.marked || mi.ownerBad {
			m.touchy[c.Server] = append(m.touchy[c.Server], mi)
		}
	}
	m.images[img.GUID] = mi
	return mi
}

func (m *model) fail(promise string, s *Step, format string, args ...any) {
	if len(m.broken) < 20 {
		m.broken = append(m.broken, Violation{Promise: promise, Step: s.ID, What: fmt.Sprintf(format, args...), Order: m.order})
	}
}

func (m *model) server(name string) estate.ServerID {
	if name == "smp" {
		return estate.SMP
	}
	return m.in.Index.Server(name)
}

func (mi *modelImage) copy(id estate.ServerID) *modelCopy {
	c := mi.copies[id]
	if c == nil {
		c = &modelCopy{}
		mi.copies[id] = c
	}
	return c
}

// goodCopies counts the good copies on servers whose role is still there.
func (mi *modelImage) goodCopies() int {
	n := 0
	for _, c := range mi.copies {
		if c.good {
			n++
		}
	}
	return n
}

// step carries out one step on the model and checks the promises.
func (m *model) step(s *Step) {
	mi := m.images[s.Image]
	if !s.Image.IsZero() && (mi == nil || mi.bystander) {
		m.fail("P9", s, "the step touches an image that has no move")
		return
	}
	switch s.Op {
	case Convert: // what a conversion brings is assigned to all servers (KB 179677)
		mi.assigned = estate.Assignment{Mode: estate.AssignAll}
	case Assign:
		m.assign(s, mi)
	case Sync:
		for _, name := range s.Servers {
			m.refresh(s, m.server(name))
		}
	case ClearCopy:
		m.clear(s, mi)
	case WaitCopy:
		c := mi.copy(m.server(s.Server))
		c.files, c.verified = true, false
		if !m.served(mi) {
			m.fail("P2", s, "%s waits for a download that the owner %s cannot serve", s.Server, m.e.ServerName(mi.owner))
		}
	case VerifyCopy:
		c := mi.copy(m.server(s.Server))
		c.good, c.files, c.verified = true, true, true
	case TakeOwnership:
		m.take(s, mi)
	case VerifyOwnership:
		m.verifyOwnership(s, mi)
	case Unassign:
		m.unassign(s, mi)
	case RetireServer:
		m.retire(s)
	case SetLocation:
		if !mi.copy(estate.SMP).verified {
			m.fail("P2", s, "the location changes before the files there were verified")
		}
	}
	if mi != nil && mi.hadGood && mi.goodCopies() == 0 {
		m.fail("P1", s, "%s had a good copy and has none", mi.name)
		mi.hadGood = false
	}
}

// served reports whether others can download a good copy from the owner.
func (m *model) served(mi *modelImage) bool {
	if !m.e.Reachable(mi.owner) {
		return false
	}
	return mi.owner == mi.start && mi.unseen || mi.copy(mi.owner).good
}

// assign: while a move runs, an assignment only grows, and the source keeps its own (P4).
func (m *model) assign(s *Step, mi *modelImage) {
	to := m.assignment(s)
	members, _ := m.e.Members(&mi.assigned)
	for _, id := range members {
		if !m.e.Covers(&to, id) {
			m.fail("P4", s, "%s would lose its assignment in a step that may only add", m.e.ServerName(id))
		}
	}
	for id := range mi.copies { // whoever is assigned now may follow at once, by its own schedule
		if mi.ownerBad && mi.owner == mi.start && !mi.copy(mi.owner).good && id != mi.owner && id.IsServer() && m.e.Covers(&to, id) && !m.e.Covers(&mi.assigned, id) {
			m.follow(mi, id)
		}
	}
	mi.assigned = to
}

func (m *model) assignment(s *Step) estate.Assignment {
	n := s.After.Assignment
	a := estate.Assignment{Mode: n.Mode, Sites: n.Sites}
	for _, name := range n.Servers {
		a.Servers = append(a.Servers, m.server(name))
	}
	slices.Sort(a.Servers)
	return a
}

// refresh is a server fetching its policy: what is marked and overdue goes, what is
// assigned again is saved, and what follows a bad owner is spoiled.
func (m *model) refresh(s *Step, id estate.ServerID) {
	for _, mi := range m.touchy[id] {
		c := mi.copies[id]
		if c == nil || m.gone[id] {
			continue
		}
		switch {
		case m.e.Covers(&mi.assigned, id):
			c.marked, c.overdue = false, false
		case c.overdue:
			*c = modelCopy{}
		}
		if mi.ownerBad && mi.owner == mi.start && !mi.copy(mi.owner).good {
			m.follow(mi, id)
		}
		if mi.hadGood && mi.goodCopies() == 0 {
			m.fail("P1", s, "the refresh of %s destroys the last good copy of %s", m.e.ServerName(id), mi.name)
			mi.hadGood = false
		}
	}
}

// follow spoils what follows an owner whose content is not good: the server that is
// refreshed, or, where that is the owner, whoever is refreshed on its own schedule
// before the next step, which may be all.
func (m *model) follow(mi *modelImage, id estate.ServerID) {
	for other, c := range mi.copies {
		if other != mi.owner && (other == id || id == mi.owner) {
			c.good, c.verified = false, false
		}
	}
}

func (m *model) clear(s *Step, mi *modelImage) {
	id := m.server(s.Server)
	if id == mi.owner {
		m.fail("P1", s, "files would be cleared on the owner")
	}
	*mi.copy(id) = modelCopy{}
	if mi.goodCopies() == 0 {
		m.fail("P1", s, "files would be cleared while no good copy stands elsewhere")
	}
}

// take checks P2: verified, assigned, not marked.
func (m *model) take(s *Step, mi *modelImage) {
	id := m.server(s.Server)
	c := mi.copy(id)
	switch {
	case !c.verified:
		m.fail("P2", s, "%s would take ownership of a copy that was not verified", s.Server)
	case !m.e.Covers(&mi.assigned, id):
		m.fail("P2", s, "%s would take ownership and is not assigned", s.Server)
	case c.marked:
		m.fail("P2", s, "%s would take ownership of a copy that is marked for deletion", s.Server)
	}
	if m.server(s.From) != mi.owner {
		m.fail("P2", s, "the owner then is %s, not %s", m.e.ServerName(mi.owner), s.From)
	}
	mi.owner = id
	for other, oc := range mi.copies { // what was proved against the old owner stays proved: same content
		if other != id && !oc.good {
			oc.verified = false
		}
	}
}

func (m *model) verifyOwnership(s *Step, mi *modelImage) {
	if mi != nil {
		mi.settled = mi.owner
		return
	}
	id := m.server(s.Server)
	for n := range m.in.Plan.Moves {
		img := &m.e.Images[m.in.Plan.Moves[n].Image]
		if mi := m.images[img.GUID]; mi.owner == id && img.Kind != estate.KindBackup && !mi.abandoned {
			m.fail("P3", s, "%s still owns %s", s.Server, img.Name)
		}
	}
}

// unassign checks P3 and P4: another server is verified as owner and min_copies
// verified copies stay assigned. What loses its assignment is gone at once.
func (m *model) unassign(s *Step, mi *modelImage) {
	to := m.assignment(s)
	if mi.settled != mi.owner {
		m.fail("P4", s, "the assignment shrinks before the new owner %s was verified", m.e.ServerName(mi.owner))
	}
	stay := 0
	for id, c := range mi.copies {
		if c.verified && m.e.Covers(&to, id) {
			stay++
		}
	}
	if stay < mi.min {
		m.fail("P3", s, "%d verified copies would stay, %d are needed", stay, mi.min)
	}
	if !m.e.Covers(&to, mi.owner) || !mi.copy(mi.owner).verified {
		m.fail("P3", s, "the owner %s would not stay with a verified copy", m.e.ServerName(mi.owner))
	}
	for id, c := range mi.copies {
		if id.IsServer() && !m.e.Covers(&to, id) {
			*c = modelCopy{}
		}
	}
	mi.assigned = to
}

// retire removes a role with every copy that is on the server.
func (m *model) retire(s *Step) {
	id := m.server(s.Server)
	m.gone[id] = true
	for n := range m.e.Images {
		img := &m.e.Images[n]
		if mi := m.images[img.GUID]; mi != nil {
			if mi.owner == id && !mi.abandoned && img.Kind != estate.KindBackup {
				m.fail("P3", s, "%s still owns %s", s.Server, img.Name)
			}
			delete(mi.copies, id)
			if mi.hadGood && mi.goodCopies() == 0 {
				m.fail("P1", s, "the last good copy of %s goes with the role", img.Name)
				mi.hadGood = false
			}
			continue
		}
		m.retireBystander(s, img, int32(n), id)
	}
}

// retireBystander checks an image that the plan does not move.
func (m *model) retireBystander(s *Step, img *estate.Image, n int32, id estate.ServerID) {
	c := img.Copy(id)
	if c == nil || img.Kind == estate.KindBackup || c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0 {
		return
	}
	word := estate.NoServer
	if d := m.in.Resolved.Of(n); d != nil {
		word = d.Reference
	}
	j := m.e.Judge(img, word)
	if j.Class(id) != estate.Good {
		return
	}
	for good := range j.GoodCopies {
		if good.Server != id && !m.gone[good.Server] {
			return
		}
	}
	m.fail("P1", s, "the last good copy of %s goes with the role", img.Name)
}

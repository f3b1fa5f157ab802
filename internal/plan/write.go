package plan

import (
	"maps"
	"slices"

	"pslan/internal/estate"
)

// write turns one move into steps: save, hop (through a middle server where there
// is one), download, verify, take ownership, verify again, and only then shrink.
func (b *builder) write(m *moving) {
	if m.whole {
		return
	}
	if m.delta.Image.Owner == estate.SMP {
		b.writeLocation(m)
		return
	}
	c := &chain{b: b, m: m, assigned: noStep, synced: noStep, owned: noStep}
	c.begin()
	if len(m.Path) == 1 || b.ownerServes(m) {
		c.spread(noStep)
	}
	for i := 1; i < len(m.Path) && !c.stopped; i++ {
		c.hop(i)
	}
	if !c.stopped {
		c.shrink()
	}
}

// ownerServes reports whether the present owner is up and others can download from it.
func (b *builder) ownerServes(m *moving) bool {
	return b.e.Reachable(m.Path[0]) && !m.ownerBad
}

// chain is the steps of one move while they are written.
type chain struct {
	b        *builder
	m        *moving
	first    []StepNo // what everything else waits for: convert
	rooms    []StepNo // what downloads wait for: wait_room
	assigned StepNo   // the assign
	synced   StepNo   // the newest sync that brought the assignment to the servers
	owned    StepNo   // the newest verify_ownership
	verified map[estate.ServerID]StepNo
	spreadOK bool
	told     bool // the first taker was told of its assignment before it takes
	stopped  bool
}

// may reports whether the chain goes on to an operation.
func (c *chain) may(op Op) bool {
	if c.m.stop != "" && op >= c.m.stopAt {
		if op != Unassign {
			c.stopped = true
		}
		return false
	}
	return true
}

// step appends a step of this move.
func (c *chain) step(s Step, needs ...StepNo) StepNo {
	n := c.m.names
	s.Address, s.Image, s.Package, s.Name, s.Label = c.m.address, n.image, n.pack, n.name, n.label
	no := c.b.add(s, needs...)
	c.m.Steps = append(c.m.Steps, no)
	return no
}

func (c *chain) begin() {
	m, b := c.m, c.b
	c.verified = map[estate.ServerID]StepNo{}
	if m.delta.Converts {
		legacy, managed := estate.Legacy, estate.Managed
		c.first = append(c.first, c.step(Step{
			Op: Convert, By: ByOperator, Server: b.e.ServerName(m.delta.Image.Owner),
			Before: Facts{Format: &legacy}, After: Facts{Format: &managed},
			WaitsFor: "the image is in the managed format", Limit: b.Policy.Timeouts.Operator,
		}))
	}
	for _, id := range slices.Sorted(maps.Keys(m.roomFor)) {
		wait := c.step(Step{
			Op: WaitRoom, By: ByPslan, Server: b.e.ServerName(id), Bytes: b.missing(m.delta, id),
			WaitsFor: "room on " + b.e.ServerName(id), Limit: b.Policy.Timeouts.Room,
		}, c.first...)
		b.roomNeeds = append(b.roomNeeds, roomNeed{wait, m.roomFor[id]})
		c.rooms = append(c.rooms, wait)
	}
	for _, id := range m.Saves {
		g := b.gateOf(id)
		g.needs = append(g.needs, c.first...)
	}
	if !b.ownerServes(m) && len(m.Path) > 1 && !m.ownerBad {
		c.assign() // nobody can follow an owner that is off: the saving assignment comes first
	}
}

// assign widens the assignment, if it has to be.
func (c *chain) assign(needs ...StepNo) {
	m, b := c.m, c.b
	if c.assigned != noStep || estate.SameAssignment(&m.Between, &m.delta.Start) || !c.may(Assign) {
		return
	}
	before, after := b.e.NameAssignment(&m.delta.Start), b.e.NameAssignment(&m.Between)
	s := Step{Op: Assign, By: BySMP, Servers: b.serverNames(m.Gains), After: Facts{Assignment: &after}, Starts: b.starts(m)}
	if !m.delta.Converts || len(m.Gains) == 0 { // the same servers by another mode: only the setting shows it
		s.Before.Assignment = &before
	}
	c.assigned = c.step(s, slices.Concat(needs, c.first, c.rooms)...)
	for _, id := range m.Saves {
		g := b.gateOf(id)
		g.needs = append(g.needs, c.assigned)
	}
	if !m.ownerBad {
		b.comesFirst(c.assigned, b.behind[m.Image]...)
	}
}

// comesFirst has a step come before every refresh of some servers.
func (b *builder) comesFirst(no StepNo, servers ...estate.ServerID) {
	for _, id := range servers {
		b.repairs[id] = append(b.repairs[id], no)
	}
}

// starts is 1 where the assignment sets off downloads.
func (b *builder) starts(m *moving) int {
	if len(m.Creates) > 0 {
		return 1
	}
	return 0
}

// spread lets the servers learn of the assignment and download, and proves what
// they got. after is the take that has to come before (two hops), noStep otherwise.
func (c *chain) spread(after StepNo) {
	m, b := c.m, c.b
	c.spreadOK = true
	c.assign(after)
	pending := slices.DeleteFunc(slices.Clone(m.Creates), func(id estate.ServerID) bool {
		return slices.Contains(m.Saves, id) && m.Judged.Class(id) == estate.Good
	})
	learn := slices.Concat(m.Gains, m.Creates)
	if c.told {
		learn = slices.DeleteFunc(learn, func(id estate.ServerID) bool { return id == m.Path[1] })
	}
	reach := b.reachable(learn)
	if len(reach.ids) == 0 && (c.assigned == noStep || c.told) {
		return
	}
	if !c.may(Sync) {
		return
	}
	needs := []StepNo{c.assigned, after}
	if owner := m.Path[0]; after == noStep && slices.Contains(m.Saves, owner) { // what others download from is saved first
		needs = append(needs, b.gateOf(owner).step)
		m.Steps = append(m.Steps, b.gateOf(owner).step)
	}
	for _, id := range m.Clears {
		if slices.Contains(pending, id) {
			needs = append(needs, c.clear(id, after))
		}
	}
	if len(pending) == 0 && len(reach.ids) == 1 && slices.Contains(m.Saves, reach.ids[0]) {
		c.synced = b.gateOf(reach.ids[0]).step // the sync that saves the copy is all that is needed
		m.Steps = append(m.Steps, c.synced)
	} else {
		c.sync(reach, pending, needs)
	}
	for _, id := range pending {
		c.download(id)
	}
	for _, id := range m.Saves {
		if slices.Contains(m.Creates, id) && !slices.Contains(pending, id) {
			c.verify(id, c.synced)
		}
	}
}

// sync tells servers of the assignment.
func (c *chain) sync(reach reach, pending []estate.ServerID, needs []StepNo) {
	m, b := c.m, c.b
	s := Step{Op: Sync, By: BySMP, Servers: reach.names, Skipped: reach.skipped, Limit: b.Policy.Timeouts.Sync}
	if c.assigned == noStep {
		s.Starts = b.starts(m)
		needs = slices.Concat(needs, c.first, c.rooms)
	}
	target := m.Target()
	if slices.Contains(pending, target) {
		s.MustReach = []string{b.e.ServerName(target)}
	}
	c.synced = c.step(s, needs...)
}

// clear asks an operator to take wrong files of the right size away (law 6).
func (c *chain) clear(id estate.ServerID, after StepNo) StepNo {
	m, b := c.m, c.b
	return c.step(Step{
		Op: ClearCopy, By: ByOperator, Risk: DeletesData, Server: b.e.ServerName(id), From: b.e.ServerName(b.source(m, id)),
		WaitsFor: "the wrong files are gone from " + b.e.ServerName(id), Limit: b.Policy.Timeouts.Operator,
	}, append([]StepNo{after}, c.first...)...)
}

// source is the server from which a copy is downloaded.
func (b *builder) source(m *moving, id estate.ServerID) estate.ServerID {
	if b.ownerServes(m) || len(m.Path) == 1 {
		return m.Path[0]
	}
	return m.Path[1]
}

// download waits for a copy and proves it.
func (c *chain) download(id estate.ServerID) {
	m, b := c.m, c.b
	if !c.may(WaitCopy) {
		return
	}
	ref := &m.Judged.Reference
	wait := c.step(Step{
		Op: WaitCopy, By: ByServer, Server: b.e.ServerName(id), From: b.e.ServerName(b.source(m, id)),
		Files: ref.Files, Bytes: ref.Bytes, Seconds: b.seconds(b.missing(m.delta, id)),
		WaitsFor: b.e.ServerName(id) + " downloads", Limit: b.Policy.Timeouts.Download,
	}, c.synced)
	c.verify(id, wait)
}

// verify proves a copy; the same copy is proved once in a move.
func (c *chain) verify(id estate.ServerID, needs ...StepNo) StepNo {
	m, b := c.m, c.b
	if no, done := c.verified[id]; done {
		return no
	}
	if !c.may(VerifyCopy) {
		return noStep
	}
	ref := &m.Judged.Reference
	s := Step{Op: VerifyCopy, By: ByPslan, Server: b.e.ServerName(id), From: b.e.ServerName(ref.Server), Files: ref.Files, Bytes: ref.Bytes}
	if ref.Origin == estate.FromSnapshot {
		s.Snapshot = ref.From
	}
	no := c.step(s, needs...)
	c.verified[id] = no
	return no
}

// hop takes ownership on the i-th server of the path.
func (c *chain) hop(i int) {
	m, b := c.m, c.b
	id, from := m.Path[i], m.Path[i-1]
	needs := slices.Concat([]StepNo{c.assigned, c.owned}, c.first)
	if slices.Contains(m.Gains, id) { // it can take, and keep, only what its policy knows
		if c.synced == noStep && !slices.Contains(m.Saves, id) && !c.tell(id) {
			return
		}
		needs = append(needs, c.synced)
	}
	if slices.Contains(m.Saves, id) {
		g := b.gateOf(id)
		needs = append(needs, g.step)
		m.Steps = append(m.Steps, g.step)
	}
	verified := c.verify(id, needs...)
	if verified == noStep || !c.may(TakeOwnership) {
		c.stopped = true
		return
	}
	take := c.take(id, from, verified)
	if i == 1 && m.ownerBad {
		b.comesFirst(take, id, from)
		b.comesFirst(take, b.behind[m.Image]...)
	}
	c.owned = c.settle(id, from, take)
	if !c.spreadOK { // the first server that can be downloaded from
		c.spread(c.owned)
	}
}

// tell brings the assignment to a server that holds a good copy and was not assigned,
// before it takes: a refresh without it would mark that copy for deletion. The owner is
// off, so there is nothing that it could follow meanwhile.
func (c *chain) tell(id estate.ServerID) bool {
	if !c.may(Sync) {
		return false
	}
	b := c.b
	reach := b.reachable([]estate.ServerID{id})
	c.synced = c.step(Step{
		Op: Sync, By: BySMP, Servers: reach.names, Skipped: reach.skipped,
		MustReach: []string{b.e.ServerName(id)}, Limit: b.Policy.Timeouts.Sync,
	}, c.assigned)
	c.told = true
	return true
}

func (c *chain) take(id, from estate.ServerID, verified StepNo) StepNo {
	b := c.b
	to, was := b.e.ServerName(id), b.e.ServerName(from)
	by := ByServer
	if b.OwnershipByOperator {
		by = ByOperator
	}
	return c.step(Step{
		Op: TakeOwnership, By: by, Risk: OriginMoves, Server: to, From: was,
		Before: Facts{Owner: &was, Verified: []string{to}}, After: Facts{Owner: &to},
		WaitsFor: "the platform shows " + to + " as the owner", Limit: b.Policy.Timeouts.Ownership,
	}, verified, c.assigned, c.owned)
}

// settle brings a new owner to the servers and checks that the old one has let go.
func (c *chain) settle(id, from estate.ServerID, take StepNo) StepNo {
	b := c.b
	reach := b.reachable([]estate.ServerID{id, from})
	sync := c.step(Step{
		Op: Sync, By: BySMP, Servers: reach.names, Skipped: reach.skipped,
		MustReach: []string{b.e.ServerName(id)}, Limit: b.Policy.Timeouts.Sync,
	}, take)
	to := b.e.ServerName(id)
	owned := c.step(Step{
		Op: VerifyOwnership, By: ByPslan, Server: to, From: b.e.ServerName(from), After: Facts{Owner: &to},
		WaitsFor: to + " locally managed", Limit: b.Policy.Timeouts.Ownership,
	}, sync)
	c.m.reached = id
	if b.Resolved.Leaving(from) {
		b.ownership[from] = append(b.ownership[from], owned)
	}
	return owned
}

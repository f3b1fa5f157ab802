package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pslan/internal/estate"
)

// shrink takes assignments away at the end of a move. Where that concerns a server
// that is to be dismissed it is put off: its assignments go only when it owns
// nothing, the article's last step.
func (c *chain) shrink() {
	m, b := c.m, c.b
	if len(m.Loses) == 0 && estate.SameAssignment(&m.Between, &m.Final) || !c.may(Unassign) {
		m.last = append(m.last, c.owned, c.synced)
		for _, id := range slices.Sorted(maps.Keys(c.verified)) {
			m.last = append(m.last, c.verified[id])
		}
		return
	}
	if slices.ContainsFunc(m.Loses, b.Resolved.Retired) {
		b.shrinks = append(b.shrinks, c)
		return
	}
	c.unassign(nil)
}

// unassign writes the unassignment, after the copies that stay were verified (P3),
// and the sync that tells the servers.
func (c *chain) unassign(joins []StepNo) {
	m, b := c.m, c.b
	c.settleEarlier()
	needs := slices.Concat([]StepNo{c.assigned, c.synced, c.owned}, c.first, joins)
	var keeps []string
	for _, id := range m.Keeps {
		v, done := c.verified[id]
		if !done {
			v = c.verify(id, append([]StepNo{c.synced, c.owned, c.assigned}, c.first...)...)
		}
		needs = append(needs, v)
		keeps = append(keeps, b.e.ServerName(id))
	}
	risk := DeletesData
	if !estate.SameAssignment(&m.Between, &m.Final) {
		before, after, owner := b.e.NameAssignment(&m.Between), b.e.NameAssignment(&m.Final), b.e.ServerName(m.Target())
		needs = []StepNo{c.step(Step{
			Op: Unassign, By: BySMP, Risk: DeletesData, Servers: b.serverNames(m.Loses),
			Before: Facts{Assignment: &before, Owner: &owner, Verified: keeps}, After: Facts{Assignment: &after},
		}, needs...)}
		risk = NoRisk
	}
	m.shrunk = true
	for _, id := range m.delta.Deletes {
		if n, fatal := b.fatal[id]; fatal {
			b.block(m, codeLastCopy, id, false, fmt.Sprintf("%s would have to be refreshed, and that would destroy %s. Save that copy first.",
				b.e.ServerName(id), b.lastOf(n, id)))
		}
	}
	reach := b.reachable(m.Loses)
	if len(reach.ids) > 0 {
		needs = []StepNo{c.step(Step{
			Op: Sync, By: BySMP, Risk: risk, Servers: reach.names, Skipped: reach.skipped, Limit: b.Policy.Timeouts.Sync,
		}, needs...)}
	}
	m.last = append(m.last, needs...)
	for _, id := range m.Loses {
		if b.Resolved.Retired(id) {
			b.retiring[id] = append(b.retiring[id], needs...)
		}
	}
}

// settleEarlier brings a move that an earlier run began to its end: where this plan
// takes no ownership, and the owner does not take itself for it yet or another
// server still does, nothing shrinks before that was seen (P4).
func (c *chain) settleEarlier() {
	m, b := c.m, c.b
	owner := m.Target()
	if c.owned != noStep || !owner.IsServer() || !b.e.Reachable(owner) {
		return
	}
	from, open := estate.NoServer, false
	for i := range m.delta.Image.Copies {
		k := &m.delta.Image.Copies[i]
		switch {
		case k.Server == owner:
			open = open || k.Managed == estate.ManagedExternal
		case k.Managed == estate.ManagedLocal && b.e.Reachable(k.Server):
			from, open = k.Server, true
		}
	}
	if !open {
		return
	}
	reach, to := b.reachable([]estate.ServerID{owner, from}), b.e.ServerName(owner)
	sync := c.step(Step{Op: Sync, By: BySMP, Servers: reach.names, Skipped: reach.skipped, Limit: b.Policy.Timeouts.Sync}, c.assigned, c.synced)
	c.owned = c.step(Step{
		Op: VerifyOwnership, By: ByPslan, Server: to, From: b.e.ServerName(from), After: Facts{Owner: &to},
		WaitsFor: to + " locally managed", Limit: b.Policy.Timeouts.Ownership,
	}, sync)
}

// writeLocation moves an image that is kept on the SMP (law 14).
func (b *builder) writeLocation(m *moving) {
	d := m.delta
	if !d.LocationMoves {
		return
	}
	c := &chain{b: b, m: m, verified: map[estate.ServerID]StepNo{}}
	was, to := d.Image.Location, d.Location
	ref := &m.Judged.Reference
	facts := func(s Step) Step {
		s.Server, s.Before.Location, s.After.Location, s.Files, s.Bytes = "smp", &was, &to, ref.Files, ref.Bytes
		return s
	}
	copied := c.step(facts(Step{Op: CopyFiles, By: ByOperator, WaitsFor: "the files are at " + to, Limit: b.Policy.Timeouts.Operator}))
	if !c.may(VerifyCopy) {
		return
	}
	verified := c.step(facts(Step{Op: VerifyCopy, By: ByPslan}), copied)
	m.last = []StepNo{c.step(facts(Step{Op: SetLocation, By: BySMP}), verified)}
	m.shrunk = true
}

// preboots writes the changes of boot environments.
func (b *builder) preboots() {
	for _, want := range b.Resolved.Preboots {
		have := &b.e.Preboots[want.Preboot]
		if estate.Fold(have.ConnectsTo) == estate.Fold(want.Block.ConnectsTo) {
			continue
		}
		was, to := have.ConnectsTo, want.Block.ConnectsTo
		facts := func(s Step) Step {
			s.Address, s.Preboot, s.Name, s.Label = want.Block.Address, have.GUID, have.Name, want.Block.Address.Name()
			s.Before.ConnectsTo, s.After.ConnectsTo = &was, &to
			return s
		}
		changed := b.add(facts(Step{Op: ChangeProfile, By: ByOperator, WaitsFor: "the profile names " + to, Limit: b.Policy.Timeouts.Operator}))
		rebuilt := b.add(facts(Step{Op: RebuildPreboot, By: BySMP}), changed)
		for _, id := range b.Resolved.RetiredServers() {
			if b.namesServer(was, id) {
				b.retiring[id] = append(b.retiring[id], rebuilt)
			}
		}
	}
}

// namesServer reports whether a host names a package server.
func (b *builder) namesServer(host string, id estate.ServerID) bool {
	return slices.Contains(b.Index.HostMatches(host), id)
}

// servers writes what a retired server's role needs, and what blocks it.
func (b *builder) servers() {
	b.plan.Servers = make([]ServerPlan, len(b.e.Servers))
	for i := range b.plan.Servers {
		id := estate.ServerID(i)
		b.plan.Servers[i] = ServerPlan{Server: id, RefreshHarms: b.harms[id]}
	}
	b.ownsAfter()
	blocked := map[estate.ServerID]bool{}
	for _, id := range b.Resolved.RetiredServers() {
		if n := len(b.plan.Servers[id].OwnsAfter); n > 0 {
			b.blockServer(id, b.Resolved.Servers[id].Address, codeRetiredOwns, b.stillOwns(id))
			blocked[id] = true
			continue
		}
		b.join(id)
	}
	b.writeShrinks(blocked)
	for _, id := range b.Resolved.RetiredServers() {
		b.plan.Servers[id].LosesAll = b.filesOn(id)
		if blocked[id] || b.heldBack(id) {
			continue
		}
		b.writeRetirement(id)
	}
}

// ownsAfter lists what each leaving server would still own after the plan.
func (b *builder) ownsAfter() {
	moved := make(map[int32]estate.ServerID, len(b.moves))
	for i := range b.moves {
		if m := &b.moves[i]; m.OwnerMoves() && !m.whole && m.reached != m.Path[0] {
			moved[m.Image] = m.reached
		}
	}
	for n := range b.e.Images {
		img := &b.e.Images[n]
		owner := img.Owner
		if to, ok := moved[int32(n)]; ok {
			owner = to
		}
		if !b.Resolved.Leaving(owner) || img.Kind == estate.KindBackup {
			continue
		}
		if d := b.Resolved.Of(int32(n)); d != nil && d.Abandon {
			if j := b.e.Judge(img, d.Reference); j.Lost() {
				continue
			}
		}
		b.plan.Servers[owner].OwnsAfter = append(b.plan.Servers[owner].OwnsAfter, int32(n))
	}
}

func (b *builder) stillOwns(id estate.ServerID) string {
	owned := b.plan.Servers[id].OwnsAfter
	var names []string
	for _, n := range owned[:min(len(owned), 5)] {
		names = append(names, b.e.Images[n].Name)
	}
	list := strings.Join(names, ", ")
	if len(owned) > len(names) {
		list += fmt.Sprintf(" and %d more", len(owned)-len(names))
	}
	return fmt.Sprintf("After this plan %s would still own %d of its images: %s.", b.e.ServerName(id), len(owned), list)
}

// join is the step after which a retired server owns nothing that the plan moves.
func (b *builder) join(id estate.ServerID) {
	if len(b.ownership[id]) == 0 {
		return
	}
	name := b.e.ServerName(id)
	s := b.serverStep(id, Step{Op: VerifyOwnership, By: ByPslan, WaitsFor: name + " owns nothing", Limit: b.Policy.Timeouts.Ownership})
	b.joins[id] = b.add(s, b.ownership[id]...)
	b.retiring[id] = append(b.retiring[id], b.joins[id])
}

func (b *builder) serverStep(id estate.ServerID, s Step) Step {
	s.Address = b.Resolved.Servers[id].Address
	s.Name, s.Label, s.Server = b.e.ServerName(id), s.Address.Name(), b.e.ServerName(id)
	return s
}

// writeShrinks writes the unassignments that were put off.
func (b *builder) writeShrinks(blocked map[estate.ServerID]bool) {
	for _, c := range b.shrinks {
		var joins []StepNo
		stuck := estate.NoServer
		for _, id := range c.m.Loses {
			if join, ok := b.joins[id]; ok {
				joins = append(joins, join)
			}
			if blocked[id] {
				stuck = id
			}
		}
		if stuck != estate.NoServer {
			b.block(c.m, codeRetiredOwns, stuck, false, fmt.Sprintf("The image leaves %s only when %s owns nothing.", b.e.ServerName(stuck), b.e.ServerName(stuck)))
			c.m.last = append(c.m.last, c.owned, c.synced)
			continue
		}
		c.unassign(joins)
	}
}

// filesOn lists the images with files, or perhaps with files, on a server.
func (b *builder) filesOn(id estate.ServerID) []int32 {
	var out []int32
	for n := range b.e.Images {
		c := b.e.Images[n].Copy(id)
		if c == nil || c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0 {
			continue
		}
		out = append(out, int32(n))
	}
	return out
}

// writeRetirement writes the last two steps of a retired server.
func (b *builder) writeRetirement(id estate.ServerID) {
	addr := b.Resolved.Servers[id].Address
	name := b.e.ServerName(id)
	for i := range b.moves { // nothing goes with the role before what stays of it elsewhere was proved
		if m := &b.moves[i]; m.delta.Image.Copy(id) != nil || slices.Contains(m.Path, id) {
			b.retiring[id] = append(b.retiring[id], m.last...)
		}
	}
	checked := b.add(b.serverStep(id, Step{
		Op: VerifyDrained, By: ByPslan, Accepted: b.Accepted[addr],
		WaitsFor: name + " may be switched off", Limit: b.Policy.Timeouts.Sync,
	}), b.retiring[id]...)
	b.add(b.serverStep(id, Step{
		Op: RetireServer, By: ByOperator, Risk: DeletesData, Accepted: b.Accepted[addr],
		WaitsFor: "the platform no longer lists " + name, Limit: b.Policy.Timeouts.Operator,
	}), checked)
}

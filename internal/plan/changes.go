package plan

import (
	"cmp"
	"slices"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
)

// listChanges turns moves into what the reader counts, in address order.
func (b *builder) listChanges() []diff.Change {
	var out []diff.Change
	for i := range b.moves {
		m := &b.moves[i]
		if c := b.imageChange(m); c != nil {
			out = append(out, c)
		}
		out = b.copyChanges(out, m)
	}
	listed := map[estate.Address]bool{}
	for _, c := range out {
		listed[c.Head().Address] = true
	}
	out = b.serverChanges(out, listed)
	out = b.prebootChanges(out)
	slices.SortStableFunc(out, func(x, y diff.Change) int {
		return cmp.Compare(x.Head().Address, y.Head().Address)
	})
	return out
}

// codes returns the codes of a move's blocks, sorted, each once.
func (b *builder) codes(m *moving) []finding.Code {
	var codes []finding.Code
	for _, n := range m.Blocks {
		codes = append(codes, b.plan.Blocks[n].Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func header(m *moving, addr estate.Address, action diff.Action) diff.Header {
	at := m.Desired.OwnerRange
	if at.IsZero() {
		at = m.Desired.AssignmentRange
	}
	if at.IsZero() {
		at = m.Desired.Range
	}
	return diff.Header{Address: addr, Action: action, Range: at, In: m.Desired.In}
}

// imageChange is what becomes of the image itself: as far as the steps reach, or,
// where they reach nothing of it, what was wanted and is blocked.
func (b *builder) imageChange(m *moving) diff.Change {
	d := m.delta
	c := &diff.ImageChange{
		Header: header(m, m.address, diff.Update), Image: m.Image, Name: d.Image.Name, GUID: d.Image.GUID, Package: d.Image.Package, Kind: d.Image.Kind,
		OwnerBefore: b.e.ServerName(d.Image.Owner), AssignmentBefore: b.e.NameAssignment(&d.Image.Assignment),
		LocationBefore: d.Image.Location, FormatBefore: d.Image.Format,
	}
	reachedOwner, assignment := d.Image.Owner, d.Image.Assignment
	var ops [RetireServer + 1]bool
	for _, n := range m.Steps {
		ops[b.plan.Steps[n].Op] = true
	}
	if ops[TakeOwnership] {
		reachedOwner = m.reached
	}
	switch {
	case ops[Unassign]:
		assignment = m.Final
	case ops[Assign]:
		assignment = m.Between
	case ops[Convert]:
		assignment = d.Start
	}
	c.OwnerAfter, c.AssignmentAfter = b.e.ServerName(reachedOwner), b.e.NameAssignment(&assignment)
	c.LocationAfter, c.FormatAfter = c.LocationBefore, c.FormatBefore
	if ops[SetLocation] {
		c.LocationAfter = d.Location
	}
	if ops[Convert] {
		c.FormatAfter = estate.Managed
	}
	if !c.Same() {
		return c
	}
	c.Blocked = b.codes(m)
	if !d.Updates() || b.cutOff(c.Blocked) {
		return nil
	}
	final := m.Final
	if m.whole {
		final = d.Assignment
	}
	c.OwnerAfter, c.AssignmentAfter = b.e.ServerName(d.Owner), b.e.NameAssignment(&final)
	c.LocationAfter, c.FormatAfter = d.Location, d.Format
	return c
}

// cutOff reports whether something that is not reached is left out because
// -target or -exclude cut its steps, and nothing blocks it.
func (b *builder) cutOff(blocked []finding.Code) bool { return b.plan.Partial && len(blocked) == 0 }

// copyChanges are the copies that come and go with a move.
func (b *builder) copyChanges(out []diff.Change, m *moving) []diff.Change {
	proved := map[string]bool{}
	for _, n := range m.Steps {
		if s := &b.plan.Steps[n]; s.Op == VerifyCopy {
			proved[s.Server] = true
		}
	}
	for _, id := range m.delta.Creates {
		name := b.e.ServerName(id)
		ref := &m.Judged.Reference
		c := &diff.CopyChange{
			Header: header(m, m.address.Copy(name), diff.Create), Image: m.Image, Name: m.names.name, Package: m.names.pack, Label: m.names.label,
			Server: name, Class: m.Judged.Class(id), Files: ref.Files, Bytes: ref.Bytes,
		}
		if !m.whole {
			c.From = b.e.ServerName(b.source(m, id))
		}
		if !proved[name] {
			if c.Blocked = b.codes(m); b.cutOff(c.Blocked) {
				continue
			}
		}
		out = append(out, c)
	}
	for _, id := range m.delta.Deletes {
		if b.Resolved.Retired(id) && !m.shrunk {
			continue // the role takes it: one delete for one copy
		}
		c := b.deletion(m.address, m.names.label, m.Image, id)
		c.Header = header(m, c.Address, diff.Delete)
		if _, fatal := b.fatal[id]; !m.shrunk || fatal {
			if c.Blocked = b.codes(m); b.cutOff(c.Blocked) {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

func (b *builder) deletion(addr estate.Address, label string, n int32, id estate.ServerID) *diff.CopyChange {
	img, name := &b.e.Images[n], b.e.ServerName(id)
	c := &diff.CopyChange{
		Header: diff.Header{Address: addr.Copy(name), Action: diff.Delete}, Image: n, Name: img.Name, Package: img.Package, Label: label,
		Server: name, Files: estate.Unknown, Bytes: estate.Unknown,
	}
	if copied := img.Copy(id); copied != nil && copied.Evidence.Sight == estate.Seen {
		c.Files, c.Bytes = copied.Evidence.Files, copied.Evidence.Bytes
	}
	return c
}

// serverChanges are the roles that go, and every copy that goes with them.
func (b *builder) serverChanges(out []diff.Change, listed map[estate.Address]bool) []diff.Change {
	for _, id := range b.Resolved.RetiredServers() {
		want, s := &b.Resolved.Servers[id], &b.e.Servers[id]
		blocked := b.serverCodes(id)
		if b.cutOff(blocked) && !b.hasStep(RetireServer, want.Address) {
			continue
		}
		at := want.Block.LifecycleRange
		out = append(out, &diff.ServerChange{
			Header: diff.Header{Address: want.Address, Action: diff.Delete, Range: at, In: want.Block.In, Blocked: blocked},
			Server: s.Name, Host: s.Host, Sites: s.Sites,
		})
		for _, n := range b.plan.Servers[id].LosesAll {
			img := &b.e.Images[n]
			if c := img.Copy(id); c.DeleteAfter != 0 || img.Kind == estate.KindBackup {
				continue
			}
			addr := b.addressOf(n)
			if listed[addr.Copy(s.Name)] {
				continue // its assignment goes first: one delete for one copy
			}
			c := b.deletion(addr, addr.Name(), n, id)
			c.Range, c.In, c.Blocked = at, want.Block.In, blocked
			out = append(out, c)
		}
	}
	return out
}

func (b *builder) hasStep(op Op, addr estate.Address) bool {
	return slices.ContainsFunc(b.plan.Steps, func(s Step) bool { return s.Op == op && s.Address == addr })
}

func (b *builder) addressOf(n int32) estate.Address {
	if d := b.Resolved.Of(n); d != nil {
		return d.Address
	}
	img := &b.e.Images[n]
	if len(b.Index.ImagesNamed(img.Name)) > 1 {
		return estate.UndeclaredImage(img.Package.String())
	}
	return estate.UndeclaredImage(img.Name)
}

func (b *builder) serverCodes(id estate.ServerID) []finding.Code {
	var codes []finding.Code
	for i := range b.plan.Blocks {
		if blk := &b.plan.Blocks[i]; blk.Image < 0 && blk.Server == id {
			codes = append(codes, blk.Code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func (b *builder) prebootChanges(out []diff.Change) []diff.Change {
	for _, want := range b.Resolved.Preboots {
		have := &b.e.Preboots[want.Preboot]
		if estate.Fold(have.ConnectsTo) == estate.Fold(want.Block.ConnectsTo) {
			continue
		}
		if b.plan.Partial && !b.hasStep(RebuildPreboot, want.Block.Address) {
			continue
		}
		out = append(out, &diff.PrebootChange{
			Header:  diff.Header{Address: want.Block.Address, Action: diff.Update, Range: want.Block.ConnectsToRange, In: want.Block.In},
			Preboot: want.Preboot, Name: have.Name, GUID: have.GUID, ConnectsToBefore: have.ConnectsTo, ConnectsToAfter: want.Block.ConnectsTo,
		})
	}
	return out
}

package diff

import (
	"slices"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// Delta is what has to become different for one image: the goal, not the way.
type Delta struct {
	Desired *Desired
	Image   *estate.Image
	Judged  estate.Judgement

	Owner      estate.ServerID   // in the end; the present one where it stays
	Assignment estate.Assignment // in the end, at least: a move may have to add a middle server
	Format     estate.Format
	Location   string
	// Start is the assignment that the way begins with: the present one, or what a
	// conversion from the legacy format brings (all servers, KB 179677).
	Start estate.Assignment

	OwnerMoves, AssignmentMoves, LocationMoves, Converts bool
	Repairs                                              bool // the declared owner is the present one and its copy is not good

	Creates []estate.ServerID // servers that shall hold a copy, were looked at, and have no good one
	Unseen  []estate.ServerID // servers that shall hold a copy, and whose copy cannot be seen or reached
	Deletes []estate.ServerID // servers whose files go
}

// Changes reports whether anything has to become different.
func (d *Delta) Changes() bool {
	return d.Updates() || len(d.Creates) > 0 || len(d.Deletes) > 0
}

// Updates reports whether the image itself changes.
func (d *Delta) Updates() bool {
	return d.OwnerMoves || d.AssignmentMoves || d.LocationMoves || d.Converts
}

// Compute finds the deltas of all images that are declared or concerned by a
// lifecycle, in image order. Images that are as they should be have none, nor have
// those that are lost and were given up (on_lost = "abandon").
func Compute(ix *estate.Index, r *Resolved) []Delta {
	e := ix.Estate()
	var out []Delta
	var room []estate.Class
	for i := range r.Desired {
		d := &r.Desired[i]
		img := &e.Images[d.Image]
		j := e.JudgeInto(img, d.Reference, room)
		delta := Delta{Desired: d, Image: img, Judged: j}
		delta.goal(e, r)
		delta.copies(ix, r)
		if delta.Changes() && !(d.Abandon && j.Lost()) {
			delta.Judged = e.Judge(img, d.Reference) // classes of its own: room is used again
			out = append(out, delta)
		}
		room = j.Classes()
	}
	return out
}

// goal decides owner, assignment, location and format in the end.
func (d *Delta) goal(e *estate.Estate, r *Resolved) {
	img, want := d.Image, d.Desired
	d.Owner, d.Assignment, d.Format, d.Location, d.Start = img.Owner, img.Assignment, img.Format, img.Location, img.Assignment
	if want.OwnerSource != OwnerUndeclared {
		d.Owner = want.Owner
		d.OwnerMoves = img.Owner != want.Owner
	}
	if want.Location != "" && estate.Fold(want.Location) != estate.Fold(img.Location) {
		d.Location, d.LocationMoves = want.Location, true
	}
	assignmentWanted := want.Assignment != nil && !estate.SameAssignment(want.Assignment, &img.Assignment)
	if img.Format == estate.Legacy && img.Kind != estate.KindBackup && (d.OwnerMoves || want.Assignment != nil) {
		d.Converts, d.Format = true, estate.Managed
		d.Start = estate.Assignment{Mode: estate.AssignAll}
		d.Assignment = d.Start
		assignmentWanted = want.Assignment != nil && !estate.SameAssignment(want.Assignment, &d.Start)
	}
	switch {
	case want.Assignment != nil:
		d.Assignment, d.AssignmentMoves = *want.Assignment, assignmentWanted
	case want.Homeless: // it stays with its owner, so the owner stays assigned
	default:
		d.Assignment, d.AssignmentMoves = r.withoutRetired(&d.Start)
		if d.Owner.IsServer() && d.OwnerMoves && !e.Covers(&d.Assignment, d.Owner) && d.Assignment.Mode != estate.AssignUnknown && d.Assignment.Mode != estate.AssignAutomatic {
			d.Assignment, d.AssignmentMoves = e.Add(&d.Assignment, d.Owner), true
		}
	}
}

// withoutRetired takes the retired servers out of an individual assignment.
func (r *Resolved) withoutRetired(a *estate.Assignment) (estate.Assignment, bool) {
	if a.Mode != estate.AssignServers || !slices.ContainsFunc(a.Servers, r.Retired) {
		return *a, false
	}
	kept := slices.DeleteFunc(slices.Clone(a.Servers), r.Retired)
	return estate.Assignment{Mode: estate.AssignServers, Servers: kept}, true
}

// copies decides which copies have to come and which go.
func (d *Delta) copies(ix *estate.Index, r *Resolved) {
	e := ix.Estate()
	img, want := d.Image, d.Desired
	if img.Owner == estate.SMP || img.Kind == estate.KindBackup {
		return
	}
	if want.Assignment != nil {
		members, _ := ix.Members(&d.Assignment)
		for _, id := range members {
			d.needs(e, r, id)
		}
	}
	if d.OwnerMoves {
		d.needs(e, r, d.Owner)
	}
	if want.OwnerSource == OwnerDeclared && !d.OwnerMoves && d.Owner.IsServer() && e.Reachable(d.Owner) {
		switch d.Judged.OwnerClass {
		case estate.Missing, estate.Empty, estate.Partial, estate.Different, estate.Stale:
			d.Repairs = true
			d.needs(e, r, d.Owner)
		}
	}
	d.losses(e, r)
}

// needs notes that a server shall hold a good copy.
func (d *Delta) needs(e *estate.Estate, r *Resolved, id estate.ServerID) {
	if slices.Contains(d.Creates, id) || slices.Contains(d.Unseen, id) || r.Retired(id) {
		return
	}
	if id == d.Image.Owner && !d.Repairs && !d.follows(e, id) {
		return // its copy is the one the others download; PSL108 where it is not good
	}
	c := d.Image.Copy(id)
	assignedNow := e.Covers(&d.Image.Assignment, id)
	switch class := d.Judged.Class(id); {
	case class == estate.Good:
		if c.DeleteAfter != 0 && e.Reachable(id) { // it has to be saved
			d.Creates = append(d.Creates, id)
		}
	case !e.Reachable(id):
		d.Unseen = append(d.Unseen, id)
	case class != estate.ClassUnknown, c == nil && !assignedNow, d.Converts && c == nil:
		d.Creates = append(d.Creates, id)
	case d.OwnerMoves && id == d.Owner && (c == nil || c.Evidence.Sight == estate.NotLooked):
		d.Creates = append(d.Creates, id)
	default:
		d.Unseen = append(d.Unseen, id)
	}
}

// follows reports whether the present owner, seen without a good copy, will be one of
// the servers that download when another one has taken the image over.
func (d *Delta) follows(e *estate.Estate, owner estate.ServerID) bool {
	class := d.Judged.OwnerClass
	return d.OwnerMoves && owner != d.Owner && e.Reachable(owner) && class != estate.Good && class != estate.ClassUnknown
}

// losses notes whose files go: servers that lose their assignment and hold files,
// and servers that hold files without being assigned and do not know it yet.
func (d *Delta) losses(e *estate.Estate, r *Resolved) {
	img, want := d.Image, d.Desired
	if want.Assignment == nil && !d.AssignmentMoves {
		return
	}
	known := d.Start.Mode != estate.AssignUnknown && d.Start.Mode != estate.AssignAutomatic
	for i := range img.Copies {
		c := &img.Copies[i]
		if !c.Server.IsServer() || c.Server == d.Owner || e.Covers(&d.Assignment, c.Server) || c.DeleteAfter != 0 {
			continue
		}
		class := d.Judged.Class(c.Server)
		loses := !known || e.Covers(&d.Start, c.Server)
		switch {
		case loses && (class.HasFiles() || class == estate.ClassUnknown):
			d.Deletes = append(d.Deletes, c.Server)
		case !loses && class.HasFiles() && want.Assignment != nil && !r.Leaving(c.Server):
			d.Deletes = append(d.Deletes, c.Server)
		}
	}
}

// RetiredServers returns the servers that are declared retired, in order.
func (r *Resolved) RetiredServers() []estate.ServerID {
	var ids []estate.ServerID
	for i := range r.Servers {
		if r.Servers[i].Lifecycle == declared.Retired {
			ids = append(ids, estate.ServerID(i))
		}
	}
	return ids
}

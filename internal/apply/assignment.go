package apply

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/plan"
)

// resolve turns a named assignment into one of the reading. missing are servers
// that the platform does not list.
func (v *view) resolve(n *estate.AssignmentNames) (a estate.Assignment, missing []string) {
	a = estate.Assignment{Mode: n.Mode, Sites: n.Sites}
	for _, name := range n.Servers {
		if id := v.Index.Server(name); id != estate.NoServer {
			a.Servers = append(a.Servers, id)
		} else {
			missing = append(missing, name)
		}
	}
	slices.Sort(a.Servers)
	a.Servers = slices.Compact(a.Servers)
	return a, missing
}

// same reports whether an assignment is the named setting.
func (v *view) same(a *estate.Assignment, n *estate.AssignmentNames) bool {
	if a.Mode != n.Mode || len(a.Sites) != len(n.Sites) {
		return false
	}
	if a.Mode == estate.AssignServers {
		b, missing := v.resolve(n)
		return len(missing) == 0 && slices.Equal(a.Servers, b.Servers)
	}
	return covers(a.Sites, n.Sites) && covers(n.Sites, a.Sites)
}

func covers(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !containsName(have, w) })
}

// covered reports whether an assignment already says all that another one says:
// everybody; or all its servers; or all its sites.
func (v *view) covered(have, want *estate.Assignment) bool {
	if have.Mode == estate.AssignAll {
		return true
	}
	switch want.Mode {
	case estate.AssignServers:
		if have.Mode != estate.AssignServers && have.Mode != estate.AssignSites {
			return false // its members are not known: a plan that names servers means to leave this mode
		}
		return !slices.ContainsFunc(want.Servers, func(id estate.ServerID) bool { return !v.Estate.Covers(have, id) })
	case estate.AssignSites, estate.AssignAutomatic:
		return have.Mode == want.Mode && covers(have.Sites, want.Sites)
	default:
		return false
	}
}

// dropped names the servers that are assigned now and would not be any more. Where
// the present members are not known, that alone is the answer, unless the plan was
// made for this very assignment: then it covers every server that had files.
func (v *view) dropped(have, want *estate.Assignment, planned bool) string {
	if v.covered(want, have) {
		return ""
	}
	members, known := v.Estate.Members(have)
	var names []string
	for _, id := range members {
		if !v.Estate.Covers(want, id) {
			names = append(names, v.Estate.ServerName(id))
		}
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, ", ")
	case !known && !planned:
		return "servers that the platform does not tell"
	default:
		return ""
	}
}

// judgeAssign: while a move runs, the assignment only ever grows.
func (m *machine) judgeAssign(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	if s.After.Assignment == nil {
		return isBarred(fmt.Errorf("the plan does not say what to assign; plan again"))
	}
	after, missing := v.resolve(s.After.Assignment)
	if len(missing) > 0 {
		return isBarred(fmt.Errorf("the platform no longer lists %s; plan again", strings.Join(missing, ", ")))
	}
	present := assigned(v.Estate.NameAssignment(&img.Assignment))
	before := s.Before.Assignment
	stands := before == nil || v.same(&img.Assignment, before)
	// What covers the goal is enough, unless it is the very setting that the plan
	// replaces: the same servers by another mode.
	if v.covered(&img.Assignment, &after) && (before == nil || !stands || v.same(&img.Assignment, s.After.Assignment)) {
		return isMet("assigned to %s", present)
	}
	if l := m.live[no]; l.attempts > 0 && m.state(no) == watching {
		if stands {
			return isPending("the assignment still reads %s", present)
		}
		return isBarred(changed("the assignment", assigned(*before), present))
	}
	if m.finalAssignment(s, v, img) {
		return isMet("assigned to %s, as the last step of this image leaves it", present)
	}
	if !stands {
		return isBarred(changed("the assignment", assigned(*before), present))
	}
	if err := v.moved(s, img); err != nil {
		return isBarred(err)
	}
	if drop := v.dropped(&img.Assignment, &after, before != nil); drop != "" && !m.settings.weaken.OwnerKeeps {
		return isBarred(fmt.Errorf("it would take the assignment from %s while the image moves; plan again", drop))
	}
	if err := m.misled(v, img, &after); err != nil {
		return isBarred(err)
	}
	return isAllowed(request{kind: setAssignment, image: ref(img), assignment: *s.After.Assignment, was: present})
}

// misled says which good copy would follow an owner that has none, were its server
// assigned (law 4): the plan knew another owner, or did not see the copy.
func (m *machine) misled(v *view, img *estate.Image, after *estate.Assignment) error {
	e := m.weigh(v, img)
	if m.settings.weaken.LastCopy || img.Copy(img.Owner) == nil || !spoils(v.Estate, img, &e.judgement, e.class(img.Owner)) {
		return nil
	}
	for i := range img.Copies {
		c := &img.Copies[i]
		if !c.Server.IsServer() || c.Server == img.Owner || v.Estate.Covers(&img.Assignment, c.Server) || !v.Estate.Covers(after, c.Server) {
			continue
		}
		name := v.Estate.ServerName(c.Server)
		if mayBeGood(&e, c) || c.Evidence.Sight != estate.Seen {
			return fmt.Errorf("the copy of the owner %s is %s, and the one on %s is good, or may be: once assigned, it would follow the owner; copy its files aside, or make the owner's copy good first",
				v.Estate.ServerName(img.Owner), e.class(img.Owner), name)
		}
	}
	return nil
}

// finalAssignment reports whether the image is already where the whole plan leaves
// it: owned by the last taker, and assigned as the last step says. A saved plan
// that is applied again must not widen what it has narrowed.
func (m *machine) finalAssignment(s *plan.Step, v *view, img *estate.Image) bool {
	var taker string
	var last *estate.AssignmentNames
	for _, no := range m.images.of(s.Image) {
		switch t := m.step(no); t.Op {
		case plan.TakeOwnership:
			taker = t.Server
		case plan.Assign, plan.Unassign:
			last = t.After.Assignment
		}
	}
	return taker != "" && last != nil && sameName(v.Estate.ServerName(img.Owner), taker) && v.same(&img.Assignment, last)
}

// judgeUnassign: an assignment is taken away only while the owner and all copies
// that are to stay are proved good, assigned afterwards, and not marked (P3).
func (m *machine) judgeUnassign(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	if s.After.Assignment == nil {
		return isBarred(fmt.Errorf("the plan does not say what stays assigned; plan again"))
	}
	present := assigned(v.Estate.NameAssignment(&img.Assignment))
	if v.same(&img.Assignment, s.After.Assignment) {
		return isMet("assigned to %s", present)
	}
	before := s.Before.Assignment
	if before != nil && !v.same(&img.Assignment, before) {
		return isBarred(changed("the assignment", assigned(*before), present))
	}
	if m.state(no) == watching {
		return isPending("the assignment still reads %s", present)
	}
	if err := v.moved(s, img); err != nil && !m.settings.weaken.OwnerKeeps {
		return isBarred(err)
	}
	after, missing := v.resolve(s.After.Assignment)
	if len(missing) > 0 {
		return isBarred(fmt.Errorf("the platform no longer lists %s; plan again", strings.Join(missing, ", ")))
	}
	if img.Owner.IsServer() && !v.Estate.Covers(&after, img.Owner) && !m.settings.weaken.OwnerKeeps {
		return isBarred(fmt.Errorf("the owner %s would lose its assignment", v.Estate.ServerName(img.Owner)))
	}
	if name := v.Estate.ServerName(img.Owner); managed(v, img, name) == estate.ManagedExternal && !m.settings.weaken.OwnerKeeps {
		return isBarred(fmt.Errorf("%s is the owner and does not take itself for it yet: it is still externally managed; refresh it, then run apply again", name))
	}
	if err := m.staying(s, v, img, &after); err != nil && !m.settings.weaken.Staying {
		return isBarred(fmt.Errorf("%w; nothing is taken away", err))
	}
	if err := m.lastCopyStays(s, v, img, &after); err != nil {
		return isBarred(err)
	}
	return isAllowed(request{kind: setAssignment, image: ref(img), assignment: *s.After.Assignment, was: present})
}

// staying proves the copies that are to stay when an assignment shrinks. Where the
// plan names none, the image must be lost: no copy that goes may be a good one, or
// one that cannot be judged.
func (m *machine) staying(s *plan.Step, v *view, img *estate.Image, after *estate.Assignment) error {
	e := m.weigh(v, img)
	for _, name := range s.Before.Verified {
		id := v.server(name)
		if id == estate.NoServer {
			return fmt.Errorf("the platform no longer lists %s", name)
		}
		if id.IsServer() && !v.Estate.Covers(after, id) {
			return fmt.Errorf("%s, whose copy is to stay, would lose its assignment", name)
		}
		if err := unmarked(img, id, name); err != nil {
			return err
		}
		if _, err := m.prove(&e, id); err != nil {
			return err
		}
	}
	if len(s.Before.Verified) > 0 {
		return nil
	}
	for _, name := range s.Servers {
		id := v.Index.Server(name)
		if id == estate.NoServer || !v.Estate.Reachable(id) {
			continue
		}
		if ev := e.seen(id); ev.Sight != estate.Seen || ev.Files > 0 && (e.reference == nil || e.class(id) == estate.Good) {
			return fmt.Errorf("no copy is verified to stay, and the one on %s may be good", name)
		}
	}
	return nil
}

func unmarked(img *estate.Image, id estate.ServerID, name string) error {
	if c := img.Copy(id); c != nil && !c.DeleteAfter.IsZero() {
		return fmt.Errorf("the copy on %s is marked for deletion, to go at a refresh after %s", name, clock(c.DeleteAfter.Time()))
	}
	return nil
}

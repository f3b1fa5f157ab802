package apply

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// path are the owners that an image passes through by the plan's steps, the first
// one before all of them.
func (m *machine) path(image estate.GUID) []string {
	var path []string
	for _, no := range m.images.of(image) {
		s := m.step(no)
		if s.Op != plan.TakeOwnership {
			continue
		}
		if path == nil {
			path = append(path, ownerBefore(s))
		}
		path = append(path, s.Server)
	}
	return path
}

func ownerBefore(s *plan.Step) string {
	if s.Before.Owner != nil {
		return *s.Before.Owner
	}
	return s.From
}

// passed reports whether the image is further along its path than a step about a
// server on it: then the step has nothing left to do. So a plan can be applied
// again until it is done.
func (m *machine) passed(s *plan.Step, owner string) bool {
	path := m.path(s.Image)
	here, there := onPath(path, s.Server), onPath(path, owner)
	return here > 0 && there > here
}

func onPath(path []string, server string) int {
	return slices.IndexFunc(path, func(p string) bool { return sameName(p, server) })
}

// judgeTake: ownership is taken of a copy that is proved in the very reading that
// allows the request: good, assigned, not marked, the owner as expected (P2).
func (m *machine) judgeTake(no plan.StepNo, s *plan.Step, v *view) verdict {
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	owner := v.Estate.ServerName(img.Owner)
	if sameName(owner, s.Server) {
		return m.judgeTaken(no, s, v, img)
	}
	if m.passed(s, owner) {
		return isMet("%s owns it already, which comes after %s", owner, s.Server)
	}
	if owner == "" && m.state(no) == watching {
		return isPending("what the platform says of the owner does not agree")
	}
	if before := ownerBefore(s); !sameName(owner, before) {
		return isBarred(changed("the owner", before, owner))
	}
	if m.state(no) == watching {
		return isPending("the platform still shows %s as the owner", owner)
	}
	if err := v.moved(s, img); err != nil {
		return isBarred(err)
	}
	id := v.Index.Server(s.Server)
	if id == estate.NoServer {
		return isBarred(fmt.Errorf("the platform no longer lists %s; plan again", s.Server))
	}
	if !v.Estate.Covers(&img.Assignment, id) {
		return isBarred(fmt.Errorf("%s is not assigned (the assignment is %s); ownership is not taken, because the next refresh would mark the files there for deletion; plan again",
			s.Server, assigned(v.Estate.NameAssignment(&img.Assignment))))
	}
	if err := m.takers(s, v, img); err != nil && !m.settings.weaken.Proof {
		return isBarred(fmt.Errorf("%w; ownership is not taken of a copy that is not proved", err))
	}
	if s.By == plan.ByOperator {
		return isAllowed(request{kind: askOperator, task: platform.OperatorTask{
			Op: platform.OpTakeOwnership, Image: ref(img), Server: s.Server, From: owner}, check: takeCheck(s, v, img, owner)})
	}
	return isAllowed(request{kind: takeOwnership, image: ref(img), server: s.Server, was: owner})
}

// takers proves the copy of the taker, and any other that the plan wants proved.
func (m *machine) takers(s *plan.Step, v *view, img *estate.Image) error {
	names := []string{s.Server}
	for _, n := range s.Before.Verified {
		if !containsName(names, n) {
			names = append(names, n)
		}
	}
	for _, name := range names {
		id := v.server(name)
		if id == estate.NoServer {
			return fmt.Errorf("the platform no longer lists %s", name)
		}
		if err := unmarked(img, id, name); err != nil {
			return err
		}
		e := m.weigh(v, img)
		if _, err := m.prove(&e, id); err != nil {
			return err
		}
	}
	return nil
}

// judgeOwnership: the new owner shows as locally managed and the old one as
// externally managed. Where the platform does not tell, the owner's name is all
// there is, and that is said.
func (m *machine) judgeOwnership(s *plan.Step, v *view) verdict {
	if s.Address.Type() == "package_server" {
		return m.judgeOwnsNothing(s, v)
	}
	img, err := v.image(s)
	if err != nil {
		return isBarred(err)
	}
	owner := v.Estate.ServerName(img.Owner)
	if m.passed(s, owner) {
		return isMet("%s owns it already, which comes after %s", owner, s.Server)
	}
	if !sameName(owner, s.Server) {
		if sameName(owner, s.From) {
			return isPending("the platform shows %s as the owner", owner)
		}
		return isBarred(changed("the owner", s.Server, owner))
	}
	var said []string
	switch managed(v, img, s.Server) {
	case estate.ManagedLocal:
		said = append(said, s.Server+" locally managed")
	case estate.ManagedExternal:
		return isPending("%s is still externally managed", s.Server)
	default:
		said = append(said, s.Server+" is the owner; whether it is locally managed cannot be seen")
	}
	if s.From == "" || sameName(s.From, "smp") {
		return isMet("%s", said[0])
	}
	old := v.Index.Server(s.From)
	switch state := managed(v, img, s.From); {
	case old == estate.NoServer:
		said = append(said, s.From+" is not listed any more")
	case !v.Estate.Reachable(old):
		said = append(said, s.From+" cannot be reached and still takes itself for the owner until it is back")
	case state == estate.ManagedLocal:
		return isPending("%s is still locally managed", s.From)
	case state == estate.ManagedExternal:
		said = append(said, s.From+" externally managed")
	default:
		said = append(said, "how "+s.From+" manages it cannot be seen")
	}
	return isMet("%s", strings.Join(said, "; "))
}

func managed(v *view, img *estate.Image, server string) estate.ManagedBy {
	if c := img.Copy(v.server(server)); c != nil {
		return c.Managed
	}
	return estate.ManagedUnknown
}

// judgeOwnsNothing: a server that is to go owns none of the plan's images any more.
func (m *machine) judgeOwnsNothing(s *plan.Step, v *view) verdict {
	id := v.Index.Server(s.Server)
	if id == estate.NoServer {
		return isMet("the platform no longer lists %s", s.Server)
	}
	var names []string
	for _, g := range m.leaving(s.Server) {
		if img := v.Index.ImageByGUID(g); img != nil && img.Owner == id {
			names = append(names, img.Name)
		}
	}
	if len(names) > 0 {
		return isPending("%s still owns %s", s.Server, some(names))
	}
	return isMet("%s owns nothing any more", s.Server)
}

// some names up to five things.
func some(names []string) string {
	const shown = 5
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

// leaving are the images whose ownership the plan takes from a server.
func (m *machine) leaving(server string) []estate.GUID {
	if m.takenFrom == nil {
		m.takenFrom = map[string][]estate.GUID{}
		for i := range m.plan.Steps {
			if s := &m.plan.Steps[i]; s.Op == plan.TakeOwnership {
				from := estate.Fold(ownerBefore(s))
				m.takenFrom[from] = append(m.takenFrom[from], s.Image)
			}
		}
	}
	return m.takenFrom[estate.Fold(server)]
}

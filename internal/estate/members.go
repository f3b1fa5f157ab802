package estate

import (
	"slices"
	"sort"
	"strings"
)

// Members returns the package servers that an assignment covers, sorted, and
// whether they are known. Those of AssignAutomatic are at least the ones returned;
// those of AssignUnknown are none.
func (e *Estate) Members(a *Assignment) (ids []ServerID, known bool) {
	switch a.Mode {
	case AssignAll:
		ids = make([]ServerID, len(e.Servers))
		for i := range ids {
			ids[i] = ServerID(i)
		}
		return ids, true
	case AssignServers:
		return a.Servers, true
	case AssignSites, AssignAutomatic:
		for i := range e.Servers {
			if e.inSites(ServerID(i), a.Sites) {
				ids = append(ids, ServerID(i))
			}
		}
		return ids, a.Mode == AssignSites
	default:
		return nil, false
	}
}

// Covers reports whether a server is known to be among the members.
func (e *Estate) Covers(a *Assignment, id ServerID) bool {
	if !id.IsServer() {
		return false
	}
	switch a.Mode {
	case AssignAll:
		return true
	case AssignServers:
		_, ok := slices.BinarySearch(a.Servers, id)
		return ok
	case AssignSites, AssignAutomatic:
		return e.inSites(id, a.Sites)
	default:
		return false
	}
}

func (e *Estate) inSites(id ServerID, sites []string) bool {
	for _, s := range e.Servers[id].Sites {
		if slices.ContainsFunc(sites, func(t string) bool { return s == t || strings.EqualFold(s, t) }) {
			return true
		}
	}
	return false
}

// SameAssignment reports whether two assignments are the same setting: mode and
// list, order and case aside.
func SameAssignment(a, b *Assignment) bool {
	return a.Mode == b.Mode && slices.Equal(a.Servers, b.Servers) &&
		slices.EqualFunc(a.Sites, b.Sites, func(x, y string) bool { return Fold(x) == Fold(y) })
}

// ServersOf makes an individual assignment from servers in any order.
func ServersOf(ids ...ServerID) Assignment {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return Assignment{Mode: AssignServers, Servers: slices.Compact(ids)}
}

// SitesOf makes an assignment by site from names in any order.
func SitesOf(names ...string) Assignment {
	names = slices.Clone(names)
	sort.Slice(names, func(i, j int) bool { return Fold(names[i]) < Fold(names[j]) })
	names = slices.CompactFunc(names, func(a, b string) bool { return Fold(a) == Fold(b) })
	return Assignment{Mode: AssignSites, Sites: names}
}

// Add returns an assignment that covers a server as well: one more server, or one
// of its sites where the mode is by site. A server without a site turns an
// assignment by site into the individual one of its members.
func (e *Estate) Add(a *Assignment, id ServerID) Assignment {
	switch {
	case !id.IsServer() || e.Covers(a, id):
		return *a
	case a.Mode == AssignSites && len(e.Servers[id].Sites) > 0:
		return SitesOf(append(slices.Clone(a.Sites), e.Servers[id].Sites[0])...)
	default:
		members, _ := e.Members(a)
		return ServersOf(append(slices.Clone(members), id)...)
	}
}

// AssignmentNames is an assignment with servers named, for what outlives one
// reading of the estate: steps, plans, requests. Servers and sites are sorted.
type AssignmentNames struct {
	Mode    AssignmentMode
	Servers []string
	Sites   []string
}

// NameAssignment turns server numbers into names.
func (e *Estate) NameAssignment(a *Assignment) AssignmentNames {
	n := AssignmentNames{Mode: a.Mode, Sites: a.Sites}
	for _, id := range a.Servers {
		n.Servers = append(n.Servers, e.ServerName(id))
	}
	return n
}

// Equal reports whether two named assignments are the same setting, case aside.
func (n *AssignmentNames) Equal(m *AssignmentNames) bool {
	same := func(a, b string) bool { return Fold(a) == Fold(b) }
	return n.Mode == m.Mode && slices.EqualFunc(n.Servers, m.Servers, same) && slices.EqualFunc(n.Sites, m.Sites, same)
}

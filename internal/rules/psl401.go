package rules

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

func psl401() *Rule {
	return &Rule{
		Code:    "PSL401",
		Title:   "A server that the plan needs cannot be reached",
		Default: finding.Warning,
		Floor:   finding.Note,
		Scope:   OfServer,
		Fix:     "bring the server up before applying.",
		Doc: Doc{
			Means: `A package server is off, and images that the plan moves have to do with it: as present
or new owner, as a server in between, or as one that gains or loses a copy.`,
			Why: `A server that is off neither downloads nor notices anything: it learns of a new owner
or of a lost assignment only when it comes back, and until then it believes what it
believed. An owner that is off cannot be downloaded from (law 1); the plan then goes
through a server that has the files, if one does.`,
			Example: `    PS008 is offline, last seen 2026-11-18 06:12 UTC. It is the present owner of 12
    images.`,
			Quiet: `Not where nothing that the plan does concerns the server. Not where the platform does
not tell whether it is up: then it is taken as reachable until it proves otherwise.`,
			Do: `If it can be brought up, do so before applying: the plan is then shorter and ends with
everything checked. If it is gone for good, go on: what cannot be checked on it is
named, and nothing is taken from others on its word.`,
		},
		check: func(r *run) {
			roles := make([]serverRoles, len(r.e.Servers))
			for i := range r.Plan.Moves {
				m := &r.Plan.Moves[i]
				for k, id := range m.Path {
					r.need(roles, id, func(n *serverRoles) *[]int32 {
						switch {
						case k == 0:
							return &n.owner
						case k == len(m.Path)-1:
							return &n.taker
						}
						return &n.middle
					}, m.Image)
				}
				for _, id := range slices.Concat(m.Gains, m.Loses) {
					if !slices.Contains(m.Path, id) {
						r.need(roles, id, func(n *serverRoles) *[]int32 { return &n.copies }, m.Image)
					}
				}
				if want := m.Desired.Owner; want.IsServer() && !slices.Contains(m.Path, want) {
					r.need(roles, want, func(n *serverRoles) *[]int32 { return &n.taker }, m.Image)
				}
			}
			for i := range roles {
				r.reportUnreached(estate.ServerID(i), &roles[i])
			}
		},
	}
}

// serverRoles are the images for which the plan needs a server, by what for.
type serverRoles struct{ owner, taker, middle, copies []int32 }

func (r *run) need(roles []serverRoles, id estate.ServerID, role func(*serverRoles) *[]int32, image int32) {
	if id.IsServer() && r.e.Servers[id].State == estate.Offline {
		images := role(&roles[id])
		*images = append(*images, image)
	}
}

func (r *run) reportUnreached(id estate.ServerID, n *serverRoles) {
	var as []string
	for _, role := range []struct {
		what   string
		images []int32
	}{{"the present owner", n.owner}, {"the new owner", n.taker}, {"the server in between", n.middle}, {"a server that gains or loses a copy", n.copies}} {
		if k := len(role.images); k > 0 {
			as = append(as, fmt.Sprintf("%s of %s (%s)", role.what, count(k, "image"), list(r.imageNames(role.images))))
		}
	}
	if len(as) == 0 {
		return
	}
	srv := &r.e.Servers[id]
	last := ""
	if srv.LastSeen != 0 {
		last = ", last seen " + moment(srv.LastSeen)
	}
	r.reportServer(id, finding.Finding{
		Detail: fmt.Sprintf("%s is offline%s. It is %s.", srv.Name, last, strings.Join(as, ", and ")),
		Fix:    fmt.Sprintf("bring %s up before applying if that is possible; what cannot be checked on it is named, and what needs it waits or is blocked.", srv.Name),
	}, finding.Unset)
}

package smp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
)

// GUIDs of package servers that their rows do not tell can be looked up by host name:
// GetComputerByNameAndDomain (D, H ResourceManagementLib: the empty GUID is "not found").
// Whether it takes a domain's NetBIOS name or its DNS name is N, so domains may be set.
//
// What is found is the GUID of a computer. That assignments name package servers by it is
// I, and a list with a GUID that means nobody could take every copy away. So nothing is
// written with such a GUID before a package service has told an assignment that names a
// server by one: Platform.proven.

const (
	resourceManagement = "ResourceManagementService"
	guidsByLookup      = "lookup"
)

// lookup is what was found about a host.
type lookup struct {
	guid estate.GUID
	why  string // there is no GUID
}

// lookUp finds the GUIDs of package servers without one. One call for each host and
// domain; what was found is kept, and what was not is kept for polls.
func (r *reading) lookUp(ctx context.Context) error {
	if r.p.set.Servers.GUIDs != guidsByLookup {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.p.limit())
	found := make([]lookup, len(r.e.Servers))
	for id := range r.e.Servers {
		s := &r.e.Servers[id]
		if !s.GUID.IsZero() {
			continue
		}
		g.Go(func() (err error) {
			found[id], err = r.p.lookUp(ctx, s.Host, r.wanted != nil)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r.takeLookups(found)
	return nil
}

// takeLookups takes GUIDs that belong to one server each.
func (r *reading) takeLookups(found []lookup) {
	owners := map[estate.GUID]int{}
	for id := range r.e.Servers {
		for _, g := range []estate.GUID{r.e.Servers[id].GUID, found[id].guid} {
			if !g.IsZero() {
				owners[g]++
			}
		}
	}
	r.looked = map[estate.GUID]bool{}
	for id := range r.e.Servers {
		s, l := &r.e.Servers[id], found[id]
		switch {
		case !s.GUID.IsZero():
		case l.guid.IsZero():
			r.notes.add(noteLookup, s.Host, "%s", l.why)
		case owners[l.guid] > 1:
			r.notes.add(noteLookup, s.Host, "%s is what another server has as well", l.guid)
		default:
			s.GUID = l.guid
			r.looked[l.guid] = true
		}
	}
}

// lookUp asks for one host, in each domain that may be meant.
func (p *Platform) lookUp(ctx context.Context, host string, poll bool) (lookup, error) {
	key := plainHost(host)
	p.mu.Lock()
	known, ok := p.lookups[key]
	p.mu.Unlock()
	if ok && (poll || !known.guid.IsZero()) {
		return known, nil
	}
	found, err := p.askComputer(ctx, key)
	if err != nil {
		return found, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lookups == nil {
		p.lookups = map[string]lookup{}
	}
	p.lookups[key] = found
	return found, nil
}

func (p *Platform) askComputer(ctx context.Context, host string) (lookup, error) {
	name, domain, _ := strings.Cut(host, ".")
	if label(host) == "" && domain != "" {
		return lookup{why: "an address has no name to be looked up by"}, nil
	}
	domains := p.set.Servers.Domains
	if len(domains) == 0 {
		domains = []string{domain}
	}
	var found []estate.GUID
	for _, d := range domains {
		g, why, err := p.computer(ctx, name, d)
		switch {
		case err != nil:
			return lookup{}, err
		case why != "":
			return lookup{why: why}, nil
		case !g.IsZero() && !slices.Contains(found, g):
			found = append(found, g)
		}
	}
	switch len(found) {
	case 0:
		return lookup{why: fmt.Sprintf("not found as %s in %s", name, quotedList(domains))}, nil
	case 1:
		return lookup{guid: found[0]}, nil
	}
	return lookup{why: fmt.Sprintf("%d computers are called %s in %s", len(found), name, quotedList(domains))}, nil
}

func quotedList(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(out, ", ")
}

// computer asks for the GUID of one computer. why: the platform does not say.
func (p *Platform) computer(ctx context.Context, name, domain string) (g estate.GUID, why string, err error) {
	const op = "look up the computer"
	node, err := p.services.Call(ctx, wire.Call{Service: resourceManagement, Method: "GetComputerByNameAndDomain", Object: name,
		Params: []wire.Param{{Name: "name", Value: name}, {Name: "domain", Value: domain}}})
	if err != nil {
		k, _ := kindOf(err)
		return g, "GetComputerByNameAndDomain: " + k.String(), unlessUntold(readError(op, name, err))
	}
	if g, err = node.GUID(); err != nil {
		return g, "", readError(op, name, notUnderstood(resourceManagement, "GetComputerByNameAndDomain", name, wire.ClassRead, "it is no GUID"))
	}
	return g, "", nil
}

// proveLookups looks whether an assignment that a package service told names a server by
// a GUID that was looked up.
func (r *reading) proveLookups() {
	if len(r.looked) == 0 {
		return
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	for i := range r.found {
		r.p.lookupsProven = r.p.lookupsProven || r.looked.prove(&r.found[i].where)
	}
	if !r.p.lookupsProven && r.wanted == nil {
		r.notes.add(noteUnproven, "", "")
	}
}

// lookedUp are GUIDs that were looked up.
type lookedUp map[estate.GUID]bool

// prove reports whether a package service names a server by one of them.
func (l lookedUp) prove(a *assignment) bool {
	return a.mode == estate.AssignServers && a.via != "" && a.via != viaRows && slices.ContainsFunc(a.members, func(g estate.GUID) bool { return l[g] })
}

// proven refuses to write an assignment with GUIDs that were looked up, as long as no
// assignment of the platform's own names a server in this way. now is the present one.
func (p *Platform) proven(image string, want *target, now *assignment, looked lookedUp) error {
	if want.mode != estate.AssignServers || !slices.ContainsFunc(want.members, func(g estate.GUID) bool { return looked[g] }) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lookupsProven = p.lookupsProven || looked.prove(now); p.lookupsProven {
		return nil
	}
	return refused(platform.KindUnsupported, opAssign, image, hintProven,
		"the GUIDs of package servers were looked up by their names, and no assignment that was read names a server by such a GUID: a list of GUIDs that mean nobody could take every copy away")
}

// unprovenLookups warns beforehand that lists of servers may be refused: the request
// itself decides, as what is written may name all servers, or sites.
func (p *Platform) unprovenLookups() diag.Diagnostics {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil || len(p.last.looked) == 0 || p.lookupsProven {
		return nil
	}
	return diag.Diagnostics{{Severity: diag.Warning, Summary: "Lists of package servers may not be written", Subject: p.set.Servers.Range, In: `connection "smp"`,
		Detail: "The GUIDs of package servers were looked up by their names, and no assignment that was read names a server by such a GUID. An assignment to chosen servers is refused until one does.\n\n" + hintProven}}
}

const hintProven = "Assign any package to one of these servers individually in the console, which shows pslan by which GUIDs assignments name servers; or bring the column guid in rows \"package_servers\"."

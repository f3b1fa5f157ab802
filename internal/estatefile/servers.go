package estatefile

import (
	"fmt"

	"pslan/internal/estate"
)

// smp reads the object that names the SMP.
func (r *reader) smp() {
	if !r.enter('{', "an object") {
		return
	}
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "name":
			r.e.SMP.Name = r.nameValue()
		case "guid":
			r.e.SMP.GUID = r.guid()
		case "version":
			r.e.SMP.Version = r.string()
		default:
			r.skip(2)
		}
	}
}

// site reads one site.
func (r *reader) site() {
	at := r.at
	var text string
	for first := true; r.member(first); first = false {
		if string(r.key) != "name" {
			r.skip(3)
			continue
		}
		text = r.nameValue()
		at = r.at
		r.what.name = text
	}
	if r.failed {
		return
	}
	if text == "" {
		r.problem(at, r.offset(), "Site without a name", "A site needs a \"name\".")
		return
	}
	id, _ := r.sites.number([]byte(text))
	nm := &r.sites.list[id]
	if nm.declared >= 0 {
		r.problem(at, r.offset(), "Site twice", fmt.Sprintf("The site %q stands twice in the file (names compare without case).", text))
		return
	}
	nm.text, nm.declared = text, int32(len(r.e.Sites))
	r.e.Sites = append(r.e.Sites, text)
}

// serverPlaces remembers what must not stand twice, with the line where it stands.
type serverPlaces struct {
	names, hosts map[string]int32
	guids        map[estate.GUID]int32
	preboots     map[estate.GUID]int32
	sites        [][]int32 // parallel to Estate.Servers
}

// packageServer reads one package server.
func (r *reader) packageServer() {
	s := estate.PackageServer{FreeBytes: estate.Unknown, TotalBytes: estate.Unknown}
	p := &r.serverPlaces
	begin := r.spot(r.at, r.at+1)
	line, before := begin.at.Start.Line, r.found()
	var sites []int32
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "name":
			s.Name = r.nameValue()
			r.what.name = s.Name
			r.unique(&p.names, s.Name, line, "Package server twice", "The package server")
		case "guid":
			s.GUID = r.guid()
			if !s.GUID.IsZero() {
				uniqueGUID(r, &p.guids, s.GUID, line, "package server")
			}
		case "host":
			s.Host = r.nameValue()
			r.unique(&p.hosts, s.Host, line, "Host twice", "The host")
		case "sites":
			sites = r.siteList(sites[:0])
		case "state":
			s.State = enum(&r.values, estate.ParseState, "online, offline, unknown")
		case "last_seen":
			s.LastSeen = r.moment()
		case "free_bytes":
			s.FreeBytes = r.count()
		case "total_bytes":
			s.TotalBytes = r.count()
		default:
			r.skip(3)
		}
	}
	if r.failed {
		return
	}
	switch {
	case s.Name == "" && r.found() > before:
		return
	case s.Name == "":
		r.add(severityError, begin, "Package server without a name", "Every package server needs a \"name\": it is what images and copies refer to.")
		return
	case estate.Fold(s.Name) == "smp":
		r.add(severityError, begin, "Package server called smp", "\"smp\" stands for the SMP itself, which is no package server.")
		return
	}
	id, _ := r.servers.number([]byte(s.Name))
	if nm := &r.servers.list[id]; nm.declared < 0 {
		nm.text, nm.declared = s.Name, int32(len(r.e.Servers))
	}
	r.e.Servers = append(r.e.Servers, s)
	p.sites = append(p.sites, sites)
}

// unique reports a name that was there before.
func (r *reader) unique(seen *map[string]int32, name string, line int32, summary, what string) {
	if name == "" {
		return
	}
	fold := estate.Fold(name)
	if *seen == nil {
		*seen = map[string]int32{}
	}
	if other, twice := (*seen)[fold]; twice {
		r.wrongValue(summary, "%s %q stands at line %d already (names compare without case). Remove one of the two.", what, name, other)
		return
	}
	(*seen)[fold] = line
}

// uniqueGUID reports a GUID that was there before.
func uniqueGUID(r *reader, seen *map[estate.GUID]int32, g estate.GUID, line int32, what string) {
	if *seen == nil {
		*seen = map[estate.GUID]int32{}
	}
	if other, twice := (*seen)[g]; twice {
		r.wrongValue("GUID twice", "The GUID %s is already that of the %s at line %d. A GUID names one thing only: remove or correct one of the two.", g, what, other)
		return
	}
	(*seen)[g] = line
}

// siteList reads a list of sites by name into numbers.
func (r *reader) siteList(ids []int32) []int32 {
	if !r.enter('[', "a list of sites") {
		return ids
	}
	for first := true; r.element(first); first = false {
		if id, ok := r.refer(&r.sites); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// preboot reads one preboot configuration.
func (r *reader) preboot() {
	var p estate.Preboot
	begin := r.spot(r.at, r.at+1)
	for first := true; r.member(first); first = false {
		switch string(r.key) {
		case "name":
			p.Name = r.nameValue()
			r.what.name = p.Name
		case "guid":
			p.GUID = r.guid()
			if !p.GUID.IsZero() {
				uniqueGUID(r, &r.serverPlaces.preboots, p.GUID, begin.at.Start.Line, "preboot configuration")
			}
		case "connects_to":
			p.ConnectsTo = r.nameValue()
		default:
			r.skip(3)
		}
	}
	if r.failed {
		return
	}
	if p.Name == "" {
		r.add(severityError, begin, "Preboot configuration without a name", "Every preboot configuration needs a \"name\".")
		return
	}
	r.e.Preboots = append(r.e.Preboots, p)
}

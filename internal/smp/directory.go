package smp

import (
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/unc"
)

// directory finds package servers, sites and the SMP by whatever a source calls them:
// name, host, the first label of a host, GUID.
type directory struct {
	byName    map[string][]estate.ServerID // as they are called
	byLabel   map[string][]estate.ServerID // by the first labels of their hosts
	byGUID    map[estate.GUID]estate.ServerID
	names     []string      // of the servers, as Estate.Servers has them
	hosts     []string      // of the servers
	guids     []estate.GUID // of the servers, as assignments name them
	computers []estate.GUID // of the servers, as tasks name them
	sites     map[estate.GUID]string
	siteGUIDs map[string]estate.GUID // by folded name
	smpGUID   estate.GUID
	looked    lookedUp // which of guids were looked up by name
}

func newDirectory(servers int) *directory {
	return &directory{
		byName: map[string][]estate.ServerID{}, byLabel: map[string][]estate.ServerID{}, byGUID: map[estate.GUID]estate.ServerID{},
		names: make([]string, servers), hosts: make([]string, servers), guids: make([]estate.GUID, servers), computers: make([]estate.GUID, servers),
		sites: map[estate.GUID]string{}, siteGUIDs: map[string]estate.GUID{},
	}
}

// plainHost is a name of a host as it is compared.
func plainHost(name string) string {
	return estate.Fold(strings.TrimSuffix(strings.TrimSpace(name), "."))
}

// label is the first label of a name, "" where it is all there is, or an address.
func label(name string) string {
	first, _, dotted := strings.Cut(name, ".")
	if !dotted || strings.Trim(name, "0123456789.") == "" {
		return ""
	}
	return first
}

func (d *directory) addSMP(names ...string) {
	for _, name := range names {
		d.know(estate.SMP, name)
	}
}

// know notes a name, and its first label as one that is less sure.
func (d *directory) know(id estate.ServerID, name string) {
	name = plainHost(name)
	for _, k := range []struct {
		in   map[string][]estate.ServerID
		name string
	}{{d.byName, name}, {d.byLabel, label(name)}} {
		if k.name != "" && !slices.Contains(k.in[k.name], id) {
			k.in[k.name] = append(k.in[k.name], id)
		}
	}
}

func (d *directory) addServer(id estate.ServerID, guid, computer estate.GUID, name, host string) {
	d.names[id], d.hosts[id] = name, host
	d.know(id, name)
	d.know(id, host)
	d.guids[id], d.computers[id] = guid, computer
	for _, g := range []estate.GUID{guid, computer} {
		if !g.IsZero() {
			d.byGUID[g] = id
		}
	}
}

// find resolves what a source calls a server or the SMP; NoServer where it is neither,
// or could be several. A name goes before the first label of another one's host. A name
// with a domain counts as one without only where no other domain is known.
func (d *directory) find(text string) estate.ServerID {
	text = strings.TrimSpace(text)
	if g, err := estate.ParseGUID(text); err == nil && !g.IsZero() {
		if id, ok := d.byGUID[g]; ok {
			return id
		}
		if g == d.smpGUID {
			return estate.SMP
		}
		return estate.NoServer
	}
	name := plainHost(strings.Trim(text, `\/`))
	short := label(name)
	for _, ids := range [][]estate.ServerID{d.byName[name], d.byLabel[name]} {
		if id, ok := only(ids); ok {
			return id
		}
	}
	if short != "" && len(d.byLabel[short]) == 0 {
		if id, ok := only(d.byName[short]); ok {
			return id
		}
	}
	if name == "smp" {
		return estate.SMP
	}
	return estate.NoServer
}

// only is the one of a list of one; a package server where the SMP is called the same.
func only(ids []estate.ServerID) (estate.ServerID, bool) {
	servers := slices.DeleteFunc(slices.Clone(ids), func(id estate.ServerID) bool { return id == estate.SMP })
	switch {
	case len(servers) == 1:
		return servers[0], true
	case len(servers) == 0 && len(ids) > 0:
		return estate.SMP, true
	}
	return estate.NoServer, false
}

// host is the host of a location on a share, "" for anything else.
func host(location string) string {
	p, err := unc.Parse(location)
	if err != nil {
		return ""
	}
	return p.Host
}

// site resolves a site by GUID or name, to the spelling of the sites' own rows.
func (d *directory) site(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if g, err := estate.ParseGUID(text); err == nil && !g.IsZero() {
		name, ok := d.sites[g]
		return name, ok
	}
	if _, known := d.siteGUIDs[estate.Fold(text)]; known {
		return text, true
	}
	return "", false
}

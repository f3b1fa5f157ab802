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
	byName    map[string][]estate.ServerID
	byGUID    map[estate.GUID]estate.ServerID
	names     []string      // of the servers, as Estate.Servers has them
	hosts     []string      // of the servers
	guids     []estate.GUID // of the servers, as assignments name them
	computers []estate.GUID // of the servers, as tasks name them
	sites     map[estate.GUID]string
	siteGUIDs map[string]estate.GUID // by folded name
	smpGUID   estate.GUID
	smpNames  map[string]bool
}

func newDirectory(servers int) *directory {
	return &directory{
		byName: map[string][]estate.ServerID{}, byGUID: map[estate.GUID]estate.ServerID{},
		names: make([]string, servers), hosts: make([]string, servers), guids: make([]estate.GUID, servers), computers: make([]estate.GUID, servers),
		sites: map[estate.GUID]string{}, siteGUIDs: map[string]estate.GUID{}, smpNames: map[string]bool{},
	}
}

// forms are the names under which a host may be spoken of: as it is, and its first label.
func forms(name string) []string {
	full := estate.Fold(strings.TrimSuffix(strings.TrimSpace(name), "."))
	label, _, dotted := strings.Cut(full, ".")
	switch {
	case full == "":
		return nil
	case !dotted || label == "" || strings.Trim(full, "0123456789.") == "": // an address has no first label
		return []string{full}
	}
	return []string{full, label}
}

func (d *directory) addSMP(names ...string) {
	for _, name := range names {
		for _, f := range forms(name) {
			d.smpNames[f] = true
		}
	}
}

func (d *directory) addServer(id estate.ServerID, guid, computer estate.GUID, name, host string) {
	d.names[id], d.hosts[id] = name, host
	for _, name := range []string{name, host} {
		for _, f := range forms(name) {
			if !slices.Contains(d.byName[f], id) {
				d.byName[f] = append(d.byName[f], id)
			}
		}
	}
	d.guids[id], d.computers[id] = guid, computer
	for _, g := range []estate.GUID{guid, computer} {
		if !g.IsZero() {
			d.byGUID[g] = id
		}
	}
}

// find resolves what a source calls a server or the SMP; NoServer where it is neither,
// or could be several. A package server goes before the SMP of the same first label.
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
	text = strings.Trim(text, `\/`)
	for _, f := range forms(text) {
		if ids := d.byName[f]; len(ids) == 1 {
			return ids[0]
		}
		if d.smpNames[f] && len(d.byName[f]) == 0 {
			return estate.SMP
		}
	}
	if estate.Fold(text) == "smp" {
		return estate.SMP
	}
	return estate.NoServer
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

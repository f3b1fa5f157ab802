package smp

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/rows"
)

// servers makes the SMP, the package servers and the sites from their rows, and the
// directory that finds them.
func (r *reading) servers(ctx context.Context) error {
	t := r.tables[declared.RowsServers]
	if t == nil || len(t.Rows) == 0 {
		// An empty list would mean that every package server has lost its role.
		return &platform.Error{Op: `read rows "package_servers"`, Kind: platform.KindBadInput, Err: errNoServers,
			Hint: "Run the report or the query by hand, and look whether this account may see the rows."}
	}
	order := r.listServers(t)
	if err := r.lookUp(ctx); err != nil {
		return err
	}
	r.dir = newDirectory(len(r.e.Servers))
	r.dir.looked = r.looked
	r.smp()
	for id, row := range order {
		s := &r.e.Servers[id]
		computer := t.GUID(row, "computer")
		if computer.IsZero() {
			computer = s.GUID
		}
		r.dir.addServer(estate.ServerID(id), s.GUID, computer, s.Name, s.Host)
		for _, site := range t.List(row, "sites") {
			r.join(estate.ServerID(id), site)
		}
	}
	if !t.Has("state") {
		r.notes.add(noteStates, "", "")
	}
	r.sites()
	return nil
}

// listServers fills Estate.Servers in its order, and returns the row of each.
func (r *reading) listServers(t *rows.Reader) []int {
	type listed struct {
		estate.PackageServer
		row int
	}
	var list []listed
	for i := range t.Rows {
		host := t.Text(i, "host")
		s := estate.PackageServer{
			Name: t.Text(i, "name"), Host: host, GUID: t.GUID(i, "guid"), State: stateOf(t, i), LastSeen: t.Time(i, "last_seen"),
			FreeBytes: t.Int(i, "free_bytes"), TotalBytes: t.Int(i, "total_bytes"),
		}
		if s.Name == "" {
			s.Name, _, _ = strings.Cut(host, ".")
		}
		if host == "" {
			s.Host = s.Name
		}
		if s.Name == "" {
			t.Lost("host", "", "a row without a host")
			continue
		}
		list = append(list, listed{s, i})
	}
	slices.SortStableFunc(list, func(a, b listed) int { return estate.CompareFold(a.Name, b.Name) })
	var order []int
	for _, l := range list {
		if n := len(r.e.Servers); n > 0 && estate.Fold(r.e.Servers[n-1].Name) == estate.Fold(l.Name) {
			// A row for each site of a server, or for each of its services.
			for _, site := range t.List(l.row, "sites") {
				r.notes.later = append(r.notes.later, lateSite{l.Name, site})
			}
			if r.e.Servers[n-1].GUID != l.GUID {
				r.notes.add(noteTwice, "package server "+l.Name, "%s and %s", r.e.Servers[n-1].GUID, l.GUID)
			}
			continue
		}
		r.e.Servers = append(r.e.Servers, l.PackageServer)
		order = append(order, l.row)
	}
	return order
}

// stateOf reads whether a server can be reached: the words online and offline, or a
// yes or no; anything else has to be mapped.
func stateOf(t *rows.Reader, row int) estate.State {
	switch word := t.Word(row, "state"); estate.Fold(word) {
	case "online", "true", "1", "yes":
		return estate.Online
	case "offline", "false", "0", "no":
		return estate.Offline
	case "", "unknown":
	default:
		t.Lost("state", word, "it is neither online nor offline; map it with words")
	}
	return estate.StateUnknown
}

// smp names the SMP: by its rows, else by the host of the URL.
func (r *reading) smp() {
	u, err := url.Parse(r.p.set.URL)
	if err == nil {
		r.e.SMP.Name = u.Hostname()
	}
	r.dir.addSMP(r.p.set.AlsoCalled...)
	if t := r.tables[declared.RowsSMP]; t != nil && len(t.Rows) > 0 {
		r.e.SMP = estate.Server{Name: cmp.Or(t.Text(0, "name"), r.e.SMP.Name), GUID: t.GUID(0, "guid"), Version: t.Text(0, "version")}
		r.dir.smpGUID = r.e.SMP.GUID
		if len(t.Rows) > 1 {
			r.notes.add(noteTwice, "the SMP", "%d rows", len(t.Rows))
		}
	}
	r.dir.addSMP(r.e.SMP.Name)
}

// sites takes the rows that say which servers a site has, and what its GUID is.
func (r *reading) sites() {
	for _, l := range r.notes.later {
		r.join(r.dir.find(l.server), l.site)
	}
	t := r.tables[declared.RowsSites]
	if t == nil {
		r.sortSites()
		return
	}
	for i := range t.Rows {
		site := t.Text(i, "site")
		if site == "" {
			continue
		}
		g := t.GUID(i, "guid")
		r.site(site, g)
		who := t.Text(i, "server")
		if who == "" {
			continue
		}
		if id := r.dir.find(who); id.IsServer() {
			r.join(id, site)
		} else {
			r.notes.add(noteStrangers, who, "rows %q", declared.RowsSites) // a site server without the package service, or one that is gone
		}
	}
	r.sortSites()
}

func (r *reading) site(name string, g estate.GUID) {
	key := estate.Fold(name)
	if _, known := r.dir.siteGUIDs[key]; !known {
		r.e.Sites = append(r.e.Sites, name)
		r.dir.siteGUIDs[key] = g
	}
	if !g.IsZero() {
		r.dir.siteGUIDs[key], r.dir.sites[g] = g, name
	}
}

func (r *reading) join(id estate.ServerID, site string) {
	r.site(site, estate.GUID{})
	if !id.IsServer() {
		return
	}
	s := &r.e.Servers[id]
	if !slices.ContainsFunc(s.Sites, func(have string) bool { return estate.Fold(have) == estate.Fold(site) }) {
		s.Sites = append(s.Sites, site)
	}
}

func (r *reading) sortSites() {
	slices.SortFunc(r.e.Sites, estate.CompareFold)
	for i := range r.e.Servers {
		slices.SortFunc(r.e.Servers[i].Sites, estate.CompareFold)
	}
}

package smp

import (
	"context"
	"slices"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// memberRow is one row of rows "assignments".
type memberRow struct{ mode, member, folder string }

// readMembers reads rows "assignments", where there are any and they were not read yet.
func (r *reading) readMembers(ctx context.Context) error {
	if r.members != nil {
		return nil
	}
	r.members = map[estate.GUID][]memberRow{}
	t := r.tables[declared.RowsAssignments]
	if t == nil {
		var err error
		if t, err = r.p.table(ctx, declared.RowsAssignments); t == nil || err != nil {
			return err
		}
		r.tables[declared.RowsAssignments] = t
	}
	for i := range t.Rows {
		g := t.GUID(i, "package")
		members := t.List(i, "member")
		if len(members) == 0 {
			members = []string{""}
		}
		for _, m := range members {
			r.members[g] = append(r.members[g], memberRow{t.Word(i, "mode"), m, t.Text(i, "folder")})
		}
	}
	return nil
}

// fillIn has rows tell what no service told. They are read for it only where something
// is missing.
func (r *reading) fillIn(ctx context.Context) error {
	for i := range r.found {
		c := &r.found[i]
		if c.Package.IsZero() || c.where.mode != estate.AssignUnknown {
			continue
		}
		if err := r.readMembers(ctx); err != nil {
			return err
		}
		if told := r.members[c.Package]; len(told) > 0 {
			location := c.where.location
			c.where = fromRows(told)
			c.where.location = location
		}
	}
	return nil
}

// fromRows puts the rows of one package together. Rows that tell several modes tell none.
func fromRows(told []memberRow) (a assignment) {
	for i, m := range told {
		if i > 0 && estate.Fold(m.mode) != estate.Fold(a.word) {
			return assignment{via: viaRows, word: a.word + " " + m.mode}
		}
		a.via, a.word = viaRows, m.mode
		if m.folder != "" {
			a.folder, a.folderTold = m.folder, true
		}
		if m.member != "" && !slices.Contains(a.names, m.member) {
			a.names = append(a.names, m.member)
		}
	}
	switch estate.Fold(a.word) {
	case "all":
		a.mode = estate.AssignAll
	case "servers", "individually":
		a.mode = estate.AssignServers
	case "sites", "site":
		a.mode = estate.AssignSites
	case "automatic":
		a.mode = estate.AssignAutomatic
	}
	return a
}

// resolve finds the servers and sites of an assignment, and tells which of its members
// are none. Who is in a site that nobody tells of is not known, so neither is the
// assignment.
func (d *directory) resolve(a *assignment) (out estate.Assignment, strangers []string) {
	out.Mode = a.mode
	names := slices.Clone(a.names)
	for _, g := range a.members {
		names = append(names, g.String())
	}
	for _, m := range names {
		switch a.mode {
		case estate.AssignServers:
			if id := d.find(m); id.IsServer() {
				out.Servers = append(out.Servers, id)
			} else {
				strangers = append(strangers, m)
			}
		case estate.AssignSites, estate.AssignAutomatic:
			if site, ok := d.site(m); ok {
				out.Sites = append(out.Sites, site)
			} else {
				strangers = append(strangers, m)
			}
		}
	}
	if len(strangers) > 0 && a.mode != estate.AssignServers {
		return estate.Assignment{}, strangers
	}
	slices.Sort(out.Servers)
	out.Servers = slices.Compact(out.Servers)
	slices.SortFunc(out.Sites, estate.CompareFold)
	out.Sites = slices.CompactFunc(out.Sites, strings.EqualFold)
	return out, strangers
}

package serve

import (
	"context"
	"strconv"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

func reports() *service {
	g := fields("reportItemGuid:guid")
	return &service{
		name: "ReportManagementService", path: "ASDK.NS/ReportManagementService.asmx", library: "NS",
		namespace: "http://Altiris.ASDK.NS.com", suffix: "X", // C, without a slash at the end; the suffix I
		methods: []method{
			{name: "RunReport", params: g, result: table, run: runReport},
			{name: "RunReportWithParameters", params: fields("reportItemGuid:guid nameValuePairs"), result: table, run: runReportWith},
			{name: "GetReportParameters", params: g, result: table, run: reportParameters},
		},
	}
}

func (c *call) report() (int, error) {
	g, err := c.guid("reportItemGuid")
	if err != nil {
		return -1, err
	}
	for i, r := range reportShapes {
		if must(r.guid) == g {
			return i, nil
		}
	}
	return -1, missing("reportItemGuid", g.String())
}

func runReport(c *call) (any, error) {
	i, err := c.report()
	if err != nil {
		return nil, err
	}
	return c.server.reported(c.ctx, i)
}

// reported makes the rows of a report, or of the table of the same name.
func (s *Server) reported(ctx context.Context, i int) (*rowset, error) {
	r := &reportShapes[i]
	return s.lagging(r.name, func() (*rowset, error) {
		t := &rowset{columns: columns(r.columns)}
		err := s.lab.Inspect(ctx, "read "+r.name, func(w *world.World) error {
			rows := reportRows{s, w, w.Estate(nil), t}
			rows.fill(r.name)
			return nil
		})
		return t, err
	})
}

// runReportWith runs a report with values for its parameters. The lab's have one,
// rows: the most rows that are wanted, 0 for all.
func runReportWith(c *call) (any, error) {
	limit := 0
	for pair := range strings.SplitSeq(c.text("nameValuePairs"), ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "rows") {
			return nil, invalid("nameValuePairs", pair+" is no parameter of the report")
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 {
			return nil, invalid("rows", value)
		}
		limit = n
	}
	out, err := runReport(c)
	if t, ok := out.(*rowset); ok && err == nil && limit > 0 {
		t.rows = t.rows[:min(limit, len(t.rows))]
	}
	return out, err
}

func reportParameters(c *call) (any, error) {
	if _, err := c.report(); err != nil {
		return nil, err
	}
	t := &rowset{columns: columns("Name Description Required:bool Nullable:bool ParameterTypeGuid:guid ParameterTypeAlias DefaultValue")}
	t.rows = append(t.rows, []any{"rows", "At most so many rows, 0 for all", false, false, estate.GUID{}, "Integer", "0"})
	return t, nil
}

// reportRows makes the rows of one report from what the SMP says.
type reportRows struct {
	server *Server
	w      *world.World
	e      *estate.Estate
	out    *rowset
}

func (r *reportRows) fill(name string) {
	switch name {
	case "package_servers":
		r.packageServers()
	case "sites":
		r.sites()
	case "packages":
		r.packages()
	case "copies":
		r.copies()
	case "owners":
		r.owners()
	case "assignments":
		r.assignments()
	case "images":
		r.images()
	case "preboot_configurations":
		for i := range r.w.Preboots {
			p := &r.w.Preboots[i]
			r.out.add(r.server.prebootGUID(p), p.Name, p.ConnectsTo)
		}
	case "membership_updates":
		u := &r.w.Update
		r.out.add(u.Started, u.Finished, u.Running)
	case "recorded_contents":
		r.recorded()
	case "refreshes":
		for i := range r.w.Servers {
			if s := &r.w.Servers[i]; !s.Retired && s.Refreshed != 0 {
				r.out.add(r.server.ids.servers[i], s.Refreshed)
			}
		}
	case "smp":
		r.out.add(r.server.ids.smp, r.w.SMP.Name, r.w.SMP.Version)
	}
}

func (r *reportRows) packageServers() {
	for i := range r.w.Servers {
		s := &r.w.Servers[i]
		state := "online"
		switch {
		case s.Retired:
			continue
		case s.Untold:
			state = ""
		case s.Off:
			state = "offline"
		}
		free := s.Free
		if s.Full {
			free = 0
		}
		r.out.add(r.server.ids.servers[i], r.server.ids.computers[i], s.Name, s.Host, state, s.LastSeen, free, s.Total)
	}
}

func (r *reportRows) sites() {
	for _, site := range r.w.Sites {
		g, some := r.server.ids.sites[estate.Fold(site)], false
		for i := range r.w.Servers {
			s := &r.w.Servers[i]
			for _, in := range s.Sites {
				if !s.Retired && estate.Fold(in) == estate.Fold(site) {
					r.out.add(site, g, r.server.ids.servers[i])
					some = true
				}
			}
		}
		if !some {
			r.out.add(site, g, nil)
		}
	}
}

// server is the GUID of a server of the estate.
func (r *reportRows) guid(id estate.ServerID) estate.GUID {
	switch {
	case id == estate.SMP:
		return r.server.ids.smp
	case id.IsServer():
		if n := r.w.ServerNumber(r.e.Servers[id].Name); n >= 0 {
			return r.server.ids.servers[n]
		}
	}
	return estate.GUID{}
}

func (r *reportRows) images() {
	for i := range r.e.Images {
		img := &r.e.Images[i]
		r.out.add(img.Name, img.GUID, img.Package, img.Location, img.Kind.String(), img.Format.String(), r.guid(img.Owner))
	}
}

func (r *reportRows) packages() {
	for i := range r.e.Images {
		img := &r.e.Images[i]
		version := img.Version
		if version == 0 {
			version = -1
		}
		r.out.add(img.Package, img.GUID, version, r.guid(img.Owner), img.Kind.String(), img.Format.String())
	}
}

func (r *reportRows) copies() {
	guids := make([]estate.GUID, len(r.e.Servers))
	for id := range r.e.Servers {
		guids[id] = r.guid(estate.ServerID(id))
	}
	for i := range r.e.Images {
		img := &r.e.Images[i]
		if img.Package.IsZero() {
			continue
		}
		for j := range img.Copies {
			c := &img.Copies[j]
			g := r.server.ids.smp
			if c.Server.IsServer() {
				g = guids[c.Server]
			}
			status, version := c.Status, c.Version
			if word, ok := r.server.dialect.StatusWords[status]; ok {
				status = word
			}
			if version == 0 {
				version = -1
			}
			managed := c.Managed.String()
			if c.Managed == estate.ManagedUnknown {
				managed = ""
			}
			r.out.add(img.Package, g, status, c.StatusAt, version, managed, c.DeleteAfter)
		}
	}
}

// owners has a row for what each source says of the owner of a package.
func (r *reportRows) owners() {
	for i := range r.e.Images {
		img := &r.e.Images[i]
		if img.Package.IsZero() {
			continue
		}
		if owner := r.guid(img.Owner); !owner.IsZero() {
			r.out.add(img.Package, owner, "codebase")
		}
		if n := r.w.ServerOfLocation(img.Location); n >= 0 && !r.w.Servers[n].Retired {
			r.out.add(img.Package, r.server.ids.servers[n], "location")
		} else if img.Owner == estate.SMP && img.Location != "" {
			r.out.add(img.Package, r.server.ids.smp, "location")
		}
	}
}

func (r *reportRows) assignments() {
	for i := range r.w.Images {
		img := &r.w.Images[i]
		if img.Package.IsZero() || img.Assignment.Mode == estate.AssignUnknown {
			continue
		}
		c := call{server: r.server}
		var members []estate.GUID
		switch img.Assignment.Mode {
		case estate.AssignServers:
			members = c.serverGUIDs(r.w, &img.Assignment)
		case estate.AssignSites, estate.AssignAutomatic:
			members = c.siteGUIDs(&img.Assignment)
		}
		mode, members := r.asTold(img.Assignment.Mode, members)
		if len(members) == 0 {
			r.out.add(img.Package, mode.String(), nil, img.ServerFolder)
		}
		for _, m := range members {
			r.out.add(img.Package, mode.String(), m, img.ServerFolder)
		}
	}
}

func (r *reportRows) recorded() {
	for i := range r.e.Images {
		if c := r.e.Images[i].Content; c != nil {
			r.out.add(r.e.Images[i].GUID, c.Files, c.Bytes, c.Digest.String(), c.Listing.String(), c.Version, c.From, c.TakenAt)
		}
	}
}

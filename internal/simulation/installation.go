package simulation

import (
	"encoding/binary"
	"time"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// start is when every scenario begins.
var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const firstVersion = 1_790_000_000

func guidOf(n int, package_ bool) (g estate.GUID) {
	binary.BigEndian.PutUint32(g[:], uint32(n+1))
	if package_ {
		g[15] = 1
	}
	g[14] = 0xA0
	return g
}

// label is a digest that stands for a content: equal labels, equal bytes.
func label(image int, content byte) (d estate.Digest) {
	d[0], d[1], d[2] = 'd', byte(image+1), content
	return d
}

// sizes is a digest that stands for names and sizes.
func sizes(image int, content byte) (d estate.Digest) {
	if content == 'W' {
		content = 'A'
	}
	d[0], d[1], d[2] = 'l', byte(image+1), content
	return d
}

// Estate is the installation that the lab is made from.
func (s *Scenario) Estate() *estate.Estate {
	e := &estate.Estate{TakenAt: estate.TimeOf(start), Source: "lab", SMP: estate.Server{Name: "smp01"}, Sites: []string{"A", "B"}}
	for i := range s.Servers {
		v := &s.Servers[i]
		state := estate.Online
		if v.Off {
			state = estate.Offline
		}
		total := estate.Unknown
		if v.Free != estate.Unknown {
			total = 200_000_000_000
		}
		e.Servers = append(e.Servers, estate.PackageServer{Name: v.Name, Host: v.Name + ".example.com", GUID: guidOf(100+i, false),
			Sites: v.Sites, State: state, FreeBytes: v.Free, TotalBytes: total})
	}
	for i := range s.Images {
		e.Images = append(e.Images, s.image(i))
	}
	return e
}

// number returns the number of a server, as it is in the seed.
func (s *Scenario) number(name string) estate.ServerID {
	if name == "smp" {
		return estate.SMP
	}
	for i := range s.Servers {
		if s.Servers[i].Name == name {
			return estate.ServerID(i)
		}
	}
	return estate.NoServer
}

// imageNumber returns the number behind an image's name, which holds when others are dropped.
func imageNumber(name string) int {
	n := 0
	for i := 1; i < len(name); i++ {
		n = 10*n + int(name[i]-'0')
	}
	return n
}

func (s *Scenario) image(i int) estate.Image {
	m := &s.Images[i]
	n := imageNumber(m.Name)
	img := estate.Image{Name: m.Name, GUID: guidOf(n, false), Package: guidOf(n, true), Kind: m.Kind,
		Owner: s.number(m.Owner), Assignment: s.assignment(&m.Assigned), Version: firstVersion}
	host := m.Owner
	if host == "" {
		host = s.Servers[0].Name
	}
	img.Location = `\\` + host + `\PkgSvrHost$\{` + img.Package.String() + `}`
	switch {
	case m.Legacy || m.Kind == estate.KindBackup:
		img.Package, img.Assignment = estate.GUID{}, estate.Assignment{}
		img.Location = `\\` + host + `\Images\` + m.Name
		if m.Legacy {
			img.Format = estate.Legacy
		}
	case m.Owner == "smp":
		img.Location = `\\smp01\NSCap\` + m.Name
	}
	if m.Recorded {
		img.Content = &estate.Content{Files: int64(m.Files), Bytes: m.Bytes, Digest: label(n, 'A'), Listing: sizes(n, 'A'), Version: firstVersion, From: m.Owner}
	}
	for _, c := range m.Copies {
		img.Copies = append(img.Copies, s.copy(m, c))
	}
	if k := len(img.Copies) - 1; k >= 0 && img.Copies[k].Server == estate.SMP { // the SMP sorts first
		img.Copies = append([]estate.Copy{img.Copies[k]}, img.Copies[:k]...)
	}
	return img
}

func (s *Scenario) copy(m *Image, c Copy) estate.Copy {
	n := imageNumber(m.Name)
	out := estate.Copy{Server: s.number(c.Server), Managed: estate.ManagedExternal}
	if c.Server == m.Owner {
		out.Managed = estate.ManagedLocal
	}
	if c.Ready {
		out.Status, out.StatusAt = "Ready", estate.TimeOf(start.Add(-time.Hour))
	}
	if c.Mark != 0 {
		out.DeleteAfter = estate.TimeOf(start.Add(c.Mark))
	}
	ev := &out.Evidence
	switch c.Content {
	case '?':
		return out
	case '-':
		ev.Sight = estate.Seen
		return out
	case 'E':
		ev.Sight, ev.Folder = estate.Seen, true
		return out
	}
	out.Version = firstVersion
	*ev = estate.Evidence{Sight: estate.Seen, Folder: true, Files: int64(m.Files), Bytes: m.Bytes,
		Digest: label(n, c.Content), Listing: sizes(n, c.Content)}
	switch c.Content {
	case 'P':
		ev.Files--
		ev.Bytes = m.Bytes * ev.Files / int64(m.Files)
	case 'B':
		ev.Files++
		ev.Bytes += 300
	}
	return out
}

func (s *Scenario) assignment(a *Assigned) estate.Assignment {
	out := estate.Assignment{Mode: a.Mode, Sites: a.Sites}
	for _, name := range a.Servers {
		out.Servers = append(out.Servers, s.number(name))
	}
	return out
}

// lab are the settings of the lab.
func (r *Rules) lab() *world.Rules {
	w := world.DefaultRules()
	w.RefreshEvery, w.UpdateEvery, w.DeleteUnused = r.RefreshEvery, r.UpdateEvery, r.DeleteUnused
	return &w
}

// at is a place in the files that nobody wrote, different for every line.
func at(line int32) diag.Range {
	return diag.Range{Filename: "main.hcl", Start: diag.Pos{Line: line, Column: 1}, End: diag.Pos{Line: line, Column: 9}}
}

func ref(host string, line int32) *declared.ServerRef {
	if host == "" {
		return nil
	}
	return &declared.ServerRef{Host: host, Range: at(line)}
}

// Declaration is what the files of the scenario say.
func (s *Scenario) Declaration() *declared.Declared {
	d := &declared.Declared{Folder: ".", Policy: s.policy()}
	if s.SizeOnly {
		d.Content = &declared.Content{Verify: declared.VerifySize}
	}
	for i := range s.Servers {
		v := &s.Servers[i]
		if v.Lifecycle == declared.Active {
			continue
		}
		b := declared.PackageServer{Address: estate.Address("package_server." + v.Name), Host: v.Name, HostRange: at(int32(100 + i)),
			Lifecycle: v.Lifecycle, LifecycleRange: at(int32(200 + i)), Range: at(int32(300 + i)), In: "package_server"}
		if to := ref(v.Successor, int32(400+i)); to != nil {
			b.Successors = []declared.ServerRef{*to}
		}
		d.Servers = append(d.Servers, b)
	}
	var members []string
	for i := range s.Images {
		m := &s.Images[i]
		switch {
		case m.Group:
			members = append(members, m.Name)
		case m.Declared:
			d.Images = append(d.Images, s.block(i))
		}
	}
	if len(members) > 0 {
		d.Groups = []declared.Group{{Address: "images.group", Match: declared.Match{Names: members, Range: at(900)}, Range: at(901), In: "images",
			Attrs: declared.Attrs{Owner: ref(s.GroupOwner, 902)}}}
	}
	return d
}

func (s *Scenario) policy() declared.Policy {
	p := declared.DefaultPolicy()
	o := &s.Policy
	p.MinCopies, p.MaxDownloads, p.MaxDownloadsPerServer = o.MinCopies, o.MaxDownloads, o.PerServer
	p.HashMaxAge, p.EvidenceMaxAge = o.HashMaxAge, o.EvidenceMaxAge
	p.Timeouts.Download, p.Timeouts.Ownership, p.Timeouts.Sync, p.Timeouts.Operator = o.Download, o.Ownership, o.Sync, o.Operator
	return p
}

func (s *Scenario) block(i int) declared.Image {
	m := &s.Images[i]
	line := int32(1000 + 10*i)
	b := declared.Image{Address: estate.Address("image." + m.Name), Kind: estate.KindImage, Name: m.Name, SelectRange: at(line), Range: at(line + 1), In: "image"}
	if m.Kind == estate.KindPCT {
		b.Kind, b.Address = estate.KindPCT, estate.Address("pct_package."+m.Name)
	}
	b.Owner, b.Reference = ref(m.WantOwner, line+2), ref(m.Reference, line+3)
	b.MinCopies, b.MinCopiesRange = m.MinCopies, at(line+4)
	if m.Want != nil {
		b.Assignment = &declared.Assignment{Mode: m.Want.Mode, Sites: m.Want.Sites, Range: at(line + 5)}
		for _, host := range m.Want.Servers {
			b.Assignment.Servers = append(b.Assignment.Servers, *ref(host, line+6))
		}
	}
	if m.WantFolder {
		b.Location, b.LocationRange = `\\smp02\NSCap\`+m.Name, at(line+7)
	}
	if m.Abandon {
		b.OnLost, b.OnLostRange = declared.LostAbandon, at(line+8)
	}
	return b
}

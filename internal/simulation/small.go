package simulation

import (
	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/plan"
)

// The model in small: installations of a few servers and images as a handful of
// bits, so that all of them can be tried, each with everything that can be declared,
// every legal order of the plan's steps, and the platform's own moves in between.
// It is written from the laws alone and shares nothing with plan.Check.

// class is what a copy of the model holds.
type class uint8

const (
	absent class = iota
	empty
	partial
	good
	classes
)

// set is a set of servers.
type set uint8

func (s set) has(k int) bool { return s>>k&1 != 0 }
func bit(k int) set          { return 1 << k }

// Small is one case: an installation and what is declared for it.
type Small struct {
	Servers int
	Off     set
	Retired set // declared
	Images  []SmallImage
}

// SmallImage is one image of a case.
type SmallImage struct {
	Owner    int8 // -1 in doubt
	All      bool // assigned to all; else to Assigned
	Assigned set
	Copies   [3]class
	Marked   set
	Recorded bool

	WantOwner  int8 // -1 not declared
	WantAll    bool
	WantServer set // 0 not declared
}

// digits draws the numbers of a case from one index.
type digits struct{ n uint64 }

func (d *digits) below(k int) int {
	v := d.n % uint64(k)
	d.n /= uint64(k)
	return int(v)
}

// space is how many cases there are for so many servers and images.
func space(servers, images int) uint64 {
	subsets := uint64(1) << servers
	n := subsets * subsets // off, retired
	for range images {
		n *= uint64(servers+1) * (subsets + 1) * subsets * 2 // owner, assignment, marks, record
		for range servers {
			n *= uint64(classes)
		}
		n *= uint64(servers+1) * (subsets + 1) // declared: owner, assignment
	}
	return n
}

// smallCase is the case with a number. ok is false for one that cannot be, or that is
// another one with its servers renamed.
func smallCase(servers, images int, n uint64) (c Small, ok bool) {
	d := digits{n}
	subsets := 1 << servers
	c = Small{Servers: servers, Off: set(d.below(subsets)), Retired: set(d.below(subsets))}
	for range images {
		var m SmallImage
		m.Owner = int8(d.below(servers+1)) - 1
		if a := d.below(subsets + 1); a == subsets {
			m.All = true
		} else {
			m.Assigned = set(a)
		}
		m.Marked, m.Recorded = set(d.below(subsets)), d.below(2) == 1
		for k := range servers {
			m.Copies[k] = class(d.below(int(classes)))
			if m.Marked.has(k) && m.Copies[k] == absent {
				return c, false // a mark stands on a folder
			}
		}
		if o := int(m.Owner); o >= 0 && !m.Recorded && m.Copies[o] == partial && !c.Off.has(o) {
			return c, false // then the owner's files are the reference, and what is called good here is not
		}
		m.WantOwner = int8(d.below(servers+1)) - 1
		switch a := d.below(subsets + 1); {
		case a == subsets:
			m.WantAll = true
		default:
			m.WantServer = set(a)
		}
		if m.WantServer&c.Retired != 0 || m.WantOwner >= 0 && c.Retired.has(int(m.WantOwner)) {
			return c, false // refused at validation
		}
		c.Images = append(c.Images, m)
	}
	return c, c.canonical()
}

// canonical reports whether the servers stand in the order of what is so of them:
// of all renamings of a case one is tried.
func (c *Small) canonical() bool {
	last := ^uint64(0)
	for k := range c.Servers {
		sig := uint64(0)
		put := func(v uint64, bits int) { sig = sig<<bits | v }
		flag := func(b bool) {
			if b {
				put(1, 1)
			} else {
				put(0, 1)
			}
		}
		flag(c.Off.has(k))
		flag(c.Retired.has(k))
		for i := range c.Images {
			m := &c.Images[i]
			flag(int(m.Owner) == k)
			flag(m.Assigned.has(k))
			flag(m.Marked.has(k))
			put(uint64(m.Copies[k]), 2)
			flag(int(m.WantOwner) == k)
			flag(m.WantServer.has(k))
		}
		if sig > last {
			return false
		}
		last = sig
	}
	return true
}

var smallNames = [3]string{"PS1", "PS2", "PS3"}

// estate is the case as pslan would read it.
func (c *Small) estate() *estate.Estate {
	e := &estate.Estate{TakenAt: estate.TimeOf(start), Source: "lab", SMP: estate.Server{Name: "smp01"}, Sites: []string{"A"}}
	for k := range c.Servers {
		v := estate.PackageServer{Name: smallNames[k], Host: smallNames[k], Sites: []string{"A"}, State: estate.Online, FreeBytes: estate.Unknown, TotalBytes: estate.Unknown}
		if c.Off.has(k) {
			v.State = estate.Offline
		}
		e.Servers = append(e.Servers, v)
	}
	for i := range c.Images {
		e.Images = append(e.Images, c.image(i))
	}
	return e
}

func (c *Small) image(i int) estate.Image {
	m := &c.Images[i]
	img := estate.Image{Name: "I" + string(rune('0'+i)), GUID: guidOf(i, false), Package: guidOf(i, true), Owner: estate.ServerID(m.Owner), Version: firstVersion,
		Assignment: estate.Assignment{Mode: estate.AssignAll}}
	if m.Owner < 0 {
		img.Owner = estate.NoServer
	}
	if !m.All {
		img.Assignment = assignmentOf(m.Assigned, c.Servers)
	}
	if m.Recorded {
		img.Content = &estate.Content{Files: 2, Bytes: 200, Digest: label(i, 'A'), Listing: sizes(i, 'A'), Version: firstVersion}
	}
	for k := range c.Servers {
		cp := estate.Copy{Server: estate.ServerID(k), Managed: estate.ManagedExternal, Version: firstVersion}
		if int(m.Owner) == k {
			cp.Managed = estate.ManagedLocal
		}
		if m.Marked.has(k) {
			cp.DeleteAfter = estate.TimeOf(start) + 1e9
		}
		cp.Evidence = estate.Evidence{Sight: estate.NotSeen, Error: "off"}
		if !c.Off.has(k) {
			cp.Evidence = evidenceOf(i, m.Copies[k])
		}
		img.Copies = append(img.Copies, cp)
	}
	return img
}

func evidenceOf(i int, c class) estate.Evidence {
	ev := estate.Evidence{Sight: estate.Seen, Folder: c != absent}
	switch c {
	case good:
		ev.Files, ev.Bytes, ev.Digest, ev.Listing = 2, 200, label(i, 'A'), sizes(i, 'A')
	case partial:
		ev.Files, ev.Bytes, ev.Digest, ev.Listing = 1, 100, label(i, 'P'), sizes(i, 'P')
	}
	return ev
}

func assignmentOf(s set, servers int) estate.Assignment {
	a := estate.Assignment{Mode: estate.AssignServers}
	for k := range servers {
		if s.has(k) {
			a.Servers = append(a.Servers, estate.ServerID(k))
		}
	}
	return a
}

// declaration is what the case's files say.
func (c *Small) declaration() *declared.Declared {
	d := &declared.Declared{Policy: declared.DefaultPolicy()}
	for k := range c.Servers {
		if !c.Retired.has(k) {
			continue
		}
		b := declared.PackageServer{Address: estate.Address("package_server." + smallNames[k]), Host: smallNames[k], HostRange: at(int32(k + 1)),
			Lifecycle: declared.Retired, LifecycleRange: at(int32(k + 11)), In: "package_server"}
		for to := range c.Servers {
			if !c.Retired.has(to) {
				b.Successors = append(b.Successors, *ref(smallNames[to], int32(k+21)))
				break
			}
		}
		d.Servers = append(d.Servers, b)
	}
	for i := range c.Images {
		m := &c.Images[i]
		if m.WantOwner < 0 && !m.WantAll && m.WantServer == 0 {
			continue
		}
		name := "I" + string(rune('0'+i))
		b := declared.Image{Address: estate.Address("image." + name), Name: name, SelectRange: at(int32(100 + i)), In: "image"}
		if m.WantOwner >= 0 {
			b.Owner = ref(smallNames[m.WantOwner], int32(110+i))
		}
		switch {
		case m.WantAll:
			b.Assignment = &declared.Assignment{Mode: estate.AssignAll, Range: at(int32(120 + i))}
		case m.WantServer != 0:
			b.Assignment = &declared.Assignment{Mode: estate.AssignServers, Range: at(int32(120 + i))}
			for k := range c.Servers {
				if m.WantServer.has(k) {
					b.Assignment.Servers = append(b.Assignment.Servers, *ref(smallNames[k], int32(130+i)))
				}
			}
		}
		d.Images = append(d.Images, b)
	}
	return d
}

// plan makes the plan of a case, nil where the files are refused.
func (c *Small) plan() *plan.Plan {
	e, d := c.estate(), c.declaration()
	ix := estate.NewIndex(e)
	r, ds := diff.Resolve(d, ix)
	if ds.HasErrors() {
		return nil
	}
	return plan.Build(plan.Input{Estate: e, Index: ix, Resolved: r, Deltas: diff.Compute(ix, r), Policy: &d.Policy})
}

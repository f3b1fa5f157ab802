package simulation

import (
	"fmt"
	"slices"

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
	Marked   set  // for deletion
	Overdue  bool // what is marked goes at the next refresh
	Recorded bool // what the owner held is on record
	Unaware  bool // the owner does not take itself for it yet: no refresh since it took

	WantOwner  int8 // -1 not declared
	WantAll    bool
	WantServer set // 0 not declared
}

// declared reports whether the files name the image.
func (m *SmallImage) declared() bool { return m.WantOwner >= 0 || m.WantAll || m.WantServer != 0 }

// recorded reports whether of every image it is known what is good.
func (c *Small) recorded() bool {
	return !slices.ContainsFunc(c.Images, func(m SmallImage) bool { return !m.Recorded })
}

var smallNames = [3]string{"PS1", "PS2", "PS3"}

func imageName(i int) string { return fmt.Sprintf("I%d", i) }

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
	img := estate.Image{Name: imageName(i), GUID: guidOf(i, false), Package: guidOf(i, true), Owner: estate.ServerID(m.Owner), Version: firstVersion,
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
	due := estate.TimeOf(start) + 2*estate.MarkDoubt
	if m.Overdue {
		due = estate.TimeOf(start) - 1e9
	}
	img.Copies = make([]estate.Copy, 0, c.Servers)
	for k := range c.Servers {
		cp := estate.Copy{Server: estate.ServerID(k), Managed: estate.ManagedExternal, Version: firstVersion}
		if int(m.Owner) == k && !m.Unaware {
			cp.Managed = estate.ManagedLocal
		}
		if m.Marked.has(k) {
			cp.DeleteAfter = due
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
		if !m.declared() {
			continue
		}
		name := imageName(i)
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

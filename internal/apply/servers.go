package apply

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// promise notes how many bytes a download will still take on its server.
func (m *machine) promise(no plan.StepNo, bytes int64) {
	before := m.promised[no]
	if bytes = max(bytes, 0); bytes == before {
		return
	}
	server := estate.Fold(m.step(no).Server)
	if m.taken[server] += bytes - before; m.taken[server] == 0 {
		delete(m.taken, server)
	}
	if bytes == 0 {
		delete(m.promised, no)
	} else {
		m.promised[no] = bytes
	}
}

// arriving lowers a promise by what has arrived; a download that pslan did not
// start has none.
func (m *machine) arriving(no plan.StepNo, left int64) {
	if before, ok := m.promised[no]; ok {
		m.promise(no, min(before, left))
	}
}

// judgeRoom: enough bytes are free besides those that downloads in flight will
// still take. Room that the platform does not tell is a note, no obstacle.
func (m *machine) judgeRoom(s *plan.Step, v *view) verdict {
	id := v.Index.Server(s.Server)
	if id == estate.NoServer {
		return isBarred(fmt.Errorf("the platform no longer lists %s; plan again", s.Server))
	}
	free, promised := v.Estate.Servers[id].FreeBytes, m.taken[estate.Fold(s.Server)]
	if free != estate.Unknown && free-promised < s.Bytes {
		text := fmt.Sprintf("%s has %s free and needs %s", s.Server, size(free), size(s.Bytes))
		if promised > 0 {
			text += fmt.Sprintf(" besides the %s that downloads in flight will take", size(promised))
		}
		return isPending("%s", text)
	}
	for _, no := range m.images.of(s.Image) {
		if w := m.step(no); w.Op == plan.WaitCopy && sameName(w.Server, s.Server) && !m.state(no).settled() {
			m.promise(no, max(w.Bytes, m.promised[no]))
		}
	}
	if free == estate.Unknown {
		return isMet("how much room %s has is not known", s.Server)
	}
	return isMet("%s has %s free", s.Server, size(free))
}

// judgeSync: a sync joins the next round. Its plan carried the risk; what the plan
// relies on still has to stand.
func (m *machine) judgeSync(s *plan.Step, v *view) verdict {
	if !s.Image.IsZero() && s.Before.Owner != nil {
		img, err := v.image(s)
		if err != nil {
			return isBarred(err)
		}
		if err := v.moved(s, img); err != nil && !m.passed(s, v.Estate.ServerName(img.Owner)) {
			return isBarred(err)
		}
	}
	return verdict{kind: joins}
}

// drainage is what holds a server back from being switched off (law 15).
type drainage struct {
	listed bool
	holds  []string
}

func (v *view) drainageOf(server string) (drainage, bool) {
	d, ok := v.drained[estate.Fold(server)]
	return d, ok
}

// judgeDrained: law 15 holds, point by point.
func (m *machine) judgeDrained(s *plan.Step, v *view) verdict {
	d, looked := v.drainageOf(s.Server)
	switch {
	case !looked:
		return isPending("%s was not looked at", s.Server)
	case !d.listed:
		return isMet("the platform no longer lists %s", s.Server)
	case len(d.holds) > 0:
		return isPending("%s may not be switched off: %s", s.Server, strings.Join(d.holds[:min(5, len(d.holds))], "; "))
	}
	return isMet("nothing holds %s back", s.Server)
}

// judgeRetire: a role is removed only where law 15 holds in the same reading.
func (m *machine) judgeRetire(no plan.StepNo, s *plan.Step, v *view) verdict {
	if v.Index.Server(s.Server) == estate.NoServer {
		return isMet("the platform no longer lists %s", s.Server)
	}
	if m.state(no) == watching {
		return isPending("the platform still lists %s", s.Server)
	}
	if d := m.judgeDrained(s, v); d.kind != met {
		return isBarred(fmt.Errorf("%s; its role stays", d.note))
	}
	return isAllowed(request{kind: askOperator, task: platform.OperatorTask{Op: platform.OpRetireServer, Server: s.Server}})
}

// drain holds a server against law 15 in a reading of everything.
func drain(o *Observation, server string) drainage {
	id := o.Index.Server(server)
	if id == estate.NoServer {
		return drainage{}
	}
	d := drainage{listed: true}
	e := o.Estate
	for i := range e.Images {
		img := &e.Images[i]
		if img.Owner == id {
			d.holds = append(d.holds, "it owns "+img.Name)
			continue
		}
		if slices.Contains(o.Index.HostMatches(host(img.Location)), id) {
			d.holds = append(d.holds, "the location of "+img.Name+" names it")
		}
		if lastCopy(e, img, id) {
			d.holds = append(d.holds, "it may hold the last copy of "+img.Name)
		}
	}
	for i := range e.Preboots {
		if slices.Contains(o.Index.HostMatches(e.Preboots[i].ConnectsTo), id) {
			d.holds = append(d.holds, "the preboot configuration "+e.Preboots[i].Name+" needs it")
		}
	}
	for _, site := range e.Servers[id].Sites {
		if !served(e, site, id) {
			d.holds = append(d.holds, "the site "+site+" has no other package server")
		}
	}
	return d
}

// lastCopy reports whether a server holds files of an image that are not proved to
// be elsewhere.
func lastCopy(e *estate.Estate, img *estate.Image, id estate.ServerID) bool {
	c := img.Copy(id)
	if c == nil || c.Evidence.Sight == estate.Seen && c.Evidence.Files == 0 {
		return false
	}
	j := e.Judge(img, estate.NoServer)
	for good := range j.GoodCopies {
		if good.Server != id {
			return false
		}
	}
	return c.Evidence.Sight == estate.Seen
}

func served(e *estate.Estate, site string, but estate.ServerID) bool {
	for i := range e.Servers {
		if estate.ServerID(i) != but && containsName(e.Servers[i].Sites, site) {
			return true
		}
	}
	return false
}

// host is the host of a UNC path, "" where there is none.
func host(location string) string {
	rest, unc := strings.CutPrefix(strings.ReplaceAll(location, "/", `\`), `\\`)
	if !unc {
		return ""
	}
	name, _, _ := strings.Cut(rest, `\`)
	return name
}

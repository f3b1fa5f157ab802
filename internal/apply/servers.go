package apply

import (
	"fmt"
	"slices"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/wording"
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

// promiseAll notes the room that the plan gave to downloads without a wait for it:
// whoever waits for room leaves that to them, also before they start.
func (m *machine) promiseAll() {
	waited, waits := map[plan.StepNo]bool{}, false
	for i := range m.plan.Steps {
		if s := &m.plan.Steps[i]; s.Op == plan.WaitRoom {
			waits = true
			waited[m.downloadTo(s.Image, s.Server)] = true
		}
	}
	if !waits {
		return
	}
	for i := range m.plan.Steps {
		if no := plan.StepNo(i); m.step(no).Op == plan.WaitCopy && !waited[no] {
			m.promise(no, m.step(no).Bytes)
		}
	}
}

// downloadTo is the wait for an image's copy on a server, noStep where there is none.
func (m *machine) downloadTo(image estate.GUID, server string) plan.StepNo {
	for _, no := range m.images.of(image) {
		if w := m.step(no); w.Op == plan.WaitCopy && sameName(w.Server, server) {
			return no
		}
	}
	return noStep
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
		text := fmt.Sprintf("%s has %s free and needs %s", s.Server, wording.Size(free), wording.Size(s.Bytes))
		if promised > 0 {
			text += fmt.Sprintf(" besides the %s that downloads in flight will take", wording.Size(promised))
		}
		return isPending("%s", text)
	}
	if no := m.downloadTo(s.Image, s.Server); no != noStep && !m.state(no).settled() {
		m.promise(no, max(m.step(no).Bytes, m.promised[no]))
	}
	if free == estate.Unknown {
		return isMet("how much room %s has is not known", s.Server)
	}
	return isMet("%s has %s free", s.Server, wording.Size(free))
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
	if m.toldBefore(s) {
		return isMet("an operator did it in an earlier part of this run, and nothing that it tells of has changed since")
	}
	return verdict{kind: joins}
}

// drainage is what holds a server back from being switched off (law 15).
type drainage struct {
	listed bool
	holds  []string
	last   []string // images whose last good copy would go with its role
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
	if d, _ := v.drainageOf(s.Server); len(d.last) > 0 && !m.settings.weaken.LastCopy {
		return isBarred(fmt.Errorf("the last good copy of %s would go with %s; its role stays", some(d.last), s.Server))
	}
	return isAllowed(request{kind: askOperator, task: platform.OperatorTask{Op: platform.OpRetireServer, Server: s.Server}, check: retireCheck(s.Server)})
}

// drainages holds the servers of some steps against law 15. It touches nothing but
// the reading and the plan, and so may run beside the loop.
func (m *machine) drainages(o *Observation, steps []*plan.Step) map[string]drainage {
	if len(steps) == 0 {
		return nil
	}
	out := make(map[string]drainage, len(steps))
	for _, s := range steps {
		out[estate.Fold(s.Server)] = m.drain(o, s)
	}
	return out
}

// drain holds a server against law 15 in a reading of everything.
func (m *machine) drain(o *Observation, s *plan.Step) drainage {
	id := o.Index.Server(s.Server)
	if id == estate.NoServer {
		return drainage{}
	}
	d := drainage{listed: true}
	opt := m.drainOptions(o, s)
	d.last = lastCopies(o, id, &opt)
	for _, p := range plan.Drained(o.Index, id, opt) {
		if p.OK || p.Accepted {
			continue
		}
		text := fmt.Sprintf("%q does not hold", p.Title)
		if len(p.Holds) > 0 {
			text += " (" + some(p.Holds) + ")"
		}
		d.holds = append(d.holds, text)
	}
	return d
}

// drainOptions are what the files say about a retirement: told by the caller for
// this reading, else what the plan itself shows.
func (m *machine) drainOptions(o *Observation, s *plan.Step) plan.DrainOptions {
	var opt plan.DrainOptions
	if m.settings.drain != nil {
		opt = m.settings.drain(o)
	}
	if opt.MinCopies == nil {
		opt.MinCopies = func(int32) int { return m.settings.policy.MinCopies }
	}
	if opt.Reference == nil {
		opt.Reference = func(n int32) estate.ServerID {
			if word := m.words[o.Estate.Images[n].GUID]; word != "" {
				return o.Index.Server(word)
			}
			return estate.NoServer
		}
	}
	if opt.Retired == nil {
		gone := map[estate.ServerID]bool{}
		for i := range m.plan.Steps {
			if t := &m.plan.Steps[i]; t.Op == plan.RetireServer {
				gone[o.Index.Server(t.Server)] = true
			}
		}
		opt.Retired = func(id estate.ServerID) bool { return gone[id] }
	}
	opt.Accepted = append(slices.Clone(opt.Accepted), s.Accepted...)
	return opt
}

package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// Generate draws a scenario from a seed.
func Generate(seed uint64) *Scenario {
	g := &generator{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), &Scenario{Seed: seed}}
	g.settings()
	g.servers()
	g.s.GroupOwner = g.staying()
	for i := range 1 + g.skewed(5) {
		g.image(i)
	}
	g.rounds()
	for range g.acts() {
		g.act()
	}
	g.saved()
	if g.one(6) {
		g.s.Lag = pick(g, 30*time.Second, 5*time.Minute, 20*time.Minute)
	}
	if g.one(6) {
		g.s.Skew = pick(g, 14*time.Hour, 2*time.Hour, -5*time.Hour)
	}
	for g.one(3) {
		g.s.Acts = append(g.s.Acts, Act{When: BeforeWrite, At: 1 + g.skewed(25), Stage: "slow", Length: pick(g, time.Minute, 20*time.Minute, 3*time.Hour)})
	}
	return g.s
}

type generator struct {
	r *rand.Rand
	s *Scenario
}

// one reports true once in n times.
func (g *generator) one(n int) bool { return g.r.IntN(n) == 0 }

// skewed draws below n, small numbers more often.
func (g *generator) skewed(n int) int { return min(g.r.IntN(n), g.r.IntN(n)) }

func pick[T any](g *generator, from ...T) T { return from[g.r.IntN(len(from))] }

func (g *generator) settings() {
	s := g.s
	s.ByOperator, s.Absent, s.SizeOnly = g.one(5), g.one(10), g.one(10)
	s.Policy = Policy{
		MinCopies: pick(g, 1, 1, 1, 2), MaxDownloads: pick(g, 0, 0, 1, 2), PerServer: pick(g, 0, 0, 1),
		HashMaxAge: pick(g, 7*24*time.Hour, 7*24*time.Hour, time.Hour, 10*time.Minute), EvidenceMaxAge: pick(g, time.Hour, time.Hour, 10*time.Minute),
		Download: pick(g, 48*time.Hour, 6*time.Hour), Ownership: pick(g, 4*time.Hour, time.Hour), Sync: pick(g, 30*time.Minute, 30*time.Minute, 3*time.Hour),
		Operator: pick(g, 36*time.Hour, 2*time.Hour),
	}
	s.Rules = Rules{
		RefreshEvery: pick(g, time.Hour, 4*time.Hour, 6*time.Hour), UpdateEvery: pick(g, 4*time.Hour, 12*time.Hour),
		DeleteUnused: pick(g, time.Hour, 6*time.Hour, 48*time.Hour, 48*time.Hour),
	}
}

func (g *generator) servers() {
	n := pick(g, 2, 3, 3, 3, 4)
	for i := range n {
		v := Server{Name: fmt.Sprintf("PS%d", i+1), Off: g.one(7), Free: estate.Unknown,
			Sites: pick(g, []string{"A"}, []string{"A"}, []string{"B"}, []string{"A", "B"}, nil)}
		if g.one(4) {
			v.Free = pick(g, int64(0), 10_000_000_000, 40_000_000_000)
		}
		g.s.Servers = append(g.s.Servers, v)
	}
	if g.one(2) {
		g.lifecycle(&g.s.Servers[g.r.IntN(n)])
		if g.one(4) {
			g.lifecycle(&g.s.Servers[g.r.IntN(n)])
		}
	}
}

func (g *generator) lifecycle(v *Server) {
	v.Lifecycle = pick(g, declared.Draining, declared.Retired, declared.Retired)
	if to := &g.s.Servers[g.r.IntN(len(g.s.Servers))]; to != v && to.Lifecycle == declared.Active {
		v.Successor = to.Name
	}
}

func (g *generator) server() string { return g.s.Servers[g.r.IntN(len(g.s.Servers))].Name }

// staying draws a server that may be declared as an owner, "" if there is none.
func (g *generator) staying() string {
	for range 8 {
		if v := &g.s.Servers[g.r.IntN(len(g.s.Servers))]; v.Lifecycle == declared.Active {
			return v.Name
		}
	}
	return ""
}

func (g *generator) assigned(wanted bool) Assigned {
	switch k := g.r.IntN(10); {
	case k < 4:
		return Assigned{Mode: estate.AssignAll}
	case k == 4:
		return Assigned{Mode: estate.AssignSites, Sites: []string{pick(g, "A", "B")}}
	case k == 5 && !wanted:
		return Assigned{Mode: estate.AssignAutomatic, Sites: []string{pick(g, "A", "B")}}
	}
	a := Assigned{Mode: estate.AssignServers}
	for i := range g.s.Servers {
		if v := &g.s.Servers[i]; g.one(2) && !(wanted && v.Lifecycle == declared.Retired) {
			a.Servers = append(a.Servers, v.Name)
		}
	}
	if len(a.Servers) == 0 {
		if to := g.staying(); to != "" {
			a.Servers = []string{to}
		} else {
			a.Mode = estate.AssignAll
		}
	}
	return a
}

func (g *generator) image(i int) {
	m := Image{Name: fmt.Sprintf("I%d", i), Owner: g.server(), Assigned: g.assigned(false), Recorded: !g.one(3), Files: 1 + g.r.IntN(3)}
	m.Bytes = pick(g, int64(m.Files*300), 2_000_000_000, 12_000_000_000)
	switch g.r.IntN(24) {
	case 0:
		m.Owner = ""
	case 1:
		m.Owner = "smp"
	case 2, 3:
		m.Legacy = true
	case 4:
		m.Kind = estate.KindPCT
	case 5:
		m.Kind = estate.KindBackup
	}
	for k := range g.s.Servers {
		g.copy(&m, g.s.Servers[k].Name)
	}
	if m.Owner == "smp" {
		m.Copies = append(m.Copies, Copy{Server: "smp", Content: pick(g, byte('A'), 'A', 'A', 'E')})
	}
	g.declare(&m)
	g.s.Images = append(g.s.Images, m)
}

func (g *generator) copy(m *Image, server string) {
	packaged := !m.Legacy && m.Kind != estate.KindBackup
	if !packaged && server != m.Owner {
		return
	}
	c := Copy{Server: server, Content: pick(g, byte('A'), 'A', 'A', 'A', 'A', '-', 'E', 'P', 'W', 'B', '?'), Ready: g.one(2)}
	if server == m.Owner && g.one(2) {
		c.Content = 'A'
	}
	if c.Content == 'P' && m.Files < 2 {
		c.Content = 'E'
	}
	if packaged && c.Content != '-' && c.Content != '?' && g.one(9) {
		c.Mark = pick(g, -time.Hour, time.Hour, 24*time.Hour)
	}
	m.Copies = append(m.Copies, c)
}

func (g *generator) declare(m *Image) {
	switch g.r.IntN(8) {
	case 0, 1:
		return
	case 2:
		m.Group = m.Kind == estate.KindImage
		return
	}
	m.Declared = true
	if !g.one(4) && m.Owner != "smp" && m.Kind != estate.KindBackup {
		m.WantOwner = g.staying()
	}
	if g.one(2) && m.Kind != estate.KindBackup && m.Owner != "smp" {
		a := g.assigned(true)
		m.Want = &a
		if a.Mode == estate.AssignServers && m.WantOwner != "" && !g.one(5) {
			a.add(m.WantOwner)
		}
	}
	m.WantFolder = m.Owner == "smp"
	m.Abandon = g.one(9)
	m.MinCopies = pick(g, 0, 0, 0, 1, 2)
	if g.one(9) {
		m.Reference = g.server()
	}
}

// add adds a server, keeping the order of the names.
func (a *Assigned) add(server string) {
	for i, s := range a.Servers {
		if s == server {
			return
		}
		if s > server {
			a.Servers = append(a.Servers[:i:i], append([]string{server}, a.Servers[i:]...)...)
			return
		}
	}
	a.Servers = append(a.Servers, server)
}

func (g *generator) rounds() {
	for i := range 1 + g.r.IntN(3) {
		r := Round{Parallelism: pick(g, 1, 2, 8), StopOnError: g.one(8), ApproveSafe: g.one(12), Resume: g.one(2)}
		if g.one(8) {
			r.Deadline = pick(g, 2*time.Minute, 10*time.Minute, time.Hour)
		}
		switch g.r.IntN(8) {
		case 0:
			r.StopAt = 1 + g.r.IntN(150)
		case 1, 2:
			r.KillAt = 1 + g.r.IntN(150)
		case 3:
			if g.one(2) {
				r.LeaseAt = 1 + g.r.IntN(8)
			} else {
				r.JournalAt = 1 + g.r.IntN(20)
			}
		}
		if i > 0 {
			r.OldPlan, r.Mend = g.one(5), g.one(3)
			r.Wait = pick(g, 0, 0, 10*time.Minute, 5*time.Hour, 60*time.Hour)
		}
		g.s.Rounds = append(g.s.Rounds, r)
	}
	// The last two are calm: what can be done gets done.
	for range 2 {
		g.s.Rounds = append(g.s.Rounds, Round{Parallelism: 8, Mend: true, Wait: pick(g, 0, time.Hour)})
	}
}

// saved draws which plans are saved for the next round, and not applied.
func (g *generator) saved() {
	for i := range len(g.s.Rounds) - 2 {
		if g.one(5) {
			g.s.Rounds[i].PlanOnly = true
			g.s.Rounds[i+1].OldPlan = g.s.Rounds[i+1].OldPlan || !g.one(4)
		}
	}
}

// acts draws how much goes wrong: in one of six scenarios nothing.
func (g *generator) acts() int {
	if g.one(6) {
		return 0
	}
	return 1 + g.skewed(8)
}

func (g *generator) act() {
	a := Act{When: pick(g, BeforeCall, BeforeCall, BeforeWrite, BeforeWrite, AfterWrite, BeforePause)}
	switch a.When {
	case BeforeCall:
		a.At = 1 + g.skewed(300)
	case BeforePause:
		a.At = 1 + g.skewed(60)
	default:
		a.At = 1 + g.skewed(25)
	}
	image := func() string { return fmt.Sprintf("I%d", g.r.IntN(len(g.s.Images))) }
	switch g.r.IntN(15) {
	case 0, 1:
		a.Stage = pick(g, "fail", "unreachable", "lose", "ignore", "delay", "delay")
		if a.Stage == "delay" {
			a.Length = pick(g, time.Minute, 20*time.Minute, 3*time.Hour)
		}
	case 2:
		a.Stage = pick(g, "blind", "unseen")
	case 3, 4:
		a.Break = g.server() + " " + pick(g, "off", "off", "on", "full", "room", "slow", "stuck", "unstuck", "lose-status")
	case 5, 6, 7:
		a.Break = g.server() + " " + pick(g, "empty", "missing", "partial", "wrong", "wrong", "cut") + " " + image()
	case 8:
		a.Break = "owner " + image() + " " + g.server()
	case 9, 10:
		a.Break = "assignment " + image() + " " + pick(g, "all", g.server(), g.server()+" "+g.server(), "site:A")
	case 11:
		a.Break = pick(g, "fail-next ", "lose-answer ", "ignore-next ") + pick(g, "assign", "sync", "refresh", "take", "ask-operator", "any")
	case 12:
		a.Break = pick(g, "hang-update 3h", "jump 5m", "jump -10m", "jump 26h")
	case 13:
		a.Break = "operator " + pick(g, "late", "wrong-image", "never", "well")
	case 14:
		if a.When == BeforePause {
			a.Do = pick(g, "put-files "+g.server()+" "+image(), "refresh "+g.server(), "update-membership", "take-ownership "+g.server()+" "+image(), "clear-copy "+g.server()+" "+image(), "retire "+g.server())
		} else {
			a.Break = g.server() + " wrong " + image()
		}
	}
	g.s.Acts = append(g.s.Acts, a)
}

package apply

import (
	"slices"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// machine is the part of the engine that decides. It holds the state of every
// step, says which are ready, and judges readings. It does no I/O and knows no
// clock: time comes in with the readings. All work over a run is linear in the
// steps and their edges; what is kept beyond one byte and two numbers for each
// step belongs to steps in flight.
type machine struct {
	plan     *plan.Plan
	settings settings
	steps    []slot
	// followers[first[n]:first[n+1]] are the steps that need step n.
	followers []plan.StepNo
	first     []int32
	ready     stepHeap
	limits    limits
	images    imageSteps
	live      map[plan.StepNo]*live
	words     map[estate.GUID]string         // servers that a person named as reference
	listings  map[estate.GUID]string         // the reference contents that the plan goes by
	proofs    map[estate.GUID]estate.Content // contents that were verified in this run
	promised  map[plan.StepNo]int64          // room that started downloads will still take
	taken     map[string]int64               // the sum of it by server
	takenFrom map[string][]estate.GUID       // images by the server they are taken from
	grouped   []plan.StepNo                  // syncs that wait for the next round
	news      []news                         // what was settled and not yet told
	unrun     map[plan.StepNo]string         // why steps are not run for a reason of their own
	open      int                            // steps that are not settled
	failures  int
	// unapproved and outOfTime count the steps held for want of approval and of time.
	unapproved, outOfTime int
	questions             []question
	operatorWaits         bool
	byHand                []plan.StepNo               // syncs for an operator who is not there
	needs                 []need                      // operator's steps with nobody there to do them
	durations             map[plan.Op]time.Duration   // the longest that was seen in this run
	hops                  map[plan.StepNo]plan.StepNo // what is not left half way: its first step by its last
}

// settings are the parts of a run's options that judgements depend on.
type settings struct {
	policy          declared.Policy
	verify          declared.Verify
	operatorPresent bool
	acts            []platform.OperatorOp // done by a command where no operator is present
	hold            func(*plan.Step, *Observation) string
	drain           func(*Observation) plan.DrainOptions
	approveSafe     bool
	deadline        time.Time
	history         map[string]StepHistory
	weaken          Guards
}

// slot is what is kept for every step.
type slot struct {
	state   state
	open    int32       // needs that are not done yet
	because plan.StepNo // of a step that is not run: the need that went wrong
}

// news is the end of one step.
type news struct {
	no    plan.StepNo
	state state
	err   error  // failed, unknown
	text  string // done: what was seen; skipped, notRun: why
	since time.Time
}

const noStep = plan.StepNo(-1)

func newMachine(p *plan.Plan, s settings) *machine {
	m := &machine{
		plan: p, settings: s,
		steps:    make([]slot, len(p.Steps)),
		live:     map[plan.StepNo]*live{},
		words:    plan.Words(p.Facts),
		listings: plan.References(p.Facts),
		proofs:   map[estate.GUID]estate.Content{},
		promised: map[plan.StepNo]int64{},
		taken:    map[string]int64{},
		unrun:    map[plan.StepNo]string{},

		durations: map[plan.Op]time.Duration{},
		hops:      map[plan.StepNo]plan.StepNo{},
		open:      len(p.Steps),
	}
	m.link()
	m.images = newImageSteps(p)
	m.limits = newLimits(p.Limits)
	m.promiseAll()
	for i := range m.steps {
		m.steps[i].because = noStep
		if m.steps[i].open == 0 {
			m.makeReady(plan.StepNo(i))
		}
	}
	return m
}

// link counts the needs of every step and turns them around.
func (m *machine) link() {
	n := len(m.steps)
	m.first = make([]int32, n+1)
	for i := range m.plan.Steps {
		m.steps[i].open = int32(len(m.plan.Steps[i].Needs))
		for _, need := range m.plan.Steps[i].Needs {
			m.first[need+1]++
		}
	}
	for i := range n {
		m.first[i+1] += m.first[i]
	}
	m.followers = make([]plan.StepNo, m.first[n])
	next := slices.Clone(m.first[:n])
	for i := range m.plan.Steps {
		for _, need := range m.plan.Steps[i].Needs {
			m.followers[next[need]] = plan.StepNo(i)
			next[need]++
		}
	}
}

func (m *machine) step(no plan.StepNo) *plan.Step { return &m.plan.Steps[no] }

func (m *machine) state(no plan.StepNo) state { return m.steps[no].state }

// move brings a step into another state, by the table.
func (m *machine) move(no plan.StepNo, to state) {
	from := m.steps[no].state
	mustBeLegal(m.plan.Steps[no].ID, from, to)
	m.steps[no].state = to
}

func (m *machine) makeReady(no plan.StepNo) {
	m.move(no, ready)
	m.ready.push(no)
}

// take hands out, in plan order, all ready steps that the limits allow. They are
// then being looked at, and their time counts.
func (m *machine) take(now time.Time) []plan.StepNo {
	var out []plan.StepNo
	for len(m.ready) > 0 {
		no := m.ready.pop()
		if m.state(no) != ready || !m.admit(no) {
			continue
		}
		m.move(no, looking)
		m.begin(no, now)
		out = append(out, no)
	}
	return out
}

// settle ends a step, frees what it held, and makes the steps that need it ready,
// or not to be run.
func (m *machine) settle(no plan.StepNo, to state, text string, err error) {
	m.finish(news{no: no, state: to, text: text, err: err})
	if to.satisfied() {
		for _, f := range m.followersOf(no) {
			m.steps[f].open--
			if m.steps[f].open == 0 && m.state(f) == waiting {
				m.makeReady(f)
			}
		}
		return
	}
	if to == notRun {
		m.unrun[no] = text
	}
	m.giveUpFollowers(no)
}

func (m *machine) followersOf(no plan.StepNo) []plan.StepNo {
	return m.followers[m.first[no]:m.first[no+1]]
}

// giveUpFollowers marks everything that needs a step, directly or not, as not run,
// in plan order.
func (m *machine) giveUpFollowers(no plan.StepNo) {
	var heap stepHeap
	add := func(cause plan.StepNo) {
		for _, f := range m.followersOf(cause) {
			if m.state(f) == waiting && m.steps[f].because == noStep {
				m.steps[f].because = cause
				heap.push(f)
			}
		}
	}
	add(no)
	for len(heap) > 0 {
		f := heap.pop()
		m.finish(news{no: f, state: notRun, text: m.chain(f)})
		add(f)
	}
}

func (m *machine) finish(n news) {
	m.move(n.no, n.state)
	m.open--
	if n.state == failed || n.state == unknown {
		m.failures++
	}
	if l := m.live[n.no]; l != nil {
		n.since = l.begun
		delete(m.live, n.no)
	}
	m.promise(n.no, 0)
	m.freeSlot(n.no)
	m.arrives(n.no)
	m.news = append(m.news, n)
}

// told returns what was settled since the last call.
func (m *machine) told() []news {
	n := m.news
	m.news = nil
	return n
}

// chain says why a step is not run: "it needs B, which needs A, which failed".
// Of a long chain the middle is left out.
func (m *machine) chain(no plan.StepNo) string {
	const shown = 3
	text := ""
	for n := 0; ; n++ {
		cause := m.steps[no].because
		next := noStep
		if cause != noStep {
			next = m.steps[cause].because
		}
		if n < shown || next == noStep {
			if text == "" {
				text = "it needs " + m.step(cause).ID
			} else {
				text += ", which needs " + m.step(cause).ID
			}
		} else if n == shown {
			text += ", …"
		}
		if next == noStep {
			return text + ", which " + m.ending(cause)
		}
		no = cause
	}
}

func (m *machine) ending(no plan.StepNo) string {
	switch m.state(no) {
	case failed:
		return "failed"
	case unknown:
		return "may or may not have been done"
	}
	return "was not run: " + m.unrun[no]
}

// stepHeap gives the steps back in plan order.
type stepHeap []plan.StepNo

func (h *stepHeap) push(no plan.StepNo) {
	*h = append(*h, no)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if s[up] <= s[i] {
			return
		}
		s[up], s[i] = s[i], s[up]
		i = up
	}
}

func (h *stepHeap) pop() plan.StepNo {
	s := *h
	top, last := s[0], len(s)-1
	s[0] = s[last]
	s = s[:last]
	*h = s
	for i := 0; ; {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(s) && s[c] < s[least] {
				least = c
			}
		}
		if least == i {
			return top
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
}

package simulation

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// Scenario is one simulated history before it happens.
type Scenario struct {
	Seed    uint64
	Servers []Server
	Images  []Image
	Policy  Policy
	Rules   Rules
	Rounds  []Round
	Acts    []Act
	// ByOperator: ownership is taken by an operator. Absent: no operator is there.
	ByOperator, Absent bool
	SizeOnly           bool // copies are proved by listing only
	// Lag is how old what the platform tells may be.
	Lag        time.Duration
	Skew       time.Duration // how much later marked copies are said to go than they do
	GroupOwner string        // what the one group of images declares
}

// Server is a package server and what is declared for it.
type Server struct {
	Name      string
	Sites     []string
	Off       bool
	Free      int64
	Lifecycle declared.Lifecycle
	Successor string // "" none
}

// Image is an image, its copies, and what is declared for it.
type Image struct {
	Name     string
	Kind     estate.Kind
	Legacy   bool
	Owner    string // "smp", "" in doubt
	Assigned Assigned
	Recorded bool
	Files    int
	Bytes    int64
	Copies   []Copy

	Declared   bool // a block of its own
	Group      bool // a member of the group
	WantOwner  string
	Want       *Assigned
	WantFolder bool // another location on the SMP
	Abandon    bool
	MinCopies  int
	Reference  string
}

// Assigned is an assignment by names.
type Assigned struct {
	Mode    estate.AssignmentMode
	Servers []string
	Sites   []string
}

// Copy is what one server holds at the start: A the right content, W the same
// sizes with other bytes, B another content, P a part, E an empty folder, - none,
// ? not looked at by whoever made the seed.
type Copy struct {
	Server  string
	Content byte
	Mark    time.Duration // not zero: marked, to go after that time from the start
	Ready   bool
}

// Policy is the part of the policy block that scenarios vary.
type Policy struct {
	MinCopies, MaxDownloads, PerServer int
	HashMaxAge, EvidenceMaxAge         time.Duration
	Download, Ownership, Sync          time.Duration
	Operator                           time.Duration
}

// Rules are the settings of the lab that scenarios vary.
type Rules struct {
	RefreshEvery, UpdateEvery, DeleteUnused time.Duration
}

// Round is one plan and apply.
type Round struct {
	Wait        time.Duration // before it
	Mend        bool          // before it: faults that last are ended
	Parallelism int
	StopOnError bool
	ApproveSafe bool
	Deadline    time.Duration
	StopAt      int  // call at which it is interrupted; 0: never
	KillAt      int  // call at which the process dies; 0: never
	LeaseAt     int  // write before which the lease is lost; 0: never
	JournalAt   int  // journal append that fails; 0: never
	PlanOnly    bool // the plan is saved, and not applied
	OldPlan     bool // the saved plan of the round before is applied, if it is not stale
	Resume      bool // the data folder of the rounds before is at hand
}

// Act is something that somebody else does, or that goes wrong.
type Act struct {
	When   Moment
	At     int    // which call, write or pause, counted over the whole scenario
	Break  string // words for lab break
	Do     string // words for lab do; only where time may pass
	Stage  string // fail, unreachable, lose, ignore, delay, slow (the next write); blind (the next reading); unseen (the next look)
	Length time.Duration
}

// Moment is what an act waits for.
type Moment uint8

// The moments: before any call, right before a write, right after one, before time passes.
const (
	BeforeCall Moment = iota
	BeforeWrite
	AfterWrite
	BeforePause
)

var momentWords = [...]string{"call", "write", "after write", "pause"}

// String returns one line.
func (a Act) String() string {
	what := a.Stage
	switch {
	case a.Break != "":
		what = "lab break " + a.Break
	case a.Do != "":
		what = "lab do " + a.Do
	}
	if a.Length > 0 {
		what += " " + a.Length.String()
	}
	return fmt.Sprintf("%s %d: %s", momentWords[a.When], a.At, what)
}

// String tells the assignment in words.
func (a *Assigned) String() string {
	switch a.Mode {
	case estate.AssignAll:
		return "all"
	case estate.AssignServers:
		return "[" + strings.Join(a.Servers, " ") + "]"
	case estate.AssignSites:
		return "site:" + strings.Join(a.Sites, ",")
	case estate.AssignAutomatic:
		return "auto:" + strings.Join(a.Sites, ",")
	}
	return "?"
}

// String tells the whole scenario in a few lines.
func (s *Scenario) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d", s.Seed)
	if s.ByOperator {
		b.WriteString(", ownership by operator")
	}
	if s.Absent {
		b.WriteString(", operator absent")
	}
	if s.SizeOnly {
		b.WriteString(", verify=size")
	}
	if s.Lag > 0 {
		fmt.Fprintf(&b, ", lag=%s", s.Lag)
	}
	if s.Skew != 0 {
		fmt.Fprintf(&b, ", skew=%s", s.Skew)
	}
	if s.GroupOwner != "" {
		fmt.Fprintf(&b, ", group owner=%s", s.GroupOwner)
	}
	fmt.Fprintf(&b, "\npolicy %+v\nrules %+v\n", s.Policy, s.Rules)
	for i := range s.Servers {
		v := &s.Servers[i]
		fmt.Fprintf(&b, "server %s sites=%v", v.Name, v.Sites)
		if v.Off {
			b.WriteString(" off")
		}
		if v.Free != estate.Unknown {
			fmt.Fprintf(&b, " free=%d", v.Free)
		}
		if v.Lifecycle != declared.Active {
			fmt.Fprintf(&b, " %s successor=%s", v.Lifecycle, v.Successor)
		}
		b.WriteByte('\n')
	}
	for i := range s.Images {
		b.WriteString(s.Images[i].String())
	}
	for i := range s.Rounds {
		fmt.Fprintf(&b, "round %+v\n", s.Rounds[i])
	}
	for i := range s.Acts {
		fmt.Fprintf(&b, "act %s\n", s.Acts[i])
	}
	return b.String()
}

// String tells one image in one line.
func (m *Image) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "image %s", m.Name)
	if m.Kind != estate.KindImage {
		fmt.Fprintf(&b, " kind=%s", m.Kind)
	}
	if m.Legacy {
		b.WriteString(" legacy")
	}
	fmt.Fprintf(&b, " owner=%q assigned=%s recorded=%t files=%d bytes=%d copies=", m.Owner, m.Assigned.String(), m.Recorded, m.Files, m.Bytes)
	for _, c := range m.Copies {
		fmt.Fprintf(&b, " %s:%c", c.Server, c.Content)
		if c.Mark != 0 {
			fmt.Fprintf(&b, "!%s", c.Mark)
		}
	}
	if m.Declared || m.Group {
		fmt.Fprintf(&b, " declared group=%t", m.Group)
	}
	if m.WantOwner != "" {
		fmt.Fprintf(&b, " want-owner=%s", m.WantOwner)
	}
	if m.Want != nil {
		fmt.Fprintf(&b, " want=%s", m.Want)
	}
	if m.WantFolder {
		b.WriteString(" want-location")
	}
	if m.Abandon {
		b.WriteString(" abandon")
	}
	if m.MinCopies > 0 {
		fmt.Fprintf(&b, " min=%d", m.MinCopies)
	}
	if m.Reference != "" {
		fmt.Fprintf(&b, " reference=%s", m.Reference)
	}
	b.WriteByte('\n')
	return b.String()
}

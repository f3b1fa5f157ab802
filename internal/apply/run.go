package apply

import (
	"context"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// World is what the engine sees and does. Package observe's Observer, over a
// platform and eyes, is one.
type World interface {
	platform.Reader
	platform.Writer
	platform.Clock
	Describe() platform.Description
	// Observe reads the platform's facts about some images, and looks at the copies in
	// wants. The estate holds all servers, sites and preboot configurations, and only
	// the images asked for. Evidence stands in the copies.
	Observe(ctx context.Context, images []estate.GUID, wants []Want) (*Observation, error)
	// Again is Observe for waits that look again and again at images: what belongs to no
	// image may be that of a reading of the last minute. Nothing is begun on it.
	Again(ctx context.Context, images []estate.GUID, wants []Want) (*Observation, error)
	// Glance reads everything once and looks at those copies that choose wants of it.
	// Assignments may be second-hand (platform.Scope): what is in danger by it is observed
	// before it counts.
	Glance(ctx context.Context, choose func(*Observation) []Want) (*Observation, error)
	// All reads everything and looks at every copy; new hashes are taken only where hash
	// says so. It is what law 15 is held against.
	All(ctx context.Context, hash bool) (*estate.Estate, error)
}

// Want asks for one copy to be looked at afresh.
type Want struct {
	Image  estate.GUID
	Server string // "smp" for the SMP
	Hash   bool   // hash unless the listing is still one that was hashed within HashMaxAge
	// Location looks at another folder than the image's present one (copy_files).
	Location string
}

// Observation is one reading.
type Observation struct {
	Estate *estate.Estate
	Index  *estate.Index
	// Seen is parallel to the wants: with the listing, for messages that name files.
	Seen []platform.Seen
}

// Options of a run.
type Options struct {
	Run         string // the run's id
	Parallelism int    // requests in flight; 0: 8
	// StopOnError starts nothing new after the first failure (-on-error=stop).
	StopOnError bool
	Policy      declared.Policy
	Verify      declared.Verify
	// Stop, when closed, starts nothing new, lets calls in flight return and ends the run.
	Stop <-chan struct{}
	// Hold, where set, is asked right before a step would start, with the reading taken
	// for it; a reason keeps the step, and what needs it, from being run.
	Hold func(*plan.Step, *Observation) string
	// Drain, where set, gives what the files say about a server's retirement, resolved
	// against a reading. Without it law 15 knows only the plan: which servers go with
	// it, the policy's min_copies, and what was acknowledged. It is called beside the loop.
	Drain func(*Observation) plan.DrainOptions
	// Before, where set, is called right before each write request: is the lease still
	// held? An error stops the run before that write, with the error in Report.Err; calls
	// in flight return and are recorded, and nothing else is started.
	Before func(context.Context) error
	// ApproveSafe runs only steps without a risk (-approve=safe). Risky ones are held,
	// and what does not need them goes on.
	ApproveSafe bool
	// Deadline, on the World's clock, is when the run must have reached a safe point;
	// zero: none. What cannot reach one before it is not started.
	Deadline time.Time
	// History is what the journal of an open run says of each step, by step id. It
	// decides nothing that looking can decide.
	History map[string]StepHistory
	// Ask is asked what became of a step of an earlier run where looking cannot decide,
	// with what was seen; nil, or AnswerUnknown: the step ends as unknown. It is called
	// beside the loop, one question at a time, and may take its time.
	Ask func(step *plan.Step, seen string) Answer
	// Tick is how often waits look (real clock); 0: 10 s.
	Tick time.Duration
	// Weaken switches single guards off, so that a test can show that it would see them
	// missing. Nothing outside tests and the simulation may set it.
	Weaken Guards
}

// StepHistory is where the journal of an earlier run left a step.
type StepHistory struct {
	State RecordKind // the last record: intended, requested, observed, failed or skipped
	At    time.Time
	Note  string
}

// Answer is a person's word on a step that cannot be looked at.
type Answer uint8

// The answers.
const (
	AnswerUnknown Answer = iota
	AnswerDone
	AnswerNotDone
)

// Guards are the checks that a test can switch off; each is on where its field is false.
type Guards struct {
	LastCopy   bool // P1: a write that can delete leaves every image that has a good copy one
	Proof      bool // P2: a copy is proved in the reading before ownership is taken of it
	Staying    bool // P3: min_copies proved copies stay when an assignment shrinks
	OwnerKeeps bool // P4: an assignment only grows while ownership moves
	Seen       bool // P5: accepted is not done
	LookFirst  bool // P7: a request is repeated only after its effect was looked for
	Evidence   bool // evidence older than the policy allows decides nothing
	Intent     bool // the intent is durable before the request
}

// Runner carries out one plan.
type Runner struct {
	Plan    *plan.Plan
	World   World
	Journal Journal
	Emit    func(Event)
	Options Options
}

// Journal records what is about to be asked and what was seen, in that order. The
// records of one call are one group: when it returns they are all durable. An error
// from it ends the run before the next request.
type Journal interface {
	Append(records ...Record) error
}

// RecordKind is the kind of a journal record.
type RecordKind string

// The kinds, in the words of the journal's format.
const (
	RecordOpened    RecordKind = "opened"
	RecordIntended  RecordKind = "intended"
	RecordRequested RecordKind = "requested"
	RecordObserved  RecordKind = "observed"
	RecordFailed    RecordKind = "failed"
	RecordSkipped   RecordKind = "skipped"
	RecordClosed    RecordKind = "closed"
)

// Record is one entry of a run's journal.
type Record struct {
	Kind RecordKind
	Step string // step id; "" for opened and closed
	At   time.Time
	Note string
	// Of an intent only: the servers that it is about, and in words what is to change.
	Servers       []string
	Before, After string
}

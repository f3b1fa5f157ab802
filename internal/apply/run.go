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
	platform.Writer
	platform.Clock
	Describe() platform.Description
	ReadSync(ctx context.Context) (*platform.SyncState, error)
	// Observe reads the platform's facts about some images, and looks at the copies in
	// wants. The estate holds all servers, sites and preboot configurations, and only
	// the images asked for. Evidence stands in the copies.
	Observe(ctx context.Context, images []estate.GUID, wants []Want) (*Observation, error)
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
	// Tick is how often waits look (real clock); 0: 10 s.
	Tick time.Duration
}

// Runner carries out one plan.
type Runner struct {
	Plan    *plan.Plan
	World   World
	Journal Journal
	Emit    func(Event)
	Options Options
}

// Journal records what is about to be asked and what was seen, in that order. An
// error from it ends the run before the next request.
type Journal interface {
	Append(Record) error
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
}

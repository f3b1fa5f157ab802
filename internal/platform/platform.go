// Package platform says what a platform can be asked: to be read, to be looked
// at, and to do something. The lab, a recorded estate and the real platform stand
// behind its interfaces; nothing outside this package and theirs knows which.
//
// A request that returned without error was accepted, no more (promise P5): what
// it did is seen by reading. Errors are typed (Error), so that a caller decides by
// kind and never by text.
package platform

import (
	"context"
	"time"

	"pslan/internal/diag"
	"pslan/internal/estate"
)

// Platform is one installation. All methods may be called at once from several
// goroutines. Those of Reader and Eyes write nothing (P6).
type Platform interface {
	Describe() Description
	Reader
	Writer
	Clock
	Close() error
}

// Description says what kind of platform this is and what it can do.
type Description struct {
	Type   string // lab, smp, snapshot
	Source string // as in Estate.Source
	// ReadOnly: nothing can be written (a recorded estate).
	ReadOnly bool
	// Ownership says who takes ownership: ByServer or an operator.
	OwnershipByOperator bool
	// OperatorPresent: somebody does the operator's steps while apply watches.
	OperatorPresent bool
	// SyncByOperator: membership updates or refreshes cannot be asked for here, so that
	// telling servers of a change is an operator's step.
	SyncByOperator bool
	// Acts are operator's steps that a command of the connection does, whether or not an
	// operator is there.
	Acts []OperatorOp
	// Simulated: Clock does not run with the wall clock.
	Simulated bool
	// Poll is how often waits look; 0: the caller's choice.
	Poll time.Duration
	// Secondhand: a reading with Scope.Secondhand may take assignments from elsewhere than
	// the platform's own word. The platform is a Confirmer then.
	Secondhand bool
}

// Noter is a platform whose readings may leave something out and can say what, and
// what that keeps from being decided.
type Noter interface {
	// Notes are those of the newest whole reading.
	Notes() diag.Diagnostics
}

// Confirmer is a platform whose readings may be second-hand.
type Confirmer interface {
	// Confirm asks the platform itself about images whose assignment its newest reading of
	// everything took from elsewhere. False: for one of them it says something else. Then
	// that reading does not count, and from now on none is second-hand.
	Confirm(ctx context.Context, images []estate.GUID) (bool, error)
}

// Preparer is a platform that can tell beforehand what it will not be able to do.
type Preparer interface {
	// Prepare tells what stands in the way of requests like these, before anything is
	// changed. It changes nothing; an error in it is one that some request would meet.
	Prepare(context.Context, Needs) diag.Diagnostics
}

// Needs are the requests that a run is going to make.
type Needs struct {
	Assign, Locate         []ImageRef   // whose assignment or location changes
	Update, Refresh, Build bool         // membership updates, refreshes, preboot rebuilds
	Operator               []OperatorOp // what an operator is asked for
}

// Scope says what to read. The zero Scope means everything, looking at nothing.
type Scope struct {
	// Images limits the reading to these images (by image GUID); nil: all. Servers,
	// sites and preboot configurations are always read.
	Images []estate.GUID
	// Secondhand lets a reading of all images take assignments from a source that may lag
	// behind the platform's own word, where there is one (Description.Secondhand) and that
	// word costs a call for each image. Nothing is written on such a reading alone.
	Secondhand bool
	// Recent lets a reading of some images take what belongs to none (the SMP, servers,
	// sites, preboot configurations) and recorded contents from a reading of the last
	// minute: for a wait that looks again and again.
	Recent bool
}

// Reader reads what the platform says.
type Reader interface {
	// ReadEstate reads the estate without evidence: what the platform says, no more.
	// Copies are those that the platform has a status for or that are assigned.
	ReadEstate(context.Context, Scope) (*estate.Estate, error)
	// ReadSync tells how far membership updates and refreshes have come.
	ReadSync(context.Context) (*SyncState, error)
}

// SyncState is how far membership updates and policy refreshes have come, in the
// platform's own time. Zero times: not known.
type SyncState struct {
	Now time.Time
	// UpdateStarted and UpdateFinished are those of the newest membership update that
	// has finished. UpdateRunning: another one runs.
	UpdateStarted, UpdateFinished time.Time
	UpdateRunning                 bool
	// Refreshed is when a server (by name) last fetched its policy; absent: cannot be seen.
	Refreshed map[string]time.Time
}

// Writer asks the platform to do something.
type Writer interface {
	// SetAssignment replaces the assignment of a package.
	SetAssignment(ctx context.Context, image ImageRef, to estate.AssignmentNames) error
	// UpdateMembership starts a delta membership update.
	UpdateMembership(ctx context.Context) error
	// RefreshServer makes a package server fetch its policy.
	RefreshServer(ctx context.Context, server string) error
	// TakeOwnership makes a package server take ownership of a package.
	TakeOwnership(ctx context.Context, image ImageRef, server string) error
	// SetLocation changes the package location of an image kept on the SMP.
	SetLocation(ctx context.Context, image ImageRef, to string) error
	// RebuildPreboot rebuilds a preboot configuration.
	RebuildPreboot(ctx context.Context, preboot estate.GUID) error
	// AskOperator hands a step without an interface to a person (or, in the lab, to
	// the simulated one). It returns at once; the effect is looked for by reading.
	AskOperator(ctx context.Context, task OperatorTask) error
}

// ImageRef names an image: its own GUID always, its package where it has one.
type ImageRef struct {
	Image, Package estate.GUID
	Name           string
}

// OperatorOp is what an operator is asked to do.
type OperatorOp string

// The operator's steps: the words of the plan's operations.
const (
	OpTakeOwnership OperatorOp = "take_ownership"
	OpClearCopy     OperatorOp = "clear_copy"
	OpCopyFiles     OperatorOp = "copy_files"
	OpConvert       OperatorOp = "convert"
	OpChangeProfile OperatorOp = "change_profile"
	OpRetireServer  OperatorOp = "retire_server"
	OpRefresh       OperatorOp = "refresh"
)

// OperatorTask is one thing for an operator to do.
type OperatorTask struct {
	Op      OperatorOp
	Image   ImageRef
	Preboot estate.GUID
	Server  string   // where
	From    string   // copy_files: the present location; take_ownership: the present owner
	To      string   // copy_files: the new location; change_profile: the new SMP
	Files   []string // clear_copy: the wrong files, relative to the package's folder
}

// Clock is the platform's time.
type Clock interface {
	Now() time.Time
	// Pause waits for something to happen: a real clock returns after tick; a simulated
	// one jumps to its next event, but never beyond until. It ends early with ctx.Err().
	Pause(ctx context.Context, tick time.Duration, until time.Time) error
}

// Wait is Clock.Pause of a platform that keeps the time of the world: it waits for
// tick, and not beyond until.
func Wait(ctx context.Context, c Clock, tick time.Duration, until time.Time) error {
	timer := time.NewTimer(max(0, min(tick, until.Sub(c.Now()))))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Eyes look at copies on disks.
type Eyes interface {
	// See looks at copies, in parallel where it can, and returns one Seen for each
	// request, in order. What could not be seen is in Seen.Evidence.Error; an error is
	// returned only where nothing could be looked at (ctx ended).
	See(ctx context.Context, requests []Look) ([]Seen, error)
}

// Look asks for one copy to be looked at.
type Look struct {
	Server   string // name of the package server; "smp" for the SMP
	Host     string // its host as the platform spells it
	Image    ImageRef
	Location string // for images on the SMP and legacy images: where their folder is; else ""
	Hash     bool   // hash the files; otherwise list them
	// Known are hashes of files that need not be taken again: a file that still has the
	// path, size and time that it has here keeps its hash. Sorted by path.
	Known []File
}

// Seen is what was seen of one copy.
type Seen struct {
	Evidence estate.Evidence
	// Listing are the files, sorted by path as bytes; nil where not seen.
	Listing []File
}

// File is one file of a package, its path relative to the package's cache folder
// with "/" as separator, in NFC.
type File struct {
	Path     string
	Bytes    int64
	Modified time.Time
	SHA256   estate.Digest // zero where not hashed
}

// Kind of an error, by which a caller decides what to do.
type Kind uint8

// The kinds.
const (
	KindOther       Kind = iota
	KindUnreachable      // the platform or a server did not answer; a request may or may not have been done
	KindRefused          // the platform answered that it will not; nothing was done
	KindNotFound
	KindDenied   // rights or licence
	KindReadOnly // this connection cannot write
	KindUnsupported
	KindBadInput // a file or a folder of the connection is broken; Diagnostics may say where
)

// Error is what every method returns when something went wrong.
type Error struct {
	Op     string // what was tried: "set assignment"
	Object string // on what: an image's or a server's name
	Kind   Kind
	Hint   string // what to do; may be empty
	Err    error
	// Diagnostics say where, if the cause stands in a file.
	Diagnostics diag.Diagnostics
}

// Error returns "op object: cause".
func (e *Error) Error() string {
	s := e.Op
	if e.Object != "" {
		s += " " + e.Object
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

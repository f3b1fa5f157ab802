package plan

import (
	"time"

	"pslan/internal/estate"
	"pslan/internal/finding"
)

// Op is the operation of a step; its words are those of the plan document.
type Op uint8

// The operations, in the order in which equals are printed.
const (
	Convert Op = iota
	ChangeProfile
	RebuildPreboot
	CopyFiles
	SetLocation
	WaitRoom
	Assign
	Sync
	ClearCopy
	WaitCopy
	VerifyCopy
	TakeOwnership
	VerifyOwnership
	Unassign
	VerifyDrained
	RetireServer
)

var opWords = [...]string{"convert", "change_profile", "rebuild_preboot", "copy_files", "set_location", "wait_room",
	"assign", "sync", "clear_copy", "wait_copy", "verify_copy", "take_ownership", "verify_ownership",
	"unassign", "verify_drained", "retire_server"}

// String returns the word of the plan document.
func (o Op) String() string { return opWords[o] }

// ParseOp reads the word of the plan document.
func ParseOp(s string) (Op, bool) {
	for i, w := range opWords {
		if w == s {
			return Op(i), true
		}
	}
	return 0, false
}

// Actor is who does a step.
type Actor uint8

// The actors.
const (
	BySMP Actor = iota
	ByServer
	ByOperator
	ByPslan
)

// String returns smp, server, operator or pslan.
func (a Actor) String() string { return [...]string{"smp", "server", "operator", "pslan"}[a] }

// Risk of a step.
type Risk uint8

// The risks.
const (
	NoRisk Risk = iota
	OriginMoves
	DeletesData
)

// String returns none, origin_moves or deletes_data.
func (r Risk) String() string { return [...]string{"none", "origin_moves", "deletes_data"}[r] }

// Facts are what a step relies on (Before) or brings about (After). Only what is
// set is meant: a nil pointer says nothing. They are compared with a fresh
// reading before every write.
type Facts struct {
	Owner      *string                 // name of the owner, "smp"
	Assignment *estate.AssignmentNames // before: as observed; after assign: at least; after unassign: exactly
	Location   *string
	ConnectsTo *string
	Format     *estate.Format
	// Verified are servers whose copies must be good, read afresh (take_ownership: the
	// taker; unassign: the copies that stay and carry min_copies, owner first).
	Verified []string
}

// StepNo is the index of a step in Plan.Steps.
type StepNo int32

// Step is one thing to do, wait for, or look at. Which fields mean something
// depends on Op:
//
//	assign           Servers: those that gain the package; After.Assignment
//	unassign         Servers: those that lose it; After.Assignment; Before.Owner, Before.Verified
//	sync             Servers: those to refresh; Skipped: those that cannot be reached; Image may be zero
//	clear_copy       Server: whose wrong files go; From: where the good copy stands
//	wait_copy        Server: who downloads; From: the owner then; Bytes, Files of the reference
//	wait_room        Server; Bytes: how many must be free
//	verify_copy      Server; From: whose content is the reference, "" for a recorded one; Snapshot:
//	                 whose snapshot.xml is, where nothing better is known; Files, Bytes
//	take_ownership   Server: who takes; From: the owner before
//	verify_ownership Server: new owner; From: old one. For a package_server address: Server owns nothing any more
//	copy_files       After.Location: where to; Before.Location: from where
//	set_location     Before.Location, After.Location
//	convert          Server: who owns the folder; Before.Format, After.Format
//	change_profile, rebuild_preboot  Preboot, Before.ConnectsTo, After.ConnectsTo
//	verify_drained, retire_server    Server
type Step struct {
	ID      string // op:address or op:address:server…; unique, the same for the same plan
	Op      Op
	By      Actor
	Risk    Risk
	Address estate.Address
	Image   estate.GUID // of the image; zero for server and preboot steps
	Package estate.GUID // zero for what has none (yet)
	Preboot estate.GUID
	Name    string // of the image, server or preboot configuration
	Label   string // the address without its type, for people
	Server  string
	From    string
	// Snapshot is the server whose snapshot.xml is the reference; "" where it is another.
	Snapshot string
	Servers  []string
	Skipped  []string
	Files    int64
	Bytes    int64
	Before   Facts
	After    Facts
	Needs    []StepNo // all earlier in Plan.Steps
	// MustReach: servers of a sync that may not be skipped, because they must download or take.
	MustReach []string
	// WaitsFor says in words what a wait waits for; Limit is how long at most (0: does not wait).
	WaitsFor string
	Limit    time.Duration
	// Seconds is the estimate of how long it takes; 0 where there is none.
	Seconds int64
	// Starts is the number of downloads that the step sets off, for the limits.
	Starts int
	// Accepted are codes that an acknowledgement accepts (verify_drained).
	Accepted  []finding.Code
	BlockedBy []finding.Code
}

// Waits reports whether the step only waits for or looks at something.
func (s *Step) Waits() bool {
	switch s.Op {
	case WaitRoom, WaitCopy, VerifyCopy, VerifyOwnership, VerifyDrained:
		return true
	}
	return false
}

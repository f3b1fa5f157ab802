package cli

// outcome is what came of a command, as facts. Several may hold at once; code
// picks the exit code.
type outcome struct {
	interruptedTwice bool // left at once
	failed           bool // an error
	notApproved      bool // apply was not approved
	locked           bool // another run holds the lock
	stale            bool // the estate moved since the plan was made
	stepsFailed      bool // apply: some steps failed, or nobody knows what came of them
	workRemains      bool // apply: stopped cleanly, or waiting for an operator
	blocked          bool // plan: an unacknowledged error stands; apply: something was blocked
	unformatted      bool // fmt -check: files to format
	differs          bool // plan -detailed-exitcode: changes; retire: not yet safe
	run              *int // wait: the exit code of the run that was waited for
}

// The exit codes. They are a promise: pipelines decide by them.
const (
	exitSuccess     = 0
	exitError       = 1
	exitDiffers     = 2
	exitUnformatted = 3
	exitBlocked     = 10
	exitStale       = 11
	exitLocked      = 12
	exitWorkRemains = 13
	exitStepsFailed = 14
	exitNotApproved = 15
	exitInterrupted = 130
)

// code returns the first exit code that applies, from the one that a caller must
// not miss to success.
func (o outcome) code() int {
	switch {
	case o.interruptedTwice:
		return exitInterrupted
	case o.failed:
		return exitError
	case o.run != nil:
		return *o.run
	case o.notApproved:
		return exitNotApproved
	case o.locked:
		return exitLocked
	case o.stale:
		return exitStale
	case o.stepsFailed:
		return exitStepsFailed
	case o.workRemains:
		return exitWorkRemains
	case o.blocked:
		return exitBlocked
	case o.unformatted:
		return exitUnformatted
	case o.differs:
		return exitDiffers
	default:
		return exitSuccess
	}
}

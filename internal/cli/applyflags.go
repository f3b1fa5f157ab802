package cli

import (
	"time"

	"github.com/spf13/pflag"
)

// applyFlags are the flags of apply.
type applyFlags struct {
	planFlags
	autoApprove, json, verbose bool
	approve                    string
	expectPlan                 string
	deadline, lockTimeout      spanFlag
	onError                    string
	parallelism                int
	runbook                    string
}

func (f *applyFlags) register(flags *pflag.FlagSet) {
	f.planFlags.register(flags)
	flags.BoolVar(&f.autoApprove, "auto-approve", false, "do not ask for approval")
	flags.StringVar(&f.approve, "approve", "", "approve beforehand `WHAT`: safe (only steps without a risk; the rest\nwaits) or all")
	flags.StringVar(&f.expectPlan, "expect-plan", "", "go on only if the plan has this `ID`, or is the saved plan of that name")
	flags.Var(&f.deadline, "deadline", "reach a safe point within `DURATION` (50m, 6h) and pause there")
	flags.Var(&f.lockTimeout, "lock-timeout", "wait `DURATION` for the lock; 0s: not at all")
	flags.BoolVar(&f.json, "json", false, "JSON lines instead of text; needs approval beforehand")
	flags.BoolVar(&f.verbose, "verbose", false, "show every step and every attribute")
	flags.StringVar(&f.onError, "on-error", "continue", "after a failure: `WHAT` is continue (with other images) or stop")
	flags.IntVar(&f.parallelism, "parallelism", 8, "have at most `N` requests in flight")
	flags.StringVar(&f.runbook, "runbook", "", "write what an operator has to do to `FILE`, as markdown")
}

func (f *applyFlags) check(args []string) error {
	switch {
	case f.onError != "continue" && f.onError != "stop":
		return problem("Invalid value for a flag", "-on-error may be continue or stop, not %q.", f.onError)
	case f.approve != "" && f.approve != approveSafe && f.approve != approveAll:
		return problem("Invalid value for a flag", "-approve may be safe or all, not %q.", f.approve)
	case f.parallelism < 1 || f.parallelism > 1000:
		return problem("Invalid value for a flag", "-parallelism may be 1 to 1000, not %d.", f.parallelism)
	case len(args) == 1 && len(f.targets)+len(f.excludes) > 0:
		return problem("A saved plan is carried out as it is", "-target and -exclude are for making a plan: give them to pslan plan.")
	}
	return nil
}

// The values of -approve.
const (
	approveSafe = "safe"
	approveAll  = "all"
)

// approved reports whether the flags are an approval.
func (f *applyFlags) approved() bool { return f.autoApprove || f.approve != "" }

// safeOnly reports whether only steps without a risk are approved.
func (f *applyFlags) safeOnly() bool { return f.approve == approveSafe }

// spanFlag is a flag for a span of time.
type spanFlag struct {
	length time.Duration
	text   string
}

// Set takes the value of the command line.
func (s *spanFlag) Set(written string) error {
	if written == "0" || written == "0s" {
		*s = spanFlag{text: written}
		return nil
	}
	d, err := parseSpan(written)
	if err != nil {
		return err
	}
	*s = spanFlag{length: d, text: written}
	return nil
}

// String returns the value as it was written.
func (s *spanFlag) String() string { return s.text }

// Type names the value for the parser.
func (s *spanFlag) Type() string { return "duration" }

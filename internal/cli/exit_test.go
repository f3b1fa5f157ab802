package cli

import "testing"

func TestExitCodes(t *testing.T) {
	all := outcome{
		interruptedTwice: true, failed: true, notApproved: true, locked: true, stale: true, stepsFailed: true,
		workRemains: true, blocked: true, unformatted: true, differs: true,
	}
	// From the top each row switches off the fact of the row before: the first that
	// applies of 130, 1, 15, 12, 11, 14, 13, 10, 3, 2, 0.
	rows := []struct {
		code int
		off  func(*outcome)
	}{
		{130, func(*outcome) {}},
		{1, func(o *outcome) { o.interruptedTwice = false }},
		{15, func(o *outcome) { o.failed = false }},
		{12, func(o *outcome) { o.notApproved = false }},
		{11, func(o *outcome) { o.locked = false }},
		{14, func(o *outcome) { o.stale = false }},
		{13, func(o *outcome) { o.stepsFailed = false }},
		{10, func(o *outcome) { o.workRemains = false }},
		{3, func(o *outcome) { o.blocked = false }},
		{2, func(o *outcome) { o.unformatted = false }},
		{0, func(o *outcome) { o.differs = false }},
	}
	o := all
	for _, row := range rows {
		row.off(&o)
		if got := o.code(); got != row.code {
			t.Errorf("%+v gives %d, want %d", o, got, row.code)
		}
	}
}

func TestExitCodeOfOneFact(t *testing.T) {
	for code, o := range map[int]outcome{
		0: {}, 1: {failed: true}, 2: {differs: true}, 3: {unformatted: true}, 10: {blocked: true}, 11: {stale: true},
		12: {locked: true}, 13: {workRemains: true}, 14: {stepsFailed: true}, 15: {notApproved: true}, 130: {interruptedTwice: true},
	} {
		if got := o.code(); got != code {
			t.Errorf("%+v gives %d, want %d", o, got, code)
		}
	}
}

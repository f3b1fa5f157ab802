package apply

import (
	"context"
	"errors"
	"fmt"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
	"pslan/internal/wording"
)

// request is one call to be made, as data: made by the machine, carried out by a
// worker.
type request struct {
	kind       requestKind
	step       plan.StepNo // noStep for those of a sync round
	image      platform.ImageRef
	assignment estate.AssignmentNames
	server     string
	location   string
	preboot    estate.GUID
	task       platform.OperatorTask
	was        string // what is there now, in words
	check      string // what an operator looks at right before
}

// words say what a request changes, for the journal.
func (q *request) words() (before, after string) {
	switch q.kind {
	case setAssignment:
		return q.was, assigned(q.assignment)
	case takeOwnership:
		return q.was, q.server
	case setLocation:
		return q.was, q.location
	case askOperator:
		if q.task.Op == platform.OpTakeOwnership {
			return q.task.From, q.task.Server
		}
		return q.task.From, q.task.To
	}
	return "", ""
}

type requestKind uint8

const (
	setAssignment requestKind = iota
	takeOwnership
	setLocation
	rebuildPreboot
	askOperator
	refreshServer
)

// perform makes the call.
func perform(ctx context.Context, w platform.Writer, q *request) error {
	switch q.kind {
	case setAssignment:
		return w.SetAssignment(ctx, q.image, q.assignment)
	case takeOwnership:
		return w.TakeOwnership(ctx, q.image, q.server)
	case setLocation:
		return w.SetLocation(ctx, q.image, q.location)
	case rebuildPreboot:
		return w.RebuildPreboot(ctx, q.preboot)
	case askOperator:
		return w.AskOperator(ctx, q.task)
	case refreshServer:
		return w.RefreshServer(ctx, q.server)
	}
	return fmt.Errorf("no such request: %d", q.kind)
}

// seenAtOnce reports whether a reading right after the request decides whether it
// was done: then an answer that was lost needs no waiting before it is asked again.
func (q *request) seenAtOnce() bool { return q.kind == setAssignment || q.kind == setLocation }

// repeatable reports whether asking twice does no more than asking once.
func (q *request) repeatable() bool {
	return q.kind == setAssignment || q.kind == setLocation || q.kind == takeOwnership
}

// answer is what the end of a call says about it.
type answer uint8

const (
	accepted answer = iota
	refused         // nothing was done, and will not be
	lost            // it may or may not have been done
)

func answerOf(err error) answer {
	if err == nil {
		return accepted
	}
	switch kindOf(err) {
	case platform.KindRefused, platform.KindNotFound, platform.KindDenied, platform.KindReadOnly, platform.KindUnsupported, platform.KindBadInput:
		return refused
	}
	return lost
}

func kindOf(err error) platform.Kind {
	var e *platform.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return platform.KindOther
}

// told is an error with its hint.
func told(err error) error {
	var e *platform.Error
	if errors.As(err, &e) && e.Hint != "" {
		return fmt.Errorf("%w; %s", err, wording.Clause(e.Hint))
	}
	return err
}

package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// With rows "copies" { task = … } package servers print what they have themselves: a
// task that the admin has made runs the script that pslan ships (printed.go). That is
// the best public interface for status and version of a copy, and dear: every server
// runs a script. So a list is used as long as it is young enough, and one run asks all
// servers whose list is not.
//
//   - A reading takes lists up to max_age, from runs of this process, of an earlier one,
//     or of the task's own schedule. The others are asked for in one run, and waited for.
//   - A poll needs only those of servers that its images concern. It starts a run and does
//     not wait for it: a later poll sees its end. Where lists tell the owner, polls ask
//     again after pollLists, else before the lists are too old.
//
// A server of which no list can be used tells nothing. That is noted, and never means
// that it has no copies.

// listing is how far a reading goes to have lists.
type listing uint8

const (
	listsWaited listing = iota // runs are started and waited for
	listsPolled                // runs are started
	listsFound                 // nothing is started
	listsAnew                  // all are asked for anew, and waited for
)

const (
	defaultListWait = 10 * time.Minute
	defaultListAge  = 15 * time.Minute
	// pollLists is how old lists may be in a poll that waits for what they tell.
	pollLists = 2 * time.Minute
	// listStarts bounds the runs that one reading starts: the second one where the first
	// was lost on the way.
	listStarts = 2
	// listForgotten is how long after twice its time a run is forgotten that has not ended:
	// the platform has given it up. Until then its servers are not asked again.
	listForgotten = time.Hour
	// lostLooks is how often a lost run is looked for before it counts as not started.
	lostLooks = 3
)

// lists is what a connection knows of the lists of package servers. Who uses it has the
// turn.
type lists struct {
	turn     chan struct{}
	searched bool                         // earlier runs were looked for
	known    map[estate.GUID]*packageList // by computer
	runs     []*listRun                   // that have not ended, as far as was seen
}

// packageList is the newest list of a server, or why there is none.
type packageList struct {
	at    time.Time // when the run began, in the platform's time
	told  *printed
	fault error
}

// listRun is a run of the task that was started here.
type listRun struct {
	name     string
	instance estate.GUID   // zero: the answer was lost
	began    time.Time     // in the platform's time
	asked    time.Time     // in this machine's
	left     []estate.GUID // computers whose part has not ended
	finished int64         // parts that had ended at the last look
	missed   int           // looks at a lost run that did not find it
	waited   bool          // a reading has waited as long as it may
}

// take waits for the turn.
func (l *lists) take(ctx context.Context) (end func(), err error) {
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// isAwaited reports whether it is worth waiting for the list of a computer.
func (l *lists) isAwaited(computer estate.GUID) bool {
	return slices.ContainsFunc(l.runs, func(run *listRun) bool { return !run.waited && slices.Contains(run.left, computer) })
}

// isAsked reports whether a run that asks a computer is under way.
func (l *lists) isAsked(computer estate.GUID) bool {
	return slices.ContainsFunc(l.runs, func(run *listRun) bool { return slices.Contains(run.left, computer) })
}

// printsCopies is the block of rows "copies" where a task brings them; nil: none does.
func (p *Platform) printsCopies() *declared.SMPRows {
	if from := p.rowsOf(declared.RowsCopies); from != nil && !from.Task.IsZero() {
		return from
	}
	return nil
}

func listWait(from *declared.SMPRows) time.Duration {
	if from.Wait > 0 {
		return from.Wait
	}
	return defaultListWait
}

func listAge(from *declared.SMPRows) time.Duration {
	if from.MaxAge > 0 {
		return from.MaxAge
	}
	return defaultListAge
}

// bring sees to it that the lists of these computers are no older than least, as far as
// how allows. The caller has the turn.
func (p *Platform) bring(ctx context.Context, from *declared.SMPRows, computers []estate.GUID, least time.Time, how listing) error {
	l := &p.lists
	if !l.searched {
		if err := p.searchRuns(ctx, from, computers); err != nil {
			return readError(opLists, "", err)
		}
		l.searched = true
	}
	limit := time.NewTimer(listWait(from))
	defer limit.Stop()
	over := false
	for starts := 0; ; {
		if err := p.lookAtRuns(ctx, from, over); err != nil {
			return readError(opLists, "", err)
		}
		if missing := p.missing(computers, least); len(missing) > 0 && how != listsFound && !over {
			if starts++; starts > listStarts {
				return readError(opLists, "", errListsLost)
			}
			if err := p.startLists(ctx, from, missing); err != nil {
				return readError(opLists, "", err)
			}
			continue
		}
		if how == listsPolled || how == listsFound || over || !slices.ContainsFunc(computers, l.isAwaited) {
			return nil
		}
		tick := time.NewTimer(p.Describe().Poll)
		select {
		case <-tick.C:
		case <-limit.C:
			over = true
		case <-ctx.Done():
		}
		tick.Stop()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

var opLists = fmt.Sprintf("read rows %q", declared.RowsCopies)

var errListsLost = errors.New("the answers to ExecuteTask were lost, and the runs cannot be found by their names")

// missing are the computers without a list that is young enough, and without a run
// under way that asks for one.
func (p *Platform) missing(computers []estate.GUID, least time.Time) []estate.GUID {
	ahead := p.Now().Add(backwards) // of a clock that somebody has set back
	var out []estate.GUID
	for _, c := range computers {
		have := p.lists.known[c]
		if good := have != nil && !have.at.Before(least) && !have.at.After(ahead); !good && !p.lists.isAsked(c) {
			out = append(out, c)
		}
	}
	return out
}

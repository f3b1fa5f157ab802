package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/rows"
	"pslan/internal/smp/wire"
)

// With rows "copies" { task = … } package servers print what they have themselves: a
// task that the admin has made runs the script that pslan ships (printed.go). That is
// the best public interface for status and version of a copy, and dear: every server
// runs a script. So a list is used as long as it is young enough, and one run asks all
// servers whose list is not.
//
//   - A reading takes lists up to max_age, from runs of this process, of an earlier one,
//     or of the task's own schedule. The others are asked for in one run, and waited for.
//   - A poll takes lists up to pollLists, and only those of servers that the images
//     concern. It starts a run and does not wait for it: a later poll sees its end.
//
// A server of which no list can be used tells nothing. That is noted, and never means
// that it has no copies.

// listing is how far a reading goes to have lists.
type listing uint8

const (
	listsWaited listing = iota // runs are started and waited for
	listsPolled                // runs are started
	listsFound                 // nothing is started
)

const (
	defaultListWait = 10 * time.Minute
	defaultListAge  = 15 * time.Minute
	// pollLists is how old lists may be in a poll.
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
		if how != listsWaited || over || !slices.ContainsFunc(computers, l.isAwaited) {
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

// startLists starts one run on several computers. It is remembered before it is asked
// for; a run whose answer was lost is looked for by its name.
func (p *Platform) startLists(ctx context.Context, from *declared.SMPRows, computers []estate.GUID) error {
	run := &listRun{name: p.runName("lists"), began: p.Now(), asked: p.o.Now(), left: slices.Clone(computers)}
	instance, err := p.execute(ctx, execution{
		method: executeTask, task: from.Task, name: run.name, computers: computers, object: "package servers", wait: listWait(from),
	})
	var w *wire.Error
	switch {
	case errors.As(err, &w) && w.MaybeDone:
	case err != nil:
		return err
	default:
		run.instance = instance
	}
	p.lists.runs = append(p.lists.runs, run)
	return nil
}

// lookAtRuns looks how far the runs are. Where the time for them is over, who has not
// ended is noted; a run that the platform must have given up itself is forgotten.
func (p *Platform) lookAtRuns(ctx context.Context, from *declared.SMPRows, over bool) error {
	var left []*listRun
	for _, run := range p.lists.runs {
		if err := p.lookAtRun(ctx, from, run); err != nil {
			return err
		}
		run.waited = run.waited || over
		gone := p.o.Now().Sub(run.asked) > 2*listWait(from)+listForgotten
		for _, c := range run.left {
			if over || gone {
				p.noteList(c, &packageList{at: run.began, fault: notWithin(listWait(from))})
			}
		}
		if len(run.left) > 0 && !gone && run.missed < lostLooks {
			left = append(left, run)
		}
	}
	p.lists.runs = left
	return nil
}

func notWithin(wait time.Duration) error {
	return &rows.Fault{Problem: fmt.Sprintf("it has not run the task within %s", strings.TrimSuffix(wait.String(), "0s")),
		Hint: "look whether its agent reaches its task server, or raise wait"}
}

// noteList keeps the newest list of a computer.
func (p *Platform) noteList(computer estate.GUID, l *packageList) {
	if have := p.lists.known[computer]; have == nil || !have.at.After(l.at) {
		p.lists.known[computer] = l
	}
}

// lookAtRun looks how far a run is, and fetches what ended servers printed.
func (p *Platform) lookAtRun(ctx context.Context, from *declared.SMPRows, run *listRun) error {
	ask := run.instance
	if ask.IsZero() {
		ask = from.Task
	}
	all, err := p.taskStatus(ctx, ask)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(s instanceStatus) bool {
		return s.instance == run.instance || run.instance.IsZero() && s.name == run.name
	})
	if at < 0 {
		if run.instance.IsZero() {
			run.missed++
		}
		return nil // what has just been started may not be listed yet
	}
	s := &all[at]
	run.instance = s.instance
	fetch := slices.Clone(run.left)
	switch {
	case s.over():
	case len(s.ended) > 0:
		fetch = slices.DeleteFunc(fetch, func(c estate.GUID) bool { return !slices.Contains(s.ended, c) })
	case s.finished == run.finished:
		fetch = nil // which ones have ended is not told, but no further one has
	}
	got, err := p.fetchLists(ctx, run.instance, fetch)
	if err != nil {
		return err
	}
	run.finished = s.finished
	for i, c := range fetch {
		l := got[i]
		if l == nil && s.over() {
			l = &packageList{fault: &rows.Fault{Problem: "the run is over, and this server has not run the task", Hint: "look whether its agent reaches its task server"}}
		}
		if l == nil {
			continue
		}
		l.at = run.began
		p.noteList(c, l)
		run.left = slices.DeleteFunc(run.left, func(left estate.GUID) bool { return left == c })
	}
	return nil
}

// fetchLists reads what a run printed on some computers; nil where it has not ended.
func (p *Platform) fetchLists(ctx context.Context, instance estate.GUID, computers []estate.GUID) ([]*packageList, error) {
	out := make([]*packageList, len(computers))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(p.limit())
	for i, c := range computers {
		g.Go(func() (err error) {
			out[i], err = p.fetchList(ctx, instance, c)
			return err
		})
	}
	return out, g.Wait()
}

// fetchList reads TaskResourceStatusDetails (D): -1 not started, 0 failed, 1 completed,
// any other number started. Under which name the output of a script stands among the
// properties is N: it is taken for the longest value.
func (p *Platform) fetchList(ctx context.Context, instance, computer estate.GUID) (*packageList, error) {
	node, err := p.services.Call(ctx, wire.Call{Service: taskService, Method: "GetTaskResourceStatus", Object: "the package server " + computer.String(),
		Params: []wire.Param{{Name: "taskInstanceGuid", Value: instance.String()}, {Name: "resourceGuid", Value: computer.String()}}})
	if err != nil {
		if k, ok := kindOf(err); ok && k == wire.KindNotFound {
			return nil, nil
		}
		return nil, err
	}
	status, err := node.Child("Status").Int()
	if err != nil || status != taskFailed && status != taskCompleted {
		return nil, nil // what cannot be read is not taken for an end: the wait has its own
	}
	output := longestValue(node)
	code, err := node.Child("ReturnCode").Int() // where it is not told, the status is enough
	l := &packageList{}
	l.told, l.fault = parsePrinted(output)
	if failed := status == taskFailed || err == nil && code != 0; failed && l.fault == nil {
		l.told, l.fault = nil, &rows.Fault{Problem: fmt.Sprintf("the task failed there with the code %d, and the list is whole", code), Hint: hintOutput}
	} else if failed && output == "" {
		l.fault = failedWith(int(code))
	}
	return l, nil
}

const (
	taskFailed    = 0
	taskCompleted = 1
)

// failedWith is a failure that left no output.
func failedWith(code int) error {
	if known, ok := scriptExits[code]; ok {
		return &rows.Fault{Problem: known.what, Hint: known.hint}
	}
	return &rows.Fault{Problem: fmt.Sprintf("the task failed there with the code %d", code), Hint: hintOutput}
}

func longestValue(node *wire.Node) (longest string) {
	node.Child("OutputProperties").Walk(func(n *wire.Node) bool {
		if strings.EqualFold(n.Name, "Value") && len(n.Text) > len(longest) {
			longest = n.Text
		}
		return true
	})
	return longest
}

// searchRuns looks for lists that earlier runs of the task have brought, whoever started
// them: an earlier command, or a schedule that the admin gave the task. Only whole ones
// count; who failed is asked again.
func (p *Platform) searchRuns(ctx context.Context, from *declared.SMPRows, computers []estate.GUID) error {
	all, err := p.taskStatus(ctx, from.Task)
	if err != nil {
		return err
	}
	now := p.Now()
	all = slices.DeleteFunc(all, func(s instanceStatus) bool {
		age := now.Sub(s.began)
		return s.began.IsZero() || age < -backwards || age > listAge(from)
	})
	slices.SortStableFunc(all, func(a, b instanceStatus) int { return b.began.Compare(a.began) }) // the newest first
	left := slices.Clone(computers)
	for i := range all {
		s := &all[i]
		var fetch, rest []estate.GUID
		for _, c := range left {
			if slices.Contains(s.ended, c) {
				fetch = append(fetch, c)
			} else {
				rest = append(rest, c)
			}
		}
		got, err := p.fetchLists(ctx, s.instance, fetch)
		if err != nil {
			return err
		}
		for i, l := range got {
			if l == nil || l.fault != nil {
				rest = append(rest, fetch[i])
				continue
			}
			l.at = s.began
			p.noteList(fetch[i], l)
		}
		left = rest
	}
	return nil
}

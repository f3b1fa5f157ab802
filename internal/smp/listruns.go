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
	s, err := p.findRun(ctx, from.Task, run.instance, run.name)
	if err != nil {
		return err
	}
	if s == nil {
		if run.instance.IsZero() {
			run.missed++
		}
		return nil // what has just been started may not be listed yet
	}
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
	switch k, ok := kindOf(err); {
	case ok && (k == wire.KindNotUnderstood || k == wire.KindTimeout):
		return nil // the whole history of a task may be too much to read: all are asked anew
	case err != nil:
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

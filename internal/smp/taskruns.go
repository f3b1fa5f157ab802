package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/smp/wire"
)

const (
	taskService = "TaskManagementService"
	executeTask = "ExecuteTask"
	// executeTCM starts a task over the agents' persistent connection (C, W: 8.5 and later).
	executeTCM = "ExecuteTCMTask"
)

// execution is a run of a task on some computers.
type execution struct {
	method    string // executeTask or executeTCM
	task      estate.GUID
	name      string // by which the run can be found again
	computers []estate.GUID
	object    string        // for people
	wait      time.Duration // until the platform gives up on computers that have not begun
}

var errNoInstance = errors.New("it gave no instance of the task")

// execute starts a run (D, H ExecuteTask) and returns its instance. The help calls both
// parameters required; public code runs with the first alone (D, C).
func (p *Platform) execute(ctx context.Context, e execution) (estate.GUID, error) {
	list := make([]string, len(e.computers))
	for i, c := range e.computers {
		list[i] = c.String()
	}
	minutes := max(1, int((e.wait+time.Minute-1)/time.Minute))
	input := "<inputParameters><parameter><name>@AssignedResources</name><value>" + strings.Join(list, ",") + "</value></parameter>" +
		fmt.Sprintf("<parameter><name>@CompRequirements</name><value><minWaitTime>1 minutes</minWaitTime><maxWaitTime>%d minutes</maxWaitTime><minCompletion>100 %%</minCompletion></value></parameter></inputParameters>", minutes)
	node, err := p.services.Call(ctx, wire.Call{Service: taskService, Method: e.method, Class: wire.ClassWrite, Object: e.object,
		Params: []wire.Param{{Name: "taskGuid", Value: e.task.String()}, {Name: "executionName", Value: e.name}, {Name: "inputParameters", Value: input}}})
	if err != nil {
		return estate.GUID{}, err
	}
	instance, err := node.GUID()
	if err != nil || instance.IsZero() {
		return estate.GUID{}, fmt.Errorf("%w: %w", errNoInstance, notUnderstood(taskService, e.method, e.object, wire.ClassWrite, "no GUID"))
	}
	return instance, nil
}

// instanceStatus is what TaskStatusDetails tells of one run (D). Times that carry no
// zone are zero where none is set.
type instanceStatus struct {
	instance                estate.GUID
	name                    string
	began, endedAt          time.Time
	ended                   []estate.GUID // computers that have
	total, finished, failed int64         // -1: not told
	code                    int64         // 0 where it is not told
}

// taskStatus reads the runs of a task, or the one run that an instance is. None is no
// error: a run that has just been started may not be listed yet.
func (p *Platform) taskStatus(ctx context.Context, taskOrInstance estate.GUID) ([]instanceStatus, error) {
	node, err := p.services.Call(ctx, wire.Call{Service: taskService, Method: "GetTaskStatus", Object: taskOrInstance.String(),
		Params: []wire.Param{{Name: "taskGuid", Value: taskOrInstance.String()}}})
	if err != nil {
		if k, ok := kindOf(err); ok && k == wire.KindNotFound {
			return nil, nil
		}
		return nil, err
	}
	var out []instanceStatus
	for _, n := range statuses(node) {
		if s, ok := p.instanceOf(n); ok {
			out = append(out, s)
		}
	}
	return out, nil
}

// statuses are the details in an answer, which may be one or a list.
func statuses(n *wire.Node) []*wire.Node {
	if n.Child("InstanceGuid") != nil {
		return []*wire.Node{n}
	}
	if n == nil {
		return nil
	}
	return n.Children
}

func (p *Platform) instanceOf(n *wire.Node) (s instanceStatus, ok bool) {
	g, err := n.Child("InstanceGuid").GUID()
	if err != nil || g.IsZero() {
		return s, false
	}
	s.instance = g
	s.name, _ = n.Value("RunName")
	if at, err := n.Child("StartTime").Time(p.zone); err == nil {
		s.began = at
	}
	if at, err := n.Child("EndTime").Time(p.zone); err == nil {
		s.endedAt = at
	}
	for name, into := range map[string]*int64{"TotalComputers": &s.total, "TotalFinished": &s.finished, "Failed": &s.failed} {
		if *into, err = n.Child(name).Int(); err != nil {
			*into = -1
		}
	}
	s.code, _ = n.Child("ReturnCode").Int() // where it is not told, the counters are enough
	if list := n.Child("ResourceGuids"); list != nil {
		s.ended, _ = guidsIn(list.Text)
		for _, c := range list.Children {
			if g, err := c.GUID(); err == nil && !g.IsZero() {
				s.ended = append(s.ended, g)
			}
		}
	}
	return s, true
}

// findRun looks for the status of a run, nil where there is none yet: by the instance
// that ExecuteTask gave (zero: that answer was lost), else among all runs of the task by
// its name, which no other run has. What ExecuteTask gives is called a schedule instance
// (D); that a status goes by the same GUID is inferred.
func (p *Platform) findRun(ctx context.Context, task, instance estate.GUID, name string) (*instanceStatus, error) {
	is := func(s instanceStatus) bool { return s.name == name || !instance.IsZero() && s.instance == instance }
	var refused error
	for _, ask := range []estate.GUID{instance, task} {
		if ask.IsZero() {
			continue
		}
		all, err := p.taskStatus(ctx, ask)
		if k, ok := kindOf(err); ok && ask != task && k == wire.KindServer {
			refused = err // it may not know the instance by this GUID, and say so in any words
			continue
		}
		if err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(all, is); at >= 0 {
			return &all[at], nil
		}
	}
	return nil, refused
}

// over: the counters decide, as of the words for the status of a run only one has been
// seen in public (C).
func (s *instanceStatus) over() bool { return s.total > 0 && s.finished >= s.total }

func (s *instanceStatus) wentWell() bool { return s.over() && s.failed == 0 && s.code == 0 }

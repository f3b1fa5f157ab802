package smp

import (
	"context"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
)

// Time critical management hands a task out over the persistent connection of agents
// (C, AH Time Critical Management; the methods C, W since 8.5). An agent without that
// connection does not get it: then nothing ends, and the sync's own limit ends the wait.

// seeTCM looks how far such a run is. The counters decide (C); when it ended is not told.
func (p *Platform) seeTCM(ctx context.Context, r *run) (*run, error) {
	node, err := p.callTCM(ctx, "GetTCMTaskStatus", r)
	if err != nil {
		if k, ok := kindOf(err); ok && k == wire.KindNotFound {
			return r, nil // what has just been started may not be listed yet
		}
		return r, readError("look at the refresh of", r.server, err)
	}
	number := func(name string) int64 {
		n, err := node.Child(name).Int()
		if err != nil {
			return -1
		}
		return n
	}
	if total := number("Total"); total <= 0 || number("Completed") < total || number("Failed") != 0 {
		return r, nil
	}
	if ok, err := p.executedTCM(ctx, r); !ok || err != nil {
		return r, err
	}
	seen := *r
	seen.ended = p.Now()
	p.remember(&seen)
	return &seen, nil
}

// executedTCM reads what each agent made of a run: None, Started, Failed, Succeeded,
// Executed (C). Whether Executed says that it went well is N: the counters have said so.
func (p *Platform) executedTCM(ctx context.Context, r *run) (bool, error) {
	node, err := p.callTCM(ctx, "GetTCMTaskResults", r)
	if err != nil {
		return false, readError("look at the refresh of", r.server, err)
	}
	some, all := false, true
	node.Walk(func(n *wire.Node) bool {
		if n.Child("Agent") == nil {
			return true
		}
		word, _ := n.Value("Result")
		switch estate.Fold(strings.TrimSpace(word)) {
		case "succeeded", "executed":
			some = true
		default:
			all = false
		}
		return true
	})
	return some && all, nil
}

func (p *Platform) callTCM(ctx context.Context, method string, r *run) (*wire.Node, error) {
	return p.services.Call(ctx, wire.Call{Service: taskService, Method: method, Object: r.server,
		Params: []wire.Param{{Name: "taskId", Value: r.instance.String()}}})
}

// checkTCM looks whether the service has the methods. They came together (C, W), so one
// that only reads answers for all: whatever it says of a run that there is not.
func (p *Platform) checkTCM(ctx context.Context) error {
	_, err := p.callTCM(ctx, "GetTCMTaskStatus", &run{server: "no run"})
	switch k, ok := kindOf(err); {
	case err == nil:
		return nil
	case ok && k == wire.KindNoMethod:
		return refused(platform.KindUnsupported, "look at the task service", "", "Leave persistent_connection out of the refresh block: the task is then handed out by the task servers.",
			"it cannot hand out tasks over the persistent connection, as builds before 8.5 cannot")
	case ok && (k == wire.KindNotFound || k == wire.KindInvalid || k == wire.KindServer || k == wire.KindWrongType):
		return nil // it is there, and knows no such run
	}
	return readError("look at the task service", "", err)
}

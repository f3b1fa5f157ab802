package smp

import (
	"context"
	"time"

	"pslan/internal/declared"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
)

// opUpdateMembership is the action that asks for a membership update.
const opUpdateMembership = "update_membership"

const resourceService = "ResourceModel"

// UpdateMembership implements platform.Writer: the schedule that the connection names
// is run as if due now (D, H ExecuteSchedulableItem; that this item exists is D, its
// GUID N), or the targets that it names are recomputed (C, W). Where neither is named
// it is part of the operator's step.
func (p *Platform) UpdateMembership(ctx context.Context) error {
	const op = "update membership"
	m := &p.set.Membership
	var call wire.Call
	switch {
	case !m.Schedule.IsZero():
		call = wire.Call{Service: itemService, Method: "ExecuteSchedulableItem", Object: m.Schedule.String(),
			Params: []wire.Param{{Name: "itemGuid", Value: m.Schedule.String()}}}
	case len(m.Targets) > 0:
		t := target{members: m.Targets}
		call = wire.Call{Service: resourceService, Method: "UpdateResourceTargets", Object: t.list(), Params: []wire.Param{
			{Name: "targetGuids", Value: t.list()}, {Name: "fullUpdate", Value: "false"}, {Name: "updateDependencies", Value: "true"},
		}}
	case p.actions[opUpdateMembership] != nil:
		return p.act(ctx, platform.OperatorTask{Op: opUpdateMembership})
	default:
		return ctx.Err() // SyncByOperator: his instructions begin with it
	}
	call.Class = wire.ClassWrite
	if _, err := p.services.Call(ctx, call); err != nil {
		return writeError(op, "", err)
	}
	if m.Wait <= 0 || p.rowsOf(declared.RowsUpdates) != nil {
		return nil
	}
	// Nothing tells when it ends: servers are refreshed after the time it is given.
	return sleep(ctx, m.Wait)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ReadSync implements platform.Reader. How far membership updates are is told by rows
// alone (N); when a server fetched its policy, by rows, or by the end of a task that
// was started here.
func (p *Platform) ReadSync(ctx context.Context) (*platform.SyncState, error) {
	s := &platform.SyncState{Refreshed: map[string]time.Time{}}
	updates, err := p.table(ctx, declared.RowsUpdates)
	if err != nil {
		return nil, err
	}
	if updates != nil {
		for i := range updates.Rows {
			running, _ := updates.Bool(i, "running")
			s.UpdateRunning = s.UpdateRunning || running
			started, finished := updates.Time(i, "started").Time(), updates.Time(i, "finished").Time()
			if started.IsZero() {
				started = finished // only the end is told: it began no later
			}
			if finished.After(s.UpdateFinished) {
				s.UpdateStarted, s.UpdateFinished = started, finished
			}
		}
	}
	refreshes, err := p.table(ctx, declared.RowsRefreshes)
	if err != nil {
		return nil, err
	}
	dir, err := p.directory(ctx)
	if err != nil {
		return nil, err
	}
	if refreshes != nil {
		for i := range refreshes.Rows {
			id := dir.find(refreshes.Text(i, "server"))
			if at := refreshes.Time(i, "refreshed_at").Time(); id.IsServer() && !at.IsZero() {
				name := dir.names[id]
				if at.After(s.Refreshed[name]) {
					s.Refreshed[name] = at
				}
			}
		}
	} else if err := p.seeRuns(ctx, s); err != nil {
		return nil, err
	}
	s.Now = p.Now()
	return s, nil
}

// seeRuns tells how far the tasks are that were started here.
func (p *Platform) seeRuns(ctx context.Context, s *platform.SyncState) error {
	for _, r := range p.startedRuns() {
		if r.ended.IsZero() {
			var err error
			if r, err = p.seeRun(ctx, r); err != nil {
				return err
			}
		}
		s.Refreshed[r.server] = r.ended // zero: asked, and not yet done
	}
	return nil
}

// TakeOwnership implements platform.Writer. There is no public interface for it: a
// command of the connection does it, or an operator.
func (p *Platform) TakeOwnership(ctx context.Context, image platform.ImageRef, server string) error {
	pack := p.packageOf(image)
	p.mu.Lock()
	from := p.owned[pack]
	p.mu.Unlock()
	task := platform.OperatorTask{Op: platform.OpTakeOwnership, Image: image, Server: server, From: from}
	if p.actions[string(task.Op)] == nil {
		return refused(platform.KindUnsupported, "take ownership", image.Name,
			"Take it in the window of the package server, or name a command that does: action \"take_ownership\" { command = […] }.",
			"the platform has no interface for it")
	}
	return p.AskOperator(ctx, task)
}

// AskOperator implements platform.Writer. A command of the connection does the task
// where one is named for it; else a person does, and this only remembers what for.
func (p *Platform) AskOperator(ctx context.Context, task platform.OperatorTask) error {
	pack := p.packageOf(task.Image)
	moves := task.Op == platform.OpTakeOwnership && !pack.IsZero()
	if moves {
		p.mu.Lock()
		p.taking[pack] = transfer{from: task.From, to: task.Server}
		p.mu.Unlock()
	}
	if p.actions[string(task.Op)] == nil {
		return ctx.Err()
	}
	return p.act(ctx, task)
}

// act runs the command of a task.
func (p *Platform) act(ctx context.Context, task platform.OperatorTask) error {
	a := p.actions[string(task.Op)]
	host := ""
	if task.Server != "" {
		dir, err := p.directory(ctx)
		if err != nil {
			return err
		}
		if id := dir.find(task.Server); id.IsServer() {
			host = dir.hosts[id]
		}
	}
	return a.run(ctx, &task, p.packageOf(task.Image), host)
}

package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// run is a refresh task that was started for a server here. It is never changed, only
// replaced.
type run struct {
	server   string
	name     string      // by which it can be found again
	instance estate.GUID // zero: the answer was lost
	ended    time.Time   // zero: not seen to have ended
}

const (
	opRefresh = "refresh"
	// refreshWait is until when the platform may start a refresh: an agent that is off by
	// then has failed.
	refreshWait = time.Hour
)

// RefreshServer implements platform.Writer: the task that the admin has made is run
// on the server's computer (D, H ExecuteTask). Each call is a new run, so a run whose
// answer was lost is looked for by its name before another one is started.
func (p *Platform) RefreshServer(ctx context.Context, server string) error {
	if p.set.Refresh.IsZero() {
		if p.actions[string(platform.OpRefresh)] == nil {
			return refused(platform.KindUnsupported, opRefresh, server, "Name a task that does it: refresh { task = \"GUID\" }.", "no task is named that makes a package server fetch its policy")
		}
		return p.act(ctx, platform.OperatorTask{Op: platform.OpRefresh, Server: server})
	}
	dir, err := p.directory(ctx)
	if err != nil {
		return err
	}
	id := dir.find(server)
	if !id.IsServer() {
		return refused(platform.KindNotFound, opRefresh, server, "", "the platform lists no package server of this name")
	}
	computer := dir.computers[id]
	if computer.IsZero() {
		return refused(platform.KindUnsupported, opRefresh, server, "Add the column computer or guid to rows \"package_servers\".", "the GUID of its computer is not told, and tasks name computers by it")
	}
	key := estate.Fold(server)
	p.mu.Lock()
	before := p.runs[key]
	p.mu.Unlock()
	if before != nil && before.instance.IsZero() {
		found, err := p.seeRun(ctx, before)
		if err != nil || !found.instance.IsZero() {
			return err // it was started after all
		}
	}
	return p.start(ctx, &run{server: dir.names[id], name: p.runName("refresh " + server)}, computer)
}

// runName is unlike that of every other run.
func (p *Platform) runName(what string) string {
	return fmt.Sprintf("pslan %s %s", what, p.o.Now().UTC().Format("20060102T150405.000000"))
}

// start starts a run. It is remembered before it is asked for.
func (p *Platform) start(ctx context.Context, r *run, computer estate.GUID) error {
	p.remember(r)
	method := executeTask
	if p.set.RefreshPersistent {
		method = executeTCM
	}
	instance, err := p.execute(ctx, execution{method: method, task: p.set.Refresh, name: r.name, computers: []estate.GUID{computer}, object: r.server, wait: refreshWait})
	if errors.Is(err, errNoInstance) {
		return afterWrite(opRefresh, r.server, err)
	}
	if err != nil {
		err = writeError(opRefresh, r.server, err)
		if e := (*platform.Error)(nil); errors.As(err, &e) && e.Kind != platform.KindUnreachable {
			p.forget(r)
		}
		return err
	}
	started := *r
	started.instance = instance
	p.remember(&started)
	return nil
}

func (p *Platform) remember(r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs[estate.Fold(r.server)] = r
}

func (p *Platform) forget(r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs[estate.Fold(r.server)] == r {
		delete(p.runs, estate.Fold(r.server))
	}
}

// startedRuns are the newest runs of all servers, by name.
func (p *Platform) startedRuns() []*run {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]*run, 0, len(p.runs))
	for _, r := range p.runs {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *run) int { return strings.Compare(a.server, b.server) })
	return out
}

// seeRun looks how far a run is. The counters decide: of the words for its status only
// one has been seen in public (C). A run that failed, or that no computer was there
// for, did not refresh the server: it stays open, and the sync's own limit ends the
// wait.
func (p *Platform) seeRun(ctx context.Context, r *run) (*run, error) {
	if p.set.RefreshPersistent && !r.instance.IsZero() {
		return p.seeTCM(ctx, r)
	}
	status, err := p.findRun(ctx, p.set.Refresh, r.instance, r.name)
	if err != nil {
		return r, readError("look at the refresh of", r.server, err)
	}
	if status == nil {
		return r, nil // what has just been started may not be listed yet
	}
	seen := *r
	seen.instance = status.instance
	if status.wentWell() {
		if seen.ended = status.endedAt; seen.ended.IsZero() {
			seen.ended = p.Now() // its end is not told in a way that can be read: it ended before now
		}
	}
	p.remember(&seen)
	return &seen, nil
}

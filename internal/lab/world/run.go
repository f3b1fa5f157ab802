package world

import (
	"time"

	"pslan/internal/estate"
)

// NextAt tells when something happens next: an event, or a quarter of a download.
// It is never before now.
func (w *World) NextAt() (estate.Time, bool) {
	next, ok := w.nextQuarter()
	if len(w.Queue) > 0 && (!ok || w.Queue[0].At < next) {
		next, ok = w.Queue[0].At, true
	}
	return max(next, w.Now), ok
}

// NextAsked tells when the next refresh runs that somebody asked for, and on which
// server, if that is not after a moment. Whoever keeps the folders looks at that
// server's before: what people put there by hand counts.
func (w *World) NextAsked(to estate.Time) (at estate.Time, server int32) {
	server = -1
	for i := range w.Queue {
		e := &w.Queue[i]
		if (e.Kind == evRefresh || e.Kind == evTask) && e.At <= to && (server < 0 || e.At < at || e.At == at && e.Server < server) {
			at, server = e.At, e.Server
		}
	}
	return max(at, w.Now), server
}

// endOfTime is the year 2160: a hundred years more still fit into a moment.
const endOfTime = estate.Time(6e18)

// run lets time pass up to a moment; everything due by then happens.
func (w *World) run(to estate.Time) {
	to = min(to, endOfTime)
	for {
		at, ok := w.NextAt()
		if !ok || at > to {
			break
		}
		w.carry(at)
		w.show()
		for len(w.Queue) > 0 && w.Queue[0].At <= w.Now {
			w.step(w.pop())
		}
	}
	if to > w.Now {
		w.carry(to)
	}
}

func (w *World) step(e Event) {
	w.asked = e.Kind == evRefresh || e.Kind == evTask
	defer func() { w.asked = false }()
	switch e.Kind {
	case evUpdateStart:
		w.startUpdate(false)
	case evUpdateFinish:
		w.finishUpdate()
	case evUpdateSchedule:
		w.at(Event{At: w.nextTurn(e.At, w.Rules.UpdateEvery), Kind: evUpdateSchedule, Server: -1, Image: -1})
		w.startUpdate(true)
	case evRefreshSchedule:
		if w.Servers[e.Server].Retired {
			return
		}
		w.at(Event{At: w.nextTurn(e.At, w.Rules.RefreshEvery), Kind: evRefreshSchedule, Server: e.Server, Image: -1})
		w.refresh(e.Server)
	case evRefresh:
		w.refresh(e.Server)
	case evStatus:
		w.hear(e.Server, e.Image, e.Said)
	case evRebuilt:
		p := &w.Preboots[e.Image]
		p.Building, p.Rebuilt = false, w.Now
		w.happen("preboot configuration rebuilt", -1, -1, p.Name)
	case evTask:
		w.stepTask(&e)
	case evPoints:
		w.stepPoints(e.Image)
	case evCommand:
		if err := w.do(e.Do); err != nil {
			w.happen("in vain", e.Do.Server, e.Do.Image, err.Error())
		}
	}
}

// nextTurn keeps a schedule in step after the clock has jumped.
func (w *World) nextTurn(at estate.Time, every time.Duration) estate.Time {
	at = after(at, every)
	if late := w.Now - at; late > 0 {
		at += (late/estate.Time(every) + 1) * estate.Time(every)
	}
	return at
}

// jump moves the clock without letting time pass: what is overdue then happens
// late, and a schedule that lies beyond a jump back is far away.
func (w *World) jump(d time.Duration) {
	w.Now = min(max(after(w.Now, d), 0), endOfTime)
	w.happen("clock jumped", -1, -1, d.String())
}

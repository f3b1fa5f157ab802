package smp

import (
	"slices"
	"time"

	"pslan/internal/declared"
	"pslan/internal/smp/rows"
)

// recentFor is how old what belongs to no image may be in a poll (platform.Scope.Recent).
const recentFor = time.Minute

// recentKinds are the rows that no step on an image waits for: they tell of servers, or
// of what was recorded of contents before.
var recentKinds = []declared.RowKind{
	declared.RowsSMP, declared.RowsServers, declared.RowsSites, declared.RowsPreboots, declared.RowsRecorded,
}

// recent is what the newest readings that asked were told of what belongs to no image.
type recent struct {
	tables   map[declared.RowKind]recentTable
	preboots []record
	listed   time.Time // when preboots were
}

// recentTable is shared between readings, so each makes a reader of its own.
type recentTable struct {
	*rows.Reader
	at time.Time
}

// recall takes a table from an earlier reading, where this one is a poll and it is
// recent. It is called before the reading has several goroutines.
func (r *reading) recall(kind declared.RowKind) bool {
	if !r.polls() || !slices.Contains(recentKinds, kind) {
		return false
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	t, ok := r.p.recent.tables[kind]
	if !ok || !r.fresh(t.at) {
		return false
	}
	r.tables[kind] = rows.NewReader(t.View, t.Zone, r.p.rowsOf(kind).Words)
	r.recalled = append(r.recalled, kind)
	return true
}

func (r *reading) recallPreboots() bool {
	if !r.polls() {
		return false
	}
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.p.recent.listed.IsZero() || !r.fresh(r.p.recent.listed) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lists[preboots.kind], r.recalledBoots = r.p.recent.preboots, true
	return true
}

// begin notes when a reading begins, in the platform's time. Where no answer has told it
// yet, the function returned works it out at its end.
func (r *reading) begin() (end func()) {
	_, told := r.p.services.ServerTime()
	r.began = r.p.Now()
	if told {
		return func() {}
	}
	here := r.p.o.Now()
	return func() { r.began = r.p.Now().Add(-r.p.o.Now().Sub(here)) }
}

func (r *reading) polls() bool { return r.scope.Recent && r.wanted != nil }

// fresh: a moment that lies ahead was told by a clock that somebody has set back.
func (r *reading) fresh(at time.Time) bool {
	age := r.began.Sub(at)
	return age >= 0 && age <= recentFor
}

// keep remembers what a reading was told itself. The caller holds the platform's lock.
func (k *recent) keep(r *reading) {
	if k.tables == nil {
		k.tables = map[declared.RowKind]recentTable{}
	}
	for _, kind := range recentKinds {
		if t := r.tables[kind]; t != nil && !slices.Contains(r.recalled, kind) {
			k.tables[kind] = recentTable{t, r.began}
		}
	}
	if r.p.rowsOf(declared.RowsPreboots) == nil && !r.recalledBoots {
		k.preboots, k.listed = r.lists[preboots.kind], r.began
	}
}

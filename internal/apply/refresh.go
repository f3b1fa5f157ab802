package apply

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/estate"
	"pslan/internal/plan"
	"pslan/internal/platform"
)

// refresh is one server's part of a round.
type refresh struct {
	server   string
	must     bool // a step of the round cannot do without it
	asking   bool
	attempts int
	asked    time.Time // when a request was accepted
	again    bool      // it was repeated after being accepted and ignored
	lost     error
	lostAt   time.Time
	refused  error
	unsafe   error // it would destroy the last good copy of an image: not asked for
	done     bool
	unseen   bool // done as accepted: it cannot be seen
	away     bool // cannot be reached
	gone     bool // its role was removed: nothing can be missing on it any more
	unasked  bool // the platform cannot be asked; it refreshes by itself
}

// see notes what a reading says of one server's refresh. Where none is to be seen and
// the platform shows those of others, half the time is given for it to show. A refresh
// that lies ahead of the platform's clock was before somebody set that clock back, and so
// was one that was to be seen before the update was asked for.
func (f *refresh) see(r *round, v *view, seen map[string]time.Time, deadline time.Time) {
	if f.done || f.refused != nil || f.unsafe != nil {
		return
	}
	id := v.Index.Server(f.server)
	f.gone = id == estate.NoServer
	f.away = f.gone || !v.Estate.Reachable(id)
	name := estate.Fold(f.server)
	at, visible := seen[name]
	old, known := r.before[name]
	since := r.finished
	if r.unseen {
		since = f.asked
	}
	switch {
	case visible && !since.IsZero() && !at.Before(since) && !at.After(v.now) && !(known && at.Equal(old)):
		f.done = true
	case visible || len(seen) > 0 && v.now.Before(r.halfway(deadline)):
	case !f.asked.IsZero() || f.unasked:
		f.done, f.unseen = true, true
	}
}

// refreshesOf are the refreshes that a reading tells of, by folded name.
func refreshesOf(s *platform.SyncState) map[string]time.Time {
	if s == nil {
		return nil
	}
	seen := make(map[string]time.Time, len(s.Refreshed))
	for name, at := range s.Refreshed {
		seen[estate.Fold(name)] = at
	}
	return seen
}

// halfway is when half the time is over that the refreshes of a round may take.
func (r *round) halfway(deadline time.Time) time.Time {
	return r.finished.Add(deadline.Sub(r.finished) / 2)
}

// ask reports whether a server is to be asked for its refresh now: not yet asked
// and reachable; or the answer was lost, after looking; or, once, after half the
// time has gone by without effect.
func (f *refresh) ask(r *round, deadline, now time.Time) bool {
	if f.done || f.asking || f.away || f.unasked || f.refused != nil || f.unsafe != nil || f.attempts >= maxAttempts {
		return false
	}
	if f.asked.IsZero() {
		return f.lost == nil || !now.Before(f.lostAt.Add(repeatAfter))
	}
	if !f.again && !now.Before(r.halfway(deadline)) {
		f.again = true
		return true
	}
	return false
}

// refreshAnswered judges the end of the request to refresh a server.
func (m *machine) refreshAnswered(f *refresh, now time.Time, err error) {
	f.asking = false
	f.attempts++
	switch answerOf(err) {
	case accepted:
		f.asked, f.lost = now, nil
	case lost:
		f.lost, f.lostAt = err, now
	case refused:
		if kindOf(err) == platform.KindUnsupported {
			f.unasked = true
		} else {
			f.refused = told(err)
		}
	}
}

// missing are the servers that a step still waits for, with what is known of them,
// and those that it does without. The error is a server's refusal.
func (r *round) missing(s *plan.Step) (left, without []string, refusal error) {
	for _, name := range s.Servers {
		f := r.byName[estate.Fold(name)]
		if f == nil {
			continue
		}
		must := !f.gone && containsName(s.MustReach, f.server)
		switch {
		case f.done:
		case f.refused != nil:
			return nil, nil, f.refused
		case f.unsafe != nil && must:
			return nil, nil, f.unsafe
		case f.unsafe != nil:
		case (f.away || f.lost != nil && f.attempts >= maxAttempts) && !must:
			without = append(without, f.server)
		case f.away:
			left = append(left, f.server+" cannot be reached, and the plan needs it")
		case f.lost != nil:
			left = append(left, fmt.Sprintf("%s did not answer: %v", f.server, f.lost))
		case f.unasked:
			left = append(left, f.server+" cannot be asked to refresh, and has not done so by itself")
		case f.asked.IsZero():
			left = append(left, f.server+" has not been asked yet")
		default:
			left = append(left, f.server+" was asked and has not refreshed")
		}
	}
	for _, name := range s.Skipped {
		if !containsName(s.MustReach, name) && !containsName(without, name) {
			without = append(without, name)
		}
	}
	return left, without, nil
}

// note says what a finished sync came to.
func (r *round) note(s *plan.Step, without []string) string {
	text := "membership update finished " + clock(r.finished)
	if r.unseen {
		text = "membership update " + confirmedNotSeen
	}
	var unseen []string
	for _, name := range s.Servers {
		if f := r.byName[estate.Fold(name)]; f != nil && f.unseen {
			unseen = append(unseen, name)
		}
	}
	switch {
	case s.By == plan.ByOperator && (r.unseen || len(unseen) > 0):
		text = "asked for by hand; nothing on the platform tells when it is done, so what comes next looks for its effect"
	case len(unseen) > 0:
		text += "; the refresh of " + strings.Join(unseen, ", ") + " " + confirmedNotSeen
	}
	for _, name := range s.Servers {
		if f := r.byName[estate.Fold(name)]; f != nil && f.unsafe != nil {
			text += "; " + f.server + " was not refreshed: " + f.unsafe.Error()
		}
	}
	if len(without) > 0 {
		text += "; without " + strings.Join(without, ", ") + ", which cannot be reached"
	}
	return text
}

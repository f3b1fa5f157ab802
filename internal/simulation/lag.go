package simulation

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// lag is a platform whose tables of facts are filled late, and by several hands: each
// reading shows how things were some time ago, drawn up to the scenario's Lag, so that of
// two readings the later one may show the older state. What lies on disks is seen as it
// is.
type lag struct {
	most time.Duration
	draw *rand.Rand
	past []past // oldest first; the last one is what is so now
}

// past is how things were from a moment on.
type past struct {
	at     time.Time
	estate *estate.Estate
	sync   *platform.SyncState
	truths []*truth
}

func newLag(s *Scenario) *lag { return &lag{most: s.Lag, draw: rand.New(rand.NewPCG(s.Seed, 11))} }

// readLag is how old a reading may be when what it allowed is asked for.
const readLag = 30 * time.Second

// add takes in how things are now.
func (l *lag) add(p past) { l.past = append(l.past, p) }

// jumped: somebody set the clock. What was a moment ago still was.
func (l *lag) jumped(by time.Duration) {
	for n := range l.past {
		l.past[n].at = l.past[n].at.Add(by)
	}
}

// shown is what a reading shows. What no later one shows is forgotten.
func (l *lag) shown(now time.Time) past {
	for len(l.past) > 1 && now.Sub(l.past[1].at) > l.most+readLag {
		l.past = l.past[1:]
	}
	since := now.Add(-time.Duration(l.draw.Int64N(int64(l.most) + 1)))
	for n := len(l.past) - 1; n > 0; n-- {
		if !l.past[n].at.After(since) {
			return l.past[n]
		}
	}
	return l.past[0]
}

// estate is what a reading of the platform's facts shows.
func (st *stage) estate(ctx context.Context, scope platform.Scope) (*estate.Estate, error) {
	if st.lag == nil {
		e, err := st.lab.ReadEstate(ctx, scope)
		return st.skewed(e), err
	}
	p := st.lag.shown(st.Now())
	return st.skewed(p.read(st.Now(), scope)), nil
}

// skewed tells of marks by another clock.
func (st *stage) skewed(e *estate.Estate) *estate.Estate {
	if e == nil || st.scenario.Skew == 0 {
		return e
	}
	for i := range e.Images {
		for k := range e.Images[i].Copies {
			if c := &e.Images[i].Copies[k]; c.DeleteAfter != 0 {
				c.DeleteAfter += estate.Time(st.scenario.Skew)
			}
		}
	}
	return e
}

// sync is what a reading of updates and refreshes shows. The clock is the present one.
func (st *stage) sync(ctx context.Context) (*platform.SyncState, error) {
	if st.lag == nil {
		return st.lab.ReadSync(ctx)
	}
	s := *st.lag.shown(st.Now()).sync
	s.Now = st.Now()
	return &s, nil
}

// read is an estate of the past for one reader, taken now.
func (p *past) read(now time.Time, scope platform.Scope) *estate.Estate {
	e := *p.estate
	e.TakenAt = estate.TimeOf(now)
	e.Servers, e.Images = slices.Clone(e.Servers), nil
	for i := range p.estate.Images {
		img := p.estate.Images[i]
		if scope.Images == nil || slices.Contains(scope.Images, img.GUID) {
			img.Copies = slices.Clone(img.Copies)
			e.Images = append(e.Images, img)
		}
	}
	return &e
}

// remember notes how things are, for readings that lag.
func (o *oracle) remember() {
	if o.st == nil || o.st.lag == nil {
		return
	}
	o.st.lag.add(past{o.reader.lab.Now(), o.reader.all(), o.reader.sync(), slices.Clone(o.now)})
}

// before are the truths of an image that readings may still show besides the present one.
func (o *oracle) before(i int) []*truth {
	if o.st == nil || o.st.lag == nil {
		return nil
	}
	var out []*truth
	for n := range o.st.lag.past {
		if t := o.st.lag.past[n].truths[i]; t != o.now[i] && (len(out) == 0 || out[len(out)-1] != t) {
			out = append(out, t)
		}
	}
	return out
}

// known reports whether what somebody else last did to an image could be read when pslan
// asked for something.
func (o *oracle) known(i int, a asked) bool {
	return o.touched[i] < a.moment && (o.scenario.Lag == 0 || a.at.Sub(o.touchedAt[i]) > o.scenario.Lag)
}

package serve

import (
	"cmp"
	"context"
	"sync"
	"time"

	"pslan/internal/lab"
)

// Pace says how the lab's clock runs while it is served. The zero Pace lets it
// stand: whoever else has the lab moves it.
type Pace struct {
	Speed float64 // seconds of the lab for a second of the wall clock
	// Jump: time stands still until somebody reads the same thing again with nothing
	// changed in between; then it jumps to the next event. So a client that waits does
	// not wait, and one that reads everything once reads one moment.
	Jump bool
	Most time.Duration    // of one jump; 0: an hour
	Now  func() time.Time // the wall clock; nil: time.Now
}

// leastStep is the least that the clock moves at once: the header Date knows no less.
const leastStep = time.Second

// maxJump bounds a jump where nothing is due for long.
const maxJump = time.Hour

type pacer struct {
	pace Pace
	lab  *lab.Lab
	mu   sync.Mutex
	last time.Time
	read map[string]bool // since the last change or jump
}

func newPacer(l *lab.Lab, p Pace) *pacer {
	if p.Now == nil {
		p.Now = time.Now
	}
	return &pacer{pace: p, lab: l, last: p.Now(), read: map[string]bool{}}
}

// pass lets as much time pass in the lab as the wall clock demands.
func (p *pacer) pass() error {
	if p.pace.Jump || p.pace.Speed <= 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.pace.Now()
	d := time.Duration(float64(now.Sub(p.last)) * p.pace.Speed)
	if d < leastStep {
		return nil
	}
	p.last = now
	return p.lab.Advance(d)
}

// notice is told of every call before it is carried out.
func (p *pacer) notice(ctx context.Context, what string, changes bool) error {
	if !p.pace.Jump {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if changes {
		clear(p.read)
		return nil
	}
	if !p.read[what] {
		p.read[what] = true
		return nil
	}
	clear(p.read)
	p.read[what] = true
	return p.lab.Pause(ctx, 0, p.lab.Now().Add(cmp.Or(p.pace.Most, maxJump)))
}

// Run moves the lab's clock along while nobody calls, until ctx ends.
func (s *Server) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.tell(s.pace.pass())
		}
	}
}

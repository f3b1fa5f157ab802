package probe

import (
	"context"
	"sync"
	"time"
)

// Phase is what a probe is at.
type Phase uint8

// The phases, in their order.
const (
	Listing Phase = iota
	Hashing
	Checking
)

// Progress is how far a probe has come.
type Progress struct {
	Phase                 Phase
	Packages, Listed      int
	Files, FilesDone      int
	Bytes                 int64 // of all files
	BytesKnown, BytesRead int64 // of files that were recognised; read so far
	hashing               time.Time
}

// Progress tells how far the probe has come. It may be called while Run runs.
func (p *Probe) Progress() Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Left estimates how long hashing will go on, from how fast it went so far; 0 where
// nothing can be said.
func (s Progress) Left(now time.Time) time.Duration {
	spent := now.Sub(s.hashing)
	if s.Phase != Hashing || s.BytesRead == 0 || spent < time.Second {
		return 0
	}
	left := s.Bytes - s.BytesKnown - s.BytesRead
	return time.Duration(float64(spent) * float64(max(left, 0)) / float64(s.BytesRead)).Truncate(time.Second)
}

// pace keeps all readers together below a rate.
type pace struct {
	rate int64 // bytes in a second
	mu   sync.Mutex
	next time.Time // when the next piece may be read
}

// wait waits until n more bytes may be read. What was not used is not saved up.
func (p *pace) wait(ctx context.Context, n int) error {
	p.mu.Lock()
	at := p.next
	if now := time.Now(); at.Before(now) {
		at = now
	}
	p.next = at.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	p.mu.Unlock()
	d := time.Until(at)
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

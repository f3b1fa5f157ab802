package smb

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"pslan/internal/credential"
	"pslan/internal/unc"
)

// Options say how shares are read.
type Options struct {
	Who  *credential.Credential
	Port int // 0: 445
	// DialTimeout is how long a host may take to accept a connection (0: 10 s),
	// LoginTimeout how long a login may take (0: 30 s), AnswerTimeout any other answer
	// (0: 60 s; disks may have to spin up).
	DialTimeout, LoginTimeout, AnswerTimeout time.Duration
	// MaxIdle is how many connections are kept that nobody uses (0: 64).
	MaxIdle int
	// Now is the clock by which refused logins are forgotten; nil: the wall clock.
	Now func() time.Time
}

// Pool gives folders on shares. It may be used by many at once.
type Pool struct {
	options Options
	login   login
	ctx     context.Context
	cancel  context.CancelFunc

	mu     sync.Mutex
	closed bool
	hosts  map[string]*host
}

// host is a server with its one connection.
type host struct {
	mu      sync.Mutex // held while the connection is made
	name    string
	session *session // nil: none yet
}

// New makes a pool. Nothing is dialled before Open.
func New(o Options) *Pool {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&o.DialTimeout, 10 * time.Second}, {&o.LoginTimeout, 30 * time.Second}, {&o.AnswerTimeout, time.Minute}} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	if o.Port == 0 {
		o.Port = 445
	}
	if o.MaxIdle <= 0 {
		o.MaxIdle = 64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Pool{options: o, hosts: map[string]*host{}}
	p.login = login{who: o.Who, now: o.Now, refused: map[string]refusal{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

var errClosed = errors.New("the pool of connections is closed")

// Open gives a folder on a share, \\host\share\folder or //host/share/folder, whose
// names are relative to it. The folder must be there. Whoever has it closes it; the
// connection is kept for the next one.
//
// A folder belongs to one connection: where that was cut, everything in it fails with
// the reason, and Open connects anew.
func (p *Pool) Open(name string) (fs.FS, io.Closer, error) {
	path, err := unc.Parse(name)
	if err != nil {
		return nil, nil, err
	}
	s, err := p.session(path.Host)
	if err != nil {
		return nil, nil, err
	}
	f, err := openFolder(s, path)
	if err != nil {
		p.release(s)
		return nil, nil, err
	}
	return f, &lease{release: func() { p.release(s) }}, nil
}

// lease gives a session back, once.
type lease struct {
	once    sync.Once
	release func()
}

func (l *lease) Close() error {
	l.once.Do(l.release)
	return nil
}

// session gives the connection to a host to one more user.
func (p *Pool) session(name string) (*session, error) {
	key := strings.ToLower(name)
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errClosed
	}
	h := p.hosts[key]
	if h == nil {
		h = &host{name: name}
		p.hosts[key] = h
	}
	p.mu.Unlock()

	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.session; s != nil && s.take(p.options.Now()) {
		return s, nil
	}
	s, err := p.login.enter(p.ctx, &p.options, h.name)
	if err != nil {
		return nil, err
	}
	h.session = s
	s.users++
	if p.isClosed() { // meanwhile
		s.end(&Error{Kind: Cut, Host: name, Text: errClosed.Error()})
		return nil, errClosed
	}
	return s, nil
}

func (p *Pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// take counts one more user, if the session still lives. A session that nobody used
// for a while is asked first.
func (s *session) take(now time.Time) bool {
	s.mu.Lock()
	s.users++
	idle := s.users == 1 && now.Sub(s.idle) > time.Second
	lives := s.why == nil
	s.mu.Unlock()
	if lives && (!idle || s.alive()) {
		return true
	}
	s.mu.Lock()
	s.users--
	s.mu.Unlock()
	s.end(&Error{Kind: Cut, Host: s.host, Text: "the connection to " + s.host + " was cut"})
	return false
}

// release counts one user less, and closes the connections that nobody used for the
// longest time where there are too many.
func (p *Pool) release(s *session) {
	s.mu.Lock()
	s.users--
	s.idle = p.options.Now()
	s.mu.Unlock()
	for _, s := range p.tooMany() {
		s.logOff()
	}
}

// tooMany takes out the sessions beyond MaxIdle that nobody uses.
func (p *Pool) tooMany() []*session {
	p.mu.Lock()
	defer p.mu.Unlock()
	type resting struct {
		key   string
		s     *session
		since time.Time
	}
	var idle []resting
	for key, h := range p.hosts {
		if !h.mu.TryLock() {
			continue // in use
		}
		if s := h.session; s != nil {
			s.mu.Lock()
			if s.users == 0 {
				idle = append(idle, resting{key, s, s.idle})
			}
			s.mu.Unlock()
		}
		h.mu.Unlock()
	}
	if len(idle) <= p.options.MaxIdle {
		return nil
	}
	slices.SortFunc(idle, func(a, b resting) int { return cmp.Or(a.since.Compare(b.since), strings.Compare(a.key, b.key)) })
	var out []*session
	for _, r := range idle[:len(idle)-p.options.MaxIdle] {
		h := p.hosts[r.key]
		if !h.mu.TryLock() {
			continue
		}
		r.s.mu.Lock()
		if h.session == r.s && r.s.users == 0 {
			h.session = nil
			out = append(out, r.s)
		}
		r.s.mu.Unlock()
		h.mu.Unlock()
	}
	return out
}

// Close ends all connections. What still reads from them fails.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	hosts := p.hosts
	p.hosts = map[string]*host{}
	p.mu.Unlock()
	var group sync.WaitGroup
	for _, h := range hosts {
		if !h.mu.TryLock() {
			continue // it is being connected, and ends with the context
		}
		s := h.session
		h.mu.Unlock()
		if s == nil {
			continue
		}
		s.mu.Lock()
		used := s.users > 0
		s.mu.Unlock()
		if used {
			s.end(&Error{Kind: Cut, Host: s.host, Text: errClosed.Error()})
		} else {
			group.Go(s.logOff)
		}
	}
	group.Wait()
	p.cancel()
	p.login.close()
	return nil
}

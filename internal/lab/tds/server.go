package tds

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// Options say what is served, and to whom.
type Options struct {
	Database Database
	// Name is what the server calls itself in messages; "": LAB.
	Name string
	// Logins are who may log in; nil: everybody.
	Logins Logins
	// TLS holds the certificate; nil: nothing can be encrypted.
	TLS *tls.Config
	// EncryptionNeeded turns away who does not encrypt.
	EncryptionNeeded bool
	// Log is told of every statement when it ends; nil: none.
	Log func(Statement)
	// Report is told why connections ended that did not end well; nil: none.
	Report func(error)
}

// What of a session is encrypted.
const (
	EncryptedNot    = "nothing"
	EncryptedLogin  = "login"
	EncryptedAll    = "all"
	EncryptedStrict = "strict"
)

// Session is who is connected, and how.
type Session struct {
	User, Application, Database string
	Encryption                  string
	ReadOnly                    bool // the client says that it only reads
}

// Statement is one that was carried out or refused.
type Statement struct {
	Session Session
	Text    string   // of the whole batch
	Rows    int      // that were sent
	Problem *Problem // nil: it went well
}

// Counts are what has happened since the server was made.
type Counts struct {
	Connections, Logins, LoginsRefused int
	Selects                            int // carried out to the end
	Writes                             int // refused
	NotUnderstood                      int
	Begun, Committed, RolledBack       int // transactions; those of a connection that ends are rolled back
	Attentions, Resets                 int
}

// Server serves a database.
type Server struct {
	o Options

	mu       sync.Mutex
	counts   Counts
	troubles []Trouble
	sessions []Session // of the newest logins
	open     map[*conn]context.CancelFunc
	lists    map[net.Listener]bool
	closed   bool
	running  sync.WaitGroup
}

const (
	maxConnections = 64
	maxSessions    = 1000
	loginTime      = 30 * time.Second
	idleTime       = time.Hour
	writeTime      = time.Minute
)

// New makes a server.
func New(o Options) (*Server, error) {
	if err := o.Database.check(); err != nil {
		return nil, err
	}
	if o.Name == "" {
		o.Name = "LAB"
	}
	return &Server{o: o, open: map[*conn]context.CancelFunc{}, lists: map[net.Listener]bool{}}, nil
}

// ErrClosed is what Serve returns after Close.
var ErrClosed = errors.New("the server is closed")

// Serve takes connections until the listener fails or the server is closed.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	closed := s.closed
	s.lists[l] = true
	s.mu.Unlock()
	if closed {
		l.Close()
		return ErrClosed
	}
	for {
		raw, err := l.Accept()
		if err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.lists, l)
			if s.closed {
				return ErrClosed
			}
			return err
		}
		s.take(raw)
	}
}

// take serves a connection beside the others, if there is room for it.
func (s *Server) take(raw net.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	c := &conn{server: s, stream: raw, raw: raw, size: firstPacket, cancel: cancel, attention: make(chan struct{}, 1)}
	s.mu.Lock()
	if s.closed || len(s.open) >= maxConnections {
		s.mu.Unlock()
		cancel()
		raw.Close()
		return
	}
	s.open[c] = cancel
	s.counts.Connections++
	c.number = uint16(50 + s.counts.Connections%30000) // lower ones are the server's own
	s.running.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.running.Done()
		err := c.serve(ctx)
		cancel()
		raw.Close()
		s.mu.Lock()
		delete(s.open, c)
		s.mu.Unlock()
		if err != nil && s.o.Report != nil {
			s.o.Report(err)
		}
	}()
}

// Drop ends all connections, as a restart of the server does; new ones are taken.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, cancel := range s.open {
		cancel()
		c.raw.Close()
	}
}

// Close ends all listeners and connections, and waits until they have ended.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for l := range s.lists {
		l.Close()
	}
	s.mu.Unlock()
	s.Drop()
	s.running.Wait()
	return nil
}

// Counts returns what has happened so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Sessions returns who has logged in, in order.
func (s *Server) Sessions() []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Session(nil), s.sessions...)
}

func (s *Server) count(f func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.counts)
}

func (s *Server) loggedIn(session Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Logins++
	if len(s.sessions) == maxSessions {
		s.sessions = s.sessions[1:]
	}
	s.sessions = append(s.sessions, session)
}

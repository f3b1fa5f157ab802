package smb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	smb2 "github.com/cloudsoda/go-smb2"
	"golang.org/x/sync/semaphore"
)

// Credits are what a server lets a client have under way, one for each 64 KiB. The
// library asks for them, but sends what needs many with too few when others hold
// them, which a server refuses. So what is under way is counted here as well.
const (
	credits      = 256
	light        = 1
	heavy        = 16 // a listing or the facts of an open file: the library asks for 1 MiB
	chunk        = 1 << 20
	singleCredit = 64 << 10
)

// session is one connection to a host with somebody logged in.
type session struct {
	host    string
	conn    net.Conn
	smb     *smb2.Session
	greet   greeting
	answer  time.Duration // how long an answer may take
	ctx     context.Context
	cancel  context.CancelFunc
	account *semaphore.Weighted
	buffers sync.Pool // *[]byte of chunk bytes

	mu     sync.Mutex
	why    *Error // why it ended; nil while it lives
	shares map[string]*smb2.Share
	users  int
	idle   time.Time // since when nobody uses it
}

// dial opens a connection to a host.
func dial(ctx context.Context, o *Options, host string) (net.Conn, error) {
	address := o.address(host)
	dialing, stop := context.WithTimeout(ctx, o.DialTimeout)
	defer stop()
	conn, err := (&net.Dialer{}).DialContext(dialing, "tcp", address)
	if err != nil {
		return nil, fromDial(host, address, err)
	}
	return conn, nil
}

// connect logs in at a host, over a connection that is there (nil: a new one).
func connect(ctx context.Context, o *Options, host string, conn net.Conn, who smb2.Initiator) (*session, error) {
	if conn == nil {
		var err error
		if conn, err = dial(ctx, o, host); err != nil {
			return nil, err
		}
	}
	s := &session{host: host, answer: o.AnswerTimeout, account: semaphore.NewWeighted(credits), shares: map[string]*smb2.Share{}}
	s.buffers.New = func() any { b := make([]byte, chunk); return &b }
	s.ctx, s.cancel = context.WithCancel(ctx)
	g := &guard{Conn: conn, ended: s.cut}
	s.conn = g
	stop := s.watch(o.LoginTimeout, "the login")
	defer stop()
	if err := s.setUp(g, who, o.address(host)); err != nil {
		s.end(&Error{Kind: Cut, Host: host, Text: "the login failed"})
		return nil, err
	}
	return s, nil
}

// address is where a host's shares are served.
func (o *Options) address(host string) string {
	return net.JoinHostPort(dialled(host), strconv.Itoa(o.Port))
}

// dialled is the address behind a host's name: Windows writes IPv6 addresses in UNC
// names as fe80--1.ipv6-literal.net.
func dialled(host string) string {
	literal, ok := strings.CutSuffix(strings.ToLower(host), ".ipv6-literal.net")
	if !ok {
		return host
	}
	return strings.ReplaceAll(strings.ReplaceAll(literal, "-", ":"), "s", "%")
}

// setUp negotiates and logs in.
func (s *session) setUp(g *guard, who smb2.Initiator, address string) (err error) {
	defer func() {
		if p := recover(); p != nil { // the library reads some answers without looking whether they are whole
			err = &Error{Kind: Incompatible, Host: s.host, Text: "what " + s.host + " answers to the login is broken"}
		}
	}()
	d := smb2.Dialer{MaxCreditBalance: credits, Negotiator: smb2.Negotiator{RequireMessageSigning: true}, Initiator: who}
	s.smb, err = d.DialConn(s.ctx, g, address)
	greet, notSMB := g.finish()
	s.greet = greet
	switch {
	case notSMB != nil:
		return &Error{Kind: Incompatible, Host: s.host, Text: address + " cannot be read", Err: notSMB}
	case greet.flags&(flagGuest|flagNobody) != 0:
		return &Error{Kind: Guest, Host: s.host, Text: s.host + " does not know the user and would let anybody in as a guest: pslan reads nothing that is not signed. Give the user an account there, or correct its name"}
	case err == nil:
		return nil
	}
	if why := s.whyEnded(); why != nil && (why.Kind == Timeout || !greet.setup) {
		return s.beforeLogin(why, greet)
	}
	if refusal := fromStatus(s.host, greet.status, nil); greet.setup && refusal.Kind == LoginRefused {
		return refusal
	} else if greet.setup && greet.status != 0 && greet.status != moreProcessing {
		return &Error{Kind: LoginRefused, Host: s.host, Text: "the server refuses the login", Err: refusal}
	}
	return s.beforeLogin(&Error{Err: err}, greet)
}

const moreProcessing = 0xC0000016

// beforeLogin words a connection that came to nothing before anybody was refused.
func (s *session) beforeLogin(why *Error, greet greeting) error {
	switch {
	case why.Kind == Timeout:
		return why
	case greet.dialect == 0:
		return &Error{Kind: Incompatible, Host: s.host, Text: s.host + " ended the connection at the first word: it may speak SMB 1 alone, or not let this machine in", Err: why.Err}
	case !greet.setup:
		return &Error{Kind: Incompatible, Host: s.host, Text: fmt.Sprintf("%s and pslan do not agree on signing or encryption (SMB %s; pslan knows AES-128-GCM and AES-128-CCM)", s.host, dialectName(greet.dialect)), Err: why.Err}
	}
	return &Error{Kind: Incompatible, Host: s.host, Text: "the login at " + s.host + " did not come to an end", Err: why.Err}
}

func dialectName(d uint16) string {
	switch d {
	case 0x0202:
		return "2.0.2"
	case 0x0210:
		return "2.1"
	case 0x0300:
		return "3.0"
	case 0x0302:
		return "3.0.2"
	case 0x0311:
		return "3.1.1"
	}
	return fmt.Sprintf("0x%04X", d)
}

// watch gives the session up when what begins now has not ended in time. The
// library's own contexts would do so for one request alone, and leave a connection
// behind that nobody can rely on.
func (s *session) watch(limit time.Duration, what string) (stop func()) {
	t := time.AfterFunc(limit, func() {
		s.end(&Error{Kind: Timeout, Host: s.host, Text: fmt.Sprintf("%s did not answer within %s (%s)", s.host, limit, what)})
	})
	return func() { t.Stop() }
}

// cut is what the guard calls when the connection ended.
func (s *session) cut(err error) {
	e := &Error{Kind: Cut, Host: s.host, Text: "the connection to " + s.host + " was cut"}
	if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		e.Err = err
	}
	s.end(e)
}

// end ends the session at once, for all who use it. The first reason counts.
func (s *session) end(why *Error) {
	s.mu.Lock()
	if s.why == nil {
		s.why = why
	}
	s.mu.Unlock()
	s.cancel()
	s.conn.Close()
}

func (s *session) whyEnded() *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why
}

// logOff says goodbye, where nobody uses the session any more.
func (s *session) logOff() {
	if s.whyEnded() == nil {
		bye := time.AfterFunc(min(s.answer, 2*time.Second), func() { s.conn.Close() })
		// What it answers is of no interest. The library closes the connection.
		_ = s.smb.Logoff()
		bye.Stop()
	}
	s.end(&Error{Kind: Cut, Host: s.host, Text: "pslan ended the connection to " + s.host})
}

// alive asks a session that nobody used for a while whether it is still there.
func (s *session) alive() bool {
	stop := s.watch(s.answer, "whether it is still there")
	defer stop()
	return s.whyEnded() == nil && s.smb.WithContext(s.ctx).Echo() == nil
}

// do runs one request that needs some credits, or several one after the other.
func (s *session) do(weight int64, what string, request func() error) error {
	err := s.once(weight, what, request)
	var status *smb2.ResponseError
	if errors.As(err, &status) && aloneMayDo(status.Code, weight) {
		err = s.once(credits, what, request)
	}
	if err == nil {
		return nil
	}
	if why := s.whyEnded(); why != nil {
		return why
	}
	e := fromLibrary(s.host, err)
	if known := (*Error)(nil); errors.As(e, &known) && known.Kind == Cut {
		s.end(known)
	}
	return e
}

// aloneMayDo reports whether a request may do that failed beside others: the server
// gave fewer credits than were asked for, and alone there are enough; or it was short
// of memory for a moment, and alone it is asked for less.
func aloneMayDo(status uint32, weight int64) bool {
	return status == invalidParameter && weight > light || status == noMemory || status == noResources
}

func (s *session) once(weight int64, what string, request func() error) error {
	if err := s.account.Acquire(s.ctx, weight); err != nil {
		return err
	}
	defer s.account.Release(weight)
	stop := s.watch(s.answer, what)
	defer stop()
	return request()
}

// share connects a share, once for all who use it.
func (s *session) share(name string) (*smb2.Share, error) {
	key := strings.ToLower(name)
	s.mu.Lock()
	have := s.shares[key]
	s.mu.Unlock()
	if have != nil {
		return have, nil
	}
	var got *smb2.Share
	err := s.do(light, `\\`+s.host+`\`+name, func() (err error) {
		got, err = s.smb.WithContext(s.ctx).Mount(`\\` + s.host + `\` + name)
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		err = fromStatus(s.host, 0xC00000CC, nil)
	}
	if err != nil {
		return nil, err
	}
	got = got.WithContext(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.shares[key]; other != nil {
		return other, nil // connected by another meanwhile: both work, one is kept
	}
	s.shares[key] = got
	return got, nil
}

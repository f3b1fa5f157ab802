package smb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	smb2 "github.com/cloudsoda/go-smb2"
	"github.com/jcmturner/gokrb5/v8/client"

	"pslan/internal/credential"
)

// After so many servers refused a user and none accepted it, no more are tried, and
// none that refused it is tried again for a while: domains lock accounts after a few
// wrong passwords.
const (
	enoughRefusals = 3
	refusalCounts  = 15 * time.Minute
)

// login is who pslan is to all servers, and what became of that so far.
type login struct {
	who *credential.Credential
	now func() time.Time

	turn sync.Mutex // held by whoever logs in while nobody was accepted yet

	mu       sync.Mutex
	accepted bool // some server accepted it
	refused  map[string]refusal

	kerberosMu sync.Mutex
	kerberos   *client.Client
	failed     error // why Kerberos does not work, until then
	until      time.Time
}

type refusal struct {
	why   error
	until time.Time
}

// enter logs in at a host by whatever way works. Until the user is known to be right,
// one server is asked at a time; that a host is not there is found out beside that.
func (l *login) enter(ctx context.Context, o *Options, host string) (*session, error) {
	if err := l.mayTry(host); err != nil {
		return nil, err
	}
	conn, err := dial(ctx, o, host)
	if err != nil {
		return nil, err
	}
	l.turn.Lock()
	proved := l.proved()
	if proved {
		l.turn.Unlock()
	} else {
		defer l.turn.Unlock()
		if err := l.mayTry(host); err != nil { // others were refused meanwhile
			conn.Close()
			return nil, err
		}
	}
	s, err := l.attempt(ctx, o, host, conn)
	l.record(host, err)
	return s, err
}

func (l *login) proved() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.accepted
}

func (l *login) mayTry(host string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if r, ok := l.refused[host]; ok && now.Before(r.until) {
		return r.why
	}
	count := 0
	for _, r := range l.refused {
		if now.Before(r.until) {
			count++
		}
	}
	if !l.accepted && count >= enoughRefusals {
		return &Error{Kind: LoginRefused, Host: host, Text: fmt.Sprintf("the login at %s was not tried: %d servers refused %s and none accepted it, and more attempts could lock the account", host, count, l.who)}
	}
	return nil
}

func (l *login) record(host string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var e *Error
	switch {
	case err == nil:
		l.accepted = true
		delete(l.refused, host)
	case errors.As(err, &e) && e.Kind == LoginRefused:
		l.refused[host] = refusal{err, l.now().Add(refusalCounts)}
	}
}

// attempt tries Kerberos where there is something to try it with, and then NTLM. What
// is no matter of the login ends it at once. conn is for the first of them.
func (l *login) attempt(ctx context.Context, o *Options, host string, conn net.Conn) (*session, error) {
	var ticketless error
	if l.who.MayKerberos() {
		who, err := l.ticket(host)
		if err == nil {
			s, err := connect(ctx, o, host, conn, who)
			if err == nil || !isRefusedLogin(err) {
				return s, err
			}
			conn, ticketless = nil, err
		} else {
			ticketless = err
		}
		if !l.who.MayNTLM() || errors.Is(ticketless, credential.ErrRefused) {
			if conn != nil {
				conn.Close()
			}
			return nil, l.failedError(host, fmt.Errorf("by Kerberos: %w", ticketless))
		}
	}
	who := &smb2.NTLMInitiator{User: l.who.User, Password: l.who.Password(), Domain: l.who.Domain, TargetSPN: "cifs/" + host}
	s, err := connect(ctx, o, host, conn, who)
	switch {
	case err == nil || !isRefusedLogin(err):
		return s, err
	case ticketless != nil:
		err = fmt.Errorf("by Kerberos: %w; by NTLM: %w", ticketless, err)
	}
	return nil, l.failedError(host, err)
}

func isRefusedLogin(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == LoginRefused
}

// failedError words a login that failed: refused by the server or the KDC, or for
// lack of a ticket, which harms no account.
func (l *login) failedError(host string, err error) *Error {
	e := &Error{Kind: NoTicket, Host: host, Text: fmt.Sprintf("the login at %s as %s failed", host, l.who), Err: err}
	if isRefusedLogin(err) || errors.Is(err, credential.ErrRefused) {
		e.Kind = LoginRefused
	}
	return e
}

// ticket gets the ticket for a host's shares. The client that gets it is made once.
func (l *login) ticket(host string) (smb2.Initiator, error) {
	cl, err := l.kerberosClient()
	if err != nil {
		return nil, err
	}
	spn := "cifs/" + host
	if _, _, err := cl.GetServiceTicket(spn); err != nil {
		return nil, fmt.Errorf("no ticket for %s: %w", spn, err)
	}
	return &smb2.Krb5Initiator{Client: cl, TargetSPN: spn}, nil
}

func (l *login) kerberosClient() (*client.Client, error) {
	l.kerberosMu.Lock()
	defer l.kerberosMu.Unlock()
	switch {
	case l.kerberos != nil:
		return l.kerberos, nil
	case l.failed != nil && l.now().Before(l.until):
		return nil, l.failed
	}
	cl, err := l.who.Kerberos()
	if err != nil {
		wait := time.Minute // a KDC that does not answer may do so soon
		if errors.Is(err, credential.ErrRefused) {
			wait = refusalCounts
		}
		l.failed, l.until = err, l.now().Add(wait)
		return nil, err
	}
	l.kerberos, l.failed = cl, nil
	return cl, nil
}

// close forgets the tickets.
func (l *login) close() {
	l.kerberosMu.Lock()
	defer l.kerberosMu.Unlock()
	if l.kerberos != nil {
		l.kerberos.Destroy()
		l.kerberos = nil
	}
}

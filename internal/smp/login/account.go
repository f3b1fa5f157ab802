package login

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/jcmturner/gokrb5/v8/client"

	"pslan/internal/credential"
)

// Account is a login that several connections share.
type Account struct {
	who       *credential.Credential
	basicHTTP bool

	// first is held while the account tries to get in for the first time.
	first sync.Mutex

	mu       sync.Mutex
	proven   bool
	failures int      // in a row, of the password
	refused  *Refused // got no further with this password: not tried again
	scheme   scheme   // what let it in
	kerberos *client.Client
}

type scheme uint8

const (
	unknown scheme = iota
	byKerberos
	byNTLM
)

// New makes an account of a credential. basicOverHTTP lets Basic travel unprotected,
// for tests.
func New(who *credential.Credential, basicOverHTTP bool) *Account {
	return &Account{who: who, basicHTTP: basicOverHTTP}
}

// Over logs in on one connection: carry must use one at a time, kept alive.
func (a *Account) Over(carry http.RoundTripper) http.RoundTripper {
	return &connection{account: a, carry: carry}
}

// Close forgets tickets and keys.
func (a *Account) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kerberos != nil {
		a.kerberos.Destroy()
		a.kerberos = nil
	}
}

// Refused is the error of a login that did not succeed.
type Refused struct {
	Who     string
	Offered []string // the words of WWW-Authenticate, in order
	Tried   []string // what was tried, each with what came of it
	// Before: it failed earlier in this process and was not tried again.
	Before bool
	Causes []error
}

// Error tells what the server offered and what was tried.
func (r *Refused) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "login of %s refused", r.Who)
	if r.Before {
		b.WriteString(" before, and not tried again so that no account is locked")
	}
	switch {
	case len(r.Offered) == 0:
		b.WriteString("; the server names no way to log in")
	default:
		b.WriteString("; the server offers " + strings.Join(r.Offered, ", "))
	}
	for _, t := range r.Tried {
		b.WriteString("; " + t)
	}
	return b.String()
}

// Unwrap returns the causes on this side.
func (r *Refused) Unwrap() []error { return r.Causes }

// tried notes an attempt. words say what came of it where there is no error.
func (r *Refused) tried(what, words string, err error) {
	if err != nil {
		words = err.Error()
		r.Causes = append(r.Causes, err)
	}
	r.Tried = append(r.Tried, what+": "+words)
}

// state tells what is known of the account.
func (a *Account) state() (scheme, *Refused) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.scheme, a.refused
}

// came notes that the account was let in.
func (a *Account) came(by scheme) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.scheme, a.proven, a.failures = by, true, 0
}

// maxFailures is how often in a row a password may be refused that was good before: a
// domain controller may have been away, or the password was changed meanwhile.
const maxFailures = 2

// failed notes that the account was refused with its password.
func (a *Account) failed(r *Refused) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures++
	if !a.proven || a.failures >= maxFailures {
		again := *r
		again.Before = true
		a.refused = &again
	}
}

// errNoTicketFor: Kerberos cannot be used with this server.
var errNoTicketFor = errors.New("no ticket")

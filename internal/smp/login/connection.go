package login

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"pslan/internal/credential"
)

// connection is an account on one connection.
type connection struct {
	account *Account
	carry   http.RoundTripper
	tls     *tls.ConnectionState // of the newest answer
}

const drained = 1 << 20 // bytes of an answer 401 that are read to keep its connection

// RoundTrip carries a request, logging in where the server asks for it. The request
// must have GetBody where it has a body. A login that does not succeed is a *Refused.
func (c *connection) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.account.who.Method == credential.Basic {
		return c.basic(req)
	}
	by, refused := c.account.state()
	if refused != nil {
		return nil, refused
	}
	header := ""
	if by == byKerberos {
		// The server asks for a ticket with each request or once for each connection; a new
		// one with each request suits both. Where there is none now, the login below says why.
		if token, err := c.ticket(req); err == nil {
			header = "Negotiate " + base64.StdEncoding.EncodeToString(token)
		}
	}
	resp, err := c.send(req, header, true)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	return c.login(req, resp)
}

// send sends the request, or one like it without a body.
func (c *connection) send(req *http.Request, authorization string, body bool) (*http.Response, error) {
	r := req.Clone(req.Context())
	r.Body, r.GetBody = nil, nil
	switch {
	case body && req.GetBody != nil:
		fresh, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		r.Body = fresh
	default:
		r.ContentLength = 0
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	resp, err := c.carry.RoundTrip(r)
	if err == nil {
		c.tls = resp.TLS
	}
	return resp, err
}

// basic sends the password itself, over https only.
func (c *connection) basic(req *http.Request) (*http.Response, error) {
	refused, end := c.account.begin()
	defer end()
	if refused != nil {
		return nil, refused
	}
	who := c.account.who
	if req.URL.Scheme != "https" && !c.account.basicHTTP {
		return nil, &Refused{Who: who.String(), Tried: []string{"Basic: not sent, because the address is not https"}}
	}
	user := who.User
	if who.Domain != "" {
		user = who.Domain + `\` + user
	}
	resp, err := c.send(req, "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+who.Password())), true)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusUnauthorized {
		c.account.came(unknown)
		return resp, nil
	}
	r := &Refused{Who: who.String(), Offered: offers(resp.Header)}
	drain(resp)
	r.tried("Basic", "the server did not take user and password", nil)
	c.account.failed(r)
	return nil, r
}

// begin lets one connection at a time try an account that was never let in. It
// returns the refusal that is known by then; end must be called.
func (a *Account) begin() (refused *Refused, end func()) {
	a.mu.Lock()
	proven := a.proven
	a.mu.Unlock()
	if proven {
		return nil, func() {}
	}
	a.first.Lock()
	_, refused = a.state()
	return refused, a.first.Unlock
}

// login answers a 401: with Kerberos where there is something to try it with, then
// with NTLM.
func (c *connection) login(req *http.Request, resp *http.Response) (*http.Response, error) {
	who := c.account.who
	r := &Refused{Who: who.String(), Offered: offers(resp.Header)}
	drain(resp)
	refused, end := c.account.begin()
	defer end()
	if refused != nil {
		return nil, refused
	}
	negotiate, ntlm := offered(r.Offered, "Negotiate"), offered(r.Offered, "NTLM")
	by, _ := c.account.state()
	if negotiate && who.MayKerberos() && by != byNTLM { // what was no use before is not tried with each connection
		resp, err := c.byKerberos(req, r)
		if err != nil || resp != nil {
			return resp, err
		}
		if errors.Is(errors.Join(r.Causes...), credential.ErrRefused) {
			r.tried("NTLM", `not with the same password, so that no account is locked; set method = "ntlm" if the realm does not know this account`, nil)
			c.account.failed(r)
			return nil, r
		}
	}
	if (negotiate || ntlm) && who.MayNTLM() {
		resp, err := c.byNTLM(req, r, ntlm)
		if err != nil || resp != nil {
			return resp, err
		}
		c.account.failed(r)
		return nil, r
	}
	if len(r.Tried) == 0 {
		r.Tried = []string{fmt.Sprintf("nothing could be tried with the method %s", who.Method)}
	}
	return nil, r
}

// byKerberos sends the request with a ticket. Neither answer nor error: refused, and r
// says why.
func (c *connection) byKerberos(req *http.Request, r *Refused) (*http.Response, error) {
	token, err := c.ticket(req)
	if err != nil {
		r.tried("Kerberos", "", err)
		return nil, nil
	}
	resp, err := c.send(req, "Negotiate "+base64.StdEncoding.EncodeToString(token), true)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusUnauthorized {
		c.account.came(byKerberos)
		return resp, nil
	}
	r.tried("Kerberos", "the server did not take the ticket for HTTP/"+host(req), nil)
	drain(resp)
	return nil, nil
}

// offers are the words of WWW-Authenticate, each once. A header may hold several.
func offers(h http.Header) []string {
	var words []string
	for _, line := range h.Values("WWW-Authenticate") {
		for part := range strings.SplitSeq(line, ",") {
			word, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
			if word == "" || strings.ContainsAny(word, `="`) || strings.HasPrefix(rest, "=") || len(word) > 40 {
				continue // a parameter of the word before
			}
			if !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) }) && len(words) < 10 {
				words = append(words, word)
			}
		}
	}
	return words
}

func offered(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) })
}

// challenge is the token behind a word of WWW-Authenticate; nil: none.
func challenge(h http.Header, word string) []byte {
	for _, line := range h.Values("WWW-Authenticate") {
		w, token, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !strings.EqualFold(w, word) {
			continue
		}
		if b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(token)); err == nil && len(b) > 0 {
			return b
		}
	}
	return nil
}

// drain reads an answer to its end, so that its connection can be used again.
func drain(resp *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, drained))
	_ = resp.Body.Close()
}

// host is the server's name in the address, as Kerberos and NTLM name the service.
func host(req *http.Request) string { return strings.ToLower(req.URL.Hostname()) }

func isAddress(host string) bool { return net.ParseIP(host) != nil }

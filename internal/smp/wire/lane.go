package wire

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"pslan/internal/smp/login"
	"pslan/internal/smp/trust"
)

// lane is one connection at most, used by one call at a time: NTLM logs a connection
// in and not a request (I, part 1.8 of the reference), so nobody else may come between.
type lane struct {
	transport *http.Transport
	carry     http.RoundTripper // logs in; redirects are never followed at this level
}

func (l *lane) close() { l.transport.CloseIdleConnections() }

const (
	dialTimeout = 30 * time.Second
	idleTimeout = 90 * time.Second
	maxHeaders  = 64 << 10
)

// openLanes makes as many lanes as there may be calls at once.
func (c *Client) openLanes() error {
	roots, err := trust.Roots(c.options.CAFile)
	if err != nil {
		return err
	}
	c.lanes = make(chan *lane, c.options.Parallel)
	if c.options.Credential != nil {
		c.account = login.New(c.options.Credential, c.options.BasicOverHTTP)
	}
	for range c.options.Parallel {
		l := &lane{transport: newTransport(roots)}
		l.carry = l.transport
		if c.account != nil {
			l.carry = c.account.Over(l.transport)
		}
		c.lanes <- l
	}
	return nil
}

// newTransport speaks HTTP/1.1 on one connection, to the platform itself: the
// environment's proxies are not asked, because a login by NTLM or Kerberos is with the
// platform.
func newTransport(roots *x509.CertPool) *http.Transport {
	only11 := &http.Protocols{}
	only11.SetHTTP1(true)
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    dialTimeout,
		MaxConnsPerHost:        1,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaders,
		DisableCompression:     true,
		Protocols:              only11,
	}
}

// request is one try of a call on its way.
type request struct {
	binding Binding
	verb    string
	url     *url.URL
	message *message // nil: no body
	try     int
}

// try sends a request once, reads the whole answer and lets it be understood. It
// fills in who was called, and says whether a write may have happened.
func (c *Client) try(ctx context.Context, call Call, q request, understand func(reply) (*Node, *Error)) (*Node, *Error) {
	x := Exchange{Service: call.Service, Method: call.Method, Object: call.Object, Binding: q.binding, Verb: q.verb, URL: q.url.Redacted(), Try: q.try}
	if q.message != nil {
		x.RequestBytes = len(q.message.body)
	}
	var l *lane
	select {
	case l = <-c.lanes:
	case <-ctx.Done():
		return nil, c.named(call, &Error{Kind: KindTimeout, Message: "it was not begun: " + context.Cause(ctx).Error(), Err: ctx.Err()}, false)
	}
	x.At = c.options.Now()
	limit := c.timeout(call.Class)
	limited, cancel := context.WithTimeout(ctx, limit)
	answer, sent, err := c.exchange(limited, l, q)
	late := limited.Err() != nil
	cancel()
	c.lanes <- l
	var n *Node
	var e *Error
	if err != nil {
		e = connectionError(ctx, err, late, limit)
		e.Status = cmp.Or(e.Status, answer.status)
	} else {
		n, e = understand(answer)
	}
	x.Took, x.Status, x.ReplyBytes = c.options.Now().Sub(x.At), answer.status, len(answer.body)
	if e != nil {
		e = c.named(call, e, sent)
		x.Err = e
	}
	if c.options.Log != nil {
		x.Request = call.shown(c.secrets...)
		x.Reply = scrub(string(answer.body[:min(len(answer.body), logScanned)]), c.secrets...)
		c.options.Log(x)
	}
	return n, e
}

// named fills in who was called, and whether a write may have happened.
func (c *Client) named(call Call, e *Error, sent bool) *Error {
	e.Service, e.Method, e.Object = call.Service, call.Method, call.Object
	e.Message = scrub(e.Message, c.secrets...)
	e.MaybeDone = call.Class == ClassWrite && sent && e.maybe()
	return e
}

// maybe: an answer of this kind does not prove that nothing was done. The platform
// checks product and licence before it acts (D, H Troubleshooting); that it checks
// rights, objects and parameters before is I.
func (e *Error) maybe() bool {
	switch e.Kind {
	case KindLogin, KindRights, KindLicence, KindNotInstalled, KindNotFound, KindWrongType, KindInvalid, KindNoMethod:
		return false
	}
	return true
}

// exchange sends one request and reads its answer, bounded. sent: the platform may
// have seen the request.
func (c *Client) exchange(ctx context.Context, l *lane, q request) (answer reply, sent bool, err error) {
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	req := (&http.Request{Method: q.verb, URL: q.url, Host: q.url.Host, Header: http.Header{"User-Agent": {"pslan"}, "Accept": {"*/*"}}}).WithContext(ctx)
	if m := q.message; m != nil {
		req.ContentLength = int64(len(m.body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(m.body)), nil }
		req.Body, _ = req.GetBody()
		req.Header.Set("Content-Type", m.contentType)
		if m.action != "" {
			req.Header["SOAPAction"] = []string{m.action}
		}
	}
	resp, err := l.carry.RoundTrip(req)
	if err != nil {
		return answer, wrote.Load(), err
	}
	defer resp.Body.Close()
	c.heard(resp.Header.Get("Date"))
	answer = reply{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), location: resp.Header.Get("Location")}
	limit := c.options.Limits.Bytes
	answer.body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return answer, true, fmt.Errorf("%w: %w", errTruncated, err)
	}
	if int64(len(answer.body)) > limit {
		answer.body = answer.body[:limit]
		return answer, true, errTooLarge
	}
	return answer, true, nil
}

var errTooLarge = errors.New("the reply is larger than the limit")

// connectionError says what a failure of the connection means.
func connectionError(ctx context.Context, err error, late bool, limit time.Duration) *Error {
	var certificate *tls.CertificateVerificationError
	var refused *login.Refused
	switch {
	case errors.As(err, &refused):
		return &Error{Status: http.StatusUnauthorized, Kind: KindLogin, Message: refused.Error(), Err: err}
	case ctx.Err() != nil:
		return &Error{Kind: KindTimeout, Message: "it was interrupted: " + context.Cause(ctx).Error(), Err: err}
	case late:
		return &Error{Kind: KindTimeout, Message: fmt.Sprintf("no whole answer within %s", limit), Err: err}
	case errors.As(err, &certificate):
		return &Error{Kind: KindUnreachable, Message: "its certificate is not trusted: " + certificate.Err.Error(), Err: err}
	case errors.Is(err, errTooLarge):
		return &Error{Kind: KindNotUnderstood, Message: err.Error(), Err: err}
	case errors.Is(err, errTruncated):
		return &Error{Kind: KindNotUnderstood, Message: "the reply broke off in the middle", Err: err, repeatable: true}
	}
	var name *net.DNSError
	return &Error{Kind: KindUnreachable, Err: err, repeatable: !errors.As(err, &name) || !name.IsNotFound}
}

package wire

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

// described is the description of one service, asked for once at a time.
type described struct {
	mu   sync.Mutex
	told *Description
	err  error // it answers, but does not describe itself: not asked again
}

// wsdlLimits are of a description. Those of the services known are below 200 KiB (I).
var wsdlLimits = Limits{Bytes: 8 << 20, Elements: 200_000}

// description is the object of a call for a description, for messages.
const description = "its ?WSDL"

// Undescribed reports whether a service answers and does not describe itself: an admin
// may have switched its documentation off. Calls may go well all the same.
func Undescribed(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Object == description && (e.Kind == KindServer || e.Kind == KindNoMethod)
}

// Discover reads a service's description (?WSDL: C, SMPWebServiceDiff) and keeps it.
// The error is an *Error. A service that answers and does not describe itself is not
// asked again; one that did not answer is.
func (c *Client) Discover(ctx context.Context, name string) (*Description, error) {
	c.mu.Lock()
	d := c.descriptions[name]
	if d == nil {
		d = &described{}
		c.descriptions[name] = d
	}
	c.mu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told != nil || d.err != nil {
		return d.told, d.err
	}
	told, err := c.describe(ctx, name)
	switch {
	case err == nil:
		d.told = told
	case undescribed(err):
		d.err = err
	}
	return told, err
}

func (c *Client) describe(ctx context.Context, name string) (*Description, error) {
	call := Call{Service: name, Class: ClassRead, Object: description}
	if c.service(name).path == "" {
		return nil, &Error{Service: name, Kind: KindInvalid, Err: errUnknownService}
	}
	var told *Description
	_, err := c.repeat(ctx, call, func(try int) (*Node, *Error) {
		u := c.address(name, "")
		u.RawQuery = "WSDL"
		return c.try(ctx, call, request{verb: http.MethodGet, url: u, try: try}, func(a reply) (*Node, *Error) {
			if e := a.refused(); e != nil {
				return nil, e
			}
			if a.isHTML() {
				return nil, a.page()
			}
			if a.status != http.StatusOK {
				return nil, a.failure("", wsdlLimits)
			}
			var err error
			if told, err = parseWSDL(name, a.body, wsdlLimits); err != nil {
				return nil, &Error{Status: a.status, Kind: KindNotUnderstood, Message: "its description cannot be read: " + err.Error(), Err: err, repeatable: errors.Is(err, errTruncated)}
			}
			return nil, nil
		})
	})
	return told, err
}

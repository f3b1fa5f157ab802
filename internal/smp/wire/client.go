package wire

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"pslan/internal/smp/login"
)

// Client calls the web services of one platform. It may be used by several goroutines.
type Client struct {
	options Options
	secrets []string // for the log
	lanes   chan *lane
	account *login.Account                             // nil: nobody
	wait    func(context.Context, time.Duration) error // between tries

	mu           sync.Mutex
	descriptions map[string]*described
	working      map[string]route // the way that went well, by method and what it was given
	// useless is the binding that a service does not take, where another one went well.
	useless map[string]Binding
	date    time.Time // of the newest answer
	dateAt  time.Time // when it came
}

// New makes a client. It dials nothing; the error tells all that is wrong with the
// options.
func New(o Options) (*Client, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	c := &Client{options: o, wait: pause, descriptions: map[string]*described{}, working: map[string]route{}, useless: map[string]Binding{}}
	if o.Credential != nil {
		c.secrets = append(c.secrets, o.Credential.Password())
	}
	if err := c.openLanes(); err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends all connections, after the calls that still run.
func (c *Client) Close() {
	for range c.options.Parallel {
		l := <-c.lanes
		l.close()
		defer func() { c.lanes <- l }()
	}
	if c.account != nil {
		c.account.Close()
	}
}

// ServerTime is the platform's time now: the Date header of its newest answer, plus
// what has passed since. False: no answer has told a time yet.
func (c *Client) ServerTime() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.date.IsZero() {
		return time.Time{}, false
	}
	return c.date.Add(c.options.Now().Sub(c.dateAt)), true
}

func (c *Client) heard(date string) {
	t, err := http.ParseTime(date)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.date, c.dateAt = t, c.options.Now()
}

// Call calls a method and returns its result: the root of a form's reply, or the
// result inside a SOAP reply. A Node that is Nil: the method has no result, or it is
// null. The error is an *Error.
//
// Ways that the platform says it does not have lead to the next one; a read is
// repeated where it may go better then.
func (c *Client) Call(ctx context.Context, call Call) (*Node, error) {
	invalid := func(kind Kind, err error) error {
		return &Error{Service: call.Service, Method: call.Method, Object: call.Object, Kind: kind, Err: err}
	}
	if c.service(call.Service).path == "" {
		return nil, invalid(KindInvalid, errUnknownService)
	}
	if err := call.check(); err != nil {
		return nil, invalid(KindInvalid, err)
	}
	routes, err := c.routes(ctx, call)
	if e := (*Error)(nil); errors.As(err, &e) {
		told := *e
		told.Method, told.Object = call.Method, call.Object
		return nil, &told
	} else if err != nil {
		return nil, invalid(KindNoMethod, err)
	}
	if len(routes) == 0 {
		return nil, invalid(KindNoMethod, errors.New("the service does not describe itself and its namespace is not known: set the namespace of the service"))
	}
	return c.callBy(ctx, call, c.known(call, routes))
}

var errUnknownService = errors.New("the service is not known and has no path")

// callBy tries one way after the other as long as the platform says "no such method".
func (c *Client) callBy(ctx context.Context, call Call, routes []route) (*Node, error) {
	var first error
	without := c.without(call.Service, routes)
	for _, r := range routes {
		if r.binding == without {
			continue
		}
		n, err := c.callOnce(ctx, call, r)
		if err == nil {
			c.mu.Lock()
			c.working[key(call)] = r
			if without != "" && !call.markup() {
				c.useless[call.Service] = without
			}
			c.mu.Unlock()
			return n, nil
		}
		var e *Error
		if !errors.As(err, &e) || e.Kind != KindNoMethod && !e.outside(call.Class, r.binding) {
			return nil, err
		}
		if first == nil {
			first = err
		}
		if e.ofBinding() || e.Kind != KindNoMethod {
			without = r.binding
		}
	}
	return nil, first
}

// without is the binding that is of no use, by whatever name: "" where none is known, or
// nothing else would be left.
func (c *Client) without(service string, routes []route) Binding {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.useless[service]
	if !slices.ContainsFunc(routes, func(r route) bool { return r.binding != b }) {
		return ""
	}
	return b
}

// known puts the way that went well before in front.
func (c *Client) known(call Call, routes []route) []route {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.working[key(call)]
	if !ok {
		return routes
	}
	return append([]route{r}, routes...)
}

// key tells calls apart that may need different ways.
func key(call Call) string {
	var b strings.Builder
	b.WriteString(call.Service + "." + call.Method)
	for _, p := range call.Params {
		b.WriteString(" " + p.Name)
		if p.Null {
			b.WriteString("=null")
		}
	}
	return b.String()
}

// callOnce goes one way, with repetitions where they are allowed.
func (c *Client) callOnce(ctx context.Context, call Call, r route) (*Node, error) {
	m, err := r.encode(call)
	if err != nil {
		return nil, &Error{Service: call.Service, Method: call.Method, Object: call.Object, Kind: KindInvalid, Err: err}
	}
	return c.repeat(ctx, call, func(try int) (*Node, *Error) {
		return c.try(ctx, call, request{binding: r.binding, verb: http.MethodPost, url: c.address(call.Service, m.suffix), message: m, try: try}, func(a reply) (*Node, *Error) {
			n, e := a.understand(r.binding, c.options.Limits)
			return n, r.doubt(e)
		})
	})
}

const (
	firstPause = 500 * time.Millisecond
	maxPause   = 10 * time.Second
)

// repeat tries until it goes well, may not be repeated, or was tried often enough.
// Between two tries it waits: twice as long each time, of which a random half, so
// that many do not come back at once.
func (c *Client) repeat(ctx context.Context, call Call, try func(int) (*Node, *Error)) (*Node, error) {
	backoff := firstPause
	for n := 1; ; n++ {
		node, e := try(n)
		if e == nil {
			return node, nil
		}
		if call.Class == ClassWrite || !e.repeatable || n > c.options.Retries || ctx.Err() != nil {
			return nil, e
		}
		if err := c.wait(ctx, backoff/2+rand.N(backoff/2+1)); err != nil {
			return nil, e
		}
		backoff = min(2*backoff, maxPause)
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) service(name string) service {
	s, _ := serviceNamed(name)
	if path := c.options.Services[name].Path; path != "" {
		s.path = path
	}
	return s
}

// address is where a service answers.
func (c *Client) address(name, suffix string) *url.URL {
	u := *c.options.Base
	u.Path = strings.TrimSuffix(u.Path, "/") + c.service(name).path + suffix
	u.RawPath = ""
	return &u
}

func (c *Client) timeout(class Class) time.Duration {
	switch class {
	case ClassSlow:
		return c.options.Timeouts.Slow
	case ClassWrite:
		return c.options.Timeouts.Write
	}
	return c.options.Timeouts.Read
}

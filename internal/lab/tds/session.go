package tds

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// conn is one connection.
type conn struct {
	server *Server
	cancel context.CancelFunc
	raw    net.Conn
	stream net.Conn // raw, or what encrypts it
	after  net.Conn // what to go on with when the login is over; nil: the same
	number uint16
	size   int  // of packets
	bits   bool // the client knows NBCROW

	session     Session
	transaction uint64 // 0: none
	last        uint64 // the number of the newest one

	raised    atomic.Int64  // attentions that have come
	answered  int64         // those of them that were answered
	attention chan struct{} // one has come
}

var (
	errHarmed = errors.New("the connection ended by a trouble that was asked for")
	errGone   = errors.New("the client is gone")
)

func equal(a, b string) bool { return strings.EqualFold(a, b) }

// send writes a whole message.
func (c *conn) send(data []byte) error {
	if err := c.stream.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	w := newWriter(c.stream, packetAnswer, c.size)
	w.write(data)
	return w.end()
}

// serve goes through the life of a connection; nil when the client ended it well.
func (c *conn) serve(ctx context.Context) error {
	if t := c.server.trouble(OnConnect, ""); t != nil {
		return ended(c.outlast(ctx, t))
	}
	if err := c.stream.SetDeadline(time.Now().Add(loginTime)); err != nil {
		return err
	}
	if err := c.prelogin(ctx); err != nil {
		return ended(err)
	}
	if err := c.login(ctx); err != nil {
		return ended(err)
	}
	c.server.loggedIn(c.session)
	if err := c.stream.SetDeadline(time.Time{}); err != nil {
		return err
	}
	requests := make(chan message, 1)
	var failed error
	go func() {
		defer c.cancel() // whatever waits has nobody to wait for
		defer close(requests)
		failed = c.listen(ctx, requests)
	}()
	err := c.converse(ctx, requests)
	c.raw.Close()
	for range requests { // until the reader has ended
		continue
	}
	if c.transaction != 0 {
		c.server.count(func(n *Counts) { n.RolledBack++ })
	}
	return errors.Join(ended(err), ended(failed))
}

// outlast has a trouble come before there are requests; what the client sends goes
// nowhere.
func (c *conn) outlast(ctx context.Context, t *Trouble) error {
	switch t.Harm {
	case Cut:
		return errHarmed
	case Refuse:
		return c.refuse(&t.Error)
	}
	if err := c.raw.SetDeadline(time.Time{}); err != nil {
		return err
	}
	go func() {
		defer c.cancel()
		_, _ = io.Copy(io.Discard, c.raw) // the end of it is what counts
	}()
	<-ctx.Done()
	return errHarmed
}

// ended is nil for the ways in which connections end every day.
func ended(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "read" || op.Op == "write") {
		return nil // the client is gone
	}
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, errGone) || errors.Is(err, errLogin) || errors.Is(err, errHarmed) {
		return nil
	}
	return err
}

// listen reads requests; an attention is known at once, whatever goes on.
func (c *conn) listen(ctx context.Context, to chan<- message) error {
	for {
		if err := c.stream.SetReadDeadline(time.Now().Add(idleTime)); err != nil {
			return err
		}
		m, err := readMessage(c.stream, maxMessage)
		if err != nil {
			return err
		}
		if m.kind == packetAttention {
			c.raised.Add(1)
			select {
			case c.attention <- struct{}{}:
			default:
			}
			c.server.count(func(n *Counts) { n.Attentions++ })
		}
		select {
		case to <- m:
		case <-ctx.Done():
			return errGone
		}
	}
}

// converse answers requests one after the other.
func (c *conn) converse(ctx context.Context, requests <-chan message) error {
	attentions := int64(0)
	for m := range requests {
		if err := c.stream.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
			return err
		}
		a := &answer{c: c, w: newWriter(c.stream, packetAnswer, c.size), raised: c.raised.Load()}
		if m.reset {
			c.server.count(func(n *Counts) { n.Resets++ })
			c.forget()
			a.w.write(environmentBytes(envReset, nil, nil))
		}
		var err error
		switch m.kind {
		case packetAttention:
			if attentions++; attentions <= c.answered {
				continue // in the answer that it ended
			}
			c.answered = attentions
			a.w.write(done(tokenDone, doneAttention, 0, 0))
		case packetBatch:
			err = c.batch(ctx, a, m.data)
		case packetRPC:
			err = c.procedure(ctx, a, m.data)
		case packetManager:
			err = c.manage(a, m.data)
		default:
			err = errMessage
		}
		if err != nil {
			return err
		}
		if err := a.flush(true); err != nil {
			return err
		}
	}
	return nil
}

// forget ends an open transaction, as a session that begins anew does.
func (c *conn) forget() {
	if c.transaction != 0 {
		c.transaction = 0
		c.server.count(func(n *Counts) { n.RolledBack++ })
	}
}

func (c *conn) batch(ctx context.Context, a *answer, data []byte) error {
	text, err := body(data)
	if err != nil || len(text)%2 != 0 {
		return errMessage
	}
	return a.statements(ctx, fromUTF16(text), nil)
}

func (c *conn) procedure(ctx context.Context, a *answer, data []byte) error {
	rest, err := body(data)
	if err != nil {
		return err
	}
	called, err := readCall(rest)
	if err != nil {
		return err
	}
	a.procedure = true
	text, variables, p := called.sql()
	if p != nil {
		a.refuse(p, called.name)
		return nil
	}
	return a.statements(ctx, text, variables)
}

// manage carries out a request of a transaction.
func (c *conn) manage(a *answer, data []byte) error {
	rest, err := body(data)
	if err != nil || len(rest) < 2 {
		return errMessage
	}
	switch le.Uint16(rest) {
	case managerBegin:
		a.begin()
	case managerCommit:
		a.finish(true)
	case managerRollback:
		a.finish(false)
	default:
		a.refuse(problem(3988, 16, "This server knows BEGIN, COMMIT and ROLLBACK of transactions."), "a request of a transaction")
		return nil
	}
	a.w.write(done(tokenDone, 0, 0, 0))
	return nil
}

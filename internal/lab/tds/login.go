package tds

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Logins says who may log in.
type Logins interface {
	// Known returns the name of who logs in with a password, "" if nobody does.
	Known(user, password string) string
	// Negotiate begins a login by tokens of SSPI. What it returns takes a client's token,
	// and returns who has logged in, or what to answer; neither: the login has failed. It
	// returns nil where nobody can log in so.
	Negotiate() func(token []byte) (user string, answer []byte)
}

// login is a LOGIN7 message (MS-TDS 2.2.6.4).
type login struct {
	version               uint32
	packet                int
	integrated, readOnly  bool
	user, password        string
	application, database string
	token                 []byte // of SSPI
}

const (
	loginHeader = 94
	version72   = 0x72090002
	version73B  = 0x730B0003
	version74   = 0x74000004
	version80   = 0x08000000
)

func readLogin(data []byte) (*login, error) {
	if len(data) < loginHeader || int64(le.Uint32(data)) != int64(len(data)) {
		return nil, errMessage
	}
	bad := false
	part := func(at, unit int) []byte {
		offset, length := int(le.Uint16(data[at:])), unit*int(le.Uint16(data[at+2:]))
		if length == 0 {
			return nil
		}
		if offset < loginHeader || offset+length > len(data) {
			bad = true
			return nil
		}
		return data[offset : offset+length]
	}
	l := &login{
		version: le.Uint32(data[4:]), packet: int(le.Uint32(data[8:])), integrated: data[25]&0x80 != 0, readOnly: data[26]&0x20 != 0,
		user: fromUTF16(part(40, 2)), application: fromUTF16(part(48, 2)), database: fromUTF16(part(68, 2)), token: part(78, 1),
	}
	hidden := append([]byte{}, part(44, 2)...)
	for i, b := range hidden {
		b ^= 0xA5
		hidden[i] = b<<4 | b>>4
	}
	l.password = fromUTF16(hidden)
	if bad {
		return nil, errMessage
	}
	return l, nil
}

// settle chooses what both sides know. A client that speaks TDS 8 began with TLS.
func (l *login) settle(strict bool) error {
	switch {
	case strict && l.version == version80:
		return nil
	case l.version < version72 || strict:
		return fmt.Errorf("the client speaks TDS 0x%08x, which is not known here", l.version)
	}
	l.version = min(l.version, version74)
	return nil
}

func (l *login) knowsNullBits() bool { return l.version == version80 || l.version >= version73B }

var errLogin = errors.New("the login failed")

// login lets a client in or not.
func (c *conn) login(ctx context.Context) error {
	m, err := readMessage(c.stream, maxLoginBytes)
	if err != nil {
		return err
	}
	if m.kind != packetLogin {
		return errMessage
	}
	l, err := readLogin(m.data)
	if err != nil {
		return err
	}
	if err := l.settle(c.session.Encryption == EncryptedStrict); err != nil {
		return err
	}
	if c.after != nil { // the login alone was encrypted
		c.stream, c.after = c.after, nil
	}
	c.session.Application, c.session.Database, c.session.ReadOnly = l.application, c.server.o.Database.Name, l.readOnly
	if t := c.server.trouble(OnLogin, ""); t != nil {
		return c.outlast(ctx, t)
	}
	if err := c.authenticate(l); err != nil {
		return err
	}
	if l.database != "" && !equal(l.database, c.server.o.Database.Name) {
		return c.refuse(noDatabase(l.database), loginFailed(c.session.User))
	}
	c.bits = l.knowsNullBits()
	return c.welcome(l)
}

func (c *conn) authenticate(l *login) error {
	who := c.server.o.Logins
	switch {
	case who == nil:
		c.session.User = l.user
		return nil
	case !l.integrated:
		if c.session.User = who.Known(l.user, l.password); c.session.User == "" {
			return c.refuse(loginFailed(l.user))
		}
		return nil
	}
	next := who.Negotiate()
	if next == nil {
		return c.refuse(loginFailed(""))
	}
	const rounds = 5
	token := l.token
	for range rounds {
		user, answer := next(token)
		if user != "" {
			c.session.User = user
			return nil
		}
		if len(answer) == 0 {
			break
		}
		if err := c.send(sized(tokenSSPI, answer)); err != nil {
			return err
		}
		m, err := readMessage(c.stream, maxLoginBytes)
		if err != nil {
			return err
		}
		if m.kind != packetSSPI {
			return errMessage
		}
		token = m.data
	}
	return c.refuse(loginFailed(""))
}

// refuse tells why nobody is let in.
func (c *conn) refuse(why ...*Problem) error {
	c.server.count(func(n *Counts) { n.LoginsRefused++ })
	var b []byte
	for _, p := range why {
		b = append(b, problemToken(tokenError, p, c.server.o.Name)...)
	}
	return errors.Join(errLogin, c.send(append(b, done(tokenDone, doneError, 0, 0)...)))
}

const serverProgram = "Microsoft SQL Server"

// welcome is the answer to a login that is right.
func (c *conn) welcome(l *login) error {
	size := l.packet
	if size == 0 {
		size = firstPacket
	}
	size = min(max(size, leastPacket), mostPacket)
	if c.session.Encryption != EncryptedNot {
		size = min(size, mostSecured)
	}
	name := c.server.o.Database.Name
	info := problem(5701, 10, "Changed database context to '%s'.", name)
	b := environmentText(envDatabase, name, "master")
	b = append(b, problemToken(tokenInfo, info, c.server.o.Name)...)
	b = append(b, environmentBytes(envCollation, collation, nil)...)
	ack := []byte{1, byte(l.version >> 24), byte(l.version >> 16), byte(l.version >> 8), byte(l.version)}
	b = append(b, sized(tokenLoginAck, append(appendShort(ack, serverProgram), serverVersion[:]...))...)
	b = append(b, environmentText(envPacketSize, strconv.Itoa(size), strconv.Itoa(c.size))...)
	if err := c.send(append(b, done(tokenDone, 0, 0, 0)...)); err != nil {
		return err
	}
	c.size = size
	return nil
}

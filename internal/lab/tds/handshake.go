package tds

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
)

// Options of PRELOGIN (MS-TDS 2.2.6.5).
const (
	optionVersion    = 0
	optionEncryption = 1
	optionInstance   = 2
	optionThread     = 3
	optionMARS       = 4
	optionsEnd       = 0xFF
)

// What PRELOGIN says of encryption.
const (
	encryptLogin  = 0 // of the login alone
	encryptAll    = 1
	encryptNot    = 2
	encryptNeeded = 3
)

const tlsHandshake = 0x16 // the first byte of a client that begins with TLS

// serverVersion is what it says to be: SQL Server 2022.
var serverVersion = [4]byte{16, 0, 0x10, 0x04}

// readPrelogin returns what a client says of encryption.
func readPrelogin(data []byte) (encryption byte, err error) {
	encryption = encryptNot
	for at := 0; ; at += 5 {
		if at >= len(data) {
			return 0, errMessage
		}
		if data[at] == optionsEnd {
			return encryption, nil
		}
		if at+5 > len(data) {
			return 0, errMessage
		}
		offset, length := int(binary.BigEndian.Uint16(data[at+1:])), int(binary.BigEndian.Uint16(data[at+3:]))
		if offset+length > len(data) {
			return 0, errMessage
		}
		if data[at] == optionEncryption {
			if length < 1 {
				return 0, errMessage
			}
			encryption = data[offset]
		}
	}
}

func prelogin(encryption byte) []byte {
	options := []struct {
		id    byte
		value []byte
	}{
		{optionVersion, append(serverVersion[:], 0, 0)}, {optionEncryption, []byte{encryption}}, {optionInstance, []byte{0}},
		{optionThread, nil}, {optionMARS, []byte{0}},
	}
	var head, values []byte
	for _, o := range options {
		head = binary.BigEndian.AppendUint16(append(head, o.id), uint16(5*len(options)+1+len(values)))
		head = binary.BigEndian.AppendUint16(head, uint16(len(o.value)))
		values = append(values, o.value...)
	}
	return append(append(head, optionsEnd), values...)
}

// agree answers what a client says of encryption.
func (s *Server) agree(asked byte) byte {
	switch {
	case s.o.TLS == nil:
		return encryptNot
	case asked == encryptAll, asked == encryptNeeded:
		return encryptAll
	case s.o.EncryptionNeeded:
		return encryptNeeded
	case asked == encryptLogin:
		return encryptLogin
	}
	return encryptNot
}

// wrapped is a connection on which TLS shakes hands inside packets (2.2.6.5), and goes
// on without them afterwards.
type wrapped struct {
	net.Conn
	shaking bool
	in      []byte // of the present packet
	read    int    // in all packets
}

func (w *wrapped) Read(p []byte) (int, error) {
	if !w.shaking {
		return w.Conn.Read(p)
	}
	for len(w.in) == 0 {
		kind, _, data, err := readPacket(w.Conn, maxHandshake-w.read)
		if err != nil {
			return 0, err
		}
		if kind != packetPrelogin || len(data) == 0 {
			return 0, errMessage
		}
		w.in, w.read = data, w.read+len(data)
	}
	n := copy(p, w.in)
	w.in = w.in[n:]
	return n, nil
}

func (w *wrapped) Write(p []byte) (int, error) {
	if !w.shaking {
		return w.Conn.Write(p)
	}
	out := newWriter(w.Conn, packetPrelogin, firstPacket)
	out.write(p)
	if err := out.end(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// peeked gives back what was read of a connection to look at it.
type peeked struct {
	net.Conn
	first []byte
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.first) > 0 {
		n := copy(b, p.first)
		p.first = p.first[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}

var errPlain = errors.New("the client does not encrypt, and encryption is needed here")

// prelogin gets as far as the login: it settles what is encrypted.
func (c *conn) prelogin(ctx context.Context) error {
	var first [1]byte
	if _, err := io.ReadFull(c.stream, first[:]); err != nil {
		return err
	}
	c.stream = &peeked{c.stream, first[:]}
	if first[0] == tlsHandshake {
		return c.strict(ctx)
	}
	m, err := readMessage(c.stream, maxHandshake)
	if err != nil {
		return err
	}
	asked, err := readPrelogin(m.data)
	if err != nil || m.kind != packetPrelogin {
		return errors.Join(errMessage, err)
	}
	agreed := c.server.agree(asked)
	if err := c.send(prelogin(agreed)); err != nil {
		return err
	}
	switch {
	case agreed == encryptNot:
		c.session.Encryption = EncryptedNot
		return nil
	case agreed == encryptNeeded && asked == encryptNot:
		return errPlain
	}
	config := c.server.o.TLS.Clone()
	config.MaxVersion, config.NextProtos = tls.VersionTLS12, nil // as SQL Server: no newer TLS inside TDS 7
	under := &wrapped{Conn: c.stream, shaking: true}
	secure := tls.Server(under, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return err
	}
	under.shaking = false
	c.session.Encryption = EncryptedAll
	if agreed == encryptLogin {
		c.session.Encryption, c.after = EncryptedLogin, c.stream
	}
	c.stream = secure
	return nil
}

// strict is TDS 8: TLS before anything else.
func (c *conn) strict(ctx context.Context) error {
	if c.server.o.TLS == nil {
		return errors.New("the client begins with TLS, and there is no certificate here")
	}
	config := c.server.o.TLS.Clone()
	config.NextProtos = []string{"tds/8.0"}
	secure := tls.Server(c.stream, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return err
	}
	c.stream, c.session.Encryption = secure, EncryptedStrict
	m, err := readMessage(c.stream, maxHandshake)
	if err != nil {
		return err
	}
	if _, err := readPrelogin(m.data); err != nil || m.kind != packetPrelogin {
		return errors.Join(errMessage, err)
	}
	return c.send(prelogin(encryptAll))
}

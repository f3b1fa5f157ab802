package smb

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"
)

// guard stands between the library and the network. While a session is being set up
// it reads along, for two things that the library does not tell: as what a server
// took the login (guests and nobodies get answers without signature, and the library
// believes those), and the status with which it refused one. Later it only tells that
// the connection ended.
type guard struct {
	net.Conn
	ended func(error) // called when reading fails

	mu     sync.Mutex
	done   bool   // the session is set up
	frame  []byte // the frame that is being read, with its four bytes of length
	want   int    // its length; 0: not known yet
	greet  greeting
	notSMB error
}

// greeting is what was said while a session was set up.
type greeting struct {
	dialect uint16 // 0: none was agreed on
	setup   bool   // the server answered to a login
	status  uint32 // its answer
	flags   uint16 // and as what it took it
}

// Of [MS-SMB2] 2.2.1, 2.2.4 and 2.2.6.
const (
	headerSize          = 64
	commandNegotiate    = 0
	commandSessionSetup = 1
	flagGuest           = 0x1
	flagNobody          = 0x2
	flagEncrypted       = 0x4
	maxGreeting         = 1 << 20
)

var (
	errSMB1   = errors.New("it speaks SMB 1, which is neither signed nor encrypted as it must be; pslan speaks SMB 2 and 3")
	errNotSMB = errors.New("what listens there is not a file server")
)

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	g.mu.Lock()
	if !g.done && g.notSMB == nil {
		g.notSMB = g.watch(p[:n])
	}
	bad := g.notSMB
	g.mu.Unlock()
	if bad != nil {
		g.ended(bad)
		return 0, bad
	}
	if err != nil {
		g.ended(err)
	}
	return n, err
}

// finish ends the reading along, and tells what was seen.
func (g *guard) finish() (greeting, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done, g.frame = true, nil
	return g.greet, g.notSMB
}

// watch takes the frames apart.
func (g *guard) watch(p []byte) error {
	for len(p) > 0 {
		if g.want == 0 {
			k := min(4-len(g.frame), len(p))
			g.frame, p = append(g.frame, p[:k]...), p[k:]
			if len(g.frame) < 4 {
				return nil
			}
			if g.want = 4 + int(binary.BigEndian.Uint32(g.frame)&0xffffff); g.frame[0] != 0 || g.want > maxGreeting {
				return errNotSMB
			}
			continue
		}
		k := min(g.want-len(g.frame), len(p))
		g.frame, p = append(g.frame, p[:k]...), p[k:]
		if len(g.frame) == g.want {
			if err := g.note(g.frame[4:]); err != nil {
				return err
			}
			g.frame, g.want = g.frame[:0], 0
		}
	}
	return nil
}

func (g *guard) note(b []byte) error {
	switch {
	case len(b) >= 4 && string(b[:4]) == "\xffSMB":
		return errSMB1
	case len(b) < headerSize+8 || string(b[:4]) != "\xfeSMB":
		return errNotSMB
	}
	status := binary.LittleEndian.Uint32(b[8:])
	switch binary.LittleEndian.Uint16(b[12:]) {
	case commandNegotiate:
		if status == 0 {
			g.greet.dialect = binary.LittleEndian.Uint16(b[headerSize+4:])
		}
	case commandSessionSetup:
		g.greet.setup, g.greet.status = true, status
		if status == 0 {
			g.greet.flags = binary.LittleEndian.Uint16(b[headerSize+2:])
		}
	}
	return nil
}

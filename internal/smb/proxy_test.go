//go:build peers

package smb

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// proxy stands between a pool and a server, and looks at what the server answers.
type proxy struct {
	port int

	mu    sync.Mutex
	conns []net.Conn
	// see gets every frame of the server, without its length, and may change it.
	see func(frame []byte)
}

func newProxy(t *testing.T, to int, see func(frame []byte)) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{port: l.Addr().(*net.TCPAddr).Port, see: see}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(to))
			if err != nil {
				client.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, client, server)
			p.mu.Unlock()
			group.Go(func() { io.Copy(server, client); server.Close() })
			group.Go(func() { p.answers(client, server); client.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); p.cut(); group.Wait() })
	return p
}

func (p *proxy) answers(client, server net.Conn) {
	var length [4]byte
	for {
		if _, err := io.ReadFull(server, length[:]); err != nil {
			return
		}
		frame := make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(server, frame); err != nil {
			return
		}
		p.mu.Lock()
		if p.see != nil {
			p.see(frame)
		}
		p.mu.Unlock()
		if _, err := client.Write(append(length[:], frame...)); err != nil {
			return
		}
	}
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}

// dialled is how many connections were made.
func (p *proxy) dialled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns) / 2
}

func command(frame []byte) int { return int(binary.LittleEndian.Uint16(frame[12:])) }

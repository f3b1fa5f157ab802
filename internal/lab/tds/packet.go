package tds

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Packets (MS-TDS 2.2.3): a header of eight bytes, and data. A message is one or more
// packets of one type; the last one says so.

const (
	packetBatch     = 1
	packetRPC       = 3
	packetAnswer    = 4
	packetAttention = 6
	packetManager   = 14 // requests of transactions
	packetLogin     = 16
	packetSSPI      = 17
	packetPrelogin  = 18
)

const (
	statusLast  = 0x01
	statusReset = 0x08 // the session is to be as new before this request

	headerSize  = 8
	leastPacket = 512
	mostPacket  = 32767
	// mostSecured is the largest packet that fits a TLS record.
	mostSecured   = 16383
	firstPacket   = 4096 // until login has agreed on another size
	maxMessage    = 1 << 20
	maxHandshake  = 64 << 10
	maxLoginBytes = 128 << 10
)

// message is what a client has sent.
type message struct {
	kind  byte
	reset bool
	data  []byte
}

var errMessage = errors.New("no packet of TDS")

// readPacket reads one packet; room is what its message may still take.
func readPacket(r io.Reader, room int) (kind, status byte, data []byte, err error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, 0, nil, err
	}
	size := int(binary.BigEndian.Uint16(header[2:])) - headerSize
	switch {
	case size < 0 || size > mostPacket:
		return 0, 0, nil, errMessage
	case size > room:
		return 0, 0, nil, fmt.Errorf("a message is larger than it may be: %w", errMessage)
	}
	data = make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return 0, 0, nil, noEOF(err)
	}
	return header[0], header[1], data, nil
}

// readMessage reads one message of at most most bytes.
func readMessage(r io.Reader, most int) (message, error) {
	var m message
	for first := true; ; first = false {
		kind, status, data, err := readPacket(r, most-len(m.data))
		switch {
		case err != nil && first:
			return m, err
		case err != nil:
			return m, noEOF(err)
		case first:
			m.kind, m.reset = kind, status&statusReset != 0
		case kind != m.kind:
			return m, errMessage
		}
		m.data = append(m.data, data...)
		if status&statusLast != 0 {
			return m, nil
		}
		if len(data) == 0 {
			return m, errMessage // or they could go on for ever
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// writer writes one message as packets, as it comes.
type writer struct {
	to     io.Writer
	kind   byte
	size   int // of a packet
	number byte
	packet []byte
	err    error
}

func newWriter(to io.Writer, kind byte, size int) *writer {
	return &writer{to: to, kind: kind, size: size, number: 1, packet: make([]byte, headerSize, size)}
}

func (w *writer) write(data []byte) {
	for len(data) > 0 {
		if len(w.packet) == w.size {
			w.flush(0)
		}
		n := min(len(data), w.size-len(w.packet))
		w.packet, data = append(w.packet, data[:n]...), data[n:]
	}
}

func (w *writer) flush(status byte) {
	w.packet[0], w.packet[1], w.packet[6] = w.kind, status, w.number
	binary.BigEndian.PutUint16(w.packet[2:], uint16(len(w.packet)))
	if w.err == nil {
		_, w.err = w.to.Write(w.packet)
	}
	w.number++
	w.packet = w.packet[:headerSize]
}

// end writes the last packet.
func (w *writer) end() error {
	w.flush(statusLast)
	return w.err
}

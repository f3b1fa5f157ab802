package planfile

import (
	"bufio"
	"bytes"
	"encoding/json"
)

// stream writes one JSON object key by key, and its arrays one element a line. It
// keeps the first error and writes nothing after it.
type stream struct {
	w     *bufio.Writer
	buf   bytes.Buffer // one value at a time
	enc   *json.Encoder
	comma bool // a key stands before
	err   error
}

func newStream(w *bufio.Writer) *stream {
	s := &stream{w: w}
	s.enc = json.NewEncoder(&s.buf)
	s.enc.SetEscapeHTML(false) // "->" stays readable
	return s
}

func (s *stream) text(t string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(t)
	}
}

// value writes one value without the line end that the encoder adds.
func (s *stream) value(v any) {
	if s.err != nil {
		return
	}
	s.buf.Reset()
	if s.err = s.enc.Encode(v); s.err == nil {
		_, s.err = s.w.Write(bytes.TrimSuffix(s.buf.Bytes(), []byte("\n")))
	}
}

// open begins an object.
func (s *stream) open() {
	s.text("{")
	s.comma = false
}

// key writes a key and its value on a line of its own.
func (s *stream) key(name string, v any) {
	s.name(name)
	s.value(v)
}

func (s *stream) name(name string) {
	if s.comma {
		s.text(",")
	}
	s.comma = true
	s.text("\n\"" + name + "\":")
}

// array writes a key with n elements, which element gives one after the other.
func (s *stream) array(name string, n int, element func(i int) any) {
	s.name(name)
	s.text("[")
	for i := range n {
		if i > 0 {
			s.text(",")
		}
		s.text("\n")
		s.value(element(i))
	}
	s.text("]")
}

package smb

import (
	"errors"
	"io"
	"io/fs"
)

// readAhead is how many requests for one file are under way while it is read from
// beginning to end: enough to keep a fast network busy while the bytes are hashed.
const readAhead = 4

// piece is a part of a file that was asked for.
type piece struct {
	at   int64
	buf  *[]byte
	data []byte // what came and was not yet read; a part of buf
	err  error
	done chan struct{}
}

// Read implements fs.File.
func (f *file) Read(p []byte) (int, error) {
	switch {
	case f.closed:
		return 0, failed("read", f.name, fs.ErrClosed)
	case f.dir:
		return 0, failed("read", f.name, errors.New("it is a folder"))
	case len(p) == 0:
		return 0, nil
	case f.eof:
		return 0, io.EOF
	}
	n, err := f.read(p)
	f.offset += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		f.eof = true
		if n > 0 {
			err = nil
		}
	case err != nil:
		err = failed("read", f.name, err)
	}
	return n, err
}

func (f *file) read(p []byte) (int, error) {
	if f.size-f.offset <= chunk && len(f.ahead) == 0 { // small, or the rest
		return f.at(p[:min(len(p), chunk)], f.offset)
	}
	f.ask()
	first := f.ahead[0]
	<-first.done
	if len(first.data) == 0 {
		err := first.err
		f.drop()
		if err == nil {
			err = io.EOF // shorter than it was
		}
		return 0, err
	}
	n := copy(p, first.data)
	if first.data = first.data[n:]; len(first.data) == 0 {
		f.ahead = f.ahead[1:]
		f.in.s.buffers.Put(first.buf)
		if first.short() {
			f.drop() // the server gave less than was asked for: ask again from there
		}
	}
	return n, nil
}

// short reports whether fewer bytes came than fit, which leaves a gap to the next.
func (p *piece) short() bool { return p.err != nil }

var errShort = errors.New("fewer bytes came than were asked for")

// ask asks for the next parts of the file, as far as it reached when it was opened.
func (f *file) ask() {
	if len(f.ahead) == 0 {
		f.next = f.offset
	}
	for len(f.ahead) < readAhead && f.next < f.size {
		buf := f.in.s.buffers.Get().(*[]byte)
		p := &piece{at: f.next, buf: buf, done: make(chan struct{})}
		want := min(chunk, f.size-f.next)
		f.next += want
		f.ahead = append(f.ahead, p)
		go func() {
			defer close(p.done)
			n, err := f.at((*buf)[:want], p.at)
			p.data, p.err = (*buf)[:n], err
			if err == nil && int64(n) < want {
				p.err = errShort
			}
		}()
	}
}

// at reads at an offset: io.EOF where the file ends before it.
func (f *file) at(b []byte, offset int64) (n int, err error) {
	weight := int64((len(b)-1)/singleCredit + 1)
	var ended bool
	err = f.in.s.do(weight, f.name, func() (err error) {
		n, err = f.remote.ReadAt(b, offset)
		if errors.Is(err, io.EOF) {
			ended, err = true, nil
		}
		return err
	})
	if err == nil && ended {
		err = io.EOF
	}
	return n, err
}

// drop waits for what is under way and forgets it.
func (f *file) drop() {
	for _, p := range f.ahead {
		<-p.done
		f.in.s.buffers.Put(p.buf)
	}
	f.ahead = nil
}

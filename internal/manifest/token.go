package manifest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode"

	"pslan/internal/fileerror"
)

// skipMark takes a byte order mark from the beginning, and leaves its place to be
// counted.
func skipMark(src *source) io.Reader {
	b := bufio.NewReaderSize(src, 16)
	if head, _ := b.Peek(3); bytes.Equal(head, []byte{0xEF, 0xBB, 0xBF}) {
		_, _ = b.Discard(3) // they were peeked
		src.base -= 3
	}
	return b
}

// offset of the next value.
func (r *reader) offset() int64 { return r.src.value(r.dec.InputOffset()) }

// problem reports what is wrong with what was read last.
func (r *reader) problem(summary, detail string, args ...any) {
	r.add(r.src, r.dec.InputOffset(), summary, detail, args...)
}

// broken reports an error of the decoder. After broken JSON nothing more is read; a
// value of the wrong type was skipped.
func (r *reader) broken(at int64, key string, err error) {
	if r.failed {
		return
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		if kind.Field != "" {
			key = kind.Field
		}
		r.add(r.src, at, "Wrong type", "%q holds a %s, and that is not what belongs there.", key, kind.Value)
		return
	case errors.As(err, &syntax):
		at = max(at, syntax.Offset-1)
		r.add(r.src, at, "Broken JSON", "The manifest cannot be read from here on: %v.", syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.add(r.src, r.src.base+int64(len(r.src.tail)), "Truncated manifest",
			"The file ends here, before the manifest does. It was not copied or written to its end: copy it again, or probe the server again.")
	default:
		r.add(r.src, at, "Unreadable manifest", "The file cannot be read any further: %v.", fileerror.Reason(err))
	}
	r.failed = true
}

// token takes one token.
func (r *reader) token() json.Token {
	if r.failed {
		return nil
	}
	r.src.next(r.dec.InputOffset())
	at := r.offset()
	t, err := r.dec.Token()
	if err != nil {
		r.broken(at, "", err)
	}
	return t
}

// open takes the brace or bracket that a value begins with.
func (r *reader) open(want json.Delim, what string) bool {
	at := r.offset()
	t := r.token()
	if t == want {
		return true
	}
	if !r.failed {
		r.add(r.src, at, "Not a manifest", "Here %s begins, with %q, in a manifest. Is it some other file?", what, want.String())
		r.failed = true
	}
	return false
}

// close takes the brace or bracket that a value ends with.
func (r *reader) close() { r.token() }

// more reports whether an object or list goes on.
func (r *reader) more() bool {
	if r.failed {
		return false
	}
	r.src.next(r.dec.InputOffset())
	return r.dec.More()
}

// key takes the key of a member.
func (r *reader) key() string {
	s, _ := r.token().(string)
	return s
}

// decode takes a value.
func (r *reader) decode(key string, to any) {
	if r.failed {
		return
	}
	r.src.next(r.dec.InputOffset())
	at := r.offset()
	if err := r.dec.Decode(to); err != nil {
		r.broken(at, key, err)
	}
}

// text takes a text, which may hold no control characters: they would reach
// terminals and reports.
func (r *reader) text(key string) (s string) {
	r.decode(key, &s)
	if control(s) {
		r.problem("Control character in a text", "%q holds a control character: %s.", key, shown(s))
		return ""
	}
	return s
}

func control(s string) bool {
	for _, c := range s {
		if unicode.IsControl(c) {
			return true
		}
	}
	return false
}

// skip takes a value that nobody wants.
func (r *reader) skip() {
	var any json.RawMessage
	r.decode("", &any)
}

package wire

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// .NET writes any character that XML cannot hold, as a control character in a description
// or in what a script printed, as a reference, though XML forbids those too (I: seen of
// Mono's serializer, which is the same code). One of them must not make the whole of an
// answer unreadable: it is read as U+FFFD.

// maxReference is the longest of them: &#x0000FFFE;
const maxReference = 12

// permitted is a text of XML in which no reference is to a character that XML forbids. What
// is no such reference stays, and the decoder judges it.
func permitted(data []byte) []byte {
	at := bytes.Index(data, []byte("&#"))
	if at < 0 {
		return data
	}
	var out []byte // nil: nothing was replaced
	begin := 0
	for at >= 0 {
		size := forbidden(data[at:min(len(data), at+maxReference)])
		if size > 0 {
			out = append(append(out, data[begin:at]...), string(utf8.RuneError)...)
			begin = at + size
		}
		from := at + max(size, 2)
		if at = bytes.Index(data[from:], []byte("&#")); at >= 0 {
			at += from
		}
	}
	if begin == 0 {
		return data
	}
	return append(out, data[begin:]...)
}

// forbidden is the length of a reference to a character that XML forbids, 0 where there is
// none.
func forbidden(data []byte) int {
	end := bytes.IndexByte(data, ';')
	if end < 0 {
		return 0
	}
	digits, base := data[2:end], 10
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	code, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || !notXML(rune(min(code, utf8.MaxRune+1))) {
		return 0
	}
	return end + 1
}

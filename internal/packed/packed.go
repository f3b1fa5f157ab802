// Package packed reads and writes files that may be compressed. Whether to compress
// is told by a file's name, and whether a file is compressed by its first bytes.
//
// What it promises: what is unpacked has an end, and no input makes it take more
// memory than a window of 128 MiB.
package packed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Read returns the plain bytes of an input, which end with an error after most
// bytes. closer is to be called when no more is read.
func Read(in io.Reader, most int64) (plain io.Reader, closer func(), err error) {
	b := bufio.NewReaderSize(in, 4096) // larger reads go past its buffer
	magic, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	closer = func() {}
	plain = b
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, nil, err
		}
		plain, closer = z, func() { z.Close() }
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(b, zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, nil, err
		}
		plain, closer = z, z.Close
	}
	return &limited{plain, most, most}, closer, nil
}

// limited ends with an error where io.LimitedReader would just end.
type limited struct {
	in         io.Reader
	left, most int64
}

func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("it unpacks to more than %d GiB", l.most>>30)
	}
	n, err := l.in.Read(b)
	l.left -= int64(n)
	return n, err
}

// Write calls fill with a writer that compresses if the name ends in .zst or .gz.
func Write(name string, out io.Writer, fill func(io.Writer) error) error {
	switch Suffix(name) {
	case "":
		return fill(out)
	case ".gz":
		return through(gzip.NewWriter(out), fill)
	}
	z, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	return through(z, fill)
}

func through(z io.WriteCloser, fill func(io.Writer) error) error {
	if err := fill(z); err != nil {
		z.Close()
		return err
	}
	return z.Close()
}

// Suffix is the end of a name that makes a file compressed: ".zst", ".gz" or "".
func Suffix(name string) string {
	for _, s := range []string{".zst", ".gz"} {
		if strings.HasSuffix(strings.ToLower(name), s) {
			return s
		}
	}
	return ""
}

package estatefile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"pslan/internal/atomicfile"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// maxSize is how many bytes of JSON are read from one file: enough for millions of
// images, and an end for a compressed file that unpacks to no end.
const maxSize = 16 << 30

// ReadFile reads an estate from a file.
func ReadFile(path string) (*estate.Estate, diag.Diagnostics) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		var info fs.FileInfo
		if info, err = f.Stat(); err == nil && info.IsDir() {
			return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Estate file is a folder", "%s is a folder, and an estate file is expected.", path)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Estate file not found", "There is no file %s. Record the estate with \"pslan snapshot -out=FILE\", or correct the path.", path)
	case err != nil:
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Unreadable estate file", "%s cannot be read: %v.", path, cause(err))
	}
	return Read(f, path)
}

// cause takes the path out of an error whose text names it anyway.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// decompress unpacks the input if its first bytes say that it is packed.
func decompress(in io.Reader) (plain io.Reader, closer func(), err error) {
	b := bufio.NewReaderSize(in, 4096) // larger reads go past its buffer
	magic, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, cause(err)
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
	return &limited{plain, maxSize}, closer, nil
}

// limited ends with an error where io.LimitedReader would just end.
type limited struct {
	in   io.Reader
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("it unpacks to more than %d GiB", maxSize>>30)
	}
	n, err := l.in.Read(b)
	l.left -= int64(n)
	return n, err
}

// readError reports that the input broke off with an error.
func (s *scanner) readError(err error) {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		s.cutOff = true
		return // what follows is reported as truncated, with its place
	}
	here := s.base + int64(s.end)
	s.problem(here, here+1, "Unreadable estate file", fmt.Sprintf("The file cannot be read any further: %v.", cause(err)))
	s.stop()
}

// WriteFile writes an estate to a file, whole or not at all. A name that ends in
// .zst or .gz makes it compressed.
func WriteFile(path string, e *estate.Estate) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		lower := strings.ToLower(path)
		switch {
		case strings.HasSuffix(lower, ".zst"):
			z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
			if err != nil {
				return err
			}
			return packed(z, e)
		case strings.HasSuffix(lower, ".gz"):
			return packed(gzip.NewWriter(w), e)
		}
		return Write(w, e)
	})
}

func packed(z io.WriteCloser, e *estate.Estate) error {
	if err := Write(z, e); err != nil {
		z.Close()
		return err
	}
	return z.Close()
}

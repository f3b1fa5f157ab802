package estatefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"pslan/internal/atomicfile"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/packed"
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
	case fileerror.Missing(err):
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Estate file not found", "There is no file %s. Record the estate with \"pslan snapshot -out=FILE\", or correct the path.", path)
	case err != nil:
		return nil, diag.Diagnostics(nil).Errorf(diag.Range{}, "Unreadable estate file", "%s cannot be read: %v.", path, fileerror.Reason(err))
	}
	return Read(f, path)
}

// readError reports that the input broke off with an error.
func (s *scanner) readError(err error) {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		s.cutOff = true
		return // what follows is reported as truncated, with its place
	}
	here := s.base + int64(s.end)
	s.problem(here, here+1, "Unreadable estate file", fmt.Sprintf("The file cannot be read any further: %v.", fileerror.Reason(err)))
	s.stop()
}

// WriteFile writes an estate to a file, whole or not at all. A name that ends in
// .zst or .gz makes it compressed.
func WriteFile(path string, e *estate.Estate) error {
	return atomicfile.Write(path, func(out io.Writer) error {
		return packed.Write(path, out, func(w io.Writer) error { return Write(w, e) })
	})
}

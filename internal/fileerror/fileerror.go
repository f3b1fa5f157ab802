// Package fileerror reads what the system says where a file cannot be used.
//
// What it promises: no file counts as missing because the server that it lies on does
// not answer, and a reason can stand in the middle of a sentence or at its end.
// Windows makes both hard: its error for a server that is off is one of those that Go
// takes for "no such file", and its messages are sentences with a full stop.
//
// It must not know what a file is for.
package fileerror

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// Missing reports whether an error says that there is no such file or folder. It does
// not say so where the file's server could not be asked.
func Missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) && !outOfReach(err)
}

// Reason is why a file could not be used, as a part of a sentence that names the file
// already: without its path, and without a full stop. It wraps what the system said;
// nil stays nil.
func Reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	if err == nil || !strings.HasSuffix(err.Error(), ".") {
		return err
	}
	return clause{err}
}

// clause is an error whose text is no sentence of its own.
type clause struct{ error }

func (c clause) Error() string { return strings.TrimSuffix(c.error.Error(), ".") }

func (c clause) Unwrap() error { return c.error }

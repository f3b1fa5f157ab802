// Package atomicfile writes files that are either whole or not there: to a
// temporary file beside the target, flushed to disk, renamed over it. A crash or a
// full disk leaves the old file as it was. It removes them, too.
package atomicfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// temporary stands between a file's name and the suffix of the temporary one.
const temporary = ".tmp-"

// Write calls fill with a buffered writer and puts what it wrote at path, with
// mode 0o666 less the umask for a new file and the mode of the old one otherwise.
// After an error the target is untouched and no temporary file is left; errors of
// the file system name path. A link is followed. What is no file (a pipe,
// /dev/stdout) is written to directly.
func Write(path string, fill func(io.Writer) error) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return &fs.PathError{Op: "write", Path: path, Err: errors.New("it is a folder")}
	case err == nil && !info.Mode().IsRegular():
		return direct(path, fill)
	case err == nil:
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return replace(real, info, fill)
		}
	}
	return replace(path, info, fill)
}

// Remove removes a file, also where somebody reads it just now.
func Remove(path string) error { return remove(path) }

// direct writes to something that cannot be replaced.
func direct(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(filled(f, fill), f.Close())
}

// filled writes what fill gives.
func filled(f io.Writer, fill func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 64<<10)
	if err := fill(w); err != nil {
		return err
	}
	return w.Flush()
}

// replace puts a new file in the place of the old one, whose info is nil where
// there is none.
func replace(path string, old fs.FileInfo, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path+temporary+suffix(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return about(path, err)
	}
	renamed := false
	defer func() { // also where fill panics
		if !renamed {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if old != nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return about(path, err)
		}
	}
	if err := filled(f, fill); err != nil {
		return about(path, err)
	}
	if err := f.Sync(); err != nil {
		return about(path, err)
	}
	if err := f.Close(); err != nil {
		return about(path, err)
	}
	if err := rename(f.Name(), path); err != nil {
		return about(path, err)
	}
	renamed = true
	return SyncFolder(filepath.Dir(path))
}

// about makes an error of the file system name the file that was asked for, not
// the temporary one, which nobody knows. Errors of fill stay as they are.
func about(path string, err error) error {
	var link *os.LinkError
	if errors.As(err, &link) && strings.HasPrefix(link.Old, path+temporary) {
		return &fs.PathError{Op: "write", Path: path, Err: link.Err}
	}
	var p *fs.PathError
	if errors.As(err, &p) && strings.HasPrefix(p.Path, path+temporary) {
		return &fs.PathError{Op: "write", Path: path, Err: p.Err}
	}
	return err
}

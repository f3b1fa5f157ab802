package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"pslan/internal/diag"
	"pslan/internal/fileerror"
)

const byteOrderMark = "\ufeff"

// maxShownLine is the length up to which a line is shown with a diagnostic: one
// that was written by a machine on a single line helps nobody.
const maxShownLine = 4096

// Files returns the names of the configuration files of a folder, in name order:
// *.hcl and *.hcl.json without those of variables and tests. As with a shell's *,
// names that begin with a dot do not count.
func Files(dir string) ([]string, error) {
	return list(dir, func(name string) bool {
		if isVarsFile(name) || strings.HasSuffix(name, ".pstest.hcl") || strings.HasSuffix(name, ".pstest.hcl.json") {
			return false
		}
		return strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, ".hcl.json")
	})
}

func isVarsFile(name string) bool {
	return strings.HasSuffix(name, ".vars.hcl") || strings.HasSuffix(name, ".vars.hcl.json")
}

// autoVarsFiles are the files of variables that are read without being named, in
// the order in which one overrides the other.
func autoVarsFiles(dir string) ([]string, error) {
	names, err := list(dir, func(name string) bool {
		return strings.HasSuffix(name, ".auto.vars.hcl") || strings.HasSuffix(name, ".auto.vars.hcl.json")
	})
	if err != nil {
		return nil, err
	}
	var first []string
	for _, name := range []string{"pslan.vars.hcl", "pslan.vars.hcl.json"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			first = append(first, name)
		} else if !fileerror.Missing(err) {
			return nil, err
		}
	}
	return append(first, names...), nil
}

func list(dir string, want func(string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the folder of the configuration: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !e.IsDir() && want(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// sourceFile is one file that was read.
type sourceFile struct {
	name      string // as in ranges
	src       []byte
	indexOnce sync.Once
	index     []int32 // where lines begin; made when a line is asked for by number
}

func (f *sourceFile) isJSON() bool { return strings.HasSuffix(f.name, ".json") }

// readFile reads a bounded, regular file.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &notAFileError{path}
	}
	if info.Size() > limit {
		return nil, &tooBigError{path, info.Size(), limit}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := src.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, err
	}
	if int64(src.Len()) > limit {
		return nil, &tooBigError{path, int64(src.Len()), limit}
	}
	return src.Bytes(), nil
}

type notAFileError struct{ path string }

func (e *notAFileError) Error() string { return "this is not a regular file" }

type tooBigError struct {
	path        string
	size, limit int64
}

func (e *tooBigError) Error() string {
	return fmt.Sprintf("the file has more than %d MiB; divide it into several", e.limit>>20)
}

// openSource reads a file of the configuration or of variables; name is what
// ranges call it. nil, with a diagnostic, where that cannot be done.
func openSource(path, name string) (*sourceFile, diag.Diagnostics) {
	src, err := readFile(path, maxFileBytes)
	if err != nil {
		return nil, diag.Diagnostics{}.Errorf(wholeFile(name), "File cannot be read", "%s cannot be read: %s.", name, reason(err))
	}
	f := &sourceFile{name: name, src: src}
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return f, diag.Diagnostics{}.Errorf(f.rangeAt(0, 2), "File is not UTF-8",
			"It is UTF-16, which PowerShell's > and some editors on Windows write. Save it as UTF-8.")
	}
	if at, ok := firstBadUTF8(src); !ok {
		return f, diag.Diagnostics{}.Errorf(f.rangeAt(at, 1), "File is not UTF-8",
			"The byte at offset %d belongs to no UTF-8 text. Save the file as UTF-8; an editor on Windows may have written another encoding.", at)
	}
	return f, nil
}

// reason is the part of a file error that does not repeat the path.
func reason(err error) string {
	switch {
	case fileerror.Missing(err):
		return "it does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "permission was denied"
	}
	return fileerror.Reason(err).Error()
}

func firstBadUTF8(src []byte) (int, bool) {
	if utf8.Valid(src) {
		return 0, true
	}
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n <= 1 {
			return i, false
		}
		i += n
	}
	return 0, true
}

func wholeFile(name string) diag.Range {
	start := diag.Pos{Line: 1, Column: 1}
	return diag.Range{Filename: name, Start: start, End: start}
}

// rangeAt is the range of n bytes of one line; columns are counted in runes, which
// is near enough where no token is known.
func (f *sourceFile) rangeAt(offset, n int) diag.Range {
	start := bytes.LastIndexByte(f.src[:offset], '\n') + 1
	line := bytes.Count(f.src[:offset], []byte{'\n'}) + 1
	column := utf8.RuneCount(f.src[start:offset]) + 1
	return diag.Range{
		Filename: f.name,
		Start:    diag.Pos{Line: int32(line), Column: int32(column), Byte: int32(offset)},
		End:      diag.Pos{Line: int32(line), Column: int32(column + n), Byte: int32(offset + n)},
	}
}

// line returns a line's text without its end, counting from 1.
func (f *sourceFile) line(n int) (string, bool) {
	f.indexOnce.Do(func() {
		f.index = append(f.index, 0)
		for i, c := range f.src {
			if c == '\n' {
				f.index = append(f.index, int32(i+1))
			}
		}
	})
	if n < 1 || n > len(f.index) {
		return "", false
	}
	return f.lineAt(int(f.index[n-1]))
}

func cutLine(src []byte) (string, bool) {
	if i := bytes.IndexByte(src, '\n'); i >= 0 {
		src = src[:i]
	}
	src = bytes.TrimSuffix(src, []byte{'\r'})
	return string(src), len(src) <= maxShownLine
}

// lineAt returns the line around a byte, which is quicker than counting lines.
func (f *sourceFile) lineAt(offset int) (string, bool) {
	if offset < 0 || offset > len(f.src) {
		return "", false
	}
	start := bytes.LastIndexByte(f.src[:offset], '\n') + 1
	return cutLine(bytes.TrimPrefix(f.src[start:], []byte(byteOrderMark)))
}

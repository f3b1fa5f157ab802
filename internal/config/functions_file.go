package config

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"pslan/internal/fileerror"
)

// maxReadBytes bounds what file reads.
const maxReadBytes = 16 << 20

// fileReader reads files for expressions, each once.
type fileReader struct {
	dir  string
	mu   sync.Mutex
	read map[string]fileResult
}

type fileResult struct {
	text string
	err  error
}

func (r *fileReader) add(all map[string]function.Function) {
	all["file"] = namedTextMap("path", r.file)
	all["fileexists"] = define(cty.Bool, func(args []cty.Value) (cty.Value, error) {
		where, err := r.path(args[0].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		info, err := os.Stat(where)
		if err != nil && !fileerror.Missing(err) {
			return cty.NilVal, function.NewArgErrorf(0, "cannot be looked at: %s", reason(err))
		}
		return cty.BoolVal(err == nil && info.Mode().IsRegular()), nil
	}, param("path", cty.String))
	all["basename"] = textMap(func(s string) (string, error) { return path.Base(s), nil })
	all["dirname"] = textMap(func(s string) (string, error) { return path.Dir(s), nil })
}

// path makes a path that is relative to the folder of the files. Absolute ones are
// refused: another checkout would read something else.
func (r *fileReader) path(name string) (string, error) {
	if filepath.IsAbs(name) || strings.HasPrefix(name, "/") || strings.HasPrefix(name, `\`) || filepath.VolumeName(name) != "" {
		return "", errors.New("the path must be relative to the folder of the configuration")
	}
	return filepath.Join(r.dir, filepath.FromSlash(name)), nil
}

func (r *fileReader) file(name string) (string, error) {
	where, err := r.path(name)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if have, ok := r.read[where]; ok {
		return have.text, have.err
	}
	result := fileResult{}
	switch src, err := readFile(where, maxReadBytes); {
	case err != nil:
		result.err = errors.New(name + " cannot be read: " + reason(err))
	case !utf8.Valid(src):
		result.err = errors.New(name + " is not UTF-8")
	default:
		result.text = strings.TrimPrefix(string(src), byteOrderMark)
	}
	if r.read == nil {
		r.read = map[string]fileResult{}
	}
	r.read[where] = result
	return result.text, result.err
}

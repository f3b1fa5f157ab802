package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "pslan"

// source is one Go file, parsed.
type source struct {
	path  string // relative to the module's root, with slashes
	test  bool
	lines int
	ast   *ast.File
	fset  *token.FileSet
}

// room is a package of the module with all its files.
type room struct {
	path  string // relative to the module's root: internal/estate
	files []*source
}

// imports returns what the files that are no tests import, sorted.
func (r *room) imports() []string {
	var all []string
	for _, f := range r.files {
		if !f.test {
			all = append(all, f.imports()...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// hasCode reports whether the package is more than tests.
func (r *room) hasCode() bool {
	return slices.ContainsFunc(r.files, func(f *source) bool { return !f.test })
}

func (f *source) imports() []string {
	var paths []string
	for _, spec := range f.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// at is a place for messages.
func (f *source) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.fset.Position(n.Pos()).Line)
}

// ours returns the part of an import path below the module, "" for others' packages.
func ours(importPath string) string {
	rest, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return rest
}

// house reads all packages of the module, sorted by path.
func house(t *testing.T) []*room {
	t.Helper()
	root := os.DirFS(filepath.Join("..", ".."))
	rooms := map[string]*room{}
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || path.Ext(p) != ".go":
			return nil
		}
		text, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := path.Dir(p)
		if rooms[dir] == nil {
			rooms[dir] = &room{path: dir}
		}
		rooms[dir].files = append(rooms[dir].files, &source{
			path: p, test: strings.HasSuffix(p, "_test.go"), lines: bytes.Count(text, []byte("\n")), ast: file, fset: fset,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := make([]*room, 0, len(rooms))
	for _, r := range rooms {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *room) int { return strings.Compare(a.path, b.path) })
	return all
}

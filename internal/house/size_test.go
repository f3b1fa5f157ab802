package house

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Limits. What grows beyond them has two jobs: split by job, not by size.
const (
	maxFile     = 400
	maxTestFile = 800
	maxFunction = 70
)

func TestSizes(t *testing.T) {
	for _, r := range house(t) {
		for _, f := range r.files {
			limit := maxFile
			if f.test {
				limit = maxTestFile
			}
			if f.lines > limit {
				t.Errorf("%s has %d lines, more than %d", f.path, f.lines, limit)
			}
			if f.test {
				continue
			}
			for _, d := range f.ast.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				if n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1; n > maxFunction {
					t.Errorf("%s: %s has %d lines, more than %d", f.at(fn), fn.Name.Name, n, maxFunction)
				}
			}
		}
	}
}

// TestPackageDocs: every package tells what it is for.
func TestPackageDocs(t *testing.T) {
	for _, r := range house(t) {
		docs := 0
		for _, f := range r.files {
			if !f.test && f.ast.Doc != nil {
				docs++
			}
		}
		switch {
		case !r.hasCode():
			t.Errorf("package %s has tests and no code", r.path)
		case docs == 0:
			t.Errorf("package %s has no package doc", r.path)
		case docs > 1:
			t.Errorf("package %s has %d package docs; one file tells its story", r.path, docs)
		}
	}
}

// TestNames: a name says what is inside, not that something is.
func TestNames(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared"}
	for _, r := range house(t) {
		if slices.Contains(empty, path.Base(r.path)) {
			t.Errorf("package %s: the name says nothing", r.path)
		}
		for _, f := range r.files {
			name := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test")
			if slices.Contains(empty, name) {
				t.Errorf("file %s: the name says nothing", f.path)
			}
		}
	}
}

var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

// TestFinished: nothing is left for later in a comment, and nothing runs before main.
func TestFinished(t *testing.T) {
	for _, r := range house(t) {
		for _, f := range r.files {
			for _, group := range f.ast.Comments {
				if m := unfinished.FindString(group.Text()); m != "" {
					t.Errorf("%s: %s in a comment", f.at(group), m)
				}
			}
			for _, d := range f.ast.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: func init registers in secret", f.at(fn))
				}
			}
		}
	}
}

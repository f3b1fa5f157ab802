package config

import (
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/diag"
	"pslan/internal/wording"
)

// givenValue is a value that was given for a variable from outside of its block.
type givenValue struct {
	expr hcl.Expression // from a file
	text string         // from the environment or a flag
	from string         // for people
	at   diag.Range     // zero: no file
}

// envPrefix begins the names of environment variables that give values.
const envPrefix = "PSLAN_VAR_"

// givens collects the values of variables, the later ones overriding the earlier:
// environment, pslan.vars.hcl, *.auto.vars.hcl in name order, then -var and
// -var-file as they stand on the command line.
type givens struct {
	*decoder
	dir    string
	values map[string]*givenValue
	files  []*sourceFile
	broken bool // a file could not be read: what is missing may stand there
}

func (g *givens) collect(opts *Options) {
	for _, entry := range opts.Env {
		name, value, ok := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(name, envPrefix)
		if ok && ours && g.variables[name] != nil {
			// Others in the environment may be meant for another folder.
			g.values[name] = &givenValue{text: value, from: "the environment (" + envPrefix + name + ")"}
		}
	}
	names, err := autoVarsFiles(opts.Dir)
	if err != nil {
		g.report(diag.Range{}, "Folder cannot be read", "The files of variables cannot be listed: %s.", reason(err))
	}
	for _, name := range names {
		g.file(filepath.Join(opts.Dir, name), name)
	}
	for _, arg := range opts.Vars {
		switch {
		case arg.File != "":
			g.file(arg.File, shownPath(opts.Dir, arg.File))
		case g.variables[arg.Name] != nil:
			g.values[arg.Name] = &givenValue{text: arg.Value, from: "-var"}
		case !g.incomplete:
			g.report(diag.Range{}, "Value for an undeclared variable", "-var gives a value for %q, and there is no such variable.%s", arg.Name, wording.DidYouMean(arg.Name, sortedNames(g.variables)))
		}
	}
}

// shownPath is what a file given on the command line is called: relative to the
// folder where it lies inside of it.
func shownPath(dir, path string) string {
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

func (g *givens) file(path, name string) {
	f, diags := openSource(path, name)
	g.diags = append(g.diags, diags...)
	if f != nil {
		g.files = append(g.files, f)
	}
	if f == nil || diags.HasErrors() {
		g.broken = true
		return
	}
	attrs, ok := g.parseFile(f)
	g.broken = g.broken || !ok
	for _, key := range sortedNames(attrs) {
		a := attrs[key]
		if g.variables[key] == nil {
			if !g.incomplete {
				g.warnf(a.NameRange, "Value for an undeclared variable", "There is no variable %q.%s", key, wording.DidYouMean(key, sortedNames(g.variables)))
			}
			continue
		}
		g.values[key] = &givenValue{expr: a.Expr, from: name, at: place(hcl.RangeBetween(a.NameRange, a.Expr.Range()))}
	}
}

// parseFile reads the values of a file. Only arguments may stand in it.
func (g *givens) parseFile(f *sourceFile) (hcl.Attributes, bool) {
	var over *overLimit
	var file *hcl.File
	var diags hcl.Diagnostics
	if f.isJSON() {
		if over = checkJSON(f.src); over == nil {
			file, diags = hcljson.Parse(f.src, f.name)
		}
	} else if _, over = cut(f.src); over == nil {
		file, diags = hclsyntax.ParseConfig(f.src, f.name, hcl.InitialPos)
	}
	if over != nil {
		g.report(f.rangeAt(over.offset, 1), "File is too deep or too dense", "%s The file is not read.", over.what)
		return nil, false
	}
	if diags.HasErrors() {
		g.diags = append(g.diags, secretless(diags)...)
		return nil, false
	}
	attrs, diags := file.Body.JustAttributes()
	for _, d := range diags {
		out := translate(d, "", false)
		out.Detail = "A file of variables holds lines of the form name = value, and no blocks. Files with blocks are called *.hcl without \".vars\"."
		g.diags = append(g.diags, out)
	}
	return attrs, true
}

// secretless turns syntax errors of a file of variables into ours. Their lines are
// not shown with them (hideLines): which variable they belong to is not known.
func secretless(diags hcl.Diagnostics) diag.Diagnostics {
	var out diag.Diagnostics
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			out = append(out, translate(d, "", false))
		}
	}
	return out
}

// given evaluates what was given for a variable. No functions and no references
// can stand in it.
func (d *decoder) given(v *variable, given *givenValue) cty.Value {
	name := v.block.label()
	what := "The value of " + name + " from " + given.from
	if given.expr == nil {
		return d.givenText(v, given, what)
	}
	// A nil context also takes the strings of JSON files as they are.
	value, diags := given.expr.Value(nil)
	if diags.HasErrors() {
		detail := diags[0].Detail
		if v.secret {
			detail = "Details are not shown, because the variable is sensitive."
		}
		d.errorf(given.expr.Range(), "Value cannot be evaluated", "%s is no literal value: references and functions have no meaning there. %s", what, sentence(detail))
		return cty.UnknownVal(v.typ)
	}
	return d.fit(v, value, given.expr.Range(), what)
}

// givenText reads a text: as it is where the variable is a text, number or bool, or
// has no type, else as an expression.
func (d *decoder) givenText(v *variable, given *givenValue, what string) cty.Value {
	if !v.typed || v.typ.IsPrimitiveType() {
		return d.fit(v, cty.StringVal(given.text), hcl.Range{}, what)
	}
	why := ""
	if over := checkExpression([]byte(given.text)); over != nil {
		why = over.what
	} else if expr, diags := hclsyntax.ParseExpression([]byte(given.text), "", hcl.InitialPos); diags.HasErrors() {
		why = diags[0].Detail
	} else if value, diags := expr.Value(nil); diags.HasErrors() {
		why = diags[0].Detail
	} else {
		return d.fit(v, value, hcl.Range{}, what)
	}
	if v.secret {
		why = "Details are not shown, because the variable is sensitive."
	}
	d.errorf(hcl.Range{}, "Value cannot be read", "%s is not written as a value of its type: %s Lists are written [\"a\", \"b\"], maps {a = \"b\"}; mind the quotes of the shell.", what, sentence(why))
	return cty.UnknownVal(v.typ)
}

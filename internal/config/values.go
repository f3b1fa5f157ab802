package config

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/estate"
	"pslan/internal/wording"
)

// word reads a text that must not be empty. An argument that is nil is left out.
func (d *decoder) word(a *attribute) (string, bool) {
	if a == nil {
		return "", false
	}
	v, ok := d.typed(a, cty.String, "a text")
	if !ok {
		return "", false
	}
	return d.notEmpty(a.expr, a.name, v.AsString())
}

func (d *decoder) notEmpty(expr hcl.Expression, name, s string) (string, bool) {
	switch {
	case strings.TrimSpace(s) == "":
		d.errorf(expr.Range(), "Empty value", "%s of %s is empty.", name, d.what())
		return "", false
	case strings.TrimSpace(s) != s:
		d.errorf(expr.Range(), "Space around a value", "%s of %s begins or ends with white space: %q. No name on the platform does.", name, d.what(), s)
		return "", false
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		d.errorf(expr.Range(), "Control character in a value", "%s of %s holds a control character: %q. If a backslash was meant, it is written twice in quotes.", name, d.what(), s)
		return "", false
	}
	return s, true
}

// choice reads one of a few words.
func (d *decoder) choice(a *attribute, words ...string) (string, bool) {
	s, ok := d.word(a)
	if !ok {
		return "", false
	}
	if !slices.Contains(words, s) {
		d.errorf(a.expr.Range(), "Unknown value", "%s of %s must be %s, not %q.%s", a.name, d.what(), oneOf(words), s, wording.DidYouMean(s, words))
		return "", false
	}
	return s, true
}

// oneOf lists words: "a", "b" or "c".
func oneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + w + `"`
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}

// flag reads true or false.
func (d *decoder) flag(a *attribute) (value, ok bool) {
	if a == nil {
		return false, false
	}
	v, ok := d.typed(a, cty.Bool, "true or false")
	if !ok {
		return false, false
	}
	return v.True(), true
}

// integer reads a whole number within bounds.
func (d *decoder) integer(a *attribute, least, most int) (int, bool) {
	if a == nil {
		return 0, false
	}
	v, ok := d.typed(a, cty.Number, "a number")
	if !ok {
		return 0, false
	}
	f, _ := v.AsBigFloat().Float64()
	if n := int(f); f == math.Trunc(f) && f >= float64(least) && f <= float64(most) {
		return n, true
	}
	d.errorf(a.expr.Range(), "Number out of range", "%s of %s must be a whole number from %d to %d.", a.name, d.what(), least, most)
	return 0, false
}

// duration reads "7d", "48h", "1d12h".
func (d *decoder) duration(a *attribute) (time.Duration, bool) {
	s, ok := d.word(a)
	if !ok {
		return 0, false
	}
	t, err := parseDuration(s)
	if err != nil {
		d.errorf(a.expr.Range(), "Not a duration", "%s of %s is %q: %s.", a.name, d.what(), s, err)
		return 0, false
	}
	return t, true
}

// bandwidth reads "100Mbps", in bits per second.
func (d *decoder) bandwidth(a *attribute) (int64, bool) {
	s, ok := d.word(a)
	if !ok {
		return 0, false
	}
	n, err := parseBandwidth(s)
	if err != nil {
		d.errorf(a.expr.Range(), "Not a bandwidth", "%s of %s is %q: %s.", a.name, d.what(), s, err)
		return 0, false
	}
	return n, true
}

// guid reads a GUID.
func (d *decoder) guid(a *attribute) (estate.GUID, bool) {
	s, ok := d.word(a)
	if !ok {
		return estate.GUID{}, false
	}
	return d.parseGUID(a.expr, a.name, s)
}

func (d *decoder) parseGUID(expr hcl.Expression, name, s string) (estate.GUID, bool) {
	g, err := estate.ParseGUID(s)
	switch {
	case err != nil:
		d.errorf(expr.Range(), "Not a GUID", "%s of %s is %q; %s.", name, d.what(), s, err)
	case g.IsZero():
		d.errorf(expr.Range(), "Not a GUID", "%s of %s is the GUID of zeros, which names nothing.", name, d.what())
	default:
		return g, true
	}
	return g, false
}

// element is one element of a list: an expression of its own where the list is
// written out, else a value of the list's expression.
type element struct {
	expr  hcl.Expression
	value cty.Value // NilVal: evaluate expr
}

// elements reads a list or set. complete is false where some of it is unknown.
func (d *decoder) elements(a *attribute, of string) (list []element, ok bool) {
	if exprs, written := writtenList(a.expr); written {
		list = make([]element, len(exprs))
		for i, e := range exprs {
			list[i].expr = e
		}
		return list, true
	}
	v := d.value(a.expr)
	switch {
	case v.IsMarked():
		d.refuseSecret(a.expr, a.name)
		return nil, false
	case v.IsNull():
		if a.required {
			d.errorf(a.expr.Range(), "Null where a value is needed", "%s of %s is null; it must be a list of %s.", a.name, d.what(), of)
		}
		return nil, false
	case !v.IsKnown():
		return nil, false
	case !v.Type().IsListType() && !v.Type().IsSetType() && !v.Type().IsTupleType():
		d.errorf(a.expr.Range(), "Wrong type", "%s of %s must be a list of %s, not %s.%s", a.name, d.what(), of, typeWords(v.Type()), bracketHint(a.name, v))
		return nil, false
	}
	for _, e := range v.Elements() {
		list = append(list, element{expr: a.expr, value: e})
	}
	return list, true
}

// bracketHint shows the list that a single text was probably meant as. No shell takes a
// command apart, so each of its words is an element.
func bracketHint(name string, v cty.Value) string {
	if v.Type() != cty.String || v.IsMarked() || len(v.AsString()) >= 80 {
		return ""
	}
	text := strings.ReplaceAll(v.AsString(), `\`, `\\`)
	words := []string{text}
	if name == "command" {
		words = strings.Fields(text)
	}
	switch {
	case strings.ContainsAny(text, `"'`) && len(words) > 1:
		return " Write the program and each argument as an element of its own."
	case len(words) > 1:
		return ` Write the program and each argument as an element of its own: ["` + strings.Join(words, `", "`) + `"].`
	}
	return ` Write it as a list of one: ["` + text + `"].`
}

// writtenList returns the expressions of a list that is written out, [a, b].
func writtenList(expr hcl.Expression) ([]hcl.Expression, bool) {
	if t, ok := expr.(*hclsyntax.TupleConsExpr); ok {
		return t.ExprList(), true
	}
	if _, ok := expr.(hclsyntax.Expression); ok {
		return nil, false
	}
	exprs, diags := hcl.ExprList(expr)
	return exprs, !diags.HasErrors()
}

// words reads a list of texts, without repetitions (case aside). ok is false where
// the argument is left out or something was reported.
func (d *decoder) words(a *attribute, of string) (list []string, ok bool) {
	if a == nil {
		return nil, false
	}
	elements, ok := d.elements(a, of)
	if !ok {
		return nil, false
	}
	list = make([]string, 0, len(elements))
	for _, e := range elements {
		one := attribute{name: a.name, expr: e.expr, nameRange: a.nameRange, required: true}
		s, good := d.elementWord(&one, e)
		if !good {
			ok = false
		} else if !slices.ContainsFunc(list, func(have string) bool { return estate.Fold(have) == estate.Fold(s) }) {
			list = append(list, s)
		}
	}
	return list, ok
}

func (d *decoder) elementWord(a *attribute, e element) (string, bool) {
	if e.value == cty.NilVal {
		return d.word(a)
	}
	a.expr = hcl.StaticExpr(e.value, e.expr.Range())
	return d.word(a)
}

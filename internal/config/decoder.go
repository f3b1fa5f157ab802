package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"pslan/internal/diag"
)

// decoder turns the arguments of blocks into plain values. Each goroutine has its
// own; what they share is in scope.
type decoder struct {
	*scope
	ctx   *hcl.EvalContext
	roots roots
	in    string // the block under way, for people
	part  string // the nested block under way, "" where there is none
	each  *each  // the instance under way; nil outside of for_each
	// standings remembers, for the instances of one block, what check said of its
	// expressions: they are the same for each. nil outside of for_each.
	standings map[hclsyntax.Expression]standing
	diags     diag.Diagnostics
}

// newDecoder makes a decoder with the whole scope in view.
func newDecoder(s *scope) *decoder {
	return &decoder{scope: s, ctx: s.ctx, roots: rootsPlain}
}

func (d *decoder) report(at diag.Range, summary, detail string, args ...any) {
	d.diags = append(d.diags, &diag.Diagnostic{
		Severity: diag.Error, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: at, In: d.in,
	})
}

func (d *decoder) errorf(at hcl.Range, summary, detail string, args ...any) {
	d.report(place(at), summary, detail, args...)
}

func (d *decoder) warnf(at hcl.Range, summary, detail string, args ...any) {
	d.report(place(at), summary, detail, args...)
	d.diags[len(d.diags)-1].Severity = diag.Warning
}

func (d *decoder) translate(diags hcl.Diagnostics) {
	for _, h := range diags {
		secret := h.Expression != nil && h.EvalContext != nil && usesSecret(h.Expression, h.EvalContext)
		d.diags = append(d.diags, translate(h, d.in, secret))
	}
}

// what names the body under way: image "win11", or its assignment block.
func (d *decoder) what() string {
	switch {
	case d.part != "" && d.in != "":
		return d.part + " in " + d.in
	case d.part != "":
		return d.part
	}
	return d.in
}

// inside runs work for a nested block.
func (d *decoder) inside(part string, work func()) {
	outer := d.part
	d.part = part
	work()
	d.part = outer
}

// literal returns the value of an expression that is plain text, number or bool.
func literal(expr hcl.Expression) (cty.Value, bool) {
	switch e := expr.(type) {
	case *hclsyntax.TemplateExpr:
		if len(e.Parts) == 1 {
			if part, ok := e.Parts[0].(*hclsyntax.LiteralValueExpr); ok {
				return part.Val, true
			}
		}
	case *hclsyntax.LiteralValueExpr:
		return e.Val, true
	}
	return cty.NilVal, false
}

// value evaluates an expression. What cannot be evaluated is reported and unknown.
func (d *decoder) value(expr hcl.Expression) cty.Value {
	if v, ok := literal(expr); ok {
		return v
	}
	if v, ok := d.eachPath(expr); ok {
		return v
	}
	if d.checkOnce(expr) != sound {
		return cty.DynamicVal
	}
	v, diags := expr.Value(d.context())
	d.translate(diags)
	if diags.HasErrors() {
		return cty.DynamicVal
	}
	return v
}

func (d *decoder) checkOnce(expr hcl.Expression) standing {
	native, ok := expr.(hclsyntax.Expression)
	if !ok || d.standings == nil {
		return d.check(expr)
	}
	result, known := d.standings[native]
	if !known {
		result = d.check(expr)
		d.standings[native] = result
	}
	return result
}

// context is the one to evaluate in; `each` enters it only where it is needed.
func (d *decoder) context() *hcl.EvalContext {
	if d.each == nil {
		return d.ctx
	}
	if d.each.ctx == nil {
		d.each.ctx = d.ctx.NewChild()
		d.each.ctx.Variables = map[string]cty.Value{
			"each": cty.ObjectVal(map[string]cty.Value{"key": d.each.key, "value": d.each.value}),
		}
	}
	return d.each.ctx
}

// eachPath evaluates each.key, each.value and each.value.NAME without a context.
func (d *decoder) eachPath(expr hcl.Expression) (cty.Value, bool) {
	t, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	if !ok || d.each == nil || len(t.Traversal) < 2 || t.Traversal.RootName() != "each" {
		return cty.NilVal, false
	}
	step, ok := t.Traversal[1].(hcl.TraverseAttr)
	if !ok {
		return cty.NilVal, false
	}
	var v cty.Value
	switch step.Name {
	case "key":
		v = d.each.key
	case "value":
		v = d.each.value
	default:
		return cty.NilVal, false
	}
	if len(t.Traversal) == 2 {
		return v, true
	}
	v, diags := t.Traversal[2:].TraverseRel(v)
	return v, !diags.HasErrors() // an error is told by the way that has all the context
}

// typed evaluates an argument as a value of a type. It is false where there is no
// such value: null (an error only where the argument is required), unknown, or
// something that was reported.
func (d *decoder) typed(a *attribute, want cty.Type, words string) (cty.Value, bool) {
	v := d.value(a.expr)
	if v.Type() == want && v.IsKnown() && !v.IsNull() && !v.IsMarked() {
		return v, true
	}
	if isSecret(v) {
		d.refuseSecret(a.expr, a.name)
		return v, false
	}
	if v.IsNull() {
		if a.required {
			d.errorf(a.expr.Range(), "Null where a value is needed", "%s of %s is null; it must be %s.", a.name, d.what(), words)
		}
		return v, false
	}
	got, err := convert.Convert(v, want)
	if err != nil {
		d.wrongType(a.expr, a.name, words, v)
		return v, false
	}
	return got, got.IsKnown()
}

func (d *decoder) refuseSecret(expr hcl.Expression, name string) {
	d.errorf(expr.Range(), "Sensitive value not allowed here",
		"%s of %s uses a sensitive value. What blocks declare is shown in plans and logs, so no sensitive value may enter it.", name, d.what())
}

func (d *decoder) wrongType(expr hcl.Expression, name, words string, v cty.Value) {
	hint := ""
	if v.Type().IsObjectType() && v.Type().HasAttribute("address") && v.Type().HasAttribute("host") {
		hint = " A package server's host is package_server.NAME.host."
	}
	d.errorf(expr.Range(), "Wrong type", "%s of %s must be %s, not %s.%s", name, d.what(), words, typeWords(v.Type()), hint)
}

// typeWords names a type for people.
func typeWords(t cty.Type) string {
	switch {
	case t == cty.String:
		return "a text"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t.IsTupleType():
		return "a list"
	case t.IsObjectType():
		return "an object"
	case t == cty.DynamicPseudoType:
		return "null"
	}
	return "a " + typeexpr.TypeString(t)
}

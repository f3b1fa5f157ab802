package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"pslan/internal/declared"
	"pslan/internal/diag"
)

// variable is one variable block and, once resolved, its value.
type variable struct {
	block       block
	typ         cty.Type
	typed       bool // a type was written
	defaults    *typeexpr.Defaults
	byDefault   cty.Value // NilVal: none
	defaultExpr hcl.Expression
	secret      bool
	nullable    bool
	validations []assertion
	value       cty.Value
	from        string // where the value came from, for people
	fromRange   diag.Range
}

// assertion is a condition with its message: of a validation or a check.
type assertion struct {
	condition, message *attribute
}

// declareVariable reads a variable block. Nothing in it but validations may refer
// to anything.
func (d *decoder) declareVariable(b block) *variable {
	v := &variable{block: b, typ: cty.DynamicPseudoType, nullable: true, value: cty.DynamicVal}
	d.in, d.part, d.roots = b.name(), "", 0
	defer func() { d.in = "" }()
	c := d.open(&b, variableSpec)
	if a := c.attr("type"); a != nil {
		typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.expr)
		d.translate(diags)
		if !diags.HasErrors() {
			v.typ, v.defaults, v.typed = typ, defaults, true
		}
	}
	if a := c.attr("description"); a != nil {
		d.typed(a, cty.String, "a text")
	}
	v.secret, _ = d.flag(c.attr("sensitive"))
	if a := c.attr("nullable"); a != nil {
		v.nullable, _ = d.flag(a)
	}
	if a := c.attr("default"); a != nil {
		d.readDefault(v, a)
	}
	for i := range c.blocks {
		if a, ok := d.assertion(&c.blocks[i]); ok {
			v.validations = append(v.validations, a)
		}
	}
	return v
}

func (d *decoder) readDefault(v *variable, a *attribute) {
	v.defaultExpr, v.byDefault = a.expr, cty.DynamicVal
	if got := d.value(a.expr); got.IsKnown() {
		v.byDefault = d.fit(v, got, a.expr.Range(), "The default of "+v.block.label())
	}
}

// assertion reads the two arguments of a validation or assert block.
func (d *decoder) assertion(b *block) (a assertion, ok bool) {
	d.inside(b.name(), func() {
		c := d.open(b, conditionSpec)
		a.condition, a.message = d.required(&c, "condition"), d.required(&c, "error_message")
	})
	return a, a.condition != nil && a.message != nil
}

// fit converts a value to the type of its variable; unknown, with a diagnostic,
// where it does not fit.
func (d *decoder) fit(v *variable, value cty.Value, at hcl.Range, what string) cty.Value {
	if v.defaults != nil && !value.IsNull() {
		value = v.defaults.Apply(value)
	}
	got, err := convert.Convert(value, v.typ)
	if err != nil {
		why := ""
		if !v.secret {
			why = sentence(": " + err.Error())
		} else {
			why = "."
		}
		d.errorf(at, "Wrong type", "%s does not fit its type %s%s", what, typeexpr.TypeString(v.typ), why)
		return cty.UnknownVal(v.typ)
	}
	if got.IsNull() && !v.nullable {
		if v.byDefault != cty.NilVal && v.byDefault.IsKnown() && !v.byDefault.IsNull() {
			return v.byDefault
		}
		d.errorf(at, "Null where a value is needed", "%s is null, and the variable says nullable = false.", what)
		return cty.UnknownVal(v.typ)
	}
	return got
}

// resolve gives a variable its value: what was given, else the default.
func (d *decoder) resolve(v *variable, given *givenValue, forValidate bool) {
	name := v.block.label()
	d.in = v.block.name()
	defer func() { d.in = "" }()
	switch {
	case given != nil:
		v.from, v.fromRange = given.from, given.at
		v.value = d.given(v, given)
	case v.byDefault != cty.NilVal:
		v.value, v.from, v.fromRange = v.byDefault, "its default", place(v.defaultExpr.Range())
	default:
		v.value = cty.UnknownVal(v.typ)
		if !forValidate && !d.incomplete {
			d.report(v.block.header(), "Variable without a value",
				"%s has no default, and no value was given. Give one with -var %s=…, in the environment as PSLAN_VAR_%s, or with a line in pslan.vars.hcl.", name, name, name)
		}
	}
	if v.secret {
		v.value = v.value.Mark(sensitive{})
	}
}

// validate holds a variable against its validation blocks, which may refer to
// other variables and to locals.
func (d *decoder) validate(v *variable) {
	name := v.block.label()
	d.in, d.part, d.roots = v.block.name(), "validation", rootVar|rootLocal
	defer func() { d.in, d.part = "", "" }()
	for _, a := range v.validations {
		if !refersTo(a.condition.expr, "var", name) {
			d.errorf(a.condition.expr.Range(), "Validation of something else", "The condition does not refer to var.%s, so it does not validate it.", name)
			continue
		}
		holds, known := d.condition(a.condition)
		if !known || holds {
			continue
		}
		at := v.fromRange
		if at.IsZero() {
			at = v.block.header()
		}
		shown := ""
		if !v.secret && v.value.IsWhollyKnown() {
			shown = " is " + brief(v.value)
		}
		d.report(at, "Invalid value for a variable", "%s\n\nvar.%s%s, from %s. The rule stands in %s.",
			d.message(a.message), name, shown, v.from, linePlace(a.condition.place()))
	}
}

// condition evaluates a condition. known is false where its value is not known or
// something was reported.
func (d *decoder) condition(a *attribute) (holds, known bool) {
	v, _ := d.value(a.expr).Unmark()
	a.required = true
	plain := *a
	plain.expr = hcl.StaticExpr(v, a.expr.Range())
	got, ok := d.typed(&plain, cty.Bool, "true or false")
	return ok && got.True(), ok
}

// message evaluates an error message.
func (d *decoder) message(a *attribute) string {
	v := d.value(a.expr)
	if isSecret(v) {
		return "(The message uses a sensitive value and is not shown.)"
	}
	if got, err := convert.Convert(v, cty.String); err == nil && got.IsKnown() && !got.IsNull() {
		return got.AsString()
	}
	return "The condition does not hold."
}

func refersTo(expr hcl.Expression, root, name string) bool {
	for _, t := range expr.Variables() {
		if second, ok := secondName(t); ok && t.RootName() == root && second == name {
			return true
		}
	}
	return false
}

// brief shows a value in one short line.
func brief(v cty.Value) string {
	const most = 120
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return "a value that cannot be shown"
	}
	if runes := []rune(string(text)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(text)
}

// shown are the variables as the plan document has them.
func (s *scope) shown() map[string]declared.Variable {
	all := make(map[string]declared.Variable, len(s.variables))
	for name, v := range s.variables {
		if v.secret {
			all[name] = declared.Variable{Sensitive: true}
			continue
		}
		if !v.value.IsWhollyKnown() {
			continue
		}
		if text, err := ctyjson.Marshal(v.value, v.value.Type()); err == nil {
			all[name] = declared.Variable{Value: string(text)}
		}
	}
	return all
}

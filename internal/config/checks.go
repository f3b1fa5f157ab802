package config

import (
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
)

// checkBlock is a check block, kept as expressions until an estate is at hand.
type checkBlock struct {
	label, in  string
	assertions []assertion
}

// decodeCheck reads a check block and finds what is wrong with its conditions
// whatever the estate: `current` has its type and no value yet.
func (d *decoder) decodeCheck(b *block) checkBlock {
	check := checkBlock{label: b.label(), in: b.name()}
	d.in = check.in
	defer func() { d.in = "" }()
	c := d.open(b, checkSpec)
	if len(c.blocks) == 0 {
		d.report(b.header(), "Missing block", "%s needs an assert block with a condition and an error_message.", d.what())
	}
	for i := range c.blocks {
		a, ok := d.assertion(&c.blocks[i])
		if !ok {
			continue
		}
		d.inside("assert", func() {
			trial := d.observing(cty.UnknownVal(currentType))
			trial.condition(a.condition)
			if v := trial.value(a.message.expr); isSecret(v) {
				trial.refuseSecret(a.message.expr, "error_message")
			} else {
				plain := *a.message
				plain.required = true
				trial.typed(&plain, cty.String, "a text")
			}
			d.diags = append(d.diags, trial.diags...)
		})
		check.assertions = append(check.assertions, a)
	}
	return check
}

// observing is a decoder that also sees `current`.
func (d *decoder) observing(current cty.Value) *decoder {
	trial := &decoder{scope: d.scope, ctx: d.scope.ctx.NewChild(), roots: rootsPlain | rootCurrent, in: d.in, part: d.part}
	trial.ctx.Variables = map[string]cty.Value{"current": current}
	return trial
}

// evalChecks evaluates all assertions against an estate.
func (l *Loaded) evalChecks(e *estate.Estate) ([]declared.CheckFailure, diag.Diagnostics) {
	d := newDecoder(l.scope).observing(currentValue(e, l.needs()))
	var failures []declared.CheckFailure
	for _, check := range l.checks {
		d.in, d.part = check.in, "assert"
		for _, a := range check.assertions {
			if holds, known := d.condition(a.condition); !known || holds {
				continue
			}
			failures = append(failures, declared.CheckFailure{
				Name: check.label, Message: d.message(a.message), Range: a.condition.place(), In: check.in,
			})
		}
	}
	return failures, d.diags
}

// needs are the parts of `current` that the checks refer to: the images of a big
// estate are not turned into values for nobody.
func (l *Loaded) needs() map[string]bool {
	parts := map[string]bool{}
	for _, check := range l.checks {
		for _, a := range check.assertions {
			for _, t := range append(a.condition.expr.Variables(), a.message.expr.Variables()...) {
				if t.RootName() != "current" {
					continue
				}
				if name, ok := secondName(t); ok {
					parts[name] = true
					continue
				}
				for name := range currentType.AttributeTypes() {
					parts[name] = true
				}
			}
		}
	}
	return parts
}

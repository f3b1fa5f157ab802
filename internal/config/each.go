package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/diag"
)

// maxInstanceErrors is how many errors the instances of one block may bring before
// the others are left alone: the same mistake a hundred thousand times helps nobody.
const maxInstanceErrors = 20

// each is what `each` stands for in one instance of a block.
type each struct {
	key, value cty.Value
	ctx        *hcl.EvalContext // made when an expression needs it
}

// instance is a block, or one of those that its for_each makes of it.
type instance struct {
	key  *string // nil without for_each
	each *each
	// unknown: the key is not known (for_each depends on a value that is missing). The
	// block is checked, and nothing is declared.
	unknown bool
}

// instances evaluates for_each. Where there is none, the block itself is the one
// instance; where it cannot be evaluated, there is an unknown one.
func (d *decoder) instances(c *content) []instance {
	a := c.attr("for_each")
	if a == nil {
		return []instance{{}}
	}
	v := d.value(a.expr)
	unknown := []instance{unknownInstance()}
	t := v.Type()
	switch {
	case v.IsMarked() || t.IsSetType() && isSecret(v):
		d.errorf(a.expr.Range(), "Sensitive value not allowed here",
			"for_each of %s uses a sensitive value. The keys become part of addresses, which are shown.", d.what())
		return unknown
	case v.IsNull():
		d.errorf(a.expr.Range(), "Null where a value is needed", "for_each of %s is null; it must be a set of texts or a map. For no instance, give an empty set: toset([]).", d.what())
		return unknown
	case !v.IsKnown():
		return unknown
	case t.IsMapType() || t.IsObjectType():
		return mapInstances(v)
	case t.IsSetType() && (t.ElementType() == cty.String || v.LengthInt() == 0):
		return d.setInstances(a, v, unknown)
	}
	hint := ""
	if t.IsTupleType() || t.IsListType() {
		hint = " Of a list of texts, toset([…]) makes a set."
	}
	d.errorf(a.expr.Range(), "Wrong type", "for_each of %s must be a set of texts or a map, not %s.%s", d.what(), typeWords(t), hint)
	return unknown
}

func unknownInstance() instance {
	return instance{unknown: true, each: &each{key: cty.UnknownVal(cty.String), value: cty.DynamicVal}}
}

func mapInstances(v cty.Value) []instance {
	list := make([]instance, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		k, value := it.Element()
		key := k.AsString()
		list = append(list, instance{key: &key, each: &each{key: k, value: value}})
	}
	slices.SortFunc(list, byKey)
	return list
}

func byKey(a, b instance) int {
	switch {
	case *a.key < *b.key:
		return -1
	case *a.key > *b.key:
		return 1
	}
	return 0
}

func (d *decoder) setInstances(a *attribute, v cty.Value, unknown []instance) []instance {
	list := make([]instance, 0, 16)
	for it := v.ElementIterator(); it.Next(); {
		_, k := it.Element()
		switch {
		case !k.IsKnown():
			return unknown
		case k.IsNull():
			d.errorf(a.expr.Range(), "Null where a value is needed", "for_each of %s holds null; every key must be a text.", d.what())
			return unknown
		}
		key := k.AsString()
		list = append(list, instance{key: &key, each: &each{key: k, value: k}})
	}
	slices.SortFunc(list, byKey)
	return list
}

// forInstances opens a block and calls work for each of its instances.
func (d *decoder) forInstances(b *block, spec *bodySpec, work func(c *content, in instance)) {
	outer := *d
	d.in, d.part = b.name(), ""
	c := d.open(b, spec)
	list := d.instances(&c)
	if len(list) == 0 { // the block is checked all the same
		list = []instance{unknownInstance()}
	}
	if list[0].each != nil {
		d.standings = map[hclsyntax.Expression]standing{}
		d.roots |= rootEach
	}
	told := instanceErrors{first: len(d.diags)}
	for i := range list {
		d.each = list[i].each
		before := len(d.diags)
		work(&c, list[i])
		if list[i].each != nil {
			list[i].each.ctx = nil
		}
		d.diags = told.fold(d.diags, before, list[i].key)
		if left := len(list) - i - 1; len(d.diags)-told.first >= maxInstanceErrors && left > 0 {
			d.report(b.header(), "Too many errors in one block", "%d more instances of %s were not looked at.", left, d.in)
			break
		}
	}
	told.name(d.diags, len(list))
	d.each, d.standings, d.roots, d.in, d.part = outer.each, outer.standings, outer.roots, outer.in, outer.part
}

// instanceErrors folds the errors of the instances of one block: what several of
// them bring is told once.
type instanceErrors struct {
	first int // index of the block's first diagnostic
	keys  []string
	times []int
}

// fold drops those diagnostics from before on that the block has already.
func (e *instanceErrors) fold(diags diag.Diagnostics, before int, key *string) diag.Diagnostics {
	if key == nil || len(diags) == before {
		return diags
	}
	kept := diags[:before]
	for _, d := range diags[before:] {
		have := slices.IndexFunc(kept[e.first:], func(k *diag.Diagnostic) bool { return *k == *d })
		switch {
		case have < 0:
			kept = append(kept, d)
			for len(e.keys) < len(kept)-e.first {
				e.keys, e.times = append(e.keys, *key), append(e.times, 1)
			}
		case have < len(e.times):
			e.times[have]++
		}
	}
	return kept
}

// name says with which keys an error comes, unless it comes with all.
func (e *instanceErrors) name(diags diag.Diagnostics, instances int) {
	for i, key := range e.keys {
		switch d := diags[e.first+i]; {
		case e.times[i] >= instances:
		case e.times[i] == 1:
			d.Detail += fmt.Sprintf(" This is so where each.key is %q.", key)
		default:
			d.Detail += fmt.Sprintf(" This is so where each.key is %q, and in %d more.", key, e.times[i]-1)
		}
	}
}

package config

import (
	"errors"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// alltrueFunc is true if every element is; of nothing, it is true.
var alltrueFunc = allOrAny(false)

// anytrueFunc is true if some element is; of nothing, it is false.
var anytrueFunc = allOrAny(true)

// allOrAny looks for an element that decides: false for all, true for any.
func allOrAny(decides bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{param("list", cty.List(cty.Bool))},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			known := true
			for it := args[0].ElementIterator(); it.Next(); {
				_, v := it.Element()
				switch {
				case !v.IsKnown():
					known = false
				case v.IsNull() && !decides || !v.IsNull() && v.True() == decides:
					return cty.BoolVal(decides), nil
				}
			}
			if !known {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(!decides), nil
		},
	})
}

var anyCollection = function.Parameter{Name: "list", Type: cty.DynamicPseudoType}

func isSequence(t cty.Type) bool { return t.IsListType() || t.IsSetType() || t.IsTupleType() }

// lengthFunc counts the elements of a collection or the letters of a text.
var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		if t == cty.String || t == cty.DynamicPseudoType || t.IsCollectionType() || t.IsTupleType() || t.IsObjectType() {
			return cty.Number, nil
		}
		return cty.Number, function.NewArgErrorf(0, "must be a text, a list, a set or a map")
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v := args[0]
		switch t := v.Type(); {
		case t == cty.DynamicPseudoType:
			return cty.UnknownVal(cty.Number), nil
		case t.IsTupleType():
			return cty.NumberIntVal(int64(len(t.TupleElementTypes()))), nil
		case t.IsObjectType():
			return cty.NumberIntVal(int64(len(t.AttributeTypes()))), nil
		case !v.IsKnown():
			return cty.UnknownVal(cty.Number), nil
		case t == cty.String:
			return stdlib.Strlen(v)
		}
		return v.Length(), nil
	},
})

// oneFunc is the only element of a collection, null of an empty one.
var oneFunc = function.New(&function.Spec{
	Params: []function.Parameter{anyCollection},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		switch {
		case t.IsListType() || t.IsSetType():
			return t.ElementType(), nil
		case t.IsTupleType() && t.Length() == 0:
			return cty.DynamicPseudoType, nil
		case t.IsTupleType() && t.Length() == 1:
			return t.TupleElementType(0), nil
		}
		return cty.NilType, function.NewArgErrorf(0, "must be a list or set with one element or none")
	},
	Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
		switch args[0].LengthInt() {
		case 0:
			return cty.NullVal(result), nil
		case 1:
			return args[0].AsValueSlice()[0], nil
		}
		return cty.NilVal, function.NewArgErrorf(0, "must be a list or set with one element or none")
	},
})

// sumFunc adds numbers.
var sumFunc = define(cty.Number, func(args []cty.Value) (cty.Value, error) {
	if !isSequence(args[0].Type()) || args[0].LengthInt() == 0 {
		return cty.NilVal, function.NewArgErrorf(0, "must be a list of numbers that is not empty")
	}
	total := cty.Zero
	for _, v := range args[0].AsValueSlice() {
		if v.IsNull() {
			return cty.NilVal, function.NewArgErrorf(0, "must not hold null")
		}
		n, err := convert.Convert(v, cty.Number)
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "must hold numbers only")
		}
		total = total.Add(n)
	}
	return total, nil
}, anyCollection)

// indexFunc is the place of a value in a list.
var indexFunc = define(cty.Number, func(args []cty.Value) (cty.Value, error) {
	if t := args[0].Type(); !t.IsListType() && !t.IsTupleType() {
		return cty.NilVal, function.NewArgErrorf(0, "must be a list")
	}
	for i, v := range args[0].AsValueSlice() {
		switch equal := v.Equals(args[1]); {
		case !equal.IsKnown():
			return cty.UnknownVal(cty.Number), nil
		case equal.True():
			return cty.NumberIntVal(int64(i)), nil
		}
	}
	return cty.NilVal, errors.New("the value is not in the list")
}, anyCollection, param("value", cty.DynamicPseudoType))

// coalesceFunc is the first argument that is neither null nor an empty text.
var coalesceFunc = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "vals", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		types := make([]cty.Type, len(args))
		for i, a := range args {
			types[i] = a.Type()
		}
		result, _ := convert.UnifyUnsafe(types)
		if result == cty.NilType {
			return cty.NilType, errors.New("all arguments must have one type")
		}
		return result, nil
	},
	Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
		for _, a := range args {
			v, err := convert.Convert(a, result)
			switch {
			case err != nil:
				return cty.NilVal, err
			case !v.IsKnown():
				return cty.UnknownVal(result), nil
			case v.IsNull() || result == cty.String && v.AsString() == "":
				continue
			}
			return v, nil
		}
		return cty.NilVal, errors.New("no argument is there that is neither null nor an empty text")
	},
})

// lookupFunc is an element of a map, or a default. Without one, the key must exist.
var lookupFunc = function.New(&function.Spec{
	Params:   []function.Parameter{param("map", cty.DynamicPseudoType), param("key", cty.String)},
	VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		switch {
		case len(args) > 3:
			return cty.NilType, errors.New("takes a map, a key and at most one default")
		case len(args) == 3:
			return stdlib.LookupFunc.ReturnTypeForValues(args)
		case t.IsMapType():
			return t.ElementType(), nil
		case !t.IsObjectType():
			return cty.NilType, function.NewArgErrorf(0, "must be a map")
		case !args[1].IsKnown():
			return cty.DynamicPseudoType, nil
		case !t.HasAttribute(args[1].AsString()):
			return cty.NilType, errors.New("the map has no such key, and no default was given")
		}
		return t.AttributeType(args[1].AsString()), nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if len(args) == 3 {
			return stdlib.Lookup(args[0], args[1], args[2])
		}
		if args[0].Type().IsObjectType() {
			return args[0].GetAttr(args[1].AsString()), nil
		}
		if has := args[0].HasIndex(args[1]); has.IsKnown() && has.False() {
			return cty.NilVal, errors.New("the map has no such key, and no default was given")
		}
		return args[0].Index(args[1]), nil
	},
})

// matchkeysFunc keeps the values whose keys are among those searched.
var matchkeysFunc = function.New(&function.Spec{
	Params: []function.Parameter{param("values", cty.List(cty.DynamicPseudoType)), param("keys", cty.List(cty.DynamicPseudoType)), param("searchset", cty.List(cty.DynamicPseudoType))},
	Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
		values, keys, search := args[0].AsValueSlice(), args[1].AsValueSlice(), args[2].AsValueSlice()
		if len(values) != len(keys) {
			return cty.NilVal, errors.New("there must be as many keys as values")
		}
		var kept []cty.Value
		for i, key := range keys {
			if !key.IsWhollyKnown() {
				return cty.UnknownVal(result), nil
			}
			if slices.ContainsFunc(search, func(s cty.Value) bool { e := s.Equals(key); return e.IsKnown() && e.True() }) {
				kept = append(kept, values[i])
			}
		}
		if len(kept) == 0 {
			return cty.ListValEmpty(result.ElementType()), nil
		}
		return cty.ListVal(kept), nil
	},
})

// transposeFunc turns a map of lists of texts inside out.
var transposeFunc = define(cty.Map(cty.List(cty.String)), func(args []cty.Value) (cty.Value, error) {
	lists := map[string][]cty.Value{}
	for it := args[0].ElementIterator(); it.Next(); {
		key, list := it.Element()
		if !list.IsWhollyKnown() {
			return cty.UnknownVal(cty.Map(cty.List(cty.String))), nil
		}
		if list.IsNull() {
			continue
		}
		for _, v := range list.AsValueSlice() {
			if v.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "must not hold null")
			}
			lists[v.AsString()] = append(lists[v.AsString()], key)
		}
	}
	if len(lists) == 0 {
		return cty.MapValEmpty(cty.List(cty.String)), nil
	}
	values := make(map[string]cty.Value, len(lists))
	for key, list := range lists {
		values[key] = cty.ListVal(list)
	}
	return cty.MapVal(values), nil
}, param("values", cty.Map(cty.List(cty.String))))

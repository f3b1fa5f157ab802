package config

import (
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functionsFor are the functions of the language: the pure ones of Terraform, under
// its names. None reads a clock, the network or the environment. file and
// fileexists read below or beside the folder; what they read is part of the files.
func functionsFor(dir string) map[string]function.Function {
	files := &fileReader{dir: dir}
	all := map[string]function.Function{
		"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
		"tobool": conversion(cty.Bool), "tonumber": conversion(cty.Number), "tostring": conversion(cty.String),
		"tolist": conversion(cty.List(cty.DynamicPseudoType)),
		"tomap":  conversion(cty.Map(cty.DynamicPseudoType)),
		"toset":  conversion(cty.Set(cty.DynamicPseudoType)),

		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
		"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc,
		"signum": stdlib.SignumFunc, "sum": sumFunc,

		"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc,
		"indent": stdlib.IndentFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc,
		"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "replace": replaceFunc,
		"split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
		"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc, "trimspace": stdlib.TrimSpaceFunc,

		"alltrue": alltrueFunc, "anytrue": anytrueFunc, "chunklist": stdlib.ChunklistFunc, "coalesce": coalesceFunc,
		"coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc,
		"contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
		"flatten": stdlib.FlattenFunc, "index": indexFunc, "keys": stdlib.KeysFunc, "length": lengthFunc,
		"lookup": lookupFunc, "matchkeys": matchkeysFunc, "merge": stdlib.MergeFunc, "one": oneFunc,
		"range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc,
		"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "transpose": transposeFunc, "values": stdlib.ValuesFunc,
		"zipmap": stdlib.ZipmapFunc,

		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": jsondecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,

		"formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,
	}
	addTextFunctions(all)
	files.add(all)
	return all
}

func functionNames() []string { return sortedNames(functionsFor("")) }

// impureFunctions are functions that people know from Terraform and that cannot be
// here: the same files must give the same plan.
var impureFunctions = map[string]string{
	"timestamp": "a clock", "plantimestamp": "a clock", "uuid": "chance", "bcrypt": "chance",
	"env": "the environment", "get_env": "the environment", "pathexpand": "the environment", "abspath": "the place of the folder",
}

// define makes a function whose result has one type whatever the arguments.
func define(result cty.Type, impl func(args []cty.Value) (cty.Value, error), params ...function.Parameter) function.Function {
	return function.New(&function.Spec{
		Params: params,
		Type:   function.StaticReturnType(result),
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return impl(args) },
	})
}

func param(name string, t cty.Type) function.Parameter {
	return function.Parameter{Name: name, Type: t}
}

// conversion makes tostring and its sisters.
func conversion(want cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType, AllowNull: true, AllowMarked: true, AllowDynamicType: true}},
		Type: func(args []cty.Value) (cty.Type, error) {
			given := args[0].Type()
			if given.Equals(want) || given == cty.DynamicPseudoType {
				return want, nil
			}
			if args[0].IsNull() {
				return want, nil
			}
			if t, ok := evenCollection(given, want); ok {
				return t, nil
			}
			converted, err := convert.Convert(args[0], want)
			if err != nil {
				return cty.NilType, function.NewArgErrorf(0, "cannot be converted to %s", typeWords(want))
			}
			return converted.Type(), nil
		},
		Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
			if t, ok := evenCollection(args[0].Type(), want); ok && t.Equals(want) && args[0].IsKnown() {
				return convertEven(args[0], want), nil
			}
			v, err := convert.Convert(args[0], want)
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(0, "cannot be converted to %s", typeWords(want))
			}
			return v, nil
		},
	})
}

// evenCollection is the type of list or set that a tuple becomes if its elements
// are all of one type. cty finds that out by comparing each with each, which takes
// minutes where there are a hundred thousand.
func evenCollection(given, want cty.Type) (cty.Type, bool) {
	if !given.IsTupleType() || given.Length() == 0 || !want.IsListType() && !want.IsSetType() {
		return cty.NilType, false
	}
	elements := given.TupleElementTypes()
	first := elements[0]
	if !first.IsPrimitiveType() {
		return cty.NilType, false
	}
	for _, t := range elements {
		if t != first {
			return cty.NilType, false
		}
	}
	if want.IsSetType() {
		return cty.Set(first), true
	}
	return cty.List(first), true
}

func convertEven(v cty.Value, want cty.Type) cty.Value {
	plain, marks := v.Unmark()
	elements := plain.AsValueSlice()
	if want.IsSetType() {
		return cty.SetVal(elements).WithMarks(marks)
	}
	return cty.ListVal(elements).WithMarks(marks)
}

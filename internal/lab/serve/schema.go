package serve

import (
	"slices"
	"strings"

	"pslan/internal/estate"
)

// form is what a value looks like on the wire.
type form uint8

const (
	formVoid form = iota
	formString
	formBool
	formInt
	formDouble
	formGUID
	formTime
	formGUIDs // ArrayOfGuid
	formTable // a DataTable: any XML
	formClass
	formArray // of a class
)

// shape is the type of a parameter, a field or a result.
type shape struct {
	form  form
	class *class
}

var (
	void    = shape{form: formVoid}
	text    = shape{form: formString}
	boolean = shape{form: formBool}
	integer = shape{form: formInt}
	double  = shape{form: formDouble}
	guid    = shape{form: formGUID}
	moment  = shape{form: formTime}
	guids   = shape{form: formGUIDs}
	table   = shape{form: formTable}
)

func one(c *class) shape  { return shape{formClass, c} }
func many(c *class) shape { return shape{formArray, c} }

// class is a structure on the wire.
type class struct {
	name   string
	fields []field
}

type field struct {
	name  string
	shape shape
}

// fields reads "Guid:guid Name Enabled:bool": names without a type are strings.
func fields(spec string) []field {
	shapes := map[string]shape{"": text, "bool": boolean, "int": integer, "double": double, "guid": guid, "time": moment, "guids": guids}
	var out []field
	for word := range strings.FieldsSeq(spec) {
		name, kind, _ := strings.Cut(word, ":")
		out = append(out, field{name, shapes[kind]})
	}
	return out
}

// record is a value of a class: its values in the order of the fields. A nil value
// is null.
type record struct {
	class  *class
	values []any
}

// set fills fields by name. The others stay null, or zero where there is no null.
func (c *class) set(values map[string]any) record {
	r := record{c, make([]any, len(c.fields))}
	for i, f := range c.fields {
		if r.values[i] = values[f.name]; r.values[i] == nil {
			r.values[i] = f.shape.zero()
		}
	}
	return r
}

// zero is what a value is that nobody set; nil is null.
func (s shape) zero() any {
	switch s.form {
	case formBool:
		return false
	case formInt:
		return 0
	case formDouble:
		return 0.0
	case formGUID:
		return estate.GUID{}
	case formTime:
		return estate.Time(0)
	}
	return nil
}

// method is what a service can be asked. In the overload with GUIDs, where there is
// one, the parameters of the shape guid are GUIDs; in the other they are strings.
type method struct {
	name    string
	params  []field
	result  shape
	twins   twins
	changes bool // it changes something
	run     func(c *call) (any, error)
}

// twins says which overloads of a method there are, and who has the plain name.
type twins uint8

const (
	plainString twins = iota // Name takes strings, NameX or Name2 GUIDs
	plainGUID                // Name takes GUIDs, Name2 strings (PushPolicy, TCM)
	onlyString               // GUIDs are strings
	onlyGUID                 // nswebservice
)

// service is one .asmx page.
type service struct {
	name      string
	path      string // below /Altiris/
	library   string // for licences: SMF, SoftwareDelivery, DeploymentSolution, NS, Task, "" for none
	namespace string
	suffix    string // of the overload that has no plain name
	soapOnly  bool   // no GET and no form POST (nswebservice)
	methods   []method
}

// variant is one overload of a method under its name on the wire.
type variant struct {
	name   string
	method *method
	params []field // with the shapes that this overload takes
}

// forForms reports whether GET and form POST can bind the parameters: ASP.NET binds
// no GUID, no list and no class there.
func (v *variant) forForms() bool {
	return !slices.ContainsFunc(v.params, func(p field) bool { return p.shape.form == formGUID || p.shape.form == formGUIDs })
}

func hasGUID(params []field) bool {
	return slices.ContainsFunc(params, func(p field) bool { return p.shape.form == formGUID })
}

func withStrings(params []field) []field {
	out := slices.Clone(params)
	for i := range out {
		if out[i].shape.form == formGUID {
			out[i].shape = text
		}
	}
	return out
}

// The ways to name overloads (part 1.4 of the platform's facts: plain and X in
// ASDK.NS, plain and 2 in ASDK.Task are C; elsewhere nothing public is known).
const (
	OverloadsX        = "plain/X"
	OverloadsTwo      = "plain/2"
	OverloadsReversed = "reversed"
	OverloadsGUIDOnly = "guid only"
)

// variants lists the overloads of all methods, by the way the dialect names them.
func (s *service) variants(way string) []variant {
	var out []variant
	for i := range s.methods {
		m := &s.methods[i]
		spelled := variant{m.name, m, withStrings(m.params)}
		exact := variant{m.name, m, m.params}
		kind, suffix := m.twins, s.suffix
		switch {
		case !hasGUID(m.params) && kind != plainGUID, kind == onlyString:
			out = append(out, spelled)
			continue
		case kind == onlyGUID || way == OverloadsGUIDOnly:
			out = append(out, exact)
			continue
		case way == OverloadsX:
			kind, suffix = plainString, "X"
		case way == OverloadsTwo:
			kind, suffix = plainString, "2"
		case way == OverloadsReversed:
			kind, suffix = plainGUID, "2"
		case kind == plainGUID:
			suffix = "2"
		}
		if kind == plainGUID {
			spelled.name += suffix
		} else {
			exact.name += suffix
		}
		out = append(out, spelled, exact)
	}
	return out
}

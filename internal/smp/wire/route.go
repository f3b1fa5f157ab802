package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pslan/internal/pattern"
)

// route is one way to carry a call: a binding and one of the method's names.
type route struct {
	binding   Binding
	message   string
	namespace string
	action    string
	operation *Operation // nil: not described
}

// ncName is what may stand as an element's name in what is sent.
var ncName = pattern.Lazy(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// routes finds the ways to carry a call, the best first.
func (c *Client) routes(ctx context.Context, call Call) ([]route, error) {
	known := c.service(call.Service)
	set := c.options.Services[call.Service]
	names := twins(call.Method)
	if theirs := set.Methods[call.Method]; theirs != "" {
		names = []string{theirs}
	}
	for _, name := range append(slices.Clone(names), paramNames(call.Params)...) {
		if !ncName().MatchString(name) {
			return nil, fmt.Errorf("%q cannot be the name of a method or of a parameter", shorten(name, 60))
		}
	}
	var d *Description
	if set.Binding != Form && !(set.Binding != "" && set.Namespace != "") {
		var err error
		if d, err = c.Discover(ctx, call.Service); err != nil && !undescribed(err) {
			return nil, err
		}
	}
	if d == nil {
		return undescribedRoutes(known, set, names), nil
	}
	return describedRoutes(d, set, names, call)
}

func paramNames(params []Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return names
}

// twins are the names under which the overloads of a method may go: plain, with X or
// with 2 (C, W; which of them takes strings differs by service, so both ways).
func twins(method string) []string {
	names := []string{method, method + "X", method + "2"}
	for _, suffix := range []string{"X", "2"} {
		if plain, ok := strings.CutSuffix(method, suffix); ok && plain != "" {
			names = append(names, plain)
		}
	}
	return names
}

// undescribed: the service may answer although it does not describe itself, as when an
// administrator has switched the documentation off.
func undescribed(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == KindNotUnderstood || e.Kind == KindServer || e.Kind == KindNoMethod || e.Kind == KindInvalid
}

func undescribedRoutes(known service, set Override, names []string) []route {
	var all []route
	if set.Binding == Form || set.Binding == "" && known.form {
		for _, name := range names {
			all = append(all, route{binding: Form, message: name})
		}
	}
	namespace := cmp.Or(set.Namespace, known.namespace)
	if namespace == "" || set.Binding == Form {
		return all
	}
	binding := cmp.Or(set.Binding, SOAP11)
	for _, name := range names {
		all = append(all, route{binding: binding, message: name, namespace: namespace, action: soapAction(namespace, name)})
	}
	return all
}

// soapAction is ASMX's own rule (C, RS SoapReflector.cs).
func soapAction(namespace, message string) string {
	return strings.TrimSuffix(namespace, "/") + "/" + message
}

// describedRoutes goes by the service's own description.
func describedRoutes(d *Description, set Override, names []string, call Call) ([]route, error) {
	var all []route
	var misfits []string
	for _, name := range names {
		o := d.Operation(name)
		if o == nil {
			continue
		}
		for _, b := range o.Bindings {
			if set.Binding != "" && set.Binding != b {
				continue
			}
			if why := o.mismatch(call.Params, b); why != "" {
				misfits = append(misfits, o.Name+": "+why)
				continue
			}
			all = append(all, d.route(o, b, set))
		}
	}
	null := slices.ContainsFunc(call.Params, func(p Param) bool { return p.Null })
	if null {
		all = slices.DeleteFunc(all, func(r route) bool { return r.binding == Form })
	}
	markup := call.markup()
	order := func(b Binding) int {
		if b == Form && markup {
			return len(all)
		}
		return bindingOrder(b)
	}
	slices.SortStableFunc(all, func(a, b route) int {
		return cmp.Or(cmp.Compare(order(a.binding), order(b.binding)), cmp.Compare(a.guids(call), b.guids(call)))
	})
	if len(all) > 0 {
		return all, nil
	}
	switch {
	case len(misfits) > 0:
		misfits = slices.Compact(misfits)
		return nil, fmt.Errorf("the platform's method takes other parameters: %s", strings.Join(misfits, "; "))
	case null:
		return nil, errors.New("a parameter is null, which only SOAP can say, and the service does not offer the method by SOAP")
	case set.Binding != "":
		return nil, fmt.Errorf("the service's description has no method %s by %s", strings.Join(names, ", "), set.Binding)
	}
	return nil, fmt.Errorf("the service's description has no method %s", strings.Join(names, ", "))
}

func (d *Description) route(o *Operation, b Binding, set Override) route {
	namespace := cmp.Or(set.Namespace, d.Namespace)
	action := o.Action
	if set.Namespace != "" || action == "" {
		action = soapAction(namespace, o.Name)
	}
	return route{binding: b, message: o.Name, namespace: namespace, action: action, operation: o}
}

// guids counts the parameters that are no strings but GUIDs. Among ways of the same
// binding the one with strings is tried first; lists go to arrays.
func (r *route) guids(call Call) int {
	n := 0
	for _, p := range r.operation.Parameters {
		typed := strings.ToLower(p.Type)
		if typed == "guid" || typed == "arrayofguid" {
			n++
		}
	}
	return n
}

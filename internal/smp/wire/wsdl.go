package wire

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Description is what a service says about itself in its ?WSDL.
type Description struct {
	Service    string
	Namespace  string
	Bindings   []Binding   // those it describes, in the order form, soap11, soap12
	Operations []Operation // sorted by name
}

// Operation is one method under one of its names.
type Operation struct {
	// Name is the message's name: what stands behind ".asmx/", and the element in SOAP's
	// body. Overloads differ in it (GetItemByGuid, GetItemByGuidX).
	Name       string
	Method     string // the method's name, the same for its overloads
	Action     string // SOAPAction; "" where it is not described by SOAP
	Bindings   []Binding
	Parameters []Parameter
}

// Parameter of an operation.
type Parameter struct {
	Name string
	Type string // local name of its type: string, guid, boolean, ArrayOfGuid
	// Item is the name of an array's elements; "": no array.
	Item     string
	Optional bool // may be left out in SOAP
}

// Operation returns the operation of that name, exactly; nil where there is none.
func (d *Description) Operation(name string) *Operation {
	i := slices.IndexFunc(d.Operations, func(o Operation) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Operations[i]
}

// The namespaces that a WSDL is written in, with the prefixes this file gives them.
var wsdlPrefixes = map[string]string{
	"http://schemas.xmlsoap.org/wsdl/":        "",
	"http://schemas.xmlsoap.org/wsdl/soap/":   "soap:",
	"http://schemas.xmlsoap.org/wsdl/soap12/": "soap12:",
	"http://schemas.xmlsoap.org/wsdl/http/":   "http:",
	"http://www.w3.org/2001/XMLSchema":        "xs:",
}

// parseWSDL reads a description. What it does not know it passes over: what is
// missing then shows as an operation without binding or parameters.
func parseWSDL(service string, data []byte, limits Limits) (*Description, error) {
	root, err := parseXML(data, limits, func(n xml.Name) string {
		if prefix, ok := wsdlPrefixes[n.Space]; ok {
			return prefix + n.Local
		}
		return "other:" + n.Local
	})
	if err != nil {
		return nil, err
	}
	if root.Name != "definitions" {
		return nil, fmt.Errorf("its root is <%s>, not <definitions>", localName(root.Name))
	}
	w := &wsdl{elements: map[string]*Node{}, types: map[string]*Node{}, messages: map[string]*Node{}, ports: map[string]*Node{}, found: map[string]*Operation{}, wrapped: map[*Node][]Parameter{}}
	w.index(root)
	d := &Description{Service: service}
	d.Namespace, _ = root.attr("targetNamespace")
	for _, b := range root.named("binding") {
		w.binding(b)
	}
	for _, o := range w.found {
		if !o.named() {
			continue
		}
		slices.SortFunc(o.Bindings, func(a, b Binding) int { return cmp.Compare(bindingOrder(a), bindingOrder(b)) })
		d.Operations = append(d.Operations, *o)
		d.Bindings = append(d.Bindings, o.Bindings...)
	}
	slices.SortFunc(d.Operations, func(a, b Operation) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Bindings, func(a, b Binding) int { return cmp.Compare(bindingOrder(a), bindingOrder(b)) })
	d.Bindings = slices.Compact(d.Bindings)
	if d.Namespace == "" {
		return nil, errors.New("it names no targetNamespace")
	}
	if len(d.Operations) == 0 && len(root.named("import")) > 0 {
		return nil, errors.New("its operations stand in other documents, which it imports and pslan does not read")
	}
	if len(d.Operations) == 0 {
		return nil, errors.New("it describes no operation by form POST or SOAP")
	}
	return d, nil
}

// named: all its names can stand in what is sent. Others are passed over.
func (o *Operation) named() bool {
	return ncName().MatchString(o.Name) && !slices.ContainsFunc(o.Parameters, func(p Parameter) bool {
		return !ncName().MatchString(p.Name) || p.Item != "" && !ncName().MatchString(p.Item)
	})
}

func bindingOrder(b Binding) int { return slices.Index([]Binding{Form, SOAP11, SOAP12}, b) }

// named returns the children of exactly that name.
func (n *Node) named(name string) []*Node {
	var all []*Node
	if n != nil {
		for _, c := range n.Children {
			if c.Name == name {
				all = append(all, c)
			}
		}
	}
	return all
}

// wsdl is a description being read: its parts by local name.
type wsdl struct {
	elements, types, messages, ports map[string]*Node
	found                            map[string]*Operation
	wrapped                          map[*Node][]Parameter // what parameters has read
}

func (w *wsdl) index(root *Node) {
	put := func(m map[string]*Node, nodes []*Node) {
		for _, n := range nodes {
			if name, _ := n.attr("name"); m[name] == nil {
				m[name] = n
			}
		}
	}
	for _, types := range root.named("types") {
		for _, schema := range types.named("xs:schema") {
			put(w.elements, schema.named("xs:element"))
			put(w.types, schema.named("xs:complexType"))
		}
	}
	put(w.messages, root.named("message"))
	put(w.ports, root.named("portType"))
}

// binding reads all operations of one binding.
func (w *wsdl) binding(b *Node) {
	kind := Binding("")
	for _, c := range b.Children {
		switch c.Name {
		case "soap:binding":
			kind = SOAP11
		case "soap12:binding":
			kind = SOAP12
		case "http:binding":
			if verb, _ := c.attr("verb"); verb == "POST" {
				kind = Form
			}
		}
	}
	port, _ := b.attr("type")
	if kind == "" || w.ports[localName(port)] == nil {
		return
	}
	// The messages of the port's operations by method and, for overloads, input's name.
	inputs := map[[2]string]*Node{}
	for _, o := range w.ports[localName(port)].named("operation") {
		method, _ := o.attr("name")
		for _, in := range o.named("input") {
			inputName, _ := in.attr("name")
			message, _ := in.attr("message")
			inputs[[2]string{method, inputName}] = w.messages[localName(message)]
		}
	}
	for _, o := range b.named("operation") {
		method, _ := o.attr("name")
		inputName := ""
		if in := o.named("input"); len(in) > 0 {
			inputName, _ = in[0].attr("name")
		}
		if message := inputs[[2]string{method, inputName}]; message != nil {
			w.operation(kind, method, o, message)
		}
	}
}

func (w *wsdl) operation(kind Binding, method string, o, message *Node) {
	name, params := method, []Parameter(nil)
	action := ""
	if kind == Form {
		params = []Parameter{} // none is also described
		for _, at := range o.named("http:operation") {
			if location, _ := at.attr("location"); location != "" {
				name = strings.TrimPrefix(location, "/")
			}
		}
		for _, part := range message.named("part") {
			p := Parameter{}
			p.Name, _ = part.attr("name")
			typed, _ := part.attr("type")
			p.Type = localName(typed)
			params = append(params, p)
		}
	} else {
		for _, part := range message.named("part") {
			element, _ := part.attr("element")
			if e := w.elements[localName(element)]; e != nil {
				name, params = localName(element), w.parameters(e)
			}
		}
		for _, at := range slices.Concat(o.named("soap:operation"), o.named("soap12:operation")) {
			action, _ = at.attr("soapAction")
		}
	}
	known := w.found[name]
	if known == nil {
		known = &Operation{Name: name, Method: method, Parameters: params}
		w.found[name] = known
	}
	if kind != Form {
		known.Action = cmp.Or(known.Action, action)
		known.Parameters = params // richer than those of a form
	}
	if !slices.Contains(known.Bindings, kind) {
		known.Bindings = append(known.Bindings, kind)
	}
}

// parameters are the elements of a wrapper's sequence.
func (w *wsdl) parameters(wrapper *Node) []Parameter {
	if known, ok := w.wrapped[wrapper]; ok {
		return known
	}
	content := wrapper.named("xs:complexType")
	if len(content) == 0 {
		if typed, _ := wrapper.attr("type"); w.types[localName(typed)] != nil {
			content = []*Node{w.types[localName(typed)]}
		}
	}
	params := []Parameter{}
	for _, c := range content {
		for _, sequence := range c.named("xs:sequence") {
			for _, e := range sequence.named("xs:element") {
				p := Parameter{}
				p.Name, _ = e.attr("name")
				typed, _ := e.attr("type")
				p.Type = localName(typed)
				least, _ := e.attr("minOccurs")
				p.Optional = least == "0"
				p.Item = w.item(p.Type)
				params = append(params, p)
			}
		}
	}
	w.wrapped[wrapper] = params
	return params
}

// item is the name of the elements of an array's type: it has exactly one, unbounded.
func (w *wsdl) item(typed string) string {
	t := w.types[typed]
	for _, sequence := range t.named("xs:sequence") {
		all := sequence.named("xs:element")
		if len(all) != 1 {
			return ""
		}
		most, _ := all[0].attr("maxOccurs")
		name, _ := all[0].attr("name")
		if most != "" && most != "0" && most != "1" {
			return name
		}
	}
	return ""
}

package wire

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const (
	envelope11 = "http://schemas.xmlsoap.org/soap/envelope/"
	envelope12 = "http://www.w3.org/2003/05/soap-envelope"
)

// message is a call as it travels.
type message struct {
	suffix      string // behind the service's path
	contentType string
	action      string // header SOAPAction with its quotes; "": none
	body        []byte
}

// encode makes the message of a call for one way.
func (r *route) encode(c Call) (*message, error) {
	params, err := r.arrange(c.Params)
	if err != nil {
		return nil, err
	}
	if r.binding == Form {
		return r.form(params)
	}
	return r.soap(params), nil
}

// filled is a parameter with what the service says about it.
type filled struct {
	Param
	described Parameter
}

// arrange puts the parameters into the service's own order and spelling, because the
// elements of SOAP are told apart by case.
func (r *route) arrange(given []Param) ([]filled, error) {
	all := make([]filled, 0, len(given))
	if r.operation == nil || r.operation.Parameters == nil {
		for _, p := range given {
			all = append(all, filled{Param: p, described: Parameter{Name: p.Name}})
		}
		return all, nil
	}
	for _, d := range r.operation.Parameters {
		i := slices.IndexFunc(given, func(p Param) bool { return strings.EqualFold(p.Name, d.Name) })
		if i < 0 {
			continue // mismatch has looked: it may be left out
		}
		all = append(all, filled{given[i], d})
	}
	return all, nil
}

// mismatch tells what of a call does not fit an operation, "" where all does. A
// parameter that the platform does not know would be ignored silently, and one that a
// form leaves out is an error there (C, RS ValueCollectionParameterReader.cs), so both
// are refused here. SOAP may leave out what is optional.
func (o *Operation) mismatch(given []Param, binding Binding) string {
	if o == nil || o.Parameters == nil {
		return ""
	}
	for _, p := range given {
		if !slices.ContainsFunc(o.Parameters, func(d Parameter) bool { return strings.EqualFold(d.Name, p.Name) }) {
			return "it has no parameter " + p.Name
		}
	}
	for _, d := range o.Parameters {
		if (!d.Optional || binding == Form) && !slices.ContainsFunc(given, func(p Param) bool { return strings.EqualFold(d.Name, p.Name) }) {
			return "its parameter " + d.Name + " is not known here"
		}
	}
	return ""
}

// form encodes as application/x-www-form-urlencoded in UTF-8 (C, PoshAltiris; RS).
func (r *route) form(params []filled) (*message, error) {
	var b strings.Builder
	for i, p := range params {
		if p.Null {
			return nil, fmt.Errorf("parameter %s is null, which a form POST cannot say: let this service go by SOAP", p.Name)
		}
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.described.Name) + "=" + url.QueryEscape(p.text()))
	}
	return &message{suffix: "/" + r.message, contentType: "application/x-www-form-urlencoded", body: []byte(b.String())}, nil
}

// soap encodes as document/literal, wrapped, in the service's namespace with qualified
// elements (C: W's names and AH's sample; it is ASMX's default). Routing: RS
// Soap11ServerProtocol.cs, Soap12ServerProtocol.cs.
func (r *route) soap(params []filled) *message {
	envelope := envelope11
	m := &message{contentType: "text/xml; charset=utf-8", action: `"` + r.action + `"`}
	if r.binding == SOAP12 {
		envelope = envelope12
		m.contentType = `application/soap+xml; charset=utf-8; action="` + r.action + `"`
		m.action = ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="%s"><s:Body><%s xmlns="%s">`, envelope, r.message, escape(r.namespace))
	for _, p := range params {
		if p.Null {
			continue // null is said by leaving it out (C/I)
		}
		name := p.described.Name
		b.WriteString("<" + name + ">")
		switch {
		case p.List != nil && (p.described.Item != "" || strings.HasPrefix(p.described.Type, "ArrayOf")):
			item := p.described.Item
			if item == "" {
				item = "guid" // of ArrayOfGuid (C, W)
			}
			for _, v := range p.List {
				b.WriteString("<" + item + ">" + escape(plainGUID(v)) + "</" + item + ">")
			}
		default:
			b.WriteString(escape(p.text()))
		}
		b.WriteString("</" + name + ">")
	}
	b.WriteString("</" + r.message + "></s:Body></s:Envelope>")
	m.body = []byte(b.String())
	return m
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}

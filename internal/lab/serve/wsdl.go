package serve

import (
	"slices"
)

// wsdl describes a service as ASP.NET does: its types, and a port for each protocol
// that is on.
func (s *Server) wsdl(p *endpoint, address string) []byte {
	d := description{page: p, asmx: s.dialect.WSDLOverloads == "asmx", address: address}
	d.WriteString(xmlHeader)
	d.start("wsdl:definitions", "xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/", "xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/",
		"xmlns:soap12", "http://schemas.xmlsoap.org/wsdl/soap12/", "xmlns:http", "http://schemas.xmlsoap.org/wsdl/http/",
		"xmlns:mime", "http://schemas.xmlsoap.org/wsdl/mime/", "xmlns:s", "http://www.w3.org/2001/XMLSchema",
		"xmlns:s1", guidSpace, "xmlns:tns", p.namespace, "targetNamespace", p.namespace)
	d.types()
	ports := d.ports()
	for _, port := range ports {
		d.messages(&port)
	}
	for _, port := range ports {
		d.portType(&port)
	}
	for _, port := range ports {
		d.binding(&port)
	}
	d.start("wsdl:service", "name", p.name)
	for _, port := range ports {
		d.start("wsdl:port", "name", p.name+port.suffix, "binding", "tns:"+p.name+port.suffix)
		d.empty(port.prefix+":address", "location", address)
		d.end("wsdl:port")
	}
	d.end("wsdl:service")
	d.end("wsdl:definitions")
	return d.Bytes()
}

// description writes one WSDL.
type description struct {
	writer
	page    *endpoint
	asmx    bool // overloads share the name of an operation
	address string
}

// wsdlPort is one of the ways to call a service.
type wsdlPort struct {
	suffix   string // of names: ItemManagementServiceSoap
	prefix   string // of its own elements: soap, soap12, http
	messages string // of messages: SoapIn
	verb     string // GET, POST; "" for SOAP
	variants []*variant
}

// ports lists those that are on. SOAP 1.2 shares the messages and the port type of
// SOAP 1.1 where that is on.
func (d *description) ports() []wsdlPort {
	var all, bound []*variant
	for i := range d.page.variants {
		v := &d.page.variants[i]
		all = append(all, v)
		if v.forForms() {
			bound = append(bound, v)
		}
	}
	var out []wsdlPort
	for _, port := range []struct {
		protocol string
		wsdlPort
	}{
		{"soap11", wsdlPort{"Soap", "soap", "Soap", "", all}},
		{"soap12", wsdlPort{"Soap12", "soap12", "Soap", "", all}},
		{"get", wsdlPort{"HttpGet", "http", "HttpGet", "GET", bound}},
		{"post", wsdlPort{"HttpPost", "http", "HttpPost", "POST", bound}},
	} {
		if !d.page.off[port.protocol] {
			out = append(out, port.wsdlPort)
		}
	}
	return out
}

func (d *description) forms() bool { return !d.page.off["get"] || !d.page.off["post"] }

// typeName is the name of a shape in the schema.
func typeName(s shape) string {
	switch s.form {
	case formBool:
		return "s:boolean"
	case formInt:
		return "s:int"
	case formDouble:
		return "s:double"
	case formGUID:
		return "s1:guid"
	case formTime:
		return "s:dateTime"
	case formGUIDs:
		return "tns:ArrayOfGuid"
	case formClass:
		return "tns:" + s.class.name
	case formArray:
		return "tns:ArrayOf" + s.class.name
	}
	return "s:string"
}

// optional reports whether null leaves an element of the shape out.
func (s shape) optional() bool {
	switch s.form {
	case formBool, formInt, formDouble, formGUID, formTime:
		return false
	}
	return true
}

func (d *description) types() {
	d.start("wsdl:types")
	d.start("s:schema", "elementFormDefault", "qualified", "targetNamespace", d.page.namespace)
	d.empty("s:import", "namespace", guidSpace)
	var used []shape
	for i := range d.page.variants {
		v := &d.page.variants[i]
		d.wrapper(v.name, v.params, &used)
		var result []field
		if v.method.result.form != formVoid {
			result = []field{{v.name + "Result", v.method.result}}
		}
		d.wrapper(v.name+"Response", result, &used)
	}
	for i := 0; i < len(used); i++ { // classes may use more of them
		d.complex(used[i], &used)
	}
	if d.forms() {
		d.roots()
	}
	d.end("s:schema")
	d.start("s:schema", "elementFormDefault", "qualified", "targetNamespace", guidSpace)
	d.start("s:simpleType", "name", "guid")
	d.start("s:restriction", "base", "s:string")
	d.empty("s:pattern", "value", `\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?`)
	d.WriteString("</s:restriction></s:simpleType></s:schema>")
	d.end("wsdl:types")
}

// wrapper is the element of a request or an answer.
func (d *description) wrapper(name string, fields []field, used *[]shape) {
	d.start("s:element", "name", name)
	if len(fields) == 0 {
		d.empty("s:complexType")
	} else {
		d.start("s:complexType")
		d.fields(fields, used)
		d.end("s:complexType")
	}
	d.end("s:element")
}

func (d *description) fields(fields []field, used *[]shape) {
	d.start("s:sequence")
	for _, f := range fields {
		least := "1"
		if f.shape.optional() {
			least = "0"
		}
		if f.shape.form == formTable {
			d.start("s:element", "minOccurs", least, "maxOccurs", "1", "name", f.name)
			d.WriteString(`<s:complexType mixed="true"><s:sequence><s:any /></s:sequence></s:complexType></s:element>`)
			continue
		}
		d.empty("s:element", "minOccurs", least, "maxOccurs", "1", "name", f.name, "type", typeName(f.shape))
		if (f.shape.class != nil || f.shape.form == formGUIDs) && !slices.Contains(*used, f.shape) {
			*used = append(*used, f.shape)
		}
	}
	d.end("s:sequence")
}

// complex is the type of a class or of a list.
func (d *description) complex(s shape, used *[]shape) {
	element := func(name, typ string) {
		d.start("s:complexType", "name", typeName(s)[len("tns:"):])
		d.start("s:sequence")
		attrs := []string{"minOccurs", "0", "maxOccurs", "unbounded", "name", name}
		if s.form == formArray {
			attrs = append(attrs, "nillable", "true")
		}
		d.empty("s:element", append(attrs, "type", typ)...)
		d.WriteString("</s:sequence></s:complexType>")
	}
	switch s.form {
	case formGUIDs:
		element("guid", "s1:guid")
	case formArray:
		element(s.class.name, "tns:"+s.class.name)
		if inner := one(s.class); !slices.Contains(*used, inner) {
			*used = append(*used, inner)
		}
	case formClass:
		d.start("s:complexType", "name", s.class.name)
		d.fields(s.class.fields, used)
		d.end("s:complexType")
	}
}

// roots are the root elements of answers to GET and form POST.
func (d *description) roots() {
	var seen []string
	for i := range d.page.variants {
		v := &d.page.variants[i]
		name := rootName(v.method.result)
		if name == "" || !v.forForms() || slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		attrs := []string{"name", name}
		if v.method.result.optional() {
			attrs = append(attrs, "nillable", "true")
		}
		d.empty("s:element", append(attrs, "type", typeName(v.method.result))...)
	}
}

func (d *description) messages(port *wsdlPort) {
	if port.prefix == "soap12" && !d.page.off["soap11"] {
		return // those of SOAP 1.1
	}
	for _, v := range port.variants {
		d.start("wsdl:message", "name", v.name+port.messages+"In")
		if port.verb == "" {
			d.empty("wsdl:part", "name", "parameters", "element", "tns:"+v.name)
		}
		for _, p := range v.params {
			if port.verb != "" {
				d.empty("wsdl:part", "name", p.name, "type", "s:string")
			}
		}
		d.end("wsdl:message")
		d.start("wsdl:message", "name", v.name+port.messages+"Out")
		root := rootName(v.method.result)
		switch {
		case port.verb == "":
			d.empty("wsdl:part", "name", "parameters", "element", "tns:"+v.name+"Response")
		case root != "":
			d.empty("wsdl:part", "name", "Body", "element", "tns:"+root)
		case v.method.result.form == formTable:
			d.empty("wsdl:part", "name", "Body")
		}
		d.end("wsdl:message")
	}
}

// operation is the name of an operation: that of the method, or one for each overload.
func (d *description) operation(v *variant) string {
	if d.asmx {
		return v.method.name
	}
	return v.name
}

// named are attributes that tell overloads with one name apart.
func (d *description) named(v *variant, attrs ...string) []string {
	if d.operation(v) != v.name {
		return append([]string{"name", v.name}, attrs...)
	}
	return attrs
}

func (d *description) portType(port *wsdlPort) {
	if port.prefix == "soap12" && !d.page.off["soap11"] {
		return
	}
	d.start("wsdl:portType", "name", d.page.name+port.messages)
	for _, v := range port.variants {
		d.start("wsdl:operation", "name", d.operation(v))
		d.empty("wsdl:input", d.named(v, "message", "tns:"+v.name+port.messages+"In")...)
		d.empty("wsdl:output", d.named(v, "message", "tns:"+v.name+port.messages+"Out")...)
		d.end("wsdl:operation")
	}
	d.end("wsdl:portType")
}

func (d *description) binding(port *wsdlPort) {
	d.start("wsdl:binding", "name", d.page.name+port.suffix, "type", "tns:"+d.page.name+port.messages)
	if port.verb == "" {
		d.empty(port.prefix+":binding", "transport", "http://schemas.xmlsoap.org/soap/http")
	} else {
		d.empty("http:binding", "verb", port.verb)
	}
	for _, v := range port.variants {
		d.start("wsdl:operation", "name", d.operation(v))
		if port.verb == "" {
			d.empty(port.prefix+":operation", "soapAction", d.page.action(v), "style", "document")
		} else {
			d.empty("http:operation", "location", "/"+v.name)
		}
		d.start("wsdl:input", d.named(v)...)
		switch port.verb {
		case "":
			d.empty(port.prefix+":body", "use", "literal")
		case "GET":
			d.empty("http:urlEncoded")
		default:
			d.empty("mime:content", "type", "application/x-www-form-urlencoded")
		}
		d.end("wsdl:input")
		d.start("wsdl:output", d.named(v)...)
		switch {
		case port.verb == "":
			d.empty(port.prefix+":body", "use", "literal")
		case v.method.result.form == formTable:
			d.empty("mime:content", "part", "Body", "type", "text/xml")
		case v.method.result.form != formVoid:
			d.empty("mime:mimeXml", "part", "Body")
		}
		d.end("wsdl:output")
		d.end("wsdl:operation")
	}
	d.end("wsdl:binding")
}

package serve

import (
	"slices"
	"strconv"
	"strings"

	"pslan/internal/estate"
)

const zeroGUID = "00000000-0000-0000-0000-000000000000"

// reply writes the values of one answer, as the dialect has it.
type reply struct {
	writer
	server *Server
	draws  *draws
}

// render writes a whole answer.
func (s *Server) render(c *call, p *endpoint, protocol string, value any) []byte {
	b := reply{server: s, draws: c.draws}
	shape, name := c.variant.method.result, c.variant.name
	if !isSOAP(protocol) {
		if shape.form == formVoid {
			return nil // C: void has no writer
		}
		b.WriteString(xmlHeader)
		b.root(shape, value, p.namespace)
		return indented(b.Bytes())
	}
	b.WriteString(soapHeader)
	space := soap11Space
	if protocol == "soap12" {
		space = soap12Space
	}
	b.start("soap:Envelope", "xmlns:soap", space, "xmlns:xsi", schemaInstance, "xmlns:xsd", schemaSpace)
	b.start("soap:Body")
	b.start(name+"Response", "xmlns", p.namespace)
	if shape.form != formVoid {
		b.value(name+"Result", shape, value)
	}
	b.end(name + "Response")
	b.WriteString("</soap:Body></soap:Envelope>")
	return b.Bytes()
}

// rootName is the name of the root element of an answer to GET and POST.
func rootName(s shape) string {
	switch s.form {
	case formString:
		return "string"
	case formBool:
		return "boolean"
	case formInt:
		return "int"
	case formGUID:
		return "guid"
	case formGUIDs:
		return "ArrayOfGuid"
	case formClass:
		return s.class.name
	case formArray:
		return "ArrayOf" + s.class.name
	}
	return ""
}

func (b *reply) root(s shape, value any, namespace string) {
	attrs := []string{"xmlns:xsi", schemaInstance, "xmlns:xsd", schemaSpace}
	name := rootName(s)
	switch {
	case s.form == formTable:
		b.table(value)
	case value == nil:
		b.empty(name, append(attrs, "xsi:nil", "true", "xmlns", namespace)...)
	default:
		if s.form == formString || s.form == formBool || s.form == formInt || s.form == formGUID {
			attrs = nil // a value alone
		}
		b.start(name, append(attrs, "xmlns", namespace)...)
		b.inside(s, value)
		b.end(name)
	}
}

// value writes a field or a result; null is absent or xsi:nil.
func (b *reply) value(name string, s shape, value any) {
	if value == nil {
		d := b.server.dialect.Nulls
		if d == "nil" || d == "random" && b.draws.coin() {
			b.empty(name, "xsi:nil", "true", "xmlns:xsi", schemaInstance)
		}
		return
	}
	b.start(name)
	if s.form == formTable {
		b.table(value, "xmlns", "")
	} else {
		b.inside(s, value)
	}
	b.end(name)
}

// inside writes what stands between the tags.
func (b *reply) inside(s shape, value any) {
	switch v := value.(type) {
	case []estate.GUID:
		for _, g := range v {
			b.leaf("guid", b.server.guidText(g))
		}
	case record:
		b.fields(v)
	case []record:
		for _, r := range v {
			b.start(s.class.name)
			b.fields(r)
			b.end(s.class.name)
		}
	default:
		b.escape(b.server.scalar(value))
	}
}

func (b *reply) fields(r record) {
	d := &b.server.dialect
	order := make([]int, len(r.values))
	for i := range order {
		order[i] = i
	}
	if d.FieldOrder == "random" {
		order = b.draws.order(len(order))
	}
	for _, i := range order {
		f, v := r.class.fields[i], r.values[i]
		if slices.Contains(d.MissingFields, f.name) {
			continue
		}
		if v == "" && (d.EmptyFields == "absent" || d.EmptyFields == "random" && b.draws.coin()) {
			continue
		}
		b.value(d.fieldOf(r.class, f.name), f.shape, v)
	}
}

// scalar is a value as text (I: XmlSerializer).
func (s *Server) scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case estate.GUID:
		return s.guidText(v)
	case estate.Time:
		return s.timeText(v)
	}
	return ""
}

// guidText writes a GUID; the zero GUID, which means "not found" or "none", too.
func (s *Server) guidText(g estate.GUID) string {
	text := g.String()
	if g.IsZero() {
		text = zeroGUID
	}
	if strings.HasPrefix(s.dialect.GUIDs, "upper") {
		text = strings.ToUpper(text)
	}
	if strings.HasSuffix(s.dialect.GUIDs, "braces") {
		text = "{" + text + "}"
	}
	return text
}

// timeText writes a moment; no moment is the year 1 (D: TaskStatusDetails).
func (s *Server) timeText(t estate.Time) string {
	if t == 0 {
		return "0001-01-01T00:00:00"
	}
	return t.Time().In(s.zone()).Format("2006-01-02T15:04:05.9999999Z07:00")
}

// guidList writes GUIDs with commas between them.
func (s *Server) guidList(list []estate.GUID) string {
	texts := make([]string, len(list))
	for i, g := range list {
		texts[i] = s.guidText(g)
	}
	return strings.Join(texts, ",")
}

package serve

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"pslan/internal/estate"
)

// rowset is a DataTable: columns with types, and rows in which nil is null.
type rowset struct {
	columns []column
	rows    [][]any
}

type column struct {
	name string
	kind columnKind
}

type columnKind uint8

const (
	columnText columnKind = iota
	columnGUID
	columnLong
	columnTime
	columnBool
)

// columns reads "guid:guid name free_bytes:long": names without a type are texts.
func columns(spec string) []column {
	kinds := map[string]columnKind{"": columnText, "guid": columnGUID, "long": columnLong, "time": columnTime, "bool": columnBool}
	var out []column
	for word := range strings.FieldsSeq(spec) {
		name, kind, _ := strings.Cut(word, ":")
		out = append(out, column{name, kinds[kind]})
	}
	return out
}

// add adds a row. What stands for "not known" becomes null: "", zero GUIDs, zero
// times, and sizes below zero.
func (t *rowset) add(values ...any) {
	for i, v := range values {
		switch v := v.(type) {
		case string:
			if v == "" {
				values[i] = nil
			}
		case estate.GUID:
			if v.IsZero() {
				values[i] = nil
			}
		case estate.Time:
			if v == 0 {
				values[i] = nil
			}
		case int64:
			if v < 0 {
				values[i] = nil
			}
		}
	}
	t.rows = append(t.rows, values)
}

// Types in the schema (D, C, I: part 2.6).
var columnTypes = map[columnKind]string{columnText: "xs:string", columnGUID: "xs:string", columnLong: "xs:long", columnTime: "xs:dateTime", columnBool: "xs:boolean"}

// table writes a DataTable: the schema first, then a row element for each row, in
// which a null cell has no element (D).
func (b *reply) table(value any, attrs ...string) {
	t, ok := value.(*rowset)
	if !ok {
		return
	}
	row := b.server.dialect.RowElement
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		name := c.name
		if b.server.dialect.Columns == "escaped" {
			name = strings.ReplaceAll(name, "_", " ")
		}
		names[i] = encodeName(name)
	}
	b.start("NewDataSet", attrs...)
	b.start("xs:schema", "id", "NewDataSet", "xmlns", "", "xmlns:xs", "http://www.w3.org/2001/XMLSchema", "xmlns:msdata", "urn:schemas-microsoft-com:xml-msdata")
	b.start("xs:element", "name", "NewDataSet", "msdata:IsDataSet", "true", "msdata:UseCurrentLocale", "true")
	b.WriteString(`<xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded">`)
	b.start("xs:element", "name", row)
	b.WriteString("<xs:complexType><xs:sequence>")
	for i, c := range t.columns {
		attrs := []string{"name", names[i]}
		if c.kind == columnGUID {
			attrs = append(attrs, "msdata:DataType", "System.Guid, mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089")
		}
		b.empty("xs:element", append(attrs, "type", columnTypes[c.kind], "minOccurs", "0")...)
	}
	b.WriteString("</xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element></xs:schema>")
	for _, r := range t.rows {
		b.start(row)
		for i, v := range r {
			switch {
			case v != nil:
				b.leaf(names[i], b.server.cell(v))
			case b.server.dialect.Nulls == "nil":
				b.empty(names[i], "xsi:nil", "true", "xmlns:xsi", schemaInstance)
			}
		}
		b.end(row)
	}
	b.end("NewDataSet")
}

// cell is a value of a table as text: a moment always with an offset.
func (s *Server) cell(value any) string {
	if t, ok := value.(estate.Time); ok {
		return t.Time().In(s.zone()).Format("2006-01-02T15:04:05.9999999-07:00")
	}
	return s.scalar(value)
}

// encodeName writes a column's name as XML allows it: _xHHHH_ for what it does not,
// and for an underscore that would be read so (D; the second I).
func encodeName(name string) string {
	var b strings.Builder
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0xC0 && r != 0xD7 && r != 0xF7 && r != utf8.RuneError
		digit := '0' <= r && r <= '9' || r == '-' || r == '.'
		switch {
		case r == '_' && looksEncoded(name[i:]):
			b.WriteString("_x005F_")
		case letter, digit && i > 0:
			b.WriteRune(r)
		default:
			b.WriteString("_x" + strings.ToUpper(hex4(r)) + "_")
		}
	}
	return b.String()
}

func looksEncoded(s string) bool {
	if len(s) < 7 || s[:2] != "_x" || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}

func hex4(r rune) string {
	text := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", max(4-len(text), 0)) + text
}

package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

const maxAttributes = 256 // of one element

const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

// errTruncated: the text ended inside an element.
var errTruncated = errors.New("the XML ends in the middle")

// ParseXML reads a text that is XML, also one that came as a value inside XML. There it
// may begin with a byte order mark or say encoding="utf-16" although it is none any
// more (I): both are passed over. DTDs, and with them entities, are refused.
func ParseXML(text string, limits Limits) (*Node, error) {
	return parseXML([]byte(text), limits, func(n xml.Name) string { return n.Local })
}

// parseXML is ParseXML; name spells the names of elements.
func parseXML(data []byte, limits Limits, name func(xml.Name) string) (*Node, error) {
	limits = limits.filled()
	if int64(len(data)) > limits.Bytes {
		return nil, fmt.Errorf("%d bytes of XML are more than the limit of %d", len(data), limits.Bytes)
	}
	d := xml.NewDecoder(bytes.NewReader(permitted(unmark(data))))
	d.CharsetReader = charset
	t := &tree{limits: limits, name: name, names: map[string]string{}}
	for {
		token, err := d.Token()
		switch {
		case err == io.EOF && t.root == nil:
			return nil, errors.New("there is no XML")
		case err == io.EOF:
			return t.root, nil
		case err != nil:
			return nil, syntaxError(err, d)
		}
		if err := t.take(token); err != nil {
			line, column := d.InputPos()
			return nil, fmt.Errorf("line %d, column %d: %w", line, column, err)
		}
	}
}

func syntaxError(err error, d *xml.Decoder) error {
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) && syntax.Msg == "unexpected EOF" {
		return fmt.Errorf("line %d: %w", syntax.Line, errTruncated)
	}
	line, column := d.InputPos()
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// tree grows with the tokens it is given.
type tree struct {
	limits   Limits
	name     func(xml.Name) string
	names    map[string]string // each name once in memory
	root     *Node
	open     []*Node
	texts    [][]byte // of the open elements: text may come in very many pieces
	elements int
}

func (t *tree) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.Directive:
		return errors.New("a DTD or another declaration is refused")
	case xml.CharData:
		if n := len(t.open); n > 0 {
			t.texts[n-1] = append(t.texts[n-1], token...)
		} else if len(bytes.TrimSpace(token)) > 0 {
			return errors.New("text outside of all elements")
		}
	case xml.StartElement:
		return t.begin(token)
	case xml.EndElement:
		last := len(t.open) - 1
		n, text := t.open[last], t.texts[last]
		if len(n.Children) > 0 {
			text = bytes.TrimSpace(text)
		}
		n.Text = string(text)
		t.open, t.texts = t.open[:last], t.texts[:last]
	}
	return nil
}

func (t *tree) begin(e xml.StartElement) error {
	t.elements++
	switch {
	case len(t.open) == 0 && t.root != nil:
		return errors.New("a second root element")
	case len(t.open) >= t.limits.Depth:
		return fmt.Errorf("elements lie deeper than %d in each other", t.limits.Depth)
	case t.elements > t.limits.Elements:
		return fmt.Errorf("more than %d elements", t.limits.Elements)
	case len(e.Attr) > maxAttributes:
		return fmt.Errorf("more than %d attributes", maxAttributes)
	}
	n := &Node{Name: t.once(t.name(e.Name))}
	for _, a := range e.Attr {
		switch {
		case len(a.Value) > t.limits.Attribute:
			return fmt.Errorf("attribute %s has more than %d bytes", a.Name.Local, t.limits.Attribute)
		case a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns":
		case a.Name.Space == schemaInstance && a.Name.Local == "nil":
			n.Nil = a.Value == "true" || a.Value == "1"
		default:
			n.Attrs = append(n.Attrs, Attr{t.once(a.Name.Local), a.Value})
		}
	}
	if len(t.open) == 0 {
		t.root = n
	} else {
		parent := t.open[len(t.open)-1]
		parent.Children = append(parent.Children, n)
	}
	t.open = append(t.open, n)
	if len(t.texts) < cap(t.texts) {
		t.texts = t.texts[:len(t.texts)+1] // the buffer of an element before
		t.texts[len(t.texts)-1] = t.texts[len(t.texts)-1][:0]
	} else {
		t.texts = append(t.texts, nil)
	}
	return nil
}

func (t *tree) once(name string) string {
	if known, ok := t.names[name]; ok {
		return known
	}
	t.names[name] = name
	return name
}

// unmark takes away a byte order mark and white space in front, and turns UTF-16 with
// a mark into UTF-8.
func unmark(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		data = decode16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		data = decode16(data[2:], binary.BigEndian)
	}
	data = bytes.TrimPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("\uFEFF"))
	return bytes.TrimLeft(data, " \t\r\n")
}

func decode16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// charset reads other encodings. Where XML says utf-16, the bytes are UTF-8 all the
// same: they were a value in a document in UTF-8, or unmark has turned them.
func charset(label string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-16", "utf-16le", "utf-16be", "unicode", "utf8", "us-ascii", "ascii":
		return input, nil
	case "iso-8859-1", "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(input), nil
	}
	return nil, fmt.Errorf("encoding %q is not known", label)
}

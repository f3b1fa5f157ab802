package serve

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of what a request may hold.
const (
	maxBody     = 8 << 20
	maxDepth    = 32
	maxElements = 100_000
)

// node is an element of a request.
type node struct {
	space, name string
	text        string
	null        bool
	children    []*node
}

func (n *node) child(space, name string) *node {
	for _, c := range n.children {
		if c.name == name && c.space == space {
			return c
		}
	}
	return nil
}

var errNoXML = errors.New("there is an error in the XML document")

const (
	schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"
	schemaSpace    = "http://www.w3.org/2001/XMLSchema"
)

// readTree reads XML of bounded size. It knows no DTD and no entities of its own.
func readTree(data []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "us-ascii") {
			return in, nil
		}
		return nil, fmt.Errorf("the encoding %q is not known: %w", label, errNoXML)
	}
	var root *node
	var open []*node
	var texts [][]byte
	count := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNoXML, err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, fmt.Errorf("%w: a DTD is not allowed", errNoXML)
		case xml.StartElement:
			if count++; count > maxElements || len(open) >= maxDepth || root != nil && len(open) == 0 {
				return nil, fmt.Errorf("%w: too many elements", errNoXML)
			}
			n := &node{space: t.Name.Space, name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Space == schemaInstance && a.Name.Local == "nil" {
					n.null = a.Value == "true" || a.Value == "1"
				}
			}
			if root == nil {
				root = n
			} else {
				up := open[len(open)-1]
				up.children = append(up.children, n)
			}
			open, texts = append(open, n), append(texts, nil)
		case xml.EndElement:
			last := len(open) - 1
			open[last].text = string(texts[last])
			open, texts = open[:last], texts[:last]
		case xml.CharData:
			if len(open) > 0 {
				last := len(open) - 1
				texts[last] = append(texts[last], t...)
			}
		}
	}
	if root == nil || len(open) > 0 {
		return nil, fmt.Errorf("%w: there is no root element", errNoXML)
	}
	return root, nil
}

// writer writes XML as .NET does.
type writer struct {
	bytes.Buffer
	opened int // where the newest start tag ended
}

// start writes a start tag; attrs are names and values in turn.
func (w *writer) start(name string, attrs ...string) {
	w.WriteByte('<')
	w.WriteString(name)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.WriteByte(' ')
		w.WriteString(attrs[i])
		w.WriteString(`="`)
		_ = xml.EscapeText(&w.Buffer, []byte(attrs[i+1])) // a buffer takes everything
		w.WriteByte('"')
	}
	w.WriteByte('>')
	w.opened = w.Len()
}

// end ends an element; one that holds nothing has one tag.
func (w *writer) end(name string) {
	if w.opened == w.Len() && w.opened > 0 {
		w.Truncate(w.Len() - 1)
		w.WriteString(" />")
		return
	}
	w.WriteString("</" + name + ">")
}

// leaf writes an element that holds text.
func (w *writer) leaf(name, text string, attrs ...string) {
	w.start(name, attrs...)
	w.escape(text)
	w.end(name)
}

// empty writes an element that holds nothing.
func (w *writer) empty(name string, attrs ...string) {
	w.start(name, attrs...)
	w.end(name)
}

// Quotes and breaks of lines stand in the text of an element as they are.
var plainText = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&#x9;", "\t", "&#xA;", "\n", "&#xD;", "\r")

func (w *writer) escape(text string) {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	_, _ = plainText.WriteString(&w.Buffer, b.String())
}

// indented is XML with each element that does not stand in a text in a line of its own,
// as .NET writes the answer to a form.
func indented(data []byte) []byte {
	var b bytes.Buffer
	b.Grow(2 * len(data))
	depth := 0
	for len(data) > 0 {
		at := bytes.IndexByte(data, '<')
		end := at + bytes.IndexByte(data[max(at, 0):], '>') + 1
		if at < 0 || end <= at {
			b.Write(data)
			break
		}
		text, tag := data[:at], data[at:end]
		data = data[end:]
		if tag[1] == '/' {
			depth--
		}
		if len(text) == 0 && b.Len() > 0 {
			b.WriteString("\r\n" + strings.Repeat("  ", max(depth, 0)))
		}
		b.Write(text)
		b.Write(tag)
		if tag[1] != '/' && tag[1] != '?' && tag[len(tag)-2] != '/' {
			depth++
		}
	}
	return b.Bytes()
}

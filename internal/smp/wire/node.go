package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pslan/internal/estate"
)

// Node is an element of a reply, without namespaces: names are local names, because
// the namespaces of most services are N.
type Node struct {
	Name string
	// Text is the element's own text: as it is where the element has no children, without
	// the white space around it otherwise.
	Text     string
	Nil      bool // xsi:nil, or no value at all came back
	Attrs    []Attr
	Children []*Node
}

// Attr is an attribute; declarations of namespaces are none.
type Attr struct{ Name, Value string }

// Child returns the first child of that name, without regard to case; nil where there
// is none, or no node.
func (n *Node) Child(name string) *Node {
	if n == nil {
		return nil
	}
	for _, c := range n.Children {
		if strings.EqualFold(c.Name, name) {
			return c
		}
	}
	return nil
}

// Value returns the text of a child or, where there is none, of an attribute, without
// regard to case. False: neither is there, or the child is nil.
func (n *Node) Value(name string) (string, bool) {
	if n == nil {
		return "", false
	}
	if c := n.Child(name); c != nil {
		return c.Text, !c.Nil
	}
	for _, a := range n.Attrs {
		if strings.EqualFold(a.Name, name) {
			return a.Value, true
		}
	}
	return "", false
}

// Walk visits the node and all below it in order, parents first, until visit returns
// false.
func (n *Node) Walk(visit func(*Node) bool) bool {
	if n == nil {
		return true
	}
	if !visit(n) {
		return false
	}
	for _, c := range n.Children {
		if !c.Walk(visit) {
			return false
		}
	}
	return true
}

// find returns the first node of that name in the tree.
func (n *Node) find(name string) *Node {
	var found *Node
	n.Walk(func(m *Node) bool {
		if strings.EqualFold(m.Name, name) {
			found = m
		}
		return found == nil
	})
	return found
}

var errNoValue = errors.New("no value")

func (n *Node) value() (string, error) {
	if n == nil || n.Nil {
		return "", errNoValue
	}
	text := strings.TrimSpace(n.Text)
	switch {
	case len(n.Children) > 0:
		return "", fmt.Errorf("<%s> holds elements, not a value", n.Name)
	case text == "":
		return "", fmt.Errorf("<%s> is empty", n.Name)
	}
	return text, nil
}

// Bool reads true, false, 1 or 0 in any case; anything else, and nothing, is an error.
func (n *Node) Bool() (bool, error) {
	text, err := n.value()
	if err != nil {
		return false, err
	}
	return parseBool(text)
}

// Int reads a decimal number that fits into 64 bits.
func (n *Node) Int() (int64, error) {
	text, err := n.value()
	if err != nil {
		return 0, err
	}
	return parseInt(text)
}

// GUID reads a GUID in any case, with or without braces. The platform's empty GUID,
// "none" or "not found" (D, H GetResourceByName), is the zero GUID; no text is an error.
func (n *Node) GUID() (estate.GUID, error) {
	text, err := n.value()
	if err != nil {
		return estate.GUID{}, err
	}
	return parseGUID(text)
}

// Time reads a time of the platform. local is for times that say no offset; nil
// refuses them. The platform's "never", year 1 (D, H TaskStatusDetails), is the zero
// time.
func (n *Node) Time(local *time.Location) (time.Time, error) {
	text, err := n.value()
	if err != nil {
		return time.Time{}, err
	}
	return parseTime(text, local)
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", shorten(text, 60))
}

func parseInt(text string) (int64, error) {
	i, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number that fits: %w", shorten(text, 60), errors.Unwrap(err))
	}
	return i, nil
}

func parseGUID(text string) (estate.GUID, error) {
	g, err := estate.ParseGUID(text)
	if err != nil {
		return g, fmt.Errorf("%q is no GUID: %w", shorten(text, 60), err)
	}
	return g, nil
}

// The spellings of times: XmlSerializer's with and without an offset (I), and the one
// that stands in task parameters (D, H ExecuteTask).
var timeLayouts = []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"}

func parseTime(text string, local *time.Location) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout+"Z07:00", text); err == nil {
			return never(t), nil
		}
		t, err := time.ParseInLocation(layout, text, time.UTC)
		if err != nil {
			continue
		}
		if t.Year() <= 1 {
			return time.Time{}, nil
		}
		if local == nil {
			return time.Time{}, fmt.Errorf("time %q does not say in which time zone", text)
		}
		t, err = time.ParseInLocation(layout, text, local)
		return t, err
	}
	return time.Time{}, fmt.Errorf("%q is no time", shorten(text, 60))
}

func never(t time.Time) time.Time {
	if t.Year() <= 1 {
		return time.Time{}
	}
	return t
}

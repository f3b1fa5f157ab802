package smp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"pslan/internal/estate"
	"pslan/internal/smp/wire"
)

// The answers of the deployment service carry XML in which no element's name is
// documented (N). What is documented are the names of the properties of the vendor's
// own helper classes (D, H DSOH_ImageResource, DSOH_PCTResource,
// DSOH_PrebootConfigData), and they are what records are found by.

// record is one image, PCT package or preboot configuration as it was answered.
type record struct {
	name          string
	guid, pack    estate.GUID
	location      string
	kind          string // ImageType
	connectsTo    string
	fields        []field // all of it, as it came
	wrongGUID     string  // a GUID that is none
	wrongGUIDName string
	placeless     bool // it is listed where no location is
	described     bool // it has a location or a type, even an empty one
}

type field struct{ name, value string }

// shape says by which names the properties of a kind of record go, the likelier first.
type shape struct {
	element                                      string // "": any
	name, guid, pack, location, kind, connectsTo []string
}

var (
	imageShape = shape{
		name: []string{"Name", "ImageName"}, guid: []string{"ResourceGuid", "ImageGuid", "Guid", "ItemGuid", "ProductGuid"},
		pack: []string{"ImagePackageGuid", "PackageGuid"}, location: []string{"Location", "ImageLocation"}, kind: []string{"ImageType"},
	}
	// The vendor's sample for PCT packages reads ProductGuid, the class has ResourceGuid (D).
	pctShape = shape{
		name: []string{"Name"}, guid: []string{"ResourceGuid", "ProductGuid", "Guid", "ItemGuid"},
		pack: []string{"PackageGuid"}, location: []string{"Location"},
	}
	prebootShape = shape{name: []string{"Name"}, guid: []string{"ItemGuid", "Guid", "ResourceGuid"}}
)

// mapped is a shape with the names that the connection sets in place of the known ones.
func (s shape) mapped(names map[string]string) shape {
	set := func(into *[]string, key string) {
		if n := names[key]; n != "" {
			*into = []string{n}
		}
	}
	s.element = names["record"]
	set(&s.name, "name")
	set(&s.guid, "guid")
	set(&s.pack, "package")
	set(&s.location, "location")
	set(&s.kind, "type")
	set(&s.connectsTo, "connects_to")
	return s
}

const (
	maxRecords = 200_000
	maxFields  = 200 // of one record
)

// errNoRecords: there are elements that carry names and none that carries a GUID too.
var errNoRecords = errors.New("its records carry no GUID under a name that is known")

// readRecords finds the records in the XML of an answer: each is the smallest element
// of which a child or attribute is a name and another one a GUID. Where one with a
// location or a type holds smaller ones without, these are parts of it (partitions, the
// package), and it is the record. "" and a document without records are an empty list (D
// by the vendor's samples).
func readRecords(text string, s shape) ([]record, error) {
	if strings.TrimSpace(strings.TrimPrefix(text, "\ufeff")) == "" {
		return nil, nil
	}
	root, err := wire.ParseXML(text, wire.Limits{})
	if err != nil {
		return nil, fmt.Errorf("it is no XML: %w", err)
	}
	f := finder{shape: s}
	f.visit(root)
	switch {
	case f.tooMany:
		return nil, fmt.Errorf("it has more than %d records", maxRecords)
	case len(f.found) == 0 && f.named != nil:
		return nil, fmt.Errorf("%w; such an element is %s with %s", errNoRecords, f.named.Name, strings.Join(namesOf(f.named), ", "))
	}
	return f.found, nil
}

type finder struct {
	shape
	found   []record
	named   *wire.Node // an element with a name and no GUID
	tooMany bool
}

// visit reports whether there is a record in a tree, and keeps those there are.
func (f *finder) visit(n *wire.Node) bool {
	below, first := false, len(f.found)
	for _, c := range n.Children {
		if len(c.Children) > 0 || len(c.Attrs) > 0 {
			below = f.visit(c) || below
		}
	}
	if f.element != "" && !strings.EqualFold(n.Name, f.element) {
		return below
	}
	fields := fieldsOf(n)
	if below && (!f.describes(n, fields) || slices.ContainsFunc(f.found[first:], func(r record) bool { return r.described })) {
		return true
	}
	name, named := pick(fields, n.Name, f.name)
	guid, hasGUID := pick(fields, n.Name, f.guid)
	pack, hasPack := pick(fields, n.Name, f.pack)
	switch {
	case !named:
		return below
	case !hasGUID && !hasPack:
		if f.named == nil {
			f.named = n
		}
		return below
	case len(f.found) >= maxRecords:
		f.tooMany = true
		return true
	}
	f.found = f.found[:first] // parts of this one
	r := record{name: strings.TrimSpace(name), fields: fields, described: f.describes(n, fields)}
	r.guid = r.parse("GUID", guid)
	r.pack = r.parse("package GUID", pack)
	if r.guid.IsZero() {
		r.guid = r.pack // only one of the two is told: it is the key
	}
	r.location, _ = pick(fields, n.Name, f.location)
	r.kind, _ = pick(fields, n.Name, f.kind)
	r.connectsTo, _ = pick(fields, n.Name, f.connectsTo)
	f.found = append(f.found, r)
	return true
}

// describes reports whether an element has a property that only records have.
func (f *finder) describes(n *wire.Node, fields []field) bool {
	_, located := pick(fields, n.Name, f.location)
	_, typed := pick(fields, n.Name, f.kind)
	return located || typed
}

func (r *record) parse(what, text string) estate.GUID {
	g, err := estate.ParseGUID(strings.TrimSpace(text))
	if err != nil {
		r.wrongGUID, r.wrongGUIDName = text, what
	}
	return g
}

// fieldsOf are the attributes and plain children of an element.
func fieldsOf(n *wire.Node) []field {
	var out []field
	for _, a := range n.Attrs {
		out = append(out, field{a.Name, a.Value})
	}
	for _, c := range n.Children {
		if len(c.Children) == 0 && !c.Nil && len(out) < maxFields {
			out = append(out, field{c.Name, strings.TrimSpace(c.Text)})
		}
	}
	return out
}

func namesOf(n *wire.Node) []string {
	var names []string
	for _, f := range fieldsOf(n) {
		if len(names) < 20 && !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// pick finds the first of some names among fields: as it is, or behind a prefix for
// its type or its record. What is spelled as documented goes first.
func pick(fields []field, element string, names []string) (string, bool) {
	for _, bare := range []bool{false, true} {
		for _, name := range names {
			for _, f := range fields {
				if strings.EqualFold(f.name, name) || bare && strings.EqualFold(unprefixed(f.name, element), name) {
					return f.value, true
				}
			}
		}
	}
	return "", false
}

// unprefixed is a name without what may stand before it: the record's own name,
// anything up to an underscore, or the small letters of a type (strName, bUseHttp).
func unprefixed(name, element string) string {
	if len(name) > len(element) && strings.EqualFold(name[:len(element)], element) {
		return strings.TrimLeft(name[len(element):], "_.-")
	}
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		return name[i+1:]
	}
	letters := 0
	for _, r := range name {
		if !unicode.IsLower(r) {
			break
		}
		letters++
	}
	if letters > 0 && letters <= 4 && letters < len(name) {
		return name[letters:]
	}
	return name
}

package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"pslan/internal/estate"
)

// Table is a DataTable as reports return it (D, H Data Table Conversions).
type Table struct {
	Columns []string // decoded, in the order of the schema
	Types   []string // int, string, guid, dateTime, ...: of each column; "" where not said
	Rows    [][]Cell // each as long as Columns
	// Errors are the texts of elements Errors beside the rows: a public script looks at
	// them before it uses the table (C).
	Errors []string
}

// Cell is a value of a table. A null has no element in the reply (D, same topic).
type Cell struct {
	Text string
	Null bool
}

const (
	maxColumns = 4096
	maxCells   = 8 << 20
)

// ParseTable reads a DataTable: the node itself or the first NewDataSet below it. The
// columns are those of the schema, which comes first; rows are all other children. A
// column that only a row has is added behind. Where .NET writes a DataTable or a DataSet
// by itself there is a schema, and beside it a diffgram with the rows in an element
// DocumentElement or NewDataSet, which is not there if no row is (I).
func ParseTable(n *Node) (*Table, error) {
	t := &Table{}
	places := map[string]int{} // of names as they stand in the XML
	set := n.find("NewDataSet")
	if gram := n.find("diffgram"); set == nil && gram != nil {
		if set = gram.Child("DocumentElement"); set == nil && len(gram.Children) == 0 {
			set = gram
		}
	}
	if set == nil {
		return nil, errors.New("there is neither <NewDataSet> nor a diffgram: this is no table")
	}
	schema := set.Child("schema")
	if schema == nil {
		schema = n.find("schema") // beside a diffgram
	}
	if schema != nil {
		if err := t.head(schema, places); err != nil {
			return nil, err
		}
	}
	for _, row := range set.Children {
		switch {
		case row == schema:
		case strings.EqualFold(row.Name, "Errors"):
			if text := strings.TrimSpace(row.allText()); text != "" {
				t.Errors = append(t.Errors, text)
			}
		default:
			if err := t.add(row, places); err != nil {
				return nil, err
			}
		}
	}
	for i, row := range t.Rows {
		for len(row) < len(t.Columns) {
			row = append(row, Cell{Null: true})
		}
		t.Rows[i] = row
	}
	return t, nil
}

// head finds the row's element in the schema: the deepest one that has a sequence of
// elements.
func (t *Table) head(schema *Node, places map[string]int) error {
	var sequence *Node
	schema.Walk(func(n *Node) bool {
		if n.Name == "sequence" && n.Child("element") != nil && sequence == nil {
			sequence = n
		}
		return sequence == nil
	})
	if sequence == nil {
		return nil // a table without columns
	}
	for _, e := range sequence.Children {
		if e.Name != "element" {
			continue
		}
		name, _ := e.attr("name")
		if name == "" {
			return errors.New("the schema of the table has a column without a name")
		}
		if err := t.column(name, columnType(e), places); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) attr(name string) (string, bool) {
	for _, a := range n.Attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// columnType is the local name of the XML type; a uniqueidentifier is a string with
// an attribute DataType (C, AH Report With Parameter).
func columnType(e *Node) string {
	if clr, _ := e.attr("DataType"); strings.HasPrefix(clr, "System.Guid") {
		return "guid"
	}
	name, _ := e.attr("type")
	return localName(name)
}

// localName is what stands behind a name's prefix.
func localName(s string) string { return s[strings.LastIndexByte(s, ':')+1:] }

func (t *Table) column(name, kind string, places map[string]int) error {
	if _, twice := places[name]; twice {
		return fmt.Errorf("the table has two columns %q", decodeName(name))
	}
	if len(t.Columns) >= maxColumns {
		return fmt.Errorf("the table has more than %d columns", maxColumns)
	}
	places[name] = len(t.Columns)
	t.Columns, t.Types = append(t.Columns, decodeName(name)), append(t.Types, kind)
	return nil
}

func (t *Table) add(row *Node, places map[string]int) error {
	if (len(t.Rows)+1)*max(len(t.Columns), 1) > maxCells {
		return fmt.Errorf("the table has more than %d cells: ask for less at once", maxCells)
	}
	cells := make([]Cell, len(t.Columns))
	for i := range cells {
		cells[i].Null = true
	}
	for _, c := range row.Children {
		at, known := places[c.Name]
		if !known {
			if err := t.column(c.Name, "", places); err != nil {
				return err
			}
			at = len(t.Columns) - 1
			if len(t.Rows)*len(t.Columns) > maxCells {
				return fmt.Errorf("the table has more than %d cells: ask for less at once", maxCells)
			}
		}
		for len(cells) <= at {
			cells = append(cells, Cell{Null: true})
		}
		cells[at] = Cell{Text: c.Text, Null: c.Nil}
	}
	t.Rows = append(t.Rows, cells)
	return nil
}

func (n *Node) allText() string {
	var b strings.Builder
	n.Walk(func(m *Node) bool {
		if m.Text != "" {
			b.WriteString(m.Text + " ")
		}
		return true
	})
	return b.String()
}

// Column returns the place of a column, without regard to case; -1 where there is none.
func (t *Table) Column(name string) int {
	for i, c := range t.Columns {
		if strings.EqualFold(c, name) {
			return i
		}
	}
	return -1
}

// decodeName undoes what .NET does to names that XML cannot hold: _xHHHH_, one UTF-16
// unit, or _xHHHHHHHH_ (D, H Data Table Conversions, for the first).
func decodeName(name string) string {
	if !strings.Contains(name, "_x") {
		return name
	}
	var units []uint16
	var b strings.Builder
	flush := func() {
		b.WriteString(string(utf16.Decode(units)))
		units = units[:0]
	}
	for i := 0; i < len(name); {
		if r, size := escapeAt(name[i:]); size > 0 {
			if r > 0xFFFF {
				flush()
				b.WriteRune(r)
			} else {
				units = append(units, uint16(r))
			}
			i += size
			continue
		}
		flush()
		b.WriteByte(name[i])
		i++
	}
	flush()
	return b.String()
}

// escapeAt reads an escape at the beginning of s; size 0: there is none.
func escapeAt(s string) (r rune, size int) {
	for _, digits := range []int{4, 8} {
		size := digits + 3
		if len(s) < size || s[:2] != "_x" || s[size-1] != '_' {
			continue
		}
		if v, err := strconv.ParseUint(s[2:size-1], 16, 32); err == nil && v <= 0x10FFFF {
			return rune(v), size
		}
	}
	return 0, 0
}

func (c Cell) value() (string, error) {
	if c.Null {
		return "", errNoValue
	}
	return strings.TrimSpace(c.Text), nil
}

// Bool reads the cell as Node.Bool does.
func (c Cell) Bool() (bool, error) {
	text, err := c.value()
	if err != nil {
		return false, err
	}
	return parseBool(text)
}

// Int reads the cell as Node.Int does.
func (c Cell) Int() (int64, error) {
	text, err := c.value()
	if err != nil {
		return 0, err
	}
	return parseInt(text)
}

// GUID reads the cell as Node.GUID does.
func (c Cell) GUID() (estate.GUID, error) {
	text, err := c.value()
	if err != nil {
		return estate.GUID{}, err
	}
	if text == "" {
		return estate.GUID{}, errNoValue
	}
	return parseGUID(text)
}

// Time reads the cell as Node.Time does. The times of a table carry the SMP's own
// offset (I, .NET's rule).
func (c Cell) Time(local *time.Location) (time.Time, error) {
	text, err := c.value()
	if err != nil {
		return time.Time{}, err
	}
	return parseTime(text, local)
}

package tds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Database is what is served. Its tables may not change while it is.
type Database struct {
	Name   string
	Tables []Table
}

// Table is one table of it.
type Table struct {
	Schema, Name string
	Columns      []Column
	// Denied: it can be seen in INFORMATION_SCHEMA, and nobody may select from it.
	Denied bool
	// Rows makes the rows as they are now. A value is nil, or as the kind of its column
	// says.
	Rows func(context.Context) ([][]any, error)
}

// Column is a column of a table. All can be null.
type Column struct {
	Name string
	Kind Kind
}

// Kind is the type of a column.
type Kind uint8

// The kinds, and the values that stand in them.
const (
	Text           Kind = iota // nvarchar(4000): string
	LongText                   // nvarchar(max): string
	Int                        // int64
	BigInt                     // int64
	Bit                        // bool
	DateTime                   // time.Time, of which the wall clock counts; whole 300ths of a second
	DateTime2                  // time.Time, of which the wall clock counts; 100 ns
	DateTimeOffset             // time.Time
	GUID                       // [16]byte, in the order in which it is written
)

var kindNames = [...]string{
	Text: "nvarchar", LongText: "nvarchar", Int: "int", BigInt: "bigint", Bit: "bit",
	DateTime: "datetime", DateTime2: "datetime2", DateTimeOffset: "datetimeoffset", GUID: "uniqueidentifier",
}

const (
	maxColumns = 1024 // of SQL Server
	maxText    = 4000 // UTF-16 units of nvarchar(4000)
	maxName    = 128  // of an identifier
)

// check says all that is wrong with a database.
func (d *Database) check() error {
	var errs []error
	if d.Name == "" || len(d.Name) > maxName {
		errs = append(errs, fmt.Errorf("a database needs a name of at most %d bytes", maxName))
	}
	for i := range d.Tables {
		t := &d.Tables[i]
		if t.Schema == "" || t.Name == "" || t.Rows == nil || len(t.Columns) == 0 || len(t.Columns) > maxColumns {
			errs = append(errs, fmt.Errorf("table %q needs a schema, a name, rows, and 1 to %d columns", t.Schema+"."+t.Name, maxColumns))
		}
		for k, c := range t.Columns {
			if c.Name == "" || len(c.Name) > maxName || int(c.Kind) >= len(kindNames) ||
				slices.ContainsFunc(t.Columns[:k], func(other Column) bool { return strings.EqualFold(other.Name, c.Name) }) {
				errs = append(errs, fmt.Errorf("column %q of table %s.%s has no good name or kind, or there are two of it", c.Name, t.Schema, t.Name))
			}
		}
		if slices.ContainsFunc(d.Tables[:i], func(other Table) bool { return other.is(t.Schema, t.Name) }) {
			errs = append(errs, fmt.Errorf("there are two tables %s.%s", t.Schema, t.Name))
		}
	}
	return errors.Join(errs...)
}

func (t *Table) is(schema, name string) bool {
	return strings.EqualFold(t.Schema, schema) && strings.EqualFold(t.Name, name)
}

// fits tells whether a value is one of a kind.
func (k Kind) fits(value any) bool {
	ok := value == nil
	switch v := value.(type) {
	case string:
		ok = k == LongText || k == Text && len(utf16le(v)) <= 2*maxText
	case int64:
		ok = k == BigInt || k == Int && v == int64(int32(v))
	case bool:
		ok = k == Bit
	case time.Time:
		ok = k == DateTime && v.Year() >= 1753 && v.Year() <= 9999 ||
			(k == DateTime2 || k == DateTimeOffset) && v.UTC().Year() >= 1 && v.UTC().Year() <= 9999
	case [16]byte:
		ok = k == GUID
	}
	return ok
}

// find returns a table or a view of the schema, nil if there is none.
func (d *Database) find(schema, name string) *Table {
	if schema == "" {
		schema = "dbo"
	}
	if strings.EqualFold(schema, "INFORMATION_SCHEMA") {
		switch strings.ToUpper(name) {
		case "COLUMNS":
			return d.columnsView()
		case "TABLES":
			return d.tablesView()
		}
		return nil
	}
	for i := range d.Tables {
		if d.Tables[i].is(schema, name) {
			return &d.Tables[i]
		}
	}
	return nil
}

func (d *Database) columnsView() *Table {
	return &Table{
		Schema: "INFORMATION_SCHEMA", Name: "COLUMNS",
		Columns: []Column{{"TABLE_CATALOG", Text}, {"TABLE_SCHEMA", Text}, {"TABLE_NAME", Text}, {"COLUMN_NAME", Text},
			{"ORDINAL_POSITION", Int}, {"IS_NULLABLE", Text}, {"DATA_TYPE", Text}},
		Rows: func(context.Context) ([][]any, error) {
			var rows [][]any
			for i := range d.Tables {
				t := &d.Tables[i]
				for k, c := range t.Columns {
					rows = append(rows, []any{d.Name, t.Schema, t.Name, c.Name, int64(k + 1), "YES", kindNames[c.Kind]})
				}
			}
			return rows, nil
		},
	}
}

func (d *Database) tablesView() *Table {
	return &Table{
		Schema: "INFORMATION_SCHEMA", Name: "TABLES",
		Columns: []Column{{"TABLE_CATALOG", Text}, {"TABLE_SCHEMA", Text}, {"TABLE_NAME", Text}, {"TABLE_TYPE", Text}},
		Rows: func(context.Context) ([][]any, error) {
			var rows [][]any
			for i := range d.Tables {
				rows = append(rows, []any{d.Name, d.Tables[i].Schema, d.Tables[i].Name, "BASE TABLE"})
			}
			return rows, nil
		},
	}
}

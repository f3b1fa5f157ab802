package rows

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
)

// Database reads tables and queries of the platform's database.
type Database struct {
	db      *sql.DB
	at, who string // for messages
}

// Close closes the database.
func (d *Database) Close() error { return d.db.Close() }

// tries is how often a reading is begun whose connection broke off: connections that
// have waited may be dead without anybody's knowledge, and there are two of them.
const tries = 3

// Read reads a table, or the answer of a query where one is given. Of a table only
// those columns are read that a row of pslan's can have; they are looked up first.
// What it returns is whole; errors are a Fault or a Failure.
func (d *Database) Read(ctx context.Context, table, query string, needed, others []string, columns map[string]string) (*Table, error) {
	for n := 1; ; n++ {
		t, err := d.read(ctx, table, query, needed, others, columns)
		var f *Failure
		if err == nil || n == tries || !errors.As(err, &f) || !f.again || ctx.Err() != nil {
			return t, err
		}
	}
}

func (d *Database) read(ctx context.Context, table, query string, needed, others []string, columns map[string]string) (*Table, error) {
	from := cmp.Or(table, "the query")
	// Everything is rolled back: nothing that a query might do stays.
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, d.failure(ctx, from, err)
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to be lost
	if table != "" {
		if query, err = selection(ctx, tx, table, needed, others, columns); err != nil {
			return nil, d.failure(ctx, table, err)
		}
	}
	t, err := ask(ctx, tx, from, query)
	return t, d.failure(ctx, from, err)
}

// ask reads the answer of a query.
func ask(ctx context.Context, tx *sql.Tx, from, query string, args ...any) (*Table, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return fetch(rows, from)
}

// selection makes the statement that reads a table, after a look at its columns.
func selection(ctx context.Context, tx *sql.Tx, table string, needed, others []string, columns map[string]string) (string, error) {
	schema, name, ok := strings.Cut(table, ".")
	if !ok {
		schema, name = "dbo", table
	}
	found, err := ask(ctx, tx, table, "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = @p1 AND TABLE_NAME = @p2 ORDER BY ORDINAL_POSITION", schema, name)
	if err != nil {
		return "", err
	}
	t := &Table{From: table}
	for _, row := range found.Rows {
		t.Columns = append(t.Columns, row[0].Text)
	}
	if len(t.Columns) == 0 {
		return "", &Fault{table, "the database has no such table or view, or this login may not see it", "Look its name up in the database, and give the login the right to select from it."}
	}
	v, err := t.Fit(needed, others, columns)
	if err != nil {
		return "", err
	}
	var list []string
	for i, column := range t.Columns {
		for _, at := range v.at {
			if at == i {
				list = append(list, quoted(column))
				break
			}
		}
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + quoted(schema) + "." + quoted(name), nil
}

// quoted is an identifier in brackets.
func quoted(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

func fetch(rows *sql.Rows, from string) (*Table, error) {
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	if len(kinds) > MaxColumns {
		return nil, &Fault{from, fmt.Sprintf("it has %d columns, more than %d", len(kinds), MaxColumns), ""}
	}
	t := &Table{From: from}
	values := make([]any, len(kinds))
	into := make([]any, len(kinds))
	for i, k := range kinds {
		t.Columns = append(t.Columns, k.Name())
		into[i] = &values[i]
	}
	var size int64
	for rows.Next() {
		if len(t.Rows) >= MaxRows {
			return nil, &Fault{from, fmt.Sprintf("it has more than %d rows", MaxRows), ""}
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]Cell, len(values))
		for i, v := range values {
			row[i] = cellOf(v, kinds[i].DatabaseTypeName())
			if len(row[i].Text) > maxCell {
				return nil, &Fault{from, fmt.Sprintf("the cell of %s in row %d is larger than %d bytes", t.Columns[i], len(t.Rows)+1, maxCell), "Leave such columns out: a query of yours can name the others."}
			}
			size += int64(len(row[i].Text))
		}
		if size > MaxBytes {
			return nil, &Fault{from, fmt.Sprintf("it is larger than %d MiB", MaxBytes>>20), ""}
		}
		t.Rows = append(t.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return nil, err // what came before is not the table
	}
	return t, nil
}

// cellOf writes a value of the database as text.
func cellOf(v any, kind string) Cell {
	switch v := v.(type) {
	case nil:
		return Cell{Null: true}
	case string:
		return Cell{Text: v}
	case bool:
		return Cell{Text: strconv.FormatBool(v)}
	case int64:
		return Cell{Text: strconv.FormatInt(v, 10)}
	case float64:
		return Cell{Text: strconv.FormatFloat(v, 'f', -1, 64)}
	case time.Time:
		if kind == "DATETIMEOFFSET" {
			return Cell{Text: v.Format(time.RFC3339Nano)}
		}
		return Cell{Text: v.Format("2006-01-02 15:04:05.999999999")} // the other types carry no zone
	case []byte:
		if kind == "UNIQUEIDENTIFIER" {
			var g mssql.UniqueIdentifier
			if err := g.Scan(v); err == nil {
				return Cell{Text: g.String()}
			}
		}
		return Cell{Text: string(v)} // decimals and money come as text
	}
	return Cell{Text: fmt.Sprint(v)}
}

package tds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// result is what a SELECT brings.
type result struct {
	table   *Table // nil: none was read
	columns []Column
	rows    [][]any
}

// run carries out a query; variables are those of sp_executesql.
func (c *conn) run(ctx context.Context, q *query, variables map[string]any) (*result, *Problem) {
	d := &c.server.o.Database
	if q.from == nil {
		return c.values(q, variables)
	}
	t := d.find(q.from.schema, q.from.name)
	if t == nil {
		return nil, noObject(strings.TrimPrefix(q.from.schema+"."+q.from.name, "."))
	}
	if t.Denied {
		return nil, denied(t, d.Name)
	}
	shown, p := c.shown(q, t, variables)
	if p != nil {
		return nil, p
	}
	keep, p := c.filter(q, t, variables)
	if p != nil {
		return nil, p
	}
	order, p := sorting(q, t)
	if p != nil {
		return nil, p
	}
	all, err := t.Rows(ctx)
	if err != nil {
		return nil, problem(596, 21, "The rows of %s cannot be made: %v", t.Name, err)
	}
	var rows [][]any
	for _, row := range all {
		for i, col := range t.Columns {
			if i >= len(row) || !col.Kind.fits(row[i]) {
				return nil, problem(596, 21, "A row of %s is not as its columns are.", t.Name)
			}
		}
		if keep(row) {
			rows = append(rows, row)
		}
	}
	if order != nil {
		slices.SortStableFunc(rows, order)
	}
	if q.top >= 0 {
		rows = rows[:min(q.top, len(rows))]
	}
	return shown.of(t, rows), nil
}

// shape says what each column of an answer is made of.
type shape struct {
	columns []Column
	from    []int // column of the table, -1 for a value
	values  []any
}

func (s *shape) of(t *Table, rows [][]any) *result {
	r := &result{table: t, columns: s.columns, rows: make([][]any, len(rows))}
	for i, row := range rows {
		r.rows[i] = make([]any, len(s.from))
		for k, from := range s.from {
			if r.rows[i][k] = s.values[k]; from >= 0 {
				r.rows[i][k] = row[from]
			}
		}
	}
	return r
}

func (s *shape) add(column Column, from int, value any) {
	s.columns, s.from, s.values = append(s.columns, column), append(s.from, from), append(s.values, value)
}

func (t *Table) column(name string) (int, *Problem) {
	at := slices.IndexFunc(t.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
	if at < 0 {
		return at, noColumn(name)
	}
	return at, nil
}

func (c *conn) shown(q *query, t *Table, variables map[string]any) (*shape, *Problem) {
	s := &shape{}
	for _, it := range q.items {
		switch {
		case it.star && t == nil:
			return nil, problem(263, 16, "Must specify table to select from.")
		case it.star:
			for i, col := range t.Columns {
				s.add(col, i, nil)
			}
		case it.value != nil:
			v, p := c.valueOf(*it.value, variables)
			if p != nil {
				return nil, p
			}
			s.add(Column{it.name, kindOf(v)}, -1, v)
		case t == nil:
			return nil, noColumn(it.column)
		default:
			at, p := t.column(it.column)
			if p != nil {
				return nil, p
			}
			s.add(Column{cmp.Or(it.name, t.Columns[at].Name), t.Columns[at].Kind}, at, nil)
		}
		if len(s.columns) > 4*maxColumns {
			return nil, problem(1056, 15, "The number of elements in the select list exceeds the maximum allowed number of %d elements.", 4*maxColumns)
		}
	}
	return s, nil
}

// values carries out a SELECT without a table.
func (c *conn) values(q *query, variables map[string]any) (*result, *Problem) {
	s, p := c.shown(q, nil, variables)
	if p != nil {
		return nil, p
	}
	return s.of(nil, [][]any{nil}), nil
}

func kindOf(v any) Kind {
	switch v := v.(type) {
	case int64:
		return BigInt
	case bool:
		return Bit
	case [16]byte:
		return GUID
	case string:
		if !Text.fits(v) {
			return LongText
		}
	}
	return Text
}

// valueOf is a literal's value; variables with two signs are the server's own.
func (c *conn) valueOf(l literal, variables map[string]any) (any, *Problem) {
	switch name := strings.ToLower(l.variable); name {
	case "":
		return l.value, nil
	case "@@version":
		return serverProgram + " 2022 (a lab of pslan)", nil
	case "@@servername":
		return c.server.o.Name, nil
	case "@@spid":
		return int64(c.number), nil
	case "@@trancount":
		if c.transaction != 0 {
			return int64(1), nil
		}
		return int64(0), nil
	default:
		v, ok := variables[name]
		if !ok {
			return nil, noVariable(shortened(l.variable))
		}
		return v, nil
	}
}

func (c *conn) filter(q *query, t *Table, variables map[string]any) (func(row []any) bool, *Problem) {
	type test struct {
		at        int
		not, null bool
		text      string
		nothing   bool // against a variable that is null: never true
	}
	var tests []test
	for _, cond := range q.conditions {
		at, p := t.column(cond.column)
		if p != nil {
			return nil, p
		}
		v, p := c.valueOf(cond.value, variables)
		if p != nil {
			return nil, p
		}
		tests = append(tests, test{at, cond.not, cond.null, textOf(v), v == nil})
	}
	return func(row []any) bool {
		for _, t := range tests {
			v := row[t.at]
			switch {
			case t.null:
				if (v == nil) == t.not {
					return false
				}
			case v == nil || t.nothing || strings.EqualFold(textOf(v), t.text) == t.not:
				return false
			}
		}
		return true
	}, nil
}

// textOf is a value as it is compared with a text.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimRight(v, " ")
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		return v.Format("2006-01-02 15:04:05.9999999")
	case [16]byte:
		return fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:])
	}
	return ""
}

// sorting compares rows as ORDER BY wants them; nil without one.
func sorting(q *query, t *Table) (func(a, b []any) int, *Problem) {
	if len(q.order) == 0 {
		return nil, nil
	}
	at := make([]int, len(q.order))
	for i, k := range q.order {
		var p *Problem
		if at[i], p = t.column(k.column); p != nil {
			return nil, p
		}
	}
	return func(a, b []any) int {
		for i, k := range q.order {
			n := compare(a[at[i]], b[at[i]])
			if k.down {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	}, nil
}

// compare orders values of one column: null first.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	}
	if a == nil || b == nil {
		return cmp.Compare(btoi(a != nil), btoi(b != nil))
	}
	return strings.Compare(strings.ToLower(textOf(a)), strings.ToLower(textOf(b)))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

package smp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/smp/rows"
	"pslan/internal/smp/wire"
	"pslan/internal/wording"
)

// rowsOf is the block of a kind of rows; nil where there is none.
func (p *Platform) rowsOf(kind declared.RowKind) *declared.SMPRows {
	for i := range p.set.Rows {
		if p.set.Rows[i].Kind == kind {
			return &p.set.Rows[i]
		}
	}
	return nil
}

// table reads the rows of a kind from their carrier; nil where none is configured.
func (p *Platform) table(ctx context.Context, kind declared.RowKind) (*rows.Reader, error) {
	from := p.rowsOf(kind)
	if from == nil {
		return nil, nil
	}
	op := fmt.Sprintf("read rows %q", kind)
	columns := declared.ColumnsOf(kind)
	t, err := p.carry(ctx, from, &columns)
	if err != nil {
		return nil, readError(op, "", err)
	}
	v, err := t.Fit(columns.Needed, columns.Others, from.Columns)
	if err != nil {
		return nil, readError(op, "", err)
	}
	return rows.NewReader(v, p.zone, from.Words), nil
}

// first reads one table of each carrier by itself, and returns the kinds that are left
// to be read at once: a login that is refused is tried once and not as often as there may
// be calls, which may lock an account, and the same failure is told every time.
func (r *reading) first(ctx context.Context, kinds []declared.RowKind) (rest []declared.RowKind, err error) {
	tried := map[bool]bool{}
	for _, kind := range kinds {
		from := r.p.rowsOf(kind)
		report := !from.Report.IsZero()
		if from.CSV != "" || tried[report] {
			rest = append(rest, kind)
			continue
		}
		tried[report] = true
		if r.tables[kind], err = r.p.table(ctx, kind); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (p *Platform) carry(ctx context.Context, from *declared.SMPRows, columns *declared.RowColumns) (*rows.Table, error) {
	switch {
	case from.CSV != "":
		t, err := rows.CSVFile(p.o.Path(from.CSV))
		if fault := (*rows.Fault)(nil); errors.As(err, &fault) {
			fault.From = from.CSV // as the configuration names it
		}
		if err != nil {
			return nil, err
		}
		t.From = from.CSV
		if age := p.o.Now().Sub(t.At); from.MaxAge > 0 && age > from.MaxAge {
			return nil, &rows.Fault{From: from.CSV, Problem: fmt.Sprintf("it was written %s ago, and max_age allows %s", wording.Span(age), wording.Span(from.MaxAge)),
				Hint: "Export it anew."}
		}
		return t, nil
	case !from.Report.IsZero():
		return p.report(ctx, from)
	case p.database == nil:
		return nil, errNoDatabase
	}
	limit := p.set.Timeouts.Slow
	if limit <= 0 {
		limit = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return p.database.Read(ctx, from.Table, from.Query, columns.Needed, columns.Others, from.Columns)
}

const reports = "ReportManagementService"

// report runs a report that the admin has imported (D, H RunReport,
// RunReportWithParameters). Names and values hold no comma: the platform has no way
// to write one.
func (p *Platform) report(ctx context.Context, from *declared.SMPRows) (*rows.Table, error) {
	call := wire.Call{Service: reports, Method: "RunReport", Class: wire.ClassSlow, Object: from.Report.String(),
		Params: []wire.Param{{Name: "reportItemGuid", Value: from.Report.String()}}}
	if len(from.Parameters) > 0 {
		pairs := make([]string, 0, len(from.Parameters))
		for name, value := range from.Parameters {
			pairs = append(pairs, name+"="+value)
		}
		slices.Sort(pairs)
		call.Method = "RunReportWithParameters"
		call.Params = append(call.Params, wire.Param{Name: "nameValuePairs", Value: strings.Join(pairs, ", ")})
	}
	node, err := p.services.Call(ctx, call)
	if err != nil {
		return nil, err
	}
	name := "report " + from.Report.String()
	t, err := wire.ParseTable(node)
	switch {
	case err != nil:
		return nil, &rows.Fault{From: name, Problem: "its answer is no table: " + err.Error(), Hint: "Run it in the console; doctor shows what came back."}
	case len(t.Errors) > 0:
		return nil, &rows.Fault{From: name, Problem: "it tells of errors: " + strings.Join(t.Errors, "; "), Hint: "Run it in the console."}
	case len(t.Rows) > rows.MaxRows:
		return nil, &rows.Fault{From: name, Problem: fmt.Sprintf("it has more than %d rows", rows.MaxRows)}
	}
	out := &rows.Table{From: name, Columns: t.Columns, Rows: make([][]rows.Cell, len(t.Rows))}
	cells := make([]rows.Cell, 0, len(t.Rows)*len(t.Columns)) // in one piece: there may be hundreds of thousands
	for i, row := range t.Rows {
		begin := len(cells)
		for _, cell := range row {
			cells = append(cells, rows.Cell(cell))
		}
		out.Rows[i] = cells[begin:len(cells):len(cells)]
	}
	return out, nil
}

// number is a count or version; 0 where nothing tells.
func number(r *rows.Reader, row int, name string) int64 { return max(0, r.Int(row, name)) }

// guidsIn reads a list of GUIDs with commas between them, with or without braces and
// spaces (D, H AssignResourceTargetsToPolicy).
func guidsIn(text string) (list []estate.GUID, wrong string) {
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\n' || c == '\t' || c == '\r' }) {
		g, err := estate.ParseGUID(part)
		if err != nil {
			return list, part
		}
		if !g.IsZero() {
			list = append(list, g)
		}
	}
	return list, ""
}

package tds_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/microsoft/go-mssqldb"

	"pslan/internal/lab/tds"
)

var g1 = [16]byte{0x6d, 0x3f, 0x0c, 0x1e, 0x52, 0xa1, 0x4a, 0x35, 0x9d, 0x6c, 0x0d, 0x5b, 0xe1, 0xa0, 0xf0, 0x01}

// house is a small database with a column of every kind.
func house() tds.Database {
	at := time.Date(2026, 11, 22, 10, 30, 15, 123456700, time.FixedZone("", 3600))
	return tds.Database{Name: "CMDB", Tables: []tds.Table{
		{Schema: "dbo", Name: "Kinds", Columns: []tds.Column{
			{Name: "n", Kind: tds.Int}, {Name: "name", Kind: tds.Text}, {Name: "long", Kind: tds.LongText}, {Name: "big", Kind: tds.BigInt}, {Name: "yes", Kind: tds.Bit},
			{Name: "old", Kind: tds.DateTime}, {Name: "at", Kind: tds.DateTime2}, {Name: "zoned", Kind: tds.DateTimeOffset}, {Name: "guid", Kind: tds.GUID},
		}, Rows: func(context.Context) ([][]any, error) {
			return [][]any{
				{int64(1), "Zürich 😀", "long", int64(1) << 40, true, at, at, at, g1},
				{int64(-2), "", "", int64(-1), false, time.Date(1899, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), at, [16]byte{}},
				{int64(3), nil, nil, nil, nil, nil, nil, nil, nil},
			}, nil
		}},
		{Schema: "app", Name: "at]x", Columns: []tds.Column{{Name: "the name", Kind: tds.Text}}, Rows: func(context.Context) ([][]any, error) { return nil, nil }},
		{Schema: "dbo", Name: "Secret", Denied: true, Columns: []tds.Column{{Name: "x", Kind: tds.Text}}, Rows: func(context.Context) ([][]any, error) { return nil, nil }},
	}}
}

// serving serves on loopback until the test ends, and returns the address.
func serving(t testing.TB, o tds.Options) (*tds.Server, string) {
	t.Helper()
	if o.Database.Name == "" {
		o.Database = house()
	}
	o.Report = func(err error) { t.Log("reported:", err) }
	s, err := tds.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	return s, l.Addr().String()
}

func opened(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlserver", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// all reads an answer as JSON, a line for each row.
func all(t testing.TB, db *sql.DB, query string, args ...any) (string, error) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	out := fmt.Sprint(names)
	for rows.Next() {
		values := make([]any, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				values[i] = fmt.Sprintf("%x", b)
			}
		}
		line, err := json.Marshal(values)
		if err != nil {
			return "", err
		}
		out += "\n" + string(line)
	}
	return out, rows.Err()
}

func TestKinds(t *testing.T) {
	_, addr := serving(t, tds.Options{})
	db := opened(t, "sqlserver://u:p@"+addr+"?database=CMDB&encrypt=disable")
	got, err := all(t, db, "SELECT * FROM [dbo].[Kinds]")
	if err != nil {
		t.Fatal(err)
	}
	want := `[n name long big yes old at zoned guid]
[1,"Zürich 😀","long",1099511627776,true,"2026-11-22T10:30:15.123Z","2026-11-22T10:30:15.1234567Z","2026-11-22T10:30:15.1234567+01:00","1e0c3f6da152354a9d6c0d5be1a0f001"]
[-2,"","",-1,false,"1899-12-31T23:59:59Z","0001-01-01T00:00:00Z","2026-11-22T10:30:15.1234567+01:00","00000000000000000000000000000000"]
[3,null,null,null,null,null,null,null,null]`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

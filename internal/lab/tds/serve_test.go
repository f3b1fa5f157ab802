package tds_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	mssql "github.com/microsoft/go-mssqldb"

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

func plain(t testing.TB, o tds.Options) (*tds.Server, *sql.DB) {
	t.Helper()
	s, addr := serving(t, o)
	db := opened(t, "sqlserver://u:p@"+addr+"?database=CMDB&encrypt=disable")
	db.SetMaxOpenConns(1)
	return s, db
}

func TestSelect(t *testing.T) {
	_, db := plain(t, tds.Options{})
	guid := mssql.UniqueIdentifier(g1)
	for _, c := range []struct {
		query string
		args  []any
		want  string
	}{
		{"SELECT n FROM Kinds", nil, "[n] [1] [-2] [3]"},
		{"select TOP (2) n AS [the n], name x from [dbo].[KINDS] order by N desc, name", nil, `[the n x] [3,null] [1,"Zürich 😀"]`},
		{"/* a /* b */ */ SELECT [k].n, k.[n] FROM CMDB.dbo.Kinds AS k WITH (NOLOCK) WHERE k.name IS NULL -- end", nil, "[n n] [3,3]"},
		{"SELECT n FROM dbo.Kinds WHERE name IS NOT NULL AND yes <> 1", nil, "[n] [-2]"},
		{"SELECT n FROM dbo.Kinds WHERE name = 'ZÜRICH 😀' AND n = 1 AND yes = 1", nil, "[n] [1]"},
		{"SELECT n FROM dbo.Kinds WHERE guid = '6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001'", nil, "[n] [1]"},
		{"SELECT TOP 0 n FROM dbo.Kinds", nil, "[n]"},
		{"SELECT * FROM app.[at]]x]", nil, "[the name]"},
		{"SELECT t.* FROM app.\"at]x\" t", nil, "[the name]"},
		{"SELECT 7 AS a, 'it''s', N'x' b, @@TRANCOUNT;", nil, `[a  b ] [7,"it's","x",0]`},
		{"SET NOCOUNT ON SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; USE cmdb; SELECT @@SERVERNAME AS n", nil, `[n] ["LAB"]`},
		{"SELECT n FROM Kinds WHERE name = @p1 AND n = @p2 AND yes = @p3 AND guid = @p4", []any{"Zürich 😀", 1, true, guid}, "[n] [1]"},
		{"SELECT n FROM Kinds WHERE name = @p1", []any{nil}, "[n]"},
		{"SELECT @p1 AS v", []any{strings.Repeat("x", 5000)}, `[v] ["` + strings.Repeat("x", 5000) + `"]`},
		{"SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_NAME", nil, `[TABLE_SCHEMA TABLE_NAME] ["app","at]x"] ["dbo","Kinds"] ["dbo","Secret"]`},
		{"SELECT COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'kinds' AND ORDINAL_POSITION = 9", nil, `[COLUMN_NAME ORDINAL_POSITION DATA_TYPE] ["guid",9,"uniqueidentifier"]`},
	} {
		got, err := all(t, db, c.query, c.args...)
		if got = strings.ReplaceAll(got, "\n", " "); err != nil || got != c.want {
			t.Errorf("%s: %v\n%s, want\n%s", c.query, err, got, c.want)
		}
	}
}

// TestRefusals: what is wrong, what would write, and what is not understood is refused
// by the number that SQL Server has for it, and counted; the session goes on.
func TestRefusals(t *testing.T) {
	s, db := plain(t, tds.Options{})
	numbers := map[int32][]string{
		207:  {"SELECT nmae FROM Kinds", "SELECT n FROM Kinds WHERE x = 1", "SELECT n FROM Kinds ORDER BY x", "SELECT n"},
		208:  {"SELECT n FROM dbo.Kind", "SELECT * FROM sys.tables", "SELECT * FROM INFORMATION_SCHEMA.ROUTINES"},
		229:  {"SELECT x FROM dbo.Secret"},
		263:  {"SELECT *"},
		137:  {"SELECT @x", "SELECT @@IDENTITY"},
		105:  {"SELECT 'x", "SELECT [x"},
		113:  {"SELECT 1 /* /* */"},
		911:  {"USE master"},
		3903: {"ROLLBACK"},
		102: {"SELEKT n FROM Kinds", "SELECT ", "SELECT n FROM", "SELECT DISTINCT n FROM Kinds", "SELECT COUNT(*) FROM Kinds", "SELECT n FROM Kinds k JOIN Kinds l ON k.n = l.n",
			"SELECT n FROM Kinds WHERE n = 1 OR n = 2", "SELECT n FROM (SELECT n FROM Kinds)", "SELECT n FROM Kinds GROUP BY n", "SELECT TOP n n FROM Kinds", "WAITFOR DELAY '1'",
			"SELECT n FROM Kinds UNION SELECT n FROM Kinds", "SELECT n FROM Kinds WHERE n LIKE '1'", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SELECT 99999999999999999999", "DECLARE @x int"},
		2812: {"sp_who"},
		3906: {"INSERT INTO Kinds (n) VALUES (1)", "update Kinds set n = 1", "DELETE Kinds", "MERGE x", "TRUNCATE TABLE Kinds", "CREATE TABLE x (n int)", "DROP TABLE Kinds", "ALTER TABLE Kinds ADD x int",
			"SELECT n INTO x FROM Kinds", "EXEC sp_who; SELECT 1", "SELECT 1 AS a DELETE Kinds", "BEGIN TRAN DELETE Kinds", "GRANT SELECT ON Kinds TO x"},
	}
	for number, queries := range numbers {
		for _, query := range queries {
			_, err := all(t, db, query)
			var told mssql.Error
			if !errors.As(err, &told) || told.Number != number {
				t.Errorf("%s: %v, want error %d", query, err, number)
			}
		}
	}
	if got, err := all(t, db, "SELECT 1 AS n"); err != nil || got != "[n]\n[1]" {
		t.Error(got, err)
	}
	if n := s.Counts(); n.Writes != len(numbers[3906]) || n.NotUnderstood != len(numbers[102])+len(numbers[2812]) || n.Logins != 1 {
		t.Errorf("%+v", n)
	}
}

// TestTransactions: begun, committed and rolled back ones are counted; what is left open
// is rolled back at the end.
func TestTransactions(t *testing.T) {
	s, db := plain(t, tds.Options{})
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var open int
		if err := tx.QueryRow("SELECT @@TRANCOUNT AS n").Scan(&open); err != nil || open != 1 {
			t.Error(open, err)
		}
		if err := end(tx); err != nil {
			t.Error(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), "BEGIN TRANSACTION"); err != nil {
		t.Error(err)
	}
	db.Close()
	s.Close()
	if n := s.Counts(); n.Begun != 3 || n.Committed != 1 || n.RolledBack != 2 {
		t.Errorf("%+v", n)
	}
}

// TestAttention: a client that gives up is told so, and goes on with its session.
func TestAttention(t *testing.T) {
	s, db := plain(t, tds.Options{})
	for _, rows := range []int{0, 2} {
		s.Harm(tds.Trouble{On: tds.OnRows, Rows: rows, Count: 1, Harm: tds.Blocked})
		ctx, cancel := context.WithCancel(t.Context()) // after a time-out the driver throws the connection away
		time.AfterFunc(50*time.Millisecond, cancel)
		result, err := db.QueryContext(ctx, "SELECT n FROM Kinds")
		if err == nil {
			for result.Next() {
				continue
			}
			err = result.Err()
			result.Close()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after %d rows: %v", rows, err)
		}
		if got, err := all(t, db, "SELECT TOP 1 n FROM Kinds"); err != nil || got != "[n]\n[1]" {
			t.Error(got, err)
		}
	}
	if n := s.Counts(); n.Attentions != 2 || n.Logins != 1 {
		t.Errorf("%+v", n)
	}
}

// TestTooMuch: connections beyond the limit, and messages beyond theirs, are ended.
func TestTooMuch(t *testing.T) {
	s, addr := serving(t, tds.Options{})
	s.Harm(tds.Trouble{On: tds.OnConnect, Harm: tds.Silent})
	dial := func() net.Conn {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for range 64 {
		dial()
	}
	if n, err := dial().Read(make([]byte, 1)); err == nil {
		t.Errorf("the 65th connection is answered with %d bytes", n)
	}
	s.Drop()
	s.Harm()
	packet := append([]byte{18, 0, 0x10, 0x00, 0, 0, 0, 0}, make([]byte, 0x1000-8)...) // not the last one
	c := dial()
	go func() {
		for range 1000 {
			if _, err := c.Write(packet); err != nil {
				return
			}
		}
	}()
	if got, err := io.ReadAll(c); len(got) != 0 {
		t.Errorf("%x %v", got, err)
	}
}

// TestBadTables: a database that cannot be served is refused, with all that is wrong;
// rows that are not as their columns are an error of the answer.
func TestBadTables(t *testing.T) {
	rows := func(context.Context) ([][]any, error) { return [][]any{{"x"}, {int64(1)}}, nil }
	_, err := tds.New(tds.Options{Database: tds.Database{Tables: []tds.Table{
		{Schema: "dbo", Name: "a", Rows: rows, Columns: []tds.Column{{Name: "x"}, {Name: "X"}}}, {Schema: "DBO", Name: "A", Rows: rows, Columns: []tds.Column{{Name: "x"}}}, {Name: "b"},
	}}})
	for _, want := range []string{"a database needs a name", `column "X" of table dbo.a`, "two tables DBO.A", `table ".b" needs`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
	_, db := plain(t, tds.Options{Database: tds.Database{Name: "CMDB", Tables: []tds.Table{{Schema: "dbo", Name: "a", Rows: rows, Columns: []tds.Column{{Name: "x"}}}}}})
	if _, err := all(t, db, "SELECT x FROM a"); err == nil {
		t.Error("a number came as a text")
	}
}

// TestLog: each statement is told once, with who, how many rows, and what was wrong.
func TestLog(t *testing.T) {
	var told []string
	s, db := plain(t, tds.Options{Log: func(s tds.Statement) {
		told = append(told, fmt.Sprint(s.Session.User, " ", s.Text, " ", s.Rows, " ", s.Problem != nil))
	}})
	for _, query := range []string{"SELECT n FROM Kinds", "SELECT n FROM x", "DELETE x", "nonsense ("} {
		_, _ = all(t, db, query)
	}
	db.Close()
	s.Close()
	if want := []string{"u SELECT n FROM Kinds 3 false", "u SELECT n FROM x 0 true", "u DELETE x 0 true", "u nonsense ( 0 true"}; !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
}

package rows

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// house is a database that answers by the beginning of a query, and notes what it is asked.
type house struct {
	tables map[string]*stored // by a part of the query
	asked  []string
	ended  []string // commit or rollback
}

type stored struct {
	columns, kinds []string
	rows           [][]driver.Value
}

func (h *house) Connect(context.Context) (driver.Conn, error) { return &room{h}, nil }
func (h *house) Driver() driver.Driver                        { return nil }

type room struct{ h *house }

func (r *room) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not here") }
func (r *room) Close() error                        { return nil }
func (r *room) Begin() (driver.Tx, error)           { return r, nil }
func (r *room) Commit() error                       { r.h.ended = append(r.h.ended, "commit"); return nil }
func (r *room) Rollback() error                     { r.h.ended = append(r.h.ended, "rollback"); return nil }

func (r *room) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	for _, a := range args {
		query += "|" + a.Value.(string)
	}
	r.h.asked = append(r.h.asked, query)
	for part, s := range r.h.tables {
		if strings.Contains(query, part) {
			return &answer{s, 0}, nil
		}
	}
	return &answer{&stored{}, 0}, nil
}

type answer struct {
	*stored
	next int
}

func (a *answer) Columns() []string                       { return a.columns }
func (a *answer) Close() error                            { return nil }
func (a *answer) ColumnTypeDatabaseTypeName(i int) string { return a.kinds[i] }
func (a *answer) Next(into []driver.Value) error {
	if a.next == len(a.rows) {
		return io.EOF
	}
	copy(into, a.rows[a.next])
	a.next++
	return nil
}

func TestDatabase(t *testing.T) {
	when := time.Date(2026, 11, 22, 10, 0, 0, 0, time.FixedZone("", 3600))
	h := &house{tables: map[string]*stored{
		"INFORMATION_SCHEMA": {[]string{"COLUMN_NAME"}, []string{"NVARCHAR"}, [][]driver.Value{{"PackageId"}, {"Secret"}, {"Server"}, {"at]x"}}},
		"FROM [dbo].[Copies]": {[]string{"PackageId", "Server", "at]x"}, []string{"UNIQUEIDENTIFIER", "NVARCHAR", "DATETIME"}, [][]driver.Value{
			{[]byte{0x1e, 0x0c, 0x3f, 0x6d, 0xa1, 0x52, 0x35, 0x4a, 0x9d, 0x6c, 0x0d, 0x5b, 0xe1, 0xa0, 0xf0, 0x01}, "PS1", when},
			{nil, int64(3), true},
		}},
		"SELECT 1": {[]string{"a"}, []string{"DATETIMEOFFSET"}, [][]driver.Value{{when}}},
	}}
	db := &Database{db: sql.OpenDB(h)}
	defer db.Close()
	got, err := db.Read(t.Context(), "Copies", "", []string{"package", "server"}, []string{"status_at"}, map[string]string{"package": "PackageId", "status_at": "at]x"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("PackageId|Server|at]x\n6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001|PS1|2026-11-22 10:00:00\n∅|3|true", shown(got)); d != "" {
		t.Error(d)
	}
	got, err = db.Read(t.Context(), "", "SELECT 1", nil, nil, nil)
	if err != nil || shown(got) != "a\n2026-11-22T10:00:00+01:00" {
		t.Errorf("%v %v", got, err)
	}
	_, err = db.Read(t.Context(), "Copies", "", []string{"host"}, nil, nil)
	var fault *Fault
	if !errors.As(err, &fault) || fault.Problem != "it lacks host; its columns are: PackageId, Secret, Server, at]x" {
		t.Error(err)
	}
	h.tables = nil
	if _, err = db.Read(t.Context(), "x.Gone", "", nil, nil, nil); !errors.As(err, &fault) {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"rollback", "rollback", "rollback", "rollback"}, h.ended); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("SELECT [PackageId], [Server], [at]]x] FROM [dbo].[Copies]", h.asked[1]); d != "" {
		t.Error(d)
	}
}

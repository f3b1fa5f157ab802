package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/credential"
	"pslan/internal/estate"
)

func utf16le(s string) string {
	var b bytes.Buffer
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		_ = binary.Write(&b, binary.LittleEndian, u) // to memory
	}
	return b.String()
}

// shown is a table in one line each.
func shown(t *Table) string {
	lines := []string{strings.Join(t.Columns, "|")}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = c.Text
			if c.Null {
				cells[i] = "∅"
			}
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n")
}

func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"commas", "host,sites\nPS1,\"HQ, Nord\"\n", "host|sites\nPS1|HQ, Nord"},
		{"semicolons, CRLF, a byte order mark", "\ufeffhost;sites\r\nPS1;HQ\r\n", "host|sites\nPS1|HQ"},
		{"tabs in UTF-16", utf16le("host\tsites\r\nPS1\tÜ\r\n"), "host|sites\nPS1|Ü"},
		{"a comma in quotes in the first line", "\"a,b,c\";d\n1;2\n", "a,b,c|d\n1|2"},
		{"NULL and nothing", "a,b\nNULL,\n", "a|b\n∅|"},
		{"an empty line, no line end", "a,b\n\n1,2", "a|b\n1|2"},
		{"no rows", "a,b\n", "a|b"},
		{"a cell over two lines", "a,b\n\"1\n2\",3\n", "a|b\n1\n2|3"},
	} {
		got, err := CSV("t.csv", strings.NewReader(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if d := cmp.Diff(c.want, shown(got)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "t.csv: it is empty: its first line has to name the columns"},
		{"no text", "a,b\n\x00\x01", "t.csv: it is no text: export it as CSV in UTF-8"},
		{"too few cells", "a,b\n1\n", "t.csv: line 2: it has 1 cell, and the first line names 2 columns"},
		{"a large cell", "a\n" + strings.Repeat("x", maxCell+1), "t.csv: line 2: the cell of a is larger than 65536 bytes"},
		{"many columns", strings.Repeat("a,", MaxColumns) + "a\n", "t.csv: it has 501 columns, more than 500"},
	} {
		_, err := CSV("t.csv", strings.NewReader(c.in))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestFit(t *testing.T) {
	table := &Table{From: "t", Columns: []string{"Host Name", "guid", "Stand", "GUID "}, Rows: [][]Cell{{{Text: " PS1 "}, {Text: "x"}, {Null: true}, {}}}}
	v, err := table.Fit([]string{"host_name"}, []string{"state", "free"}, map[string]string{"state": "stand"})
	if err != nil {
		t.Fatal(err)
	}
	if v.Text(0, "host_name") != "PS1" || !v.Has("state") || v.Text(0, "state") != "" || v.Has("free") || v.Text(0, "free") != "" {
		t.Errorf("%+v", v.at)
	}
	for _, c := range []struct {
		needed  string
		columns map[string]string
		want    string
	}{
		{"host", nil, "t: it lacks host; its columns are: Host Name, guid, Stand, GUID "},
		{"guid", map[string]string{"guid": "Stnd"}, `t: it lacks "Stnd" (for guid; is Stand meant?); its columns are: Host Name, guid, Stand, GUID `},
	} {
		_, err := table.Fit([]string{c.needed}, nil, c.columns)
		if err == nil || err.Error() != c.want {
			t.Errorf("%v", err)
		}
	}
	two := &Table{From: "t", Columns: []string{"Host", "host"}}
	var fault *Fault
	if _, err := two.Fit([]string{"host"}, nil, nil); !errors.As(err, &fault) || !strings.Contains(fault.Hint, `columns = { host = "…" }`) {
		t.Errorf("%v", err)
	}
}

func TestTimes(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	for _, c := range []struct{ in, want, zoneless string }{
		{"2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", ""},
		{"2026-11-22T10:00:00.5+02:00", "2026-11-22T08:00:00.5Z", ""},
		{"2026-11-22 10:00:00 +02:00", "2026-11-22T08:00:00Z", ""},
		{"2026-11-22 10:00:00.123", "2026-11-22T09:00:00.123Z", errZone.Error()},
		{"2026-11-22", "2026-11-21T23:00:00Z", errZone.Error()},
		{"0001-01-01T00:00:00", "", ""},
		{"0001-01-01T00:00:00Z", "", ""},
		{"", "", ""},
	} {
		got, err := ParseTime(c.in, berlin)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %s, %v", c.in, got, err)
		}
		_, err = ParseTime(c.in, nil)
		if (err == nil) != (c.zoneless == "") || err != nil && err.Error() != c.zoneless {
			t.Errorf("%s without a zone: %v", c.in, err)
		}
	}
	for _, bad := range []string{"22.11.2026 10:00", "11/22/2026", "now", "9999-12-31T00:00:00Z", "1900-01-01 00:00:00"} {
		if got, err := ParseTime(bad, berlin); err == nil {
			t.Errorf("%s: %s", bad, got)
		}
	}
}

func TestReader(t *testing.T) {
	table, err := CSV("t", strings.NewReader("n,b,g,l\n1024.00,1,{6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001},\"a, b;c,\"\n-1,maybe,x,\n,Up,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := table.Fit([]string{"n", "b", "g", "l"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(v, nil, map[string]string{"UP": "yes"})
	yes, known := r.Bool(0, "b")
	if r.Int(0, "n") != 1024 || !yes || !known || r.GUID(0, "g").String() != "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001" || !cmp.Equal(r.List(0, "l"), []string{"a", "b", "c"}) {
		t.Errorf("row 0: %v %v %v %v", r.Int(0, "n"), yes, r.GUID(0, "g"), r.List(0, "l"))
	}
	_, known = r.Bool(1, "b")
	if r.Int(1, "n") != estate.Unknown || known || !r.GUID(1, "g").IsZero() || len(r.Misread) != 3 {
		t.Errorf("row 1: %+v", r.Misread)
	}
	if yes, _ := r.Bool(2, "b"); !yes || r.Int(2, "n") != estate.Unknown {
		t.Error("row 2")
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\ufeffa;b\r\n\"1;\n\";2\r\n"))
	f.Add([]byte(utf16le("a\tb\n1\t2")))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := CSV("f", bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Fatalf("a row of %d cells in %d columns", len(row), len(table.Columns))
			}
		}
		if v, err := table.Fit(table.Columns[:1], nil, nil); err == nil {
			r := NewReader(v, time.UTC, nil)
			for i := range table.Rows {
				r.Int(i, table.Columns[0])
				r.Time(i, table.Columns[0])
			}
		}
	})
}

func TestConnection(t *testing.T) {
	env := map[string]string{"PSLAN_SQL_USER": `CONTOSO\svc`, "PSLAN_SQL_PASSWORD": "p@ss;word"}
	c, err := credential.Read(credential.Source{Prefix: "PSLAN_SQL", Env: func(n string) string { return env[n] }})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := (&Connection{Server: `sql01:1444`, Database: "CMDB", Credential: c}).config()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.TrustServerCertificate || cfg.Host != "sql01" || cfg.Port != 1444 || cfg.User != `CONTOSO\svc` || cfg.Password != "p@ss;word" || cfg.Parameters["authenticator"] != "ntlm" || !cfg.ReadOnlyIntent {
		t.Errorf("%v trust %v, %s:%d as %s", cfg.Parameters, cfg.TrustServerCertificate, cfg.Host, cfg.Port, cfg.User)
	}
	for _, want := range []struct {
		user   string
		method credential.Method
	}{{"sa", credential.Basic}, {"svc@CONTOSO.COM", credential.Kerberos}, {`CONTOSO\svc`, credential.NTLM}} {
		env["PSLAN_SQL_USER"] = want.user
		c, err := credential.Read(credential.Source{Prefix: "PSLAN_SQL", Env: func(n string) string { return env[n] }})
		if err != nil || method(c) != want.method {
			t.Errorf("%s: %v, %v", want.user, method(c), err)
		}
	}
}

package wire

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func parsed(t *testing.T, text string) *Node {
	t.Helper()
	n, err := ParseXML(text, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTable(t *testing.T) {
	table, err := ParseTable(parsed(t, testdata(t, "table.xml")))
	if err != nil {
		t.Fatal(err)
	}
	null := Cell{Null: true}
	want := &Table{
		Columns: []string{"Package Guid", "Name", "Package Version", "Ready", "Modified", "a_x0041_b", "Size in €"},
		Types:   []string{"guid", "string", "long", "boolean", "dateTime", "string", "decimal"},
		Rows: [][]Cell{
			{{Text: guidText}, {Text: "Windows 11 "}, {Text: "1601867730"}, {Text: "true"}, {Text: "2020-07-13T10:15:30.5+02:00"}, {Text: "x"}, {Text: "1.5"}},
			{{Text: "5b0c6f1e-52a1-4a35-9d6c-0d5be1a0f002"}, {Text: ""}, null, {Text: "false"}, null, null, null},
			{null, null, null, null, null, null, null},
		},
		Errors: []string{"row limit reached"},
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
	row := table.Rows[0]
	if g, err := row[table.Column("package guid")].GUID(); err != nil || g.String() != guidText {
		t.Errorf("GUID %s, %v", g, err)
	}
	if at, err := row[table.Column("Modified")].Time(nil); err != nil || !at.Equal(time.Date(2020, 7, 13, 8, 15, 30, 5e8, time.UTC)) {
		t.Errorf("time %s, %v", at, err)
	}
	if i, err := row[table.Column("Package Version")].Int(); err != nil || i != 1601867730 {
		t.Errorf("version %d, %v", i, err)
	}
	if _, err := table.Rows[1][table.Column("Package Version")].Int(); err == nil {
		t.Error("a null is read as a number")
	}
	if table.Column("nobody") != -1 {
		t.Error("a column that is not there is found")
	}
}

func TestTablesOfOtherShapes(t *testing.T) {
	schema := func(columns string) string {
		return `<xs:schema id="NewDataSet" xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="NewDataSet"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="Table1"><xs:complexType><xs:sequence>` +
			columns + `</xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element></xs:schema>`
	}
	column := `<xs:element name="A" type="xs:int" minOccurs="0"/>`
	for _, c := range []struct{ name, text, columns, rows string }{
		{"no rows", `<NewDataSet>` + schema(column) + `</NewDataSet>`, "[A]", "[]"},
		{"in a SOAP result", `<RunReportResult><NewDataSet xmlns="">` + schema(column) + `<Table1><A>1</A></Table1></NewDataSet></RunReportResult>`, "[A]", "[[{1 false}]]"},
		{"a whole DataSet", `<RunReportResult>` + schema(column) + `<diffgram><NewDataSet><Table1><A>1</A></Table1></NewDataSet></diffgram></RunReportResult>`, "[A]", "[[{1 false}]]"},
		{"a DataTable", `<DataTable>` + schema(column) + `<diffgram><DocumentElement><Table1 id="Table11" rowOrder="0"><A>1</A></Table1></DocumentElement></diffgram></DataTable>`, "[A]", "[[{1 false}]]"},
		{"a DataTable without rows", `<DataTable>` + schema(column) + `<diffgram/></DataTable>`, "[A]", "[]"},
		{"a DataSet without rows", `<RunReportResult>` + schema(column) + `<diffgram></diffgram></RunReportResult>`, "[A]", "[]"},
		{"no schema", `<NewDataSet><Table><A>1</A></Table><Table><B>2</B></Table></NewDataSet>`, "[A B]", "[[{1 false} { true}] [{ true} {2 false}]]"},
		{"a column more than the schema", `<NewDataSet>` + schema(column) + `<Table1><A>1</A></Table1><Table1><B>2</B></Table1></NewDataSet>`, "[A B]", "[[{1 false} { true}] [{ true} {2 false}]]"},
		{"no columns", `<NewDataSet>` + schema("") + `</NewDataSet>`, "[]", "[]"},
	} {
		table, err := ParseTable(parsed(t, c.text))
		if err != nil || fmt.Sprint(table.Columns) != c.columns || fmt.Sprint(table.Rows) != c.rows {
			t.Errorf("%s: %+v, %v", c.name, table, err)
		}
	}
	for name, text := range map[string]string{
		"no table":               "<string/>",
		"another diffgram":       "<DataTable><diffgram><Other/></diffgram></DataTable>",
		"two columns of a name":  `<NewDataSet>` + schema(column+column) + `</NewDataSet>`,
		"a column without name":  `<NewDataSet>` + schema(`<xs:element type="xs:int"/>`) + `</NewDataSet>`,
		"far too many columns":   `<NewDataSet><Table>` + manyElements(maxColumns+1) + `</Table></NewDataSet>`,
		"far too many for nulls": `<NewDataSet><Table>` + manyElements(maxColumns) + `</Table>` + strings.Repeat("<Table/>", maxCells/maxColumns) + `</NewDataSet>`,
	} {
		if table, err := ParseTable(parsed(t, text)); err == nil {
			t.Errorf("%s: %d columns, %d rows", name, len(table.Columns), len(table.Rows))
		}
	}
}

func manyElements(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<c%d/>", i)
	}
	return b.String()
}

func TestColumnNames(t *testing.T) {
	for in, want := range map[string]string{
		"Plain": "Plain", "Package_x0020_Version": "Package Version", "_x0031_st": "1st", "a_x005F_x0041_b": "a_x0041_b",
		"_x20AC_": "€", "_xD83D__xDE00_": "😀", "_x0001F600_": "😀", "_xZZZZ_": "_xZZZZ_", "_x002": "_x002", "x_x0020": "x_x0020", "ü_x0020_": "ü ",
	} {
		if got := decodeName(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

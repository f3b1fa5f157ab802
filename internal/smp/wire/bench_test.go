package wire

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkTable reads the report of 10,000 images with 20 copies each.
func BenchmarkTable(b *testing.B) {
	var s strings.Builder
	s.WriteString(`<NewDataSet>`)
	for i := range 200_000 {
		fmt.Fprintf(&s, "<Table><Package>5b0c6f1e-52a1-4a35-9d6c-%012x</Package><Server>PS%03d</Server><Status>Ready</Status><Version>1601867730</Version><Changed>2020-07-13T10:15:30+02:00</Changed></Table>\n", i/20, i%20)
	}
	s.WriteString(`</NewDataSet>`)
	answer := reply{200, xmlType, "", []byte(s.String())}
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n, e := answer.understand(Form, Limits{})
		if e != nil {
			b.Fatal(e)
		}
		if table, err := ParseTable(n); err != nil || len(table.Rows) != 200_000 {
			b.Fatal(err)
		}
	}
}

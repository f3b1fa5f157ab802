package agentfile

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkReadSnapshot reads snapshots of few and of many files.
func BenchmarkReadSnapshot(b *testing.B) {
	for _, n := range []int{3, 10_000} {
		var text strings.Builder
		text.WriteString(`<?xml version="1.0"?><Snapshot PackageId="{` + guidText + `}" Version="1601867730">`)
		for i := range n {
			fmt.Fprintf(&text, `<File Path="sub\WIN11-%d.ghs" Size="%d" Modified="2026-11-22T12:00:00Z" />`, i, i<<20)
		}
		text.WriteString("</Snapshot>")
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if s, err := ReadSnapshot(strings.NewReader(text.String())); err != nil || len(s.Files) != n {
					b.Fatal(err)
				}
			}
		})
	}
}

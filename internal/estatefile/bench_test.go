package estatefile

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"pslan/internal/synthetic"
)

// benchText is a made-up estate of n images with 20 copies each, as JSON.
func benchText(b *testing.B, n int) []byte {
	b.Helper()
	var buf bytes.Buffer
	if err := (synthetic.Bench{Images: n, Seed: 1}).WriteEstate(&buf); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := benchText(b, n)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, diags := Read(bytes.NewReader(text), "estate.json"); diags.HasErrors() {
					b.Fatal(diags)
				}
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	text := benchText(b, 10_000)
	e, diags := Read(bytes.NewReader(text), "estate.json")
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, e); err != nil {
			b.Fatal(err)
		}
	}
}

package planfile_test

import (
	"io"
	"path/filepath"
	"testing"

	"pslan/internal/planfile"
	"pslan/internal/view/sample"
)

func BenchmarkWriteDocument(b *testing.B) {
	p := sample.Many(5000)
	b.ReportAllocs()
	for b.Loop() {
		if err := planfile.WriteDocument(io.Discard, p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	path := filepath.Join(b.TempDir(), "plan.json")
	if err := planfile.Save(path, sample.Many(5000)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := planfile.Load(path, sample.Version); err != nil {
			b.Fatal(err)
		}
	}
}

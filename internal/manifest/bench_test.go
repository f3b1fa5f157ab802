package manifest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// BenchmarkRead reads a manifest of 10,000 packages with three files each.
func BenchmarkRead(b *testing.B) {
	m := &Manifest{Server: "PS010", TakenAt: noon}
	for i := range 10_000 {
		var g estate.GUID
		binary.BigEndian.PutUint32(g[:], uint32(i+1))
		p := Package{GUID: g, Folder: true}
		for k := range 3 {
			p.Files = append(p.Files, File{
				File: platform.File{Path: fmt.Sprintf("WIN11-%d.ghs", k), Bytes: int64(i) << 20, Modified: noon.Time(), SHA256: estate.Digest{byte(i), byte(k), 1}},
				ID:   fmt.Sprintf("%x-18ba2f6c4ae3d5f1", i), HashedAt: noon,
			})
		}
		p.SumUp()
		m.Packages = append(m.Packages, p)
	}
	text := written(b, m)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ds := Read(bytes.NewReader(text), "ps.json"); len(ds) > 0 {
			b.Fatal(ds.Error())
		}
	}
}

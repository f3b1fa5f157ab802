package observe

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// everywhere are eyes that see the same three files wherever they look.
type everywhere struct{}

func (everywhere) See(_ context.Context, looks []platform.Look) ([]platform.Seen, error) {
	seen := make([]platform.Seen, len(looks))
	for i := range seen {
		seen[i].Evidence = estate.Evidence{Sight: estate.Seen, Folder: true, Files: 3, Bytes: 1 << 30, Listing: estate.Digest{1}}
	}
	return seen, nil
}

// BenchmarkAll looks at every image on 20 servers.
func BenchmarkAll(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := &town{now: noon, disks: fstest.MapFS{}}
			w.estate = func() *estate.Estate {
				e := &estate.Estate{Servers: make([]estate.PackageServer, 20), Images: make([]estate.Image, n)}
				for i := range e.Servers {
					e.Servers[i].Name = fmt.Sprintf("PS%02d", i)
				}
				for i := range e.Images {
					e.Images[i] = estate.Image{GUID: estate.GUID{byte(i), byte(i >> 8)}, Package: estate.GUID{byte(i), byte(i >> 8), 1}}
				}
				return e
			}
			ob := New(Options{Platform: w, Eyes: everywhere{}})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ob.All(b.Context(), false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

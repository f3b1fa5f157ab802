package lab_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pslan/internal/estate"
	"pslan/internal/estatefile"
	"pslan/internal/lab"
	"pslan/internal/platform"
)

// observe reads the lab's estate and hashes every copy in it.
func observe(t testing.TB, l *lab.Lab) *estate.Estate {
	t.Helper()
	e, err := l.ReadEstate(context.Background(), platform.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	var looks []platform.Look
	for i := range e.Images {
		img := &e.Images[i]
		for j := range img.Copies {
			look := platform.Look{Server: e.ServerName(img.Copies[j].Server), Hash: true,
				Image: platform.ImageRef{Image: img.GUID, Package: img.Package, Name: img.Name}}
			if img.Package.IsZero() || img.Copies[j].Server == estate.SMP {
				look.Location = img.Location
			}
			looks = append(looks, look)
		}
	}
	seen, err := l.Eyes().See(context.Background(), looks)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range e.Images {
		for j := range e.Images[i].Copies {
			e.Images[i].Copies[j].Evidence = seen[n].Evidence
			n++
		}
	}
	return e
}

// nominal turns the sizes of what was seen into those that images pretend to have.
func nominal(l *lab.Lab, e *estate.Estate) {
	for i := range e.Images {
		for j := range e.Images[i].Copies {
			ev := &e.Images[i].Copies[j].Evidence
			ev.Bytes = l.Nominal(e.Images[i].GUID, ev.Bytes)
		}
	}
}

// TestExamplesKeepTheirClasses: what a lab shows of an example is what the example says.
func TestExamplesKeepTheirClasses(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/estate.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			seed, diags := estatefile.ReadFile(file)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			l, err := lab.Open(lab.Options{SeedFile: file, Disk: lab.NewMemory()})
			if err != nil {
				t.Fatal(err)
			}
			e := observe(t, l)
			nominal(l, e)
			for i := range seed.Images {
				img := &seed.Images[i]
				want, got := seed.Judge(img, estate.NoServer), e.Judge(&e.Images[i], estate.NoServer)
				for j := range img.Copies {
					c := &img.Copies[j]
					if c.Evidence.Sight != estate.Seen {
						continue
					}
					if w, g := want.Class(c.Server), got.Class(c.Server); w != g {
						t.Errorf("%s on %s: the lab shows %s, the example says %s", img.Name, seed.ServerName(c.Server), g, w)
					}
				}
			}
			var shown strings.Builder
			if err := l.Show(&shown); err != nil {
				t.Fatal(err)
			}
			t.Log("\n" + shown.String())
			if err := l.Advance(10 * 24 * time.Hour); err != nil {
				t.Fatal(err)
			}
		})
	}
}

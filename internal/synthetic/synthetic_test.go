package synthetic

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type estateFile struct {
	Sites          []site   `json:"sites"`
	PackageServers []server `json:"package_servers"`
	Images         []image  `json:"images"`
}

func decode(t *testing.T, b []byte) estateFile {
	t.Helper()
	var e estateFile
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestBranchOffices(t *testing.T) {
	var b bytes.Buffer
	if err := BranchOffices(&b, BranchOfficesSeed); err != nil {
		t.Fatal(err)
	}
	e := decode(t, b.Bytes())
	if len(e.Sites) != 8 || len(e.PackageServers) != 40 || len(e.Images) != 300 {
		t.Errorf("%d sites, %d servers, %d images; want 8, 40, 300", len(e.Sites), len(e.PackageServers), len(e.Images))
	}
	seen := map[string]bool{}
	for _, img := range e.Images {
		for _, g := range []string{img.GUID, img.Package} {
			if seen[g] {
				t.Errorf("GUID %s stands twice", g)
			}
			seen[g] = true
		}
		owned := false
		for _, c := range img.Copies {
			owned = owned || c.Server == img.Owner && c.Managed == "local" && c.Evidence.Digest == img.Content.Digest
		}
		if !owned {
			t.Errorf("%s: its owner %s has no good copy", img.Name, img.Owner)
		}
	}
	committed, err := os.ReadFile(filepath.Join("..", "..", "examples", "branch-offices", "estate.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, b.Bytes()) {
		t.Error("examples/branch-offices/estate.json is not what the generator makes: run `go run ./scripts/generate`")
	}
}

func TestBenchEstate(t *testing.T) {
	bench := Bench{Images: 1000, Seed: 1}
	var first, second bytes.Buffer
	for _, w := range []io.Writer{&first, &second} {
		if err := bench.WriteEstate(w); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same seed gave two estates")
	}
	e := decode(t, first.Bytes())
	if len(e.Images) != 1000 || len(e.PackageServers) != 500 || len(e.Sites) != 125 {
		t.Errorf("%d images, %d servers, %d sites; want 1000, 500, 125", len(e.Images), len(e.PackageServers), len(e.Sites))
	}
	for _, img := range e.Images {
		if len(img.Copies) != 20 {
			t.Fatalf("%s has %d copies, want 20", img.Name, len(img.Copies))
		}
	}
	if got := bench.Moves(); got != 100 {
		t.Errorf("%d images change owner, want a tenth: 100", got)
	}
}

// inMemory keeps files by name.
type inMemory map[string]*bytes.Buffer

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func (m inMemory) create(name string) (io.WriteCloser, error) {
	m[name] = &bytes.Buffer{}
	return nopCloser{m[name]}, nil
}

func TestShapes(t *testing.T) {
	bench := Bench{Images: 200, Seed: 1}
	want := map[Shape]struct {
		file, text string
		times      int
	}{
		Blocks:  {"images.hcl", "\n  owner = ", 200},
		ForEach: {"images.csv", ",PS", 200},
		Group:   {"images.hcl", `lifecycle  = "draining"`, 50},
	}
	for _, shape := range Shapes() {
		files := inMemory{}
		if err := bench.WriteFiles(shape, files.create); err != nil {
			t.Fatal(err)
		}
		w := want[shape]
		if got := strings.Count(files[w.file].String(), w.text); got != w.times {
			t.Errorf("%s: %q stands %d times in %s, want %d", shape, w.text, got, w.file, w.times)
		}
	}
}

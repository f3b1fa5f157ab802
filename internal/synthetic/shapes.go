package synthetic

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Shape is a way to write the same wish down in HCL.
type Shape string

// The shapes.
const (
	Blocks  Shape = "blocks"   // a block for each image
	ForEach Shape = "for_each" // one block, for_each over a table with a row for each image
	Group   Shape = "group"    // one images block for all, owners moved by lifecycles
)

// Shapes returns all shapes.
func Shapes() []Shape { return []Shape{Blocks, ForEach, Group} }

const benchHead = `# Made by scripts/bench.

pslan {
  estate {
    smp = "` + smpName + `"
  }
}

connection "lab" {
  path = ".pslan/lab"
  seed = "estate.json"
}
`

// WriteFiles writes the files of one shape; create opens a file of the folder by name.
func (b Bench) WriteFiles(shape Shape, create func(name string) (io.WriteCloser, error)) error {
	write := func(name string, fill func(*bufio.Writer)) error {
		f, err := create(name)
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(f, 1<<20)
		fill(w)
		if err := w.Flush(); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	}
	if err := write("pslan.hcl", func(w *bufio.Writer) { w.WriteString(benchHead) }); err != nil {
		return err
	}
	switch shape {
	case ForEach:
		if err := write("images.csv", b.table); err != nil {
			return err
		}
		return write("images.hcl", func(w *bufio.Writer) { w.WriteString(forEachBlock) })
	case Group:
		return write("images.hcl", b.group)
	default:
		return write("images.hcl", b.blocks)
	}
}

func (b Bench) blocks(w *bufio.Writer) {
	for i := range b.Images {
		name := benchImage(i)
		fmt.Fprintf(w, "image %q {\n  name  = %q\n  owner = %q\n  assignment {\n    sites = [\"%s\"]\n  }\n}\n\n",
			strings.ToLower(name), name, b.declaredOwner(i), strings.Join(b.sites(i), `", "`))
	}
}

func (b Bench) table(w *bufio.Writer) {
	w.WriteString("name,owner,sites\n")
	for i := range b.Images {
		fmt.Fprintf(w, "%s,%s,%s\n", benchImage(i), b.declaredOwner(i), strings.Join(b.sites(i), " "))
	}
}

const forEachBlock = `locals {
  images = { for row in csvdecode(file("images.csv")) : row.name => row }
}

image "all" {
  for_each = local.images
  name     = each.key
  owner    = each.value.owner
  assignment {
    sites = split(" ", each.value.sites)
  }
}
`

func (b Bench) group(w *bufio.Writer) {
	w.WriteString("images \"all\" {\n  match {\n    name = [\"IMG-*\"]\n  }\n  min_copies = 2\n}\n")
	for set := range benchSets {
		for place := range serversPerSet {
			if leaving(place) {
				name := benchServer(set, place)
				fmt.Fprintf(w, "\npackage_server %q {\n  host       = %q\n  lifecycle  = \"draining\"\n  successors = [%q]\n}\n",
					strings.ToLower(name), name, benchServer(set, place+1))
			}
		}
	}
}

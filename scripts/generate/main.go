// Command generate writes the estate of the branch-offices example again, from its
// seed. Run it from the root of the repository: go run ./scripts/generate
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pslan/internal/atomicfile"
	"pslan/internal/synthetic"
)

func main() {
	path := filepath.Join("examples", "branch-offices", "estate.json")
	err := atomicfile.Write(path, func(w io.Writer) error {
		return synthetic.BranchOffices(w, synthetic.BranchOfficesSeed)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
	fmt.Println("wrote", path)
}

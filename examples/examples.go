// Package examples holds the examples that come with pslan, each a folder to plan
// and apply on the lab: the HCL files, the estate that the lab is made from, and a
// README that says what happens and why. `pslan init -example=NAME` writes one out.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed */*.hcl */*.csv */estate.json */README.md
var files embed.FS

// FS returns the folders of all examples.
func FS() fs.FS { return files }

// Names returns the names of all examples, sorted.
func Names() []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(err) // the files are part of the program
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

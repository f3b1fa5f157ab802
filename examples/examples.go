// Package examples holds the examples that come with pslan, each a folder with HCL
// files, the estate that a lab is made from, and a README that says what happens and
// why. `pslan init -example=NAME` writes one out. All but one connect to a lab of their
// own, to be planned and applied on it as they are; real-platform is a folder to fill in
// for a real installation, and its lab is served over the wire.
package examples

import (
	"embed"
	"io/fs"
	"slices"
)

//go:embed */*.hcl */*.csv */*.sql */estate.json */README.md
var files embed.FS

// RealPlatform is the example for a real installation.
const RealPlatform = "real-platform"

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

// OnLab returns the names of the examples that connect to a lab of their own, sorted.
func OnLab() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return name == RealPlatform })
}

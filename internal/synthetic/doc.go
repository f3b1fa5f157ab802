// Package synthetic makes up estates from a seed: the one of the branch-offices
// example, and those of any size that scripts/bench measures with, together with
// the HCL files that go with them.
//
// The same seed gives the same bytes on every machine and with every version of
// Go. The package writes the documented JSON by itself and imports nothing of
// pslan, so that an estate made here also tests the reader.
package synthetic

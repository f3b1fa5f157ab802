// Package config turns the files of one folder into the declared state: HCL in
// native or JSON syntax goes in, declared.Declared comes out, every value with
// the place where it was written.
//
// It promises to tell everything that is wrong in one go, each problem with its
// file, line, columns and source line, sorted, and never the same thing twice: a
// file with syntax errors is left alone after them, and what depends on something
// that failed is quiet. A value marked sensitive never leaves it, neither in a
// diagnostic nor in the declared state. Input is bounded in size and depth before
// it reaches a parser.
//
// Loading runs in two halves. First everything that others can refer to is read:
// variables, locals, package_server blocks. Then the many blocks (image, images,
// pct_package) are parsed in pieces, in parallel, each turned into plain values at
// once, so that a syntax tree never lives longer than its piece.
//
// The package knows no platform: what needs the observed estate is decided in
// package diff. It reads files and the environment that it is handed, no clock and
// no network. No other package touches HCL or cty.
package config

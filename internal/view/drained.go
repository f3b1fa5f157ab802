package view

import (
	"fmt"
	"io"
)

// RetireReport says whether a package server may be switched off, point by point
// (law 15).
type RetireReport struct {
	Server string
	Points []RetirePoint
	Safe   bool
}

// RetirePoint is one condition and what holds it back.
type RetirePoint struct {
	Title string
	OK    bool
	Holds []string
}

// Drained renders the report of `retire`.
func Drained(w io.Writer, _ Options, r RetireReport) {
	fmt.Fprintln(w, r.Server)
}

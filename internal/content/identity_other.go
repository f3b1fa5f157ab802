//go:build !linux && !darwin && !windows

package content

import "io/fs"

// identity tells nothing here, so nothing is known to be unchanged.
func identity(fs.File, fs.FileInfo) string { return "" }

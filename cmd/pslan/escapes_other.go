//go:build !windows

package main

import "os"

// understandsEscapes: terminals here do; TERM=dumb is looked at elsewhere.
func understandsEscapes(*os.File) bool { return true }

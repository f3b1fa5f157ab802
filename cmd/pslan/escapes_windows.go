package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// understandsEscapes asks the console to understand escape sequences, which older
// ones do only when asked, and the oldest not at all.
func understandsEscapes(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

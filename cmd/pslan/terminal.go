package main

import (
	"os"

	"golang.org/x/term"

	"pslan/internal/cli"
)

// terminal finds out which streams are terminals that understand colours and
// boxes, and how wide the one for text is.
func terminal() cli.Terminal {
	t := cli.Terminal{
		In:  term.IsTerminal(int(os.Stdin.Fd())),
		Out: term.IsTerminal(int(os.Stdout.Fd())) && understandsEscapes(os.Stdout),
		Err: term.IsTerminal(int(os.Stderr.Fd())) && understandsEscapes(os.Stderr),
	}
	if t.Out {
		if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			t.Width = width
		}
	}
	return t
}

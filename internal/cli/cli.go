package cli

import (
	"context"
	"io"
	"os"
	"time"

	"pslan/internal/apply"
)

// Version is pslan's own version.
const Version = "0.1.0"

// IO is all that a run of pslan sees of the world around it.
type IO struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            []string // NAME=value
	Dir            string   // the working folder, absolute
	Terminal       Terminal
	// Interrupts delivers what asks pslan to stop: the first stops cleanly, the
	// second leaves at once. nil: nothing does.
	Interrupts <-chan os.Signal
	// Now is the wall clock; nil: time.Now.
	Now func() time.Time
	// hooks let this package's tests break what lies under a run; nil elsewhere.
	hooks *hooks
}

// hooks stand between a run and what it relies on. Nothing outside of this package
// can set them: the program has none.
type hooks struct {
	world   func(apply.World) apply.World
	journal func(apply.Journal) apply.Journal
	// locations finds the folders that a platform names, on this machine.
	locations func(string) (string, error)
}

// Terminal says which streams are terminals, and how wide the one of Stdout is.
type Terminal struct {
	In, Out, Err bool
	Width        int // columns; 0: not known
}

// Main runs one command and returns its exit code. After a second interrupt it
// returns while the command is still running: the caller is to leave the process.
func Main(ctx context.Context, streams IO) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := newApp(streams, cancel)
	ended := make(chan outcome, 1)
	go func() { ended <- a.run(ctx) }()
	interrupted := false
	for {
		select {
		case o := <-ended:
			return a.close(o)
		case <-streams.Interrupts:
			if interrupted {
				return a.close(outcome{interruptedTwice: true})
			}
			interrupted = true
			a.interrupt()
		}
	}
}

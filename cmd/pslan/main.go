// Command pslan keeps the disk images of an ITMS installation on the right package
// servers. Everything it does is in package cli; this file hands it the process.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"pslan/internal/cli"
)

func main() {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintf(os.Stderr, "Error: The working folder cannot be found: %v.\n", err)
		os.Exit(1)
	}
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	os.Exit(cli.Main(context.Background(), cli.IO{
		Args: os.Args[1:], Env: os.Environ(), Dir: dir,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: terminal(), Interrupts: interrupts,
	}))
}

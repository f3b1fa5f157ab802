// Package cli is the command line of pslan: it reads flags and the environment,
// wires the other packages together for one command, and turns what came of it
// into an exit code.
//
// Everything enters through IO: arguments, streams, environment, working folder,
// terminal facts, interrupts and the wall clock. The package reads nothing of the
// process it runs in, so a test runs the same Main as the program does.
//
// What it promises: the view is chosen before anything can fail, so that errors
// reach their reader in the form asked for; every flag works with one dash or two;
// the exit code is the first that applies of one table (outcome); a command that
// only reads never writes to the platform.
//
// What it must not know: how a plan is made, how a step is done, or how either
// looks. That is the work of packages proposal, apply and view.
package cli

// Package plan turns changes into moves and moves into steps.
//
// A move is the path of one image: the owners it passes through and the
// assignments before, between and after. A step is one thing to do or to wait
// for: pure data that can be saved, printed, compared and resumed, and that
// leaves whoever carries it out no choice. Steps form a graph (Step.Needs); any
// order that keeps the graph is legal, and Check replays several of them on a
// hostile model of the platform before a plan is shown.
//
// The package is pure: it knows no file, clock, network or context.
package plan

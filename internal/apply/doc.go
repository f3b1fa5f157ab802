// Package apply carries out a plan: a pure machine that says what is ready and
// what a reading means, and a runner that owns the loop and all I/O.
//
// The loop asks the machine what is ready, looks at the platform afresh, records
// the intent, hands the request to a worker, takes results from one channel, and
// polls everything that waits in one batch. It never reads configuration and
// never prints: it emits events.
//
// Readings go by four lanes, so that an hour of hashing holds up nobody who waits
// for a fact. Syncs go by rounds, like a group commit: those that ask while one
// membership update runs share the next one. On a simulated platform a run is the
// same every time: time moves only when everything asked for has come back, and
// results are taken in the order in which their calls were made.
//
// The state of a run is what looking gives back: a step found done is skipped, one
// that an earlier run asked for is looked at like any other. Nothing has to be
// remembered for a plan to be carried out again until it is done.
//
// A run ends early in one way only, whether it was interrupted, its deadline came or
// its lease was lost: nothing more is started, calls in flight return and are
// recorded, and what was asked for and not yet seen is left to the next run. A resumed
// run is one like any other that knows, in addition, what the journal says was asked
// for. So a crash, a pause and a second apply all come to the same end.
//
// What can delete is held against a reading taken right before it, whatever the plan
// says: no assignment shrinks, no server is refreshed, no wrong file is cleared and no
// role is removed where an image would lose its last good copy by it (P1).
//
// What it promises: a step's request is made only if a reading taken for it shows
// the facts the step relies on (P2-P4), nothing counts as done before it is seen
// (P5), a request is repeated only after its effect was looked for (P7), and one
// image's failure stays with that image.
package apply

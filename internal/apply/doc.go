// Package apply carries out a plan: a pure machine that says what is ready and
// what a reading means, and a runner that owns the loop and all I/O.
//
// The loop asks the machine what is ready, looks at the platform afresh, records
// the intent, hands the request to a worker, takes results from one channel, and
// polls everything that waits in one batch. It never reads configuration and
// never prints: it emits events.
//
// What it promises: a step's request is made only if a reading taken for it shows
// the facts the step relies on (P2-P4), nothing counts as done before it is seen
// (P5), a request is repeated only after its effect was looked for (P7), and one
// image's failure stays with that image.
package apply

// Package world is the simulated installation as pure data and laws: package
// servers, images, copies, the SMP's records, a clock, and what happens next.
//
// A World changes in two ways only: Do carries out one Command (a request of
// pslan, a click of an operator, a fault), and a command of the verb "run" lets
// time pass up to a moment, in which refreshes, membership updates, downloads and
// status events happen by themselves. What came of it for the folders is told as
// Changes; the package itself knows no file, wall clock, network or context.
//
// One seed, one history: every choice is drawn from the seed, the moment and the
// things concerned, never from a running stream. So the order in which requests of
// one moment arrive does not change what comes of them.
//
// The laws are those of ITMS. A changed assignment reaches a server after a
// membership update that began later, and then that server's own refresh. Copies
// are downloaded from the owner only, and checked by name, size and time. What
// left the policy is marked, and its files go at a refresh after the mark is
// overdue. An owner's snapshot is made from its disk, and the others follow it,
// into emptiness too. Status events come late or never.
package world

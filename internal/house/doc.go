// Package house keeps the house in order: its tests read the source of the whole
// module and hold it against the rules of docs/architecture.md. Which package may
// import which, what a pure package may not know, and how large a file may grow.
// It has no code of its own and nothing imports it.
package house

// Package observe puts together what the platform says and what can be seen: it
// reads the estate, looks at copies with whatever eyes there are, and writes what
// they saw into the copies as evidence.
//
// It also remembers hashes (HashStore): as long as a copy lists exactly as it did
// when it was hashed, and that is not too long ago, its digest still stands, so
// that planning needs no hashing and applying hashes what it must.
//
// What it promises: it writes nothing to the platform by itself (an Observer passes
// requests on unchanged); evidence is only ever what was seen or why nothing was;
// a copy that could not be looked at stays unknown. It judges no copy and knows no
// plan.
package observe

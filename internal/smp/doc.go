// Package smp is the real platform: platform.Platform over its web services, over
// tables of facts that no service tells, and over commands of the admin's own for
// steps that have no interface.
//
// What it promises. What is documented is used; what is not is a setting, and where a
// setting is missing the capability is missing: Describe and Prepare say so before
// anything is changed. Nothing is guessed: a fact that no source tells is left out of
// the estate (AssignUnknown, StateUnknown, no owner), and the rules of pslan know how
// to stop at what is left out. Who owns a package is told by no documented field, so
// at least two sources have to agree, else nobody is named. Reading writes nothing.
// An assignment is written with everything else that the same call would change sent
// back as it was read. A request whose answer was lost is told as unreachable, so that
// its effect is looked for before it is made again. Nothing is created on the
// platform, neither tasks nor reports, and the agents' own pages are never called.
//
// A reading of everything asks a package service for each assignment. Where the
// connection lets rows tell them instead, they are held against the service before a plan
// counts, and are believed only as long as they never contradict it (secondhand.go). A
// poll reads only what can have changed of what it waits for (recent.go).
//
// Where a source is missing another one stands in, if the connection asks for it: the
// resource model for lists of images and for links to packages (resourcemodel.go,
// association.go), the XML of items for owners and locations (itemxml.go), names of
// computers for GUIDs of package servers (lookup.go). What stood in is in the notes.
//
// Package servers can be had to print what they have (lists.go): then a reading runs a task
// of the admin's on them, whose script only looks. Their lists are kept as long as they are
// young, and a server whose list cannot be used tells nothing.
//
// Facts about the platform carry a label where the code relies on them: D, documented
// by the vendor; C, seen in public code; I, inferred; N, nothing public is known.
// docs/smp.md lists them with their sources.
//
// It must not know what a plan is.
package smp

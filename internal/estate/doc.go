// Package estate is the vocabulary of pslan: what an ITMS installation is made of
// (package servers, sites, images, copies, assignments), and what can be said of
// an image by looking at it (reference content, class of a copy).
//
// Everything else stands on it and it imports nothing of pslan. It is typed and
// compact, because an estate may have 100,000 images with 20 copies each: servers
// are numbers (ServerID) into Estate.Servers, digests and GUIDs are arrays, times
// are integers. Strings that people wrote keep their spelling; they compare
// without case (Fold).
//
// Two things are never mixed: what the platform says of a copy (Status, Managed)
// and what was seen of it (Evidence). The platform's word proves nothing.
package estate

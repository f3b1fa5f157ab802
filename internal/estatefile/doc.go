// Package estatefile reads and writes estate files: a recorded observation of an
// installation, in JSON, made by `pslan snapshot`, planned against with
// `plan -state`, and used as the seed of a lab.
//
// An estate file may have 100,000 images with 20 copies each, so it is read as a
// stream by a reader made for this one shape: memory grows with the images, not
// with their JSON. Package servers may be named before they are declared.
//
// What it promises: every problem is told with its place, many in one go; a file
// that is broken, cut off or of an unknown version gives no estate at all rather
// than half of one; input is bounded in depth and in the length of a text; an
// estate is in canonical order after reading, whatever the order of the file. What
// is written is the same, byte for byte, for the same estate, and reads back as
// that estate.
//
// It knows nothing of platforms, plans or configuration.
package estatefile

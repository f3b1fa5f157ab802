// Package manifest holds what was seen on the disk of one package server: the files
// of each package with their sizes, times and hashes, and what the agent left beside
// them. `pslan probe` writes it on the server, and the eyes of this package read a
// folder of such files, one or more of each server, instead of disks.
//
// What it promises: a manifest is read as a stream, bounded in every direction, and
// every problem is told with its place; a file that is broken, cut off, incomplete or
// at odds with itself gives no manifest at all rather than half of one. What is
// written is the same, byte for byte, for the same manifest. A manifest in several
// parts is replaced by renaming one file, so a reader finds the old one or the new
// one, never a mixture.
//
// The eyes never make a copy look better than the manifest does: what a manifest
// could not see, or what is missing from a manifest of an interrupted run, is
// unknown, and the evidence is as old as the manifest.
package manifest

// Package probe looks at the packages on the disk of one package server, on that
// server or through a share, and makes a manifest of them: files, sizes, times,
// hashes, and what the agent left beside them.
//
// It lists everything, recognises the files that were not touched since an earlier
// manifest, hashes the rest in parallel, and lists everything once more: the
// manifest's time is that of the second look, and whatever was no longer then as it
// had been read is an error of its package, never a good copy.
//
// What it promises: it only reads; memory grows with the number of files, not with
// their size; it stops soon after its context ends, and what it has by then can be
// gone on with. It writes no files and prints nothing.
package probe

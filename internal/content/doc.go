// Package content looks at copies on disks: which files lie in a package's folder,
// how large they are, what their hashes are, and the two digests that stand for
// all of it (Digest).
//
// What it promises: it only reads; it reads what lies below the folder it was
// given and follows no link out of it; and it never makes a copy look better than
// it is. Whatever cannot be read to the end exactly as it lay there at the start
// (a file that vanishes, grows or is replaced meanwhile, a link, a name that
// cannot be told apart from another one) is an error, and an error makes the copy
// unknown, never good.
//
// It must not know what a copy ought to hold, what the platform says of it, or
// what is planned with it.
package content

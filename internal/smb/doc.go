// Package smb reads folders on Windows shares from any operating system, without
// mounting them: Pool.Open gives a folder as an fs.FS.
//
// What it promises: it only reads. Every answer of a server is signed or encrypted,
// and a server that takes nobody in particular for somebody (guest, anonymous) is
// refused, because its answers are neither. SMB 1 is never spoken. Links are told and
// never followed: symbolic links, junctions and all other reparse points that stand
// for something elsewhere. A file or folder is what the listing said it was, or an
// error: what was replaced meanwhile is noticed by its file ID. Every wait ends: a
// server that does not answer is given up, for all who wait for it.
//
// There is one connection for each host, shared by all that read from it, and made
// anew once it was cut. A password is not tried at one server after the other until
// the account is locked.
//
// Errors are *Error where a server, a network or a login is the reason, in words for
// those who run Windows servers; fs.ErrNotExist means that there is no such file.
//
// It must not know what lies in the folders.
package smb

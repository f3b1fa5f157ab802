// Package lab is a simulated platform: real folders and files, a virtual clock,
// the laws of ITMS, faults, and an operator. It stands behind platform.Platform,
// and is the ground for tests, for a first try without ITMS, and for the rehearsal
// of a real move.
//
// The laws are in package world, which is pure. This package keeps a world on a
// Disk: real folders, or memory for simulations by the hundred thousand. Beside
// the state (lab.json, and journal-N.jsonl with the commands since it was written)
// lie the folders that the simulated servers hold:
//
//	servers/NAME/Package Delivery/{GUID}/cache/...      the files of a package
//	servers/NAME/Package Delivery/{GUID}/snapshot.xml   what its owner's snapshot lists
//	servers/NAME/Package Server Agent/PackageStatus/{GUID}/PackageStatus.xml
//	                                                     while it is marked for deletion
//	locations/HOST!SHARE!FOLDER/...                      images on the SMP, legacy and backup images
//
// What it promises:
//
//   - One seed, one history: the same seed and the same requests give the same end.
//   - Reading changes nothing. Only the waits of a run, Do and Advance move the clock.
//   - Several processes may use one folder at once; every operation holds its lock.
//   - Killed at any moment, a lab opens again: a command is journalled before it is
//     carried out in the folders, and carried out again if that was cut short.
//   - The folders are the truth for files. What people change there by hand is
//     noticed when a command is about to change something, and before every refresh
//     that was asked for.
//
// It must not know what pslan means to do: it obeys, ignores or fails requests as
// the installation would.
package lab

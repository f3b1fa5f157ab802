// Package journal is the durable record of a run: what was about to be asked, what
// was asked, and what was seen, each on disk before what it announces happens.
//
// A journal is a file, runs/ID.jsonl, that only grows: one record a line, numbered,
// each carrying a hash over the hash before it and its own bytes. A torn last line is
// a crash in the middle of a write, and is told, not refused; anything else that
// cannot have come about by appending is refused with the record's number.
//
// A run that was cut short is opened again and goes on in the same file, in a new
// segment that begins with another `opened` record. Within a segment the records of
// one step follow a table (Transitions). A Writer holds its own records against the
// table too: what nobody could read back is not written.
//
// What a Writer promises:
//
//   - When Append returns nil, its records are on disk, and no crash loses them.
//   - The records of one call are one write and one flush; only a group of several
//     megabytes is more than one.
//   - After a write or a flush that failed, everything is refused. What the operating
//     system did with the bytes is not known any more, and asking it to flush again
//     would prove nothing: it may have thrown them away and call that success.
//   - For the same reason Open writes the last part of the file once more before it
//     relies on it: what can be read is not yet what is on disk.
//   - A journal that somebody else has written to meanwhile is left alone.
//
// The package knows the engine's records and nothing of plans, platforms or locks.
package journal

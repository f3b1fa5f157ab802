// Package journal is the durable record of a run: what was about to be asked, what
// was asked, and what was seen, each on disk before what it announces happens.
//
// A journal is a file, runs/ID.jsonl, that only grows: one record a line, numbered,
// each carrying a hash over the record and the hash before it. A torn last line is
// a crash in the middle of a write, and is told, not refused; anything else that
// cannot have come about by appending is refused with the record's number.
//
// A run that was cut short is opened again and goes on in the same file, in a new
// segment that begins with another `opened` record. Within a segment the records of
// one step follow a table (Transitions).
//
// After a write or a flush to disk that failed, a Writer refuses everything: what
// the operating system did with the bytes is not known any more, and asking it to
// flush again would prove nothing.
package journal

// Package rows reads tables of facts that no web service of the platform tells:
// package servers, sites, versions, what the SMP believes of each copy. Three
// carriers bring the same rows: a report that is run by web service, a table or query
// of the database, and a CSV file that somebody exported. What stands in them is
// found by the names of columns, which can be mapped.
//
// What it promises: a table that cannot be used is refused with the names of the
// columns that were found, before any row counts; a cell that cannot be understood is
// told and left out, never guessed. Input is bounded in bytes, rows and columns. The
// database is only read: each query runs in a transaction that is rolled back, and
// the columns of a table are looked up before it is read. Cells are data and never
// become part of a statement. An answer that breaks off is read again or told, and
// never taken for a short table; what the database refuses is told with what to do, and
// nothing that is told holds a password.
//
// It must not know what the rows are for.
package rows

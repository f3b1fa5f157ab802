// Package tds answers as a SQL Server does, for one database of tables that can only be
// read: so that whoever reads tables of a SQL Server can do it over the real wire where
// there is none.
//
// It speaks TDS 7.2 to 7.4, and TDS 8 inside TLS, as the public specification MS-TDS
// tells them: PRELOGIN, TLS inside TDS (for everything, for the login alone, or not at
// all) or around it, LOGIN7 with a password or by SSPI, batches, sp_executesql,
// requests of transactions, and attention. Of Transact-SQL it knows what a reader of
// tables needs: SELECT of columns of one table with plain conditions, the views
// INFORMATION_SCHEMA.COLUMNS and TABLES, a few values of the server, SET, USE and
// transactions.
//
// What it promises:
//
//   - Nothing can be written. Whatever would change something is refused with an error
//     and counted, and so is what it does not understand: never passed over.
//   - Rows of one answer are of one moment.
//   - Messages, statements, connections and waits are bounded; nothing that is sent to
//     it makes it panic or hang.
//   - Troubles make a connection or an answer go wrong: silent, cut off, blocked or
//     refused by number.
//
// It must not know what the tables are about, nor who reads them.
package tds

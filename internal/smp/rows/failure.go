package rows

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"
)

// FailureKind says what a caller can do about a failure.
type FailureKind uint8

// The kinds.
const (
	Refused     FailureKind = iota // the server will not; it will not the next time either
	Unreachable                    // no answer, or only a part of one; the next reading may go well
	LoginFailed
	Denied
	NotFound
)

// Failure is a reading of the database that failed. No password is ever in it.
type Failure struct {
	From    string // dbo.Copies in Symantec_CMDB on sql01
	Kind    FailureKind
	Problem string
	Hint    string // what to do; may be empty
	Err     error
	again   bool // it is worth another try at once
}

// Error returns "table in database on server: problem".
func (f *Failure) Error() string { return f.From + ": " + f.Problem }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// errorsOf are numbers of errors of SQL Server (Microsoft: database engine events and
// errors), with what they mean for a reader of tables.
var errorsOf = map[int32]struct {
	kind    FailureKind
	problem string // %s: as whom pslan logs in
	hint    string
}{
	18456: {LoginFailed, "the server refuses the login of %s", hintLogin},
	18452: {LoginFailed, "the server does not trust the domain of %s", "Windows accounts log in as DOMAIN\\NAME from a trusted domain. A login of SQL Server itself has method = \"basic\" and no domain."},
	18470: {LoginFailed, "the login of %s is disabled", "Have it enabled on the server."},
	18486: {LoginFailed, "the login of %s is locked, after too many wrong passwords", "Have it unlocked on the server, and look who else uses it."},
	18487: {LoginFailed, "the password of %s has expired", hintPassword},
	18488: {LoginFailed, "the password of %s must be changed", hintPassword},
	4060:  {Denied, "%s may not open the database, or there is none of that name", hintDatabase},
	4064:  {Denied, "%s may not open the default database of the login", hintDatabase},
	916:   {Denied, "%s has no user in the database", hintDatabase},
	229:   {Denied, "%s may not select from it", hintSelect},
	230:   {Denied, "%s may not select one of its columns", hintSelect},
	208:   {NotFound, "there is no such table or view", "Write its schema as well, as in dbo.Copies, and look the name up in the database."},
	207:   {NotFound, "the query names a column that is not there", "Look the columns up in the database."},
	3906:  {Refused, "the query would write, and this database can only be read", hintQuery},
	102:   {Refused, "the query is no Transact-SQL", hintQuery},
	137:   {Refused, "the query names a variable", hintQuery},
	156:   {Refused, "the query is no Transact-SQL", hintQuery},
	1205:  {Unreachable, "the server chose this reading as the victim of a deadlock", hintBroken},
	1222:  {Unreachable, "somebody else holds a lock on it", hintBusy},
	976:   {Unreachable, "this replica of the database cannot be read", hintReplica},
	978:   {Unreachable, "this replica of the database can be read with another intent only", hintReplica},
	982:   {Unreachable, "no replica of the database can be read", hintReplica},
	983:   {Unreachable, "the replica of the database is not there yet", hintReplica},
	701:   {Unreachable, "the server is short of memory", hintBusy},
	8645:  {Unreachable, "the server is short of memory", hintBusy},
	17142: {Unreachable, "the server is paused", hintBusy},
	18401: {Unreachable, "the server is being upgraded", hintBusy},
	6005:  {Unreachable, "the server shuts down", hintBusy},
}

const (
	hintLogin    = "Look whether user and password are right (PSLAN_SQL_USER, PSLAN_SQL_PASSWORD). A login of SQL Server itself has method = \"basic\", and the server has to allow such logins; a Windows account is written DOMAIN\\NAME. The server's own log tells more: error 18456 with its state."
	hintKerberos = "Kerberos needs krb5.conf (KRB5_CONFIG), tickets, a keytab or a password, and a principal MSSQLSvc/HOST:PORT of the server. method = \"ntlm\" needs none of them, and method = \"basic\" is a login of SQL Server itself."
	hintPassword = "Change it on the server, and give pslan the new one."
	hintDatabase = "Look whether the name of the database is right (database in the sql block), and have the login made a user of it, as a member of db_datareader or with SELECT on the tables that are named."
	hintSelect   = "Have the login made a member of db_datareader, or given SELECT on it."
	hintQuery    = "A query is one SELECT; run it by hand, as the same login."
	hintBroken   = "It was tried three times. Try again later; if it stays so, look on the server and at what stands between."
	hintBusy     = "Try again later; if it stays so, ask who runs the server."
	hintReplica  = "Name the listener or another server of the availability group."
	hintSecure   = "pslan checks the server's certificate: it has to be for the name in server, from an authority that this machine or ca_file trusts. encrypt = \"strict\" needs SQL Server 2022; encrypt = \"disable\" encrypts nothing, not even the password."
	hintClosed   = "Look whether this is the port of SQL Server, and whether the server wants another encrypt: \"strict\" needs SQL Server 2022, and a server may turn away who does not encrypt."
	hintReach    = "Look whether server and port are right (sql01, sql01:1444, or sql01\\INSTANCE, which asks SQL Server Browser on UDP 1434), whether TCP/IP is switched on there, and what stands between."
	hintSlow     = "Somebody may hold a lock on it, or the query needs more time: look on the server, or raise slow in timeouts."
)

// failure is an error of a reading as callers know it.
func (d *Database) failure(ctx context.Context, from string, err error) error {
	var fault *Fault
	if err == nil || errors.As(err, &fault) {
		return err
	}
	f := &Failure{From: from, Err: err}
	if d.at != "" {
		f.From += " in " + d.at
	}
	var server mssql.Error
	var connecting *connectError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		f.Problem, f.Err = "the reading was given up", context.Canceled
		return f
	case errors.As(err, &server):
		d.told(f, &server)
	case errors.As(err, &connecting):
		d.notConnected(f, connecting)
	case ctx.Err() != nil:
		f.Kind, f.Problem, f.Hint, f.Err = Unreachable, "the server did not answer in time", hintSlow, ctx.Err()
	case broken(err):
		var stream mssql.StreamError
		if errors.As(err, &stream) {
			err = stream.InnerError
		}
		f.Kind, f.Problem, f.Hint, f.again = Unreachable, "the connection broke off before the answer was whole: "+plain(err), hintBroken, true
	default:
		f.Problem = plain(err)
	}
	return f
}

// told is an error that the server told. Of several the one counts that says what the
// others come from: a login fails because of the database that it asks for.
func (d *Database) told(f *Failure, e *mssql.Error) {
	cause := *e
	if at := slices.IndexFunc(e.All, func(each mssql.Error) bool { return errorsOf[each.Number].kind == Denied }); at >= 0 {
		cause = e.All[at]
	}
	known, ok := errorsOf[cause.Number]
	switch {
	case ok:
		f.Kind, f.Hint = known.kind, known.hint
		f.Problem = strings.ReplaceAll(known.problem, "%s", cmp.Or(d.who, "the login")) + ": "
	case cause.Class >= 20: // such an error ends the connection
		f.Kind, f.Hint = Unreachable, hintBusy
	}
	message := strings.TrimPrefix(strings.TrimSpace(cause.Message), "login error: ")
	f.Hint = cmp.Or(f.Hint, hintQuery)
	f.Problem += fmt.Sprintf("%s (error %d of SQL Server)", strings.TrimSuffix(message, "."), cause.Number)
	f.again = f.Kind == Unreachable
}

// notConnected is a connection that did not come about for another reason.
func (d *Database) notConnected(f *Failure, e *connectError) {
	var dial *net.OpError
	var name *net.DNSError
	switch {
	case e.late:
		f.Kind, f.Err = Unreachable, context.DeadlineExceeded
		f.Problem, f.Hint = "the server took too long to let pslan in", hintReach
	case errors.As(e.err, &name):
		f.Kind, f.Problem, f.Hint = Unreachable, "the server cannot be reached: "+plain(name), hintReach
	case errors.As(e.lost, &dial) && dial.Op == "dial":
		f.Kind, f.Problem, f.Hint = Unreachable, "the server cannot be reached: "+plain(dial), hintReach
	case !e.met:
		f.Kind, f.Problem, f.Hint = Unreachable, "the server cannot be reached: "+plain(e.err), hintReach
	case e.lost != nil:
		f.Kind, f.Problem, f.Hint = Unreachable, "the server closed the connection before pslan was logged in: "+plain(e.err), hintClosed
	case e.secure:
		f.Kind, f.Problem, f.Hint = LoginFailed, "pslan cannot log in as "+cmp.Or(d.who, "nobody")+": "+plain(e.err), hintKerberos
	default:
		f.Problem, f.Hint = "the connection cannot be made: "+plain(e.err), hintSecure
	}
}

// broken tells whether an error is one of the connection.
func broken(err error) bool {
	var network net.Error
	var stream mssql.StreamError
	var server mssql.ServerError
	return errors.As(err, &network) || errors.As(err, &stream) || errors.As(err, &server) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
}

// plain is the text of an error on one line.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "mssql: ")
	return strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
}

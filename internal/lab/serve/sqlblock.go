package serve

import (
	"cmp"
	"fmt"
	"strings"
)

// SQL says what the sql block needs of a connection that reads tables of the lab's
// database in place of reports.
type SQL struct {
	Server string // HOST:PORT
	// Encrypted: the server has a certificate of the connection's CAFile.
	Encrypted bool
	TimeZone  string // of the times in tables; "": UTC
}

// block writes the sql block of a connection.
func (q *SQL) block(c *Connection) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  time_zone = %s\n\n  sql {\n", quoted(cmp.Or(q.TimeZone, "UTC")))
	fmt.Fprintf(&b, "    server   = %s\n    database = %s\n", quoted(q.Server), quoted(DatabaseName))
	if q.Encrypted {
		fmt.Fprintf(&b, "    ca_file  = %s\n", quoted(c.CAFile))
	} else {
		b.WriteString("    encrypt  = \"disable\"\n")
	}
	user, method, which := "pslan", "basic", "any"
	if len(c.Logins) > 0 {
		user, method, which = c.User, loginBy(c.Logins), "the"
	}
	fmt.Fprintf(&b, "\n    # with %s password in PSLAN_SQL_PASSWORD\n    login {\n      user   = %s\n      method = %s\n    }\n  }\n", which, quoted(user), quoted(method))
	return b.String()
}

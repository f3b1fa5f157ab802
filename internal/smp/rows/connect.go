package rows

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	_ "github.com/microsoft/go-mssqldb/integratedauth/krb5" // Kerberos: the driver finds it by name
	"github.com/microsoft/go-mssqldb/msdsn"

	"pslan/internal/credential"
	"pslan/internal/smp/trust"
)

// Connection says where the database is, and as whom to log in.
type Connection struct {
	Server, Database string // SERVER, SERVER:PORT, SERVER,PORT or SERVER\INSTANCE
	Encrypt          string // mandatory, strict, disable; "": mandatory
	CAFile           string
	Credential       *credential.Credential
}

// connectTimeout bounds all of it: name, connection, TLS, login.
const connectTimeout = 30 * time.Second

// idleTimeout ends connections before firewalls forget them.
const idleTimeout = time.Minute

// Connect makes a handle of a database. Nothing is dialled yet.
func Connect(c Connection) (*Database, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, fmt.Errorf("the connection to the database is not right: %w", err)
	}
	d := &Database{at: c.Database + " on " + c.Server, who: c.Credential.String()}
	d.db = sql.OpenDB(&opener{cfg, connectTimeout})
	d.db.SetMaxOpenConns(2)
	d.db.SetConnMaxIdleTime(idleTimeout)
	return d, nil
}

// config makes the driver's settings. The password never stands in a text.
func (c *Connection) config() (msdsn.Config, error) {
	host, instance, _ := strings.Cut(c.Server, `\`)
	if name, port, ok := strings.Cut(host, ","); ok { // as SQL Server's own tools write it
		host = net.JoinHostPort(strings.Trim(name, " []"), strings.TrimSpace(port))
	}
	u := url.URL{Scheme: "sqlserver", Host: host, Path: instance}
	q := url.Values{}
	q.Set("database", c.Database)
	q.Set("app name", "pslan")
	q.Set("ApplicationIntent", "ReadOnly")
	q.Set("dial timeout", fmt.Sprint(int(connectTimeout.Seconds())))
	encrypt := c.Encrypt
	if encrypt == "" {
		encrypt = "mandatory"
	}
	q.Set("encrypt", encrypt)
	user := ""
	if cr := c.Credential; cr != nil {
		user = cr.User
		switch method(cr) {
		case credential.Kerberos:
			q.Set("authenticator", "krb5")
			for name, value := range map[string]string{
				"krb5-realm": cr.Domain, "krb5-keytabfile": cr.Keytab, "krb5-credcachefile": cr.Cache, "krb5-configfile": cr.Config,
			} {
				if value != "" {
					q.Set(name, value)
				}
			}
		case credential.NTLM:
			q.Set("authenticator", "ntlm")
			user = cr.Domain + `\` + cr.User
		}
	}
	u.RawQuery = q.Encode()
	cfg, err := msdsn.Parse(u.String())
	if err != nil {
		return cfg, err
	}
	cfg.User = user
	if c.Credential != nil {
		cfg.Password = c.Credential.Password()
	}
	// The driver's own reading of a CA file depends on how the file is called, takes one
	// without certificates for trust in nobody, and leaves out the system's authorities.
	roots, err := trust.Roots(c.CAFile)
	if err != nil {
		return cfg, err
	}
	cfg.TLSConfig = &tls.Config{ServerName: cfg.Host, RootCAs: roots, MinVersion: tls.VersionTLS12, DynamicRecordSizingDisabled: true}
	return cfg, nil
}

// method is how to log in to the database: where the credential leaves it open,
// Kerberos with tickets or a keytab, NTLM with a domain, and a login of the database
// itself (basic) with neither.
func method(c *credential.Credential) credential.Method {
	switch {
	case c.Method != credential.Negotiate:
		return c.Method
	case c.Cache != "" || c.Keytab != "" || strings.Contains(c.Domain, "."):
		return credential.Kerberos
	case c.Domain != "":
		return credential.NTLM
	}
	return credential.Basic
}

// opener opens connections. The driver heeds a context only while it dials: a server
// that takes a connection and says nothing would hold it for ever.
type opener struct {
	cfg   msdsn.Config
	limit time.Duration
}

// Driver returns the driver.
func (o *opener) Driver() driver.Driver { return &mssql.Driver{} }

// Connect opens a connection and logs in.
func (o *opener) Connect(ctx context.Context) (driver.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	cfg := o.cfg
	w := &watcher{}
	cfg.TLSConfig = o.cfg.TLSConfig.Clone() // the driver writes into it
	cfg.TLSConfig.VerifyConnection = w.verified
	c := mssql.NewConnectorConfig(cfg)
	c.Dialer = w
	stop := context.AfterFunc(limited, w.giveUp)
	conn, err := c.Connect(limited)
	if !stop() && err == nil {
		err = limited.Err() // and whatever was open is closed
	}
	if err != nil {
		return nil, w.failure(err, limited.Err() != nil)
	}
	return &connection{conn.(*mssql.Conn), w}, nil
}

// connection is one of the driver's. The driver hands the memory of a connection that it
// closed to the next one, and may still read an answer into it that was given up: so a
// connection is cut under the driver, and its memory never handed on.
type connection struct {
	*mssql.Conn
	network *watcher
}

// Close implements driver.Conn.
func (c *connection) Close() error {
	c.network.giveUp()
	return nil
}

// connectError is a connection that did not come about.
type connectError struct {
	err    error
	lost   error // the failure of the network under it; nil if there was none
	late   bool  // the server was too slow
	met    bool  // there was a connection to it
	secure bool  // its certificate was found to be right
}

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// watcher dials for the driver, and knows what became of the connections.
type watcher struct {
	mu     sync.Mutex
	open   []net.Conn
	over   bool
	failed error
	met    bool
	secure bool
}

// DialContext makes one connection.
func (w *watcher) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.failed = err
		return nil, err
	}
	if w.over {
		conn.Close()
		return nil, context.DeadlineExceeded
	}
	w.met = w.met || network == "tcp" // and not the question where an instance is
	w.open = append(w.open, conn)
	return &watchedConn{conn, w}, nil
}

// giveUp ends what is open: whoever reads or writes there fails.
func (w *watcher) giveUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for _, conn := range w.open {
		conn.Close()
	}
}

// verified is told when a certificate was checked and found to be right.
func (w *watcher) verified(tls.ConnectionState) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secure = true
	return nil
}

func (w *watcher) failure(err error, late bool) *connectError {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &connectError{err: err, lost: w.failed, late: late, met: w.met, secure: w.secure}
}

// note remembers the first failure: the driver makes plain text of it.
func (w *watcher) note(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

type watchedConn struct {
	net.Conn
	watcher *watcher
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.watcher.note(err)
	return n, err
}

func (c *watchedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.watcher.note(err)
	return n, err
}

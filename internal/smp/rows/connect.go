package rows

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	_ "github.com/microsoft/go-mssqldb/integratedauth/krb5" // Kerberos: the driver finds it by name
	"github.com/microsoft/go-mssqldb/msdsn"

	"pslan/internal/credential"
)

// Connection says where the database is, and as whom to log in.
type Connection struct {
	Server, Database string // SERVER, SERVER:PORT or SERVER\INSTANCE
	Encrypt          string // mandatory, strict, disable; "": mandatory
	CAFile           string
	Credential       *credential.Credential
}

const dialTimeout = 30 * time.Second

// Connect makes a handle of a database. Nothing is dialled yet.
func Connect(c Connection) (*Database, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, fmt.Errorf("the connection to the database is not right: %w", err)
	}
	db := sql.OpenDB(mssql.NewConnectorConfig(cfg))
	db.SetMaxOpenConns(2)
	return Of(db), nil
}

// config makes the driver's settings. The password never stands in a text.
func (c *Connection) config() (msdsn.Config, error) {
	host, instance, _ := strings.Cut(c.Server, `\`)
	u := url.URL{Scheme: "sqlserver", Host: host, Path: instance}
	q := url.Values{}
	q.Set("database", c.Database)
	q.Set("app name", "pslan")
	q.Set("ApplicationIntent", "ReadOnly")
	q.Set("dial timeout", fmt.Sprint(int(dialTimeout.Seconds())))
	encrypt := c.Encrypt
	if encrypt == "" {
		encrypt = "mandatory"
	}
	q.Set("encrypt", encrypt)
	if c.CAFile != "" {
		q.Set("certificate", c.CAFile)
	}
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

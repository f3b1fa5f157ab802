// Package credential finds out as whom pslan logs in to a share or to the platform:
// from a login block, the environment and files. It is the only place that reads
// passwords.
//
// What it promises: a password is never part of anything that is printed, logged,
// saved or compared; a Credential prints as its user. What is missing or
// contradictory is told with the name of the setting and of the environment variable
// that would help, before anything is dialled.
//
// It must not know what the credential is for.
package credential

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"pslan/internal/declared"
)

// Method says how to log in.
type Method string

// The methods. Negotiate tries Kerberos where there are tickets, a keytab, or a realm
// to log in to, and NTLM otherwise.
const (
	Negotiate Method = "negotiate"
	Kerberos  Method = "kerberos"
	NTLM      Method = "ntlm"
	Basic     Method = "basic"
)

// Credential is who pslan is to a server.
type Credential struct {
	Method Method
	User   string // without domain or realm; "" where tickets alone are used
	Domain string // what stood before the backslash, or the realm; "" where none was given
	// Keytab, Cache and Config are Kerberos files; "" where none is named. Config is
	// krb5.conf.
	Keytab, Cache, Config string
	password              string
}

// Password returns the password, "" where there is none. Whoever calls it must not
// let it out.
func (c *Credential) Password() string { return c.password }

// String names the user, never the password.
func (c *Credential) String() string {
	switch {
	case c == nil || c.User == "" && c.Cache == "":
		return "nobody"
	case c.User == "":
		return "the owner of " + c.Cache
	case c.Domain == "":
		return c.User
	}
	return c.Domain + `\` + c.User
}

// GoString is String: a password does not come out by %#v either.
func (c *Credential) GoString() string { return c.String() }

// Source says where a credential comes from.
type Source struct {
	Login  *declared.Login // nil: no login block
	Prefix string          // of the environment variables: PSLAN_SMB, PSLAN_SMP
	Env    func(name string) string
	Path   func(name string) string // of a file named in the block, made absolute
}

// Read finds the credential. The environment (PREFIX_USER, PREFIX_PASSWORD,
// PREFIX_PASSWORD_FILE, KRB5CCNAME, KRB5_CONFIG) fills in what the block leaves out,
// but PREFIX_USER and the passwords of the environment go before those of the block.
func Read(s Source) (*Credential, error) {
	login := s.Login
	if login == nil {
		login = &declared.Login{}
	}
	c := &Credential{Method: Method(login.Method), User: login.User, Keytab: s.file(login.Keytab), Cache: s.file(login.CredentialCache), Config: s.file(login.KerberosConfig)}
	if c.Method == "" {
		c.Method = Negotiate
	}
	if user := s.Env(s.Prefix + "_USER"); user != "" {
		c.User = user
	}
	c.split()
	if c.Cache == "" {
		c.Cache = strings.TrimPrefix(s.Env("KRB5CCNAME"), "FILE:")
	}
	if c.Config == "" {
		// MIT Kerberos takes a list there, whose first file goes before the others.
		c.Config = append(filepath.SplitList(s.Env("KRB5_CONFIG")), "")[0]
	}
	var err error
	if c.password, err = s.password(login); err != nil {
		return nil, err
	}
	return c, c.check(s.Prefix)
}

// split takes the domain or the realm out of the user's name.
func (c *Credential) split() {
	if domain, user, ok := strings.Cut(c.User, `\`); ok {
		c.Domain, c.User = domain, user
	} else if at := strings.LastIndexByte(c.User, '@'); at >= 0 {
		c.Domain, c.User = c.User[at+1:], c.User[:at]
	}
}

func (s *Source) file(name string) string {
	if name == "" {
		return ""
	}
	return s.Path(name)
}

func (s *Source) password(login *declared.Login) (string, error) {
	if p := s.Env(s.Prefix + "_PASSWORD"); p != "" {
		password, err := onOneLine(p)
		if err != nil {
			return "", fmt.Errorf("%s_PASSWORD %w", s.Prefix, err)
		}
		return password, nil
	}
	name := s.Env(s.Prefix + "_PASSWORD_FILE")
	if name == "" {
		name = s.file(login.PasswordFile)
	}
	if name == "" {
		return "", nil
	}
	return PasswordFile(name)
}

func (c *Credential) check(prefix string) error {
	switch {
	case c.Method == Kerberos && c.User == "" && c.Cache == "":
		return fmt.Errorf("kerberos needs tickets or a user: run kinit and set KRB5CCNAME, or set user and keytab in the login block, or %s_USER and %s_PASSWORD", prefix, prefix)
	case (c.Method == NTLM || c.Method == Basic) && (c.User == "" || c.password == ""):
		return fmt.Errorf("%s needs a user and a password: set %s_USER and %s_PASSWORD, or user and password_file in the login block", c.Method, prefix, prefix)
	case c.Method == Negotiate && c.User == "" && c.Cache == "":
		return fmt.Errorf("nobody to log in as: set %s_USER and %s_PASSWORD, or user and password_file in a login block, or run kinit and set KRB5CCNAME", prefix, prefix)
	case c.Method == Negotiate && c.User != "" && c.password == "" && c.Keytab == "" && c.Cache == "":
		return errors.New("no password for " + c.String() + ": set " + prefix + "_PASSWORD, or password_file in the login block")
	}
	return nil
}

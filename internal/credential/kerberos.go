package credential

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/krberror"
)

// ErrRefused is in the error of Kerberos where a KDC was reached and said no: a wrong
// password, an account that is locked or does not exist, clocks that differ. Trying
// again, or by another method with the same password, may lock the account.
var ErrRefused = errors.New("the KDC refuses the login")

// kerberosFileLimit bounds tickets, keytabs and krb5.conf.
const kerberosFileLimit = 4 << 20 // bytes

// MayKerberos reports whether there is something to try Kerberos with: tickets, a
// keytab, a krb5.conf that was named, or a realm in the user's name.
func (c *Credential) MayKerberos() bool {
	switch c.Method {
	case Kerberos:
		return true
	case NTLM, Basic:
		return false
	}
	if c.Cache != "" || c.Keytab != "" {
		return true
	}
	return c.User != "" && c.password != "" && (c.Config != "" || strings.Contains(c.Domain, "."))
}

// MayNTLM reports whether there is something to try NTLM with.
func (c *Credential) MayNTLM() bool {
	return (c.Method == NTLM || c.Method == Negotiate) && c.User != "" && c.password != ""
}

// Kerberos logs in to the realm and gives a client that gets tickets for services:
// of shares (cifs/HOST) as well as of web servers (HTTP/HOST), so whoever speaks with
// either uses this one. The tickets of a cache go first, then a keytab, then the
// password. The client may be used by many at once and renews its tickets; whoever
// asked for it calls Destroy.
//
// Realm and KDCs come from krb5.conf; without one, from the user's realm and DNS.
func (c *Credential) Kerberos() (*client.Client, error) {
	conf, err := c.kerberosConfig()
	if err != nil {
		return nil, err
	}
	if c.Cache != "" {
		return c.fromCache(conf)
	}
	realm := strings.ToUpper(c.Domain)
	if !strings.Contains(realm, ".") && conf.LibDefaults.DefaultRealm != "" {
		realm = conf.LibDefaults.DefaultRealm // CONTOSO\user: not a realm
	}
	switch {
	case realm == "":
		return nil, fmt.Errorf("the realm of %s is not known: write the user as user@REALM, or name a krb5.conf with default_realm (kerberos_config, KRB5_CONFIG)", c)
	case c.User == "":
		return nil, errors.New("kerberos needs a user for its keytab or password, and none is given")
	}
	var cl *client.Client
	switch {
	case c.Keytab != "":
		kt := keytab.New()
		if err := readKerberos(c.Keytab, "keytab", kt.Unmarshal); err != nil {
			return nil, err
		}
		cl = client.NewWithKeytab(c.User, realm, kt, conf, client.DisablePAFXFAST(true))
	case c.password != "":
		cl = client.NewWithPassword(c.User, realm, c.password, conf, client.DisablePAFXFAST(true))
	default:
		return nil, fmt.Errorf("kerberos has neither tickets nor a keytab nor a password for %s", c)
	}
	if err := cl.Login(); err != nil {
		cl.Destroy()
		return nil, loginError(err)
	}
	return cl, nil
}

// fromCache takes the tickets that kinit left.
func (c *Credential) fromCache(conf *config.Config) (*client.Client, error) {
	for _, kind := range []string{"KEYRING:", "KCM:", "API:", "MSLSA:", "DIR:", "MEMORY:"} {
		if strings.HasPrefix(c.Cache, kind) {
			return nil, fmt.Errorf("the tickets in %s cannot be read: pslan reads ticket caches that are files. Run kinit -c FILE, and set KRB5CCNAME or credential_cache to that file", c.Cache)
		}
	}
	cache := new(credentials.CCache)
	if err := readKerberos(c.Cache, "ticket cache", cache.Unmarshal); err != nil {
		return nil, err
	}
	cl, err := client.NewFromCCache(cache, conf, client.DisablePAFXFAST(true))
	if err != nil {
		return nil, fmt.Errorf("the ticket cache %s cannot be used (%w): run kinit", c.Cache, err)
	}
	if err := cl.Login(); err != nil { // asks nobody: it looks whether the tickets are still good
		cl.Destroy()
		return nil, fmt.Errorf("the tickets in %s have run out: run kinit", c.Cache)
	}
	return cl, nil
}

// kerberosConfig reads krb5.conf: the one that was named, else the system's, else
// what the user's realm tells.
func (c *Credential) kerberosConfig() (*config.Config, error) {
	name := c.Config
	if name == "" {
		name = systemConfig()
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return realmConfig(c.Domain), nil
		}
	}
	var conf *config.Config
	err := readKerberos(name, "Kerberos configuration", func(text []byte) (err error) {
		conf, err = config.NewFromString(string(text))
		if unsupported := (config.UnsupportedDirective{}); errors.As(err, &unsupported) {
			err = nil // include and the like; what is needed may well be there
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if conf.LibDefaults.DefaultRealm == "" && strings.Contains(c.Domain, ".") {
		conf.LibDefaults.DefaultRealm = strings.ToUpper(c.Domain)
	}
	return conf, nil
}

func systemConfig() string {
	if runtime.GOOS == "windows" {
		return `C:\ProgramData\MIT\Kerberos5\krb5.ini`
	}
	return "/etc/krb5.conf"
}

// realmConfig is the configuration of a machine that has none: the KDCs of the
// user's realm are those that DNS names.
func realmConfig(domain string) *config.Config {
	conf := config.New()
	conf.LibDefaults.DNSLookupKDC = true
	if strings.Contains(domain, ".") {
		conf.LibDefaults.DefaultRealm = strings.ToUpper(domain)
	}
	return conf
}

// readKerberos reads a Kerberos file. The library's readers of binary files panic on
// broken ones; that is an error like any other.
func readKerberos(name, what string, parse func([]byte) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the %s %s is broken", what, name)
		}
	}()
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("the %s cannot be read: %w", what, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, kerberosFileLimit+1))
	switch {
	case err != nil:
		return fmt.Errorf("the %s cannot be read: %w", what, err)
	case len(data) > kerberosFileLimit:
		return fmt.Errorf("the %s %s is larger than %d bytes", what, name, kerberosFileLimit)
	}
	if err := parse(data); err != nil {
		return fmt.Errorf("the %s %s is broken: %w", what, name, err)
	}
	return nil
}

// loginError tells a KDC that said no from one that was not reached.
func loginError(err error) error {
	var k krberror.Krberror
	switch {
	case !errors.As(err, &k):
		return err
	case k.RootCause == krberror.KDCError || k.RootCause == krberror.KRBMsgError:
		return fmt.Errorf("%w: %w", ErrRefused, err)
	case k.RootCause == krberror.NetworkingError:
		return fmt.Errorf("no KDC of the realm answers: %w", err)
	}
	return err
}

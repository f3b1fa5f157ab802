package config

import (
	"pslan/internal/declared"
	"pslan/internal/wording"
)

// defaultLab is where a lab lies that names no path.
const defaultLab = ".pslan/lab"

// decodeConnection reads a connection block. Arguments are those of its type.
func (d *decoder) decodeConnection(b *block) declared.Connection {
	d.in = b.name()
	defer func() { d.in = "" }()
	conn := declared.Connection{Type: b.label(), Range: b.header()}
	switch conn.Type {
	case "lab":
		c := d.open(b, labSpec)
		conn.Path = defaultLab
		if path, ok := d.word(c.attr("path")); ok {
			conn.Path = path
		}
		conn.Seed, _ = d.word(c.attr("seed"))
		conn.Operator, _ = d.choice(c.attr("operator"), "present", "absent")
		if word, _ := d.choice(c.attr("ownership"), "server", "operator"); word == "operator" {
			conn.Ownership = word
		}
	case "snapshot":
		c := d.open(b, snapshotSpec)
		if a := d.required(&c, "path"); a != nil {
			conn.Path, _ = d.word(a)
		}
	case "smp":
		d.decodeSMP(b, &conn)
	default:
		d.errorf(b.labelRanges[0], "Unknown connection type", "There is no connection type %q. The types are lab, snapshot and smp.%s", conn.Type, wording.DidYouMean(conn.Type, []string{"lab", "snapshot", "smp"}))
	}
	return conn
}

// decodeLogin reads a login block: as whom pslan logs in. Passwords do not stand in
// these files.
func (d *decoder) decodeLogin(b *block) *declared.Login {
	login := &declared.Login{Range: b.header()}
	d.inside("login", func() {
		c := d.open(b, loginSpec)
		login.Method, _ = d.choice(c.attr("method"), "negotiate", "kerberos", "ntlm", "basic")
		login.User, _ = d.word(c.attr("user"))
		login.PasswordFile, _ = d.word(c.attr("password_file"))
		login.Keytab, _ = d.word(c.attr("keytab"))
		login.CredentialCache, _ = d.word(c.attr("credential_cache"))
		login.KerberosConfig, _ = d.word(c.attr("kerberos_config"))
	})
	return login
}

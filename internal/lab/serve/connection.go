package serve

import (
	"fmt"
	"slices"
	"strings"
)

// Connection says what a connection block for this server needs.
type Connection struct {
	URL    string
	CAFile string   // "" for none
	Logins []string // schemes of the dialect; none: nobody needs to log in
	User   string   // who may log in
	// Do is the command that plays the operator: program and arguments; none: no
	// actions are written.
	Do []string
	// SQL is the lab's database, whose tables are read in place of reports; nil: reports
	// are.
	SQL *SQL
}

// Block writes the block, ready to be put into a configuration.
func (c Connection) Block() string {
	var b strings.Builder
	b.WriteString("connection \"smp\" {\n  url = " + quoted(c.URL) + "\n")
	if strings.HasPrefix(c.URL, "http://") {
		b.WriteString("\n  allow_http = true\n")
	}
	if c.CAFile != "" {
		b.WriteString("\n  ca_file = " + quoted(c.CAFile) + "\n")
	}
	b.WriteString("\n  poll = \"1s\"\n")
	if len(c.Logins) > 0 {
		b.WriteString("\n  # with the password in PSLAN_SMP_PASSWORD\n  login {\n    user   = " + quoted(c.User) + "\n    method = " + quoted(loginBy(c.Logins)) + "\n  }\n")
	}
	if c.SQL != nil {
		b.WriteString(c.SQL.block(&c))
	}
	b.WriteString("\n  refresh {\n    task = \"" + RefreshTask + "\"\n  }\n\n  membership {\n    schedule = \"" + MembershipSchedule + "\"\n  }\n\n")
	for _, r := range Reports() {
		if c.SQL != nil {
			fmt.Fprintf(&b, "  rows %q {\n    table = %q\n  }\n", r.Name, "dbo."+r.Name)
			continue
		}
		fmt.Fprintf(&b, "  rows %q {\n    report = %q\n  }\n", r.Name, r.GUID)
	}
	if len(c.Do) > 0 {
		words := make([]string, len(c.Do))
		for i, w := range c.Do {
			words[i] = quoted(w)
		}
		for _, op := range []string{"take_ownership", "clear_copy", "copy_files", "convert", "change_profile", "retire_server"} {
			fmt.Fprintf(&b, "\n  action %q {\n    command = [%s]\n  }\n", op, strings.Join(words, ", "))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// ContentBlock has pslan look at the package folders of a lab in a folder, as it would
// at mounted shares.
func ContentBlock(dir string) string {
	root := quoted(strings.ReplaceAll(dir, `\`, "/"))
	return "content {\n  method = \"path\"\n  root   = " + root[:len(root)-1] + "/servers/${server.name}/Package Delivery\"\n}\n"
}

// loginBy is how to log in with a password: Kerberos needs a realm, which a lab has not.
func loginBy(logins []string) string {
	for _, scheme := range []string{"NTLM", "Negotiate"} {
		if slices.Contains(logins, scheme) {
			return "ntlm"
		}
	}
	return "basic"
}

// quoted writes a text as the language has it.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{", "\n", `\n`).Replace(s) + `"`
}

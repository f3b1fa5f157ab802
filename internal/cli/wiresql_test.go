package cli

import (
	"bytes"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pslan/internal/lab/serve"
	"pslan/internal/lab/tds"
)

// overSQL is steeredWire where every kind of rows is a table of the lab's database,
// which is served over TDS.
func overSQL(t *testing.T, example string, dialect ...string) (*wired, *tds.Server) {
	t.Helper()
	d, err := serve.ParseDialect(dialect, nil)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, r := range serve.Reports() {
		kinds = append(kinds, r.Name)
	}
	w := overWire(t, example, dialect, kinds...)
	w.steer(d)
	authority, err := serve.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := tds.Options{Database: w.server.Database(), Logins: onlyWired{}, Report: func(err error) { t.Log(err) }}
	if o.TLS, err = authority.Config(listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	database, err := tds.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- database.Serve(listener) }()
	t.Cleanup(func() {
		database.Close()
		if err := <-ended; !errors.Is(err, tds.ErrClosed) {
			t.Error(err)
		}
	})
	w.write("sqlca.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate()})))
	w.edit(func(hcl string) string {
		return regexp.MustCompile(`rows "(\w+)" \{\n    report = ".*"`).ReplaceAllString(hcl, "rows \"$1\" {\n    table = \"dbo.$1\"")
	})
	w.inConnection("  time_zone = \"UTC\"\n  sql {\n    server = \"" + listener.Addr().String() + "\"\n    database = \"" + serve.DatabaseName +
		"\"\n    ca_file = \"sqlca.crt\"\n    login {\n      user = \"" + wiredUser + "\"\n      method = \"basic\"\n    }\n  }\n")
	return w, database
}

// onlyWired lets in the user of these tests, by password.
type onlyWired struct{}

func (onlyWired) Known(user, password string) string {
	if user == wiredUser && password == wiredPassword {
		return user
	}
	return ""
}

func (onlyWired) Negotiate() func([]byte) (string, []byte) { return nil }

// edit changes the main file of the configuration.
func (w *wired) edit(change func(hcl string) string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "pslan.hcl"))
	if err != nil {
		w.t.Fatal(err)
	}
	changed := change(string(text))
	if changed == string(text) {
		w.t.Fatal("the configuration was not changed")
	}
	w.write("pslan.hcl", changed)
}

// TestRowsBySQL: with all rows from a SQL Server an example comes to the plan and the
// end that the lab itself comes to; nothing was written there, every transaction was
// rolled back, and all of it was encrypted.
func TestRowsBySQL(t *testing.T) {
	for _, name := range []string{"narrowed-assignment", "retire-ps008"} {
		want := onLab(t, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, database := overSQL(t, name)
			w.same(want)
			n := database.Counts()
			if n.Writes != 0 || n.NotUnderstood != 0 || n.Committed != 0 || n.Begun == 0 || n.Begun != n.RolledBack || n.Selects < 2*n.Begun || n.LoginsRefused != 0 {
				t.Errorf("%+v", n)
			}
			for _, s := range database.Sessions() {
				if s.Encryption != tds.EncryptedAll || !s.ReadOnly || s.User != wiredUser || s.Application != "pslan" || s.Database != serve.DatabaseName {
					t.Errorf("%+v", s)
				}
			}
			if i := slices.IndexFunc(w.server.Journal(), func(c serve.Call) bool { return strings.HasPrefix(c.Method, "RunReport") }); i >= 0 {
				t.Error("a report was run")
			}
		})
	}
}

// TestSQLTroubles: connections to the database that break off, deadlocks, and a server
// that starts again change neither the end of an apply nor what a plan is. A table that
// never comes whole stops a plan, and is never taken for a short one.
func TestSQLTroubles(t *testing.T) {
	t.Parallel()
	const name = "narrowed-assignment"
	want := onLab(t, name)
	w, database := overSQL(t, name)
	database.Harm(tds.Trouble{On: tds.OnRows, Table: "dbo.copies", Rows: 1, Harm: tds.Cut})
	if code, out := w.run("plan"); code != exitError || !strings.Contains(out, "The platform cannot be reached") || !strings.Contains(out, "dbo.copies in Symantec_CMDB") {
		t.Errorf("%d: %s", code, out)
	}
	database.Harm(
		tds.Trouble{On: tds.OnConnect, Count: 1, Harm: tds.Cut},
		tds.Trouble{On: tds.OnRows, Table: "dbo.copies", Rows: 1, Count: 2, Harm: tds.Cut},
		tds.Trouble{On: tds.OnRows, Table: "dbo.packages", Count: 2, Harm: tds.Refuse, Error: tds.Problem{Number: 1205, Class: 13, State: 1, Message: "deadlock"}},
		tds.Trouble{On: tds.OnRows, Table: "INFORMATION_SCHEMA.COLUMNS", Rows: 2, Count: 2, Harm: tds.Cut},
	)
	for range 3 { // a server that does not let in ends a command
		if code, out := w.run("apply", "-auto-approve"); code == want.code {
			break
		} else if !strings.Contains(out, "The platform cannot be reached") {
			t.Fatal(out)
		}
	}
	if diff := cmp.Diff(want.ends, w.ends()); diff != "" {
		t.Errorf("-lab +wire:\n%s", diff)
	}
	database.Drop()
	if got := w.plan().ID; got != want.rest {
		t.Errorf("ID of the plan that remains: %s, want %s", got, want.rest)
	}
	if n := database.Counts(); n.Writes+n.Committed+n.NotUnderstood != 0 {
		t.Errorf("%+v", n)
	}
}

// TestSQLRefused: what the database refuses stops a plan, and is told with what to do and
// without the password; so does the doctor, for each table.
func TestSQLRefused(t *testing.T) {
	t.Parallel()
	w, database := overSQL(t, "narrowed-assignment")
	for _, c := range []struct {
		what    string
		change  func(hcl string) string
		trouble *tds.Trouble
		want    []string
	}{
		{"wrong user", func(hcl string) string { return strings.Replace(hcl, `user = "svc"`, `user = "sa"`, 1) }, nil,
			[]string{"The platform denied access", "Read rows \"smp\": dbo.smp in Symantec_CMDB on 127.0.0.1:", "refuses the login of sa", "18456", "PSLAN_SQL_PASSWORD"}},
		{"no right to a table", nil, &tds.Trouble{On: tds.OnRows, Table: "dbo.packages", Harm: tds.Refuse, Error: tds.Problem{Number: 229, Class: 14, State: 5, Message: "The SELECT permission was denied on the object 'packages'."}},
			[]string{"rows \"packages\"", "svc may not select from it", "db_datareader"}},
		{"no such table", func(hcl string) string { return strings.Replace(hcl, "dbo.copies", "dbo.copy", 1) }, nil, []string{"rows \"copies\"", "dbo.copy", "no such table"}},
		{"no such column", func(hcl string) string {
			return strings.Replace(hcl, `table = "dbo.copies"`, "table = \"dbo.copies\"\n    columns = { server = \"host\" }", 1)
		}, nil, []string{"rows \"copies\"", "it lacks \"host\" (for server", "its columns are: package, server"}},
		{"no such database", func(hcl string) string { return strings.Replace(hcl, serve.DatabaseName, "Altiris", 1) }, nil, []string{"svc may not open the database", "4060"}},
		{"authority nobody trusts", func(hcl string) string { return strings.Replace(hcl, `ca_file = "sqlca.crt"`, "", 1) }, nil, []string{"certificate signed by unknown authority", "ca_file"}},
		{"file without certificates", func(hcl string) string { return strings.Replace(hcl, "sqlca.crt", "pslan.hcl", 1) }, nil, []string{"holds no certificate in PEM form"}},
	} {
		before, err := os.ReadFile(filepath.Join(w.dir, "pslan.hcl"))
		if err != nil {
			t.Fatal(err)
		}
		if c.change != nil {
			w.edit(c.change)
		}
		if c.trouble != nil {
			database.Harm(*c.trouble)
		}
		for _, command := range []string{"plan", "doctor"} {
			code, out := w.run(command)
			said := strings.Join(strings.Fields(out), " ") // without its line breaks
			for _, want := range c.want {
				if command == "doctor" {
					want = strings.TrimPrefix(want, "The platform denied access") // it has no titles
					want = strings.Replace(want, "Read rows", "read rows", 1)
				}
				if code == exitSuccess || !strings.Contains(said, want) || strings.Contains(out, wiredPassword) {
					t.Errorf("%s: %s ends with %d without %q:\n%s", c.what, command, code, want, out)
					break
				}
			}
		}
		database.Harm()
		w.write("pslan.hcl", string(before))
	}
}

// TestLabServeSQL: what lab serve prints with -sql-addr is a configuration with which
// doctor and plan read all rows over TDS, with and without TLS, by password and by NTLM.
func TestLabServeSQL(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string // a part of the block
	}{
		{"nobody needs to log in", nil, `encrypt  = "disable"`},
		{"NTLM inside TLS", []string{"-ca-out=ca.pem", `-user=CONTOSO\svc`, "-dialect=channel_binding=required"}, `user   = "CONTOSO\\svc"`},
		{"a password inside TLS", []string{"-ca-out=ca.pem", "-user=svc", "-dialect=logins=Basic"}, `method = "basic"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := aLab(t)
			code, stderr := serving(t, dir, append(c.args, "-sql-addr=127.0.0.1:0", "-speed=0", "-verbose", "lab"), func(_, stdout string) {
				if !strings.Contains(stdout, c.want) || strings.Contains(stdout, "s3cret") {
					t.Error(stdout)
				}
				blockIsUsable(t, stdout)
				_, block, _ := strings.Cut(stdout, "To connect to it:\n")
				for command, want := range map[string]string{"doctor": "3 rows of dbo.recorded_contents with image", "plan": "3 images are not declared"} {
					if code, out := runIn(t, block, command); !strings.Contains(out, want) || strings.Contains(out, "s3cret") {
						t.Errorf("%s ends with %d:\n%s", command, code, out)
					}
				}
			})
			if code != 0 || !strings.Contains(stderr, "FROM [dbo].[package_servers]") || strings.Contains(stderr, "s3cret") {
				t.Errorf("exit code %d: %s", code, stderr)
			}
		})
	}
}

// runIn runs a command in a folder of its own with a configuration.
func runIn(t *testing.T, configuration string, args ...string) (int, string) {
	t.Helper()
	w := &wired{t: t, dir: t.TempDir()}
	w.write("main.pslan.hcl", configuration)
	var out bytes.Buffer
	code := Main(t.Context(), IO{
		Args: args, Dir: w.dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Env: append(os.Environ(), "PSLAN_SMP_USER=svc", "PSLAN_SMP_PASSWORD=s3cret", "PSLAN_SQL_PASSWORD=s3cret"),
	})
	return code, out.String()
}

package rows

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"pslan/internal/credential"
	"pslan/internal/declared"
	"pslan/internal/lab/serve"
	"pslan/internal/lab/tds"
	"pslan/internal/peertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

const wirePassword = "hunter2;x=y"

// callers lets in one login of the server by password, and nobody else.
type callers struct{}

func (callers) Known(user, password string) string {
	if user == "svc" && password == wirePassword {
		return user
	}
	return ""
}

func (callers) Negotiate() func([]byte) (string, []byte) { return nil }

// sqlServer is a SQL Server with some tables, on loopback.
type sqlServer struct {
	*tds.Server
	addr, ca string // ca is a file
}

const manyRows = 500

func tables() tds.Database {
	at := time.Date(2026, 11, 22, 10, 30, 0, 123_000_000, time.FixedZone("", 3600))
	guid := [16]byte{0x6d, 0x3f, 0x0c, 0x1e, 0x52, 0xa1, 0x4a, 0x35, 0x9d, 0x6c, 0x0d, 0x5b, 0xe1, 0xa0, 0xf0, 0x01}
	return tds.Database{Name: "CMDB", Tables: []tds.Table{
		{Schema: "dbo", Name: "Copies", Columns: []tds.Column{{Name: "Package Id", Kind: tds.GUID}, {Name: "Secret", Kind: tds.Text}, {Name: "server", Kind: tds.Text}},
			Rows: func(context.Context) (all [][]any, err error) {
				for i := range manyRows {
					g := guid
					g[15] = byte(i)
					all = append(all, []any{g, "not for pslan", fmt.Sprint("PS", i)})
				}
				return all, nil
			}},
		{Schema: "dbo", Name: "Kinds", Columns: []tds.Column{{Name: "text", Kind: tds.Text}, {Name: "long", Kind: tds.LongText}, {Name: "int", Kind: tds.Int}, {Name: "big", Kind: tds.BigInt},
			{Name: "bit", Kind: tds.Bit}, {Name: "datetime", Kind: tds.DateTime}, {Name: "datetime2", Kind: tds.DateTime2}, {Name: "zoned", Kind: tds.DateTimeOffset}, {Name: "guid", Kind: tds.GUID}},
			Rows: func(context.Context) ([][]any, error) {
				return [][]any{
					{"Zürich 😀", strings.Repeat("long ", 2000), int64(-7), int64(1) << 40, true, at, at, at, guid},
					{"", "", int64(0), int64(0), false, time.Date(1753, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), at, [16]byte{}},
					{nil, nil, nil, nil, nil, nil, nil, nil, nil},
				}, nil
			}},
		{Schema: "dbo", Name: "Denied", Denied: true, Columns: []tds.Column{{Name: "server", Kind: tds.Text}}, Rows: func(context.Context) ([][]any, error) { return nil, nil }},
	}}
}

func serveSQL(t *testing.T, change func(*tds.Options)) *sqlServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	authority, err := serve.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &sqlServer{addr: l.Addr().String(), ca: filepath.Join(t.TempDir(), "ca.crt")}
	o := tds.Options{Database: tables(), Logins: callers{}}
	if o.TLS, err = authority.Config(s.addr); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate()}), 0o600); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&o)
	}
	if s.Server, err = tds.New(o); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	return s
}

// connection is one that works.
func (s *sqlServer) connection(t *testing.T) Connection {
	return Connection{Server: s.addr, Database: "CMDB", CAFile: s.ca, Credential: whoIs(t, "svc", wirePassword)}
}

func whoIs(t *testing.T, user, password string) *credential.Credential {
	t.Helper()
	env := map[string]string{"PSLAN_SQL_USER": user, "PSLAN_SQL_PASSWORD": password}
	c, err := credential.Read(credential.Source{Login: &declared.Login{}, Prefix: "PSLAN_SQL", Env: func(n string) string { return env[n] }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func connected(t *testing.T, c Connection) *Database {
	t.Helper()
	db, err := Connect(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

var copiesColumns = map[string]string{"package": "Package Id"}

// TestTypesOverTheWire: what every type and null becomes.
func TestTypesOverTheWire(t *testing.T) {
	s := serveSQL(t, nil)
	got, err := connected(t, s.connection(t)).Read(t.Context(), "dbo.kinds", "", []string{"text", "long", "int", "big", "bit", "datetime", "datetime2", "zoned", "guid"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "text|long|int|big|bit|datetime|datetime2|zoned|guid\n" +
		"Zürich 😀|LONG|-7|1099511627776|true|2026-11-22 10:30:00.123|2026-11-22 10:30:00.123|2026-11-22T10:30:00.123+01:00|6D3F0C1E-52A1-4A35-9D6C-0D5BE1A0F001\n" +
		"||0|0|false|1753-01-01 00:00:00|0001-01-01 00:00:00|2026-11-22T10:30:00.123+01:00|00000000-0000-0000-0000-000000000000\n" +
		"∅|∅|∅|∅|∅|∅|∅|∅|∅"
	if d := gocmp.Diff(want, strings.Replace(shown(got), strings.Repeat("long ", 2000), "LONG", 1)); d != "" {
		t.Error(d)
	}
}

// TestEncryption: each way of encrypt is what it says.
func TestEncryption(t *testing.T) {
	s := serveSQL(t, nil)
	for encrypt, want := range map[string]string{"": tds.EncryptedAll, "mandatory": tds.EncryptedAll, "strict": tds.EncryptedStrict, "disable": tds.EncryptedNot} {
		c := s.connection(t)
		c.Encrypt = encrypt
		if _, err := connected(t, c).Read(t.Context(), "Copies", "", []string{"server"}, nil, nil); err != nil {
			t.Errorf("encrypt %q: %v", encrypt, err)
			continue
		}
		all := s.Sessions()
		if got := all[len(all)-1]; got != (tds.Session{User: "svc", Application: "pslan", Database: "CMDB", Encryption: want, ReadOnly: true}) {
			t.Errorf("encrypt %q: %+v", encrypt, got)
		}
	}
}

// TestNothingIsWritten: a reading asks for the columns that it needs and no others, in a
// transaction that is rolled back; a query that would write is refused and told.
func TestNothingIsWritten(t *testing.T) {
	var asked []string
	s := serveSQL(t, func(o *tds.Options) { o.Log = func(s tds.Statement) { asked = append(asked, s.Text) } })
	db := connected(t, s.connection(t))
	for range 2 {
		got, err := db.Read(t.Context(), "Copies", "", []string{"package", "server"}, nil, copiesColumns)
		if err != nil || len(got.Rows) != manyRows || len(got.Columns) != 2 {
			t.Fatalf("%v %v", got, err)
		}
	}
	got, err := db.Read(t.Context(), "", "SELECT server FROM dbo.Copies WHERE server = 'ps7'", nil, nil, nil)
	if err != nil || shown(got) != "server\nPS7" {
		t.Errorf("%v %v", got, err)
	}
	if n := s.Counts(); n.Writes != 0 || n.NotUnderstood != 0 || n.Begun != 3 || n.RolledBack != 3 || n.Committed != 0 || n.Logins != 1 || n.Resets != 3 {
		t.Errorf("%+v", n)
	}
	_, err = db.Read(t.Context(), "", "DELETE FROM dbo.Copies", nil, nil, nil)
	var failure *Failure
	if !errors.As(err, &failure) || failure.Kind != Refused || s.Counts().Writes != 1 {
		t.Errorf("%v, %+v", err, s.Counts())
	}
	db.Close()
	s.Close()
	columns := "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = @p1 AND TABLE_NAME = @p2 ORDER BY ORDINAL_POSITION"
	rows := "SELECT [Package Id], [server] FROM [dbo].[Copies]"
	if d := gocmp.Diff([]string{columns, rows, columns, rows, "SELECT server FROM dbo.Copies WHERE server = 'ps7'", "DELETE FROM dbo.Copies"}, asked); d != "" {
		t.Error(d)
	}
}

// TestLargeCell is refused: a part of a list is another list.
func TestLargeCell(t *testing.T) {
	s := serveSQL(t, nil)
	db := connected(t, s.connection(t))
	for n, want := range map[int]string{maxCell: "", maxCell + 1: "the cell of large in row 1 is larger than 65536 bytes"} {
		var fault *Fault
		_, err := db.Read(t.Context(), "", "SELECT '"+strings.Repeat("x", n)+"' AS large", nil, nil, nil)
		if want == "" && err != nil || want != "" && (!errors.As(err, &fault) || fault.Problem != want) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// failing is a reading that fails, and what it is to say is in the golden file.
type failing struct {
	name    string
	kind    FailureKind
	server  func(*tds.Options)
	trouble *tds.Trouble
	change  func(*Connection)
	table   string // "": Copies
	query   string
	tries   int // how many connections logged in; 0: not looked at
}

func told(number int32, class uint8, message string) *tds.Trouble {
	return &tds.Trouble{On: tds.OnRows, Table: "dbo.Copies", Rows: 3, Harm: tds.Refuse, Error: tds.Problem{Number: number, State: 1, Class: class, Message: message}}
}

func atLogin(number int32, message string) *tds.Trouble {
	return &tds.Trouble{On: tds.OnLogin, Harm: tds.Refuse, Error: tds.Problem{Number: number, State: 1, Class: 14, Message: message}}
}

func failures(t *testing.T) []failing {
	other, _ := peertest.Certificate(t)
	otherCA := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(otherCA, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobodyThere := l.Addr().String()
	l.Close()
	elsewhere, elsewhereCA := certificateFor(t, "sql01.contoso.com")
	nobody := func(o *tds.Options) { o.TLS = nil }
	return []failing{
		{name: "wrong password", kind: LoginFailed, change: func(c *Connection) { c.Credential = whoIs(t, "svc", "wrong-"+wirePassword) }},
		{name: "Windows account where only logins of SQL Server are", kind: LoginFailed, change: func(c *Connection) { c.Credential = whoIs(t, `CONTOSO\svc`, wirePassword) }},
		{name: "domain that is not trusted", kind: LoginFailed, trouble: atLogin(18452, "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.")},
		{name: "login locked", kind: LoginFailed, trouble: atLogin(18486, "Login failed for user 'svc' because the account is currently locked out.")},
		{name: "password expired", kind: LoginFailed, trouble: atLogin(18487, "Login failed for user 'svc'. Reason: The password of the account has expired.")},
		{name: "no such database", kind: Denied, change: func(c *Connection) { c.Database = "Altiris" }},
		{name: "certificate of another authority", kind: Refused, change: func(c *Connection) { c.CAFile = otherCA }},
		{name: "certificate of nobody known", kind: Refused, change: func(c *Connection) { c.CAFile = "" }},
		{name: "strict, and certificate of another authority", kind: Refused, change: func(c *Connection) { c.CAFile, c.Encrypt = otherCA, "strict" }},
		{name: "certificate for another name", kind: Refused, server: func(o *tds.Options) { o.TLS = elsewhere }, change: func(c *Connection) { c.CAFile = elsewhereCA }},
		{name: "server without TLS", kind: Refused, server: nobody},
		{name: "strict to a server without TLS", kind: Unreachable, server: nobody, change: func(c *Connection) { c.Encrypt = "strict" }},
		{name: "disable to a server that needs encryption", kind: Unreachable, server: func(o *tds.Options) { o.EncryptionNeeded = true }, change: func(c *Connection) { c.Encrypt = "disable" }},
		{name: "nobody listens", kind: Unreachable, change: func(c *Connection) { c.Server = nobodyThere }},
		{name: "connection closed at once", kind: Unreachable, trouble: &tds.Trouble{On: tds.OnConnect, Harm: tds.Cut}},
		{name: "connection closed in place of the login", kind: Unreachable, trouble: &tds.Trouble{On: tds.OnLogin, Harm: tds.Cut}},
		{name: "no answer to the connection", kind: Unreachable, trouble: &tds.Trouble{On: tds.OnConnect, Harm: tds.Silent}},
		{name: "no answer to the login", kind: Unreachable, trouble: &tds.Trouble{On: tds.OnLogin, Harm: tds.Silent}},
		{name: "instance that nobody knows", kind: Unreachable, change: func(c *Connection) { c.Server = `127.0.0.1\PSLAN` }},
		{name: "Kerberos without its files", kind: LoginFailed, change: func(c *Connection) {
			c.Credential = whoIs(t, "svc@CONTOSO.COM", wirePassword)
			c.Credential.Config = filepath.Join(t.TempDir(), "krb5.conf")
		}},
		{name: "no right to select", kind: Denied, table: "Denied"},
		{name: "no right to a column", kind: Denied, trouble: told(230, 14, "The SELECT permission was denied on the column 'server' of the object 'Copies', database 'CMDB', schema 'dbo'.")},
		{name: "unknown table in a query", kind: NotFound, query: "SELECT server FROM dbo.Copy"},
		{name: "unknown column in a query", kind: NotFound, query: "SELECT host FROM dbo.Copies"},
		{name: "query that is none", kind: Refused, query: "SELEKT server FROM dbo.Copies"},
		{name: "query that writes", kind: Refused, query: "UPDATE dbo.Copies SET server = ''"},
		{name: "cut off in the middle of rows, every time", kind: Unreachable, trouble: &tds.Trouble{On: tds.OnRows, Table: "dbo.Copies", Rows: 250, Harm: tds.Cut}, tries: tries},
		{name: "deadlock in the middle of rows, every time", kind: Unreachable, trouble: told(1205, 13, "Transaction (Process ID 52) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.")},
		{name: "error nobody foresaw, in the middle of rows", kind: Refused, trouble: told(8115, 16, "Arithmetic overflow error converting expression to data type int.")},
		{name: "fatal error", kind: Unreachable, trouble: told(824, 24, "SQL Server detected a logical consistency-based I/O error: incorrect checksum.")},
		{name: "lock that is not given back", kind: Unreachable, trouble: &tds.Trouble{On: tds.OnRows, Table: "dbo.Copies", Rows: 5, Harm: tds.Blocked}, tries: 1},
	}
}

// certificateFor makes a server's side of TLS that is good for one name, and the file
// with which it is trusted.
func certificateFor(t *testing.T, name string) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}

// networkText is what the operating system says of networks and files; it has its own
// words.
var networkText = regexp.MustCompile(`(cannot be reached|before pslan was logged in|cannot log in as \S+): .*`)

// TestFailures: each failure is told with what, where, why and what to do, is of the
// kind by which callers decide, and never holds a password; no rows come with it.
func TestFailures(t *testing.T) {
	var b strings.Builder
	for _, f := range failures(t) {
		s := serveSQL(t, f.server)
		if f.trouble != nil {
			s.Harm(*f.trouble)
		}
		c := s.connection(t)
		var words []string // what differs from run to run
		if f.change != nil {
			f.change(&c)
		}
		if c.Credential.Config != "" {
			words = append(words, c.Credential.Config, "KRB5CONF")
		}
		db := connected(t, c)
		limit := time.Minute
		if f.trouble != nil && f.trouble.Harm > tds.Cut && f.trouble.Harm != tds.Refuse {
			limit = 300 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		table := cmp.Or(f.table, "Copies")
		if f.query != "" {
			table = ""
		}
		got, err := db.Read(ctx, table, f.query, []string{"server"}, nil, nil)
		cancel()
		var failure *Failure
		if got != nil || !errors.As(err, &failure) {
			t.Errorf("%s: %v, %v", f.name, got, err)
			continue
		}
		text := strings.NewReplacer(append(words, c.Server, "SERVER")...).Replace(err.Error() + "\n-> " + failure.Hint)
		text = networkText.ReplaceAllString(text, "$1: ...")
		if failure.Kind != f.kind || strings.Contains(text, "hunter2") {
			t.Errorf("%s: kind %d, want %d: %s", f.name, failure.Kind, f.kind, text)
		}
		if n := s.Counts(); n.Begun != n.RolledBack && f.tries == 0 || f.tries != 0 && n.Logins != f.tries {
			t.Errorf("%s: %+v", f.name, n)
		}
		fmt.Fprintf(&b, "== %s\n%s\n\n", f.name, text)
	}
	golden := filepath.Join("testdata", "failures.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
}

// TestBrokenOff: wherever an answer breaks off, the table comes whole or not at all. An
// answer that broke off is read again, and so is one on a connection that died while
// nobody used it.
func TestBrokenOff(t *testing.T) {
	s := serveSQL(t, nil)
	db := connected(t, s.connection(t))
	read := func(what string) {
		t.Helper()
		got, err := db.Read(t.Context(), "Copies", "", []string{"package", "server"}, nil, copiesColumns)
		if err != nil || len(got.Rows) != manyRows {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, harm := range []tds.Harm{tds.Cut, tds.Refuse} {
		for rows := 0; rows <= manyRows; rows += 25 {
			for _, table := range []string{"INFORMATION_SCHEMA.COLUMNS", "dbo.Copies"} {
				s.Harm(tds.Trouble{On: tds.OnRows, Table: table, Rows: rows, Count: 1, Harm: harm, Error: tds.Problem{Number: 1205, Class: 13, Message: "deadlock"}})
				read(fmt.Sprint(harm, " of ", table, " after ", rows))
			}
		}
	}
	s.Harm()
	s.Drop()
	read("after a restart of the server")
}

// TestServerFallsSilent in the middle of rows, and does not even answer that it is to
// stop: the reading ends all the same, with its time-out.
func TestServerFallsSilent(t *testing.T) {
	t.Parallel()
	s := serveSQL(t, nil)
	s.Harm(tds.Trouble{On: tds.OnRows, Table: "dbo.Copies", Rows: 5, Harm: tds.Silent})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := connected(t, s.connection(t)).Read(ctx, "Copies", "", []string{"server"}, nil, nil)
	var failure *Failure
	if !errors.As(err, &failure) || failure.Kind != Unreachable || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestGivingUp: an interrupt ends a reading that waits, whatever the server does.
func TestGivingUp(t *testing.T) {
	for name, trouble := range map[string]tds.Trouble{
		"connection": {On: tds.OnConnect, Harm: tds.Silent},
		"login":      {On: tds.OnLogin, Harm: tds.Silent},
		"rows":       {On: tds.OnRows, Rows: 1, Harm: tds.Blocked},
	} {
		s := serveSQL(t, nil)
		s.Harm(trouble)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if _, err := connected(t, s.connection(t)).Read(ctx, "Copies", "", []string{"server"}, nil, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLoginHasALimit of its own, however much time the reading has.
func TestLoginHasALimit(t *testing.T) {
	s := serveSQL(t, nil)
	s.Harm(tds.Trouble{On: tds.OnLogin, Harm: tds.Silent})
	c := s.connection(t)
	cfg, err := c.config()
	if err != nil {
		t.Fatal(err)
	}
	db := &Database{db: sql.OpenDB(&opener{cfg, 100 * time.Millisecond})}
	defer db.Close()
	_, err = db.Read(t.Context(), "Copies", "", []string{"server"}, nil, nil)
	var failure *Failure
	if !errors.As(err, &failure) || failure.Kind != Unreachable || failure.Problem != "the server took too long to let pslan in" || s.Counts().Connections != 1 {
		t.Errorf("%v %+v", err, s.Counts())
	}
}

// TestManyAtOnce: readings beside each other share two connections.
func TestManyAtOnce(t *testing.T) {
	s := serveSQL(t, nil)
	c := s.connection(t)
	c.Encrypt = "strict"
	db := connected(t, c)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got, err := db.Read(t.Context(), "Copies", "", []string{"server"}, nil, nil); err != nil || len(got.Rows) != manyRows {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.Counts(); n.Logins > 2 || n.Begun != 8 || n.RolledBack != 8 {
		t.Errorf("%+v", n)
	}
}

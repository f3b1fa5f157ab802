package tds

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

func fuzzedServer(tb testing.TB) *Server {
	tb.Helper()
	rows := func(context.Context) ([][]any, error) {
		return [][]any{{int64(1), "a", nil}, {nil, nil, time.Unix(1, 0)}}, nil
	}
	s, err := New(Options{Database: Database{Name: "d", Tables: []Table{{Schema: "dbo", Name: "t", Rows: rows, Columns: []Column{{"n", Int}, {"s", Text}, {"at", DateTime2}}}}}})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// FuzzStatement: every text is understood or refused; what is a write is neither carried
// out nor passed over.
func FuzzStatement(f *testing.F) {
	for _, text := range []string{
		"SELECT TOP (2) n AS [x]]y], t.*, 'it''s' FROM [dbo].[t] AS t WITH (NOLOCK) WHERE n = @p1 AND s IS NOT NULL ORDER BY n DESC -- end",
		"SET NOCOUNT ON; USE [d]; BEGIN TRAN; SELECT @@SPID; ROLLBACK TRAN /* /* */ */", "SELECT n INTO x FROM t", "SELECT N'x", "DELETE t", "SELECT .1", "SELECT a.b.c.d FROM t",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, p := parse(text)
		if p != nil {
			if p.Number == 0 || p.Class <= 10 || all != nil {
				t.Fatalf("%+v", p)
			}
			return
		}
		c := &conn{server: fuzzedServer(t)}
		for i, s := range all {
			if s.kind == statementWrite && i != len(all)-1 {
				t.Fatal("something follows a write")
			}
			if s.kind != statementSelect {
				continue
			}
			r, p := c.run(t.Context(), s.query, map[string]any{"@p1": int64(1)})
			if (r == nil) == (p == nil) {
				t.Fatalf("%v, %v", r, p)
			}
			if p == nil && len(appendRow(columnsToken(r.columns), r.columns, make([]any, len(r.columns)), true)) == 0 {
				t.Fatal("no answer")
			}
		}
		first := strings.ToUpper(strings.TrimSpace(text))
		if strings.HasPrefix(first, "DELETE ") && (len(all) != 1 || all[0].kind != statementWrite) {
			t.Fatalf("a write is %+v", all)
		}
	})
}

// conversation is what a client sends that says all there is.
func conversation() []byte {
	var out bytes.Buffer
	send := func(kind byte, data []byte) {
		w := newWriter(&out, kind, firstPacket)
		w.write(data)
		_ = w.end() // a buffer takes all
	}
	send(packetPrelogin, prelogin(encryptNot))
	send(packetLogin, loginMessage("u", "p", "d"))
	headers := le.AppendUint32(nil, 4)
	send(packetManager, append(bytes.Clone(headers), managerBegin, 0, 0, 0))
	send(packetBatch, append(bytes.Clone(headers), utf16le("SELECT * FROM t; SET NOCOUNT ON; SELECT n FROM t ORDER BY n")...))
	send(packetAttention, nil)
	rpc := append(bytes.Clone(headers), 0xFF, 0xFF, 10, 0, 0, 0)
	text := func(name, s string) {
		rpc = append(appendShort(rpc, name), 0)
		rpc = append(le.AppendUint16(append(rpc, typeNVarChar), 8000), collation...)
		rpc = append(le.AppendUint16(rpc, uint16(2*len(s))), utf16le(s)...)
	}
	text("", "SELECT s FROM t WHERE n = @p1 AND s = @p2")
	text("", "@p1 int, @p2 nvarchar(10)")
	rpc = append(appendShort(rpc, "@p1"), 0, typeInt, 4, 4, 1, 0, 0, 0)
	text("@p2", "a")
	send(packetRPC, rpc)
	send(packetManager, append(bytes.Clone(headers), managerRollback, 0, 0, 0))
	return out.Bytes()
}

// loginMessage is a LOGIN7 with a password.
func loginMessage(user, password, database string) []byte {
	head := make([]byte, loginHeader)
	le.PutUint32(head[4:], version74)
	le.PutUint32(head[8:], firstPacket)
	put := func(at int, text []byte) {
		le.PutUint16(head[at:], uint16(len(head)))
		le.PutUint16(head[at+2:], uint16(len(text)/2))
		head = append(head, text...)
	}
	hidden := utf16le(password)
	for i, b := range hidden {
		hidden[i] = (b<<4 | b>>4) ^ 0xA5
	}
	put(40, utf16le(user))
	put(44, hidden)
	put(68, utf16le(database))
	le.PutUint32(head, uint32(len(head)))
	return head
}

// tape is a connection on which everything has been sent already, and nobody waits.
type tape struct {
	net.Conn // nil: nothing else is asked of it
	in       *bytes.Reader
	out      bytes.Buffer
}

func (c *tape) Read(p []byte) (int, error)       { return c.in.Read(p) }
func (c *tape) Write(p []byte) (int, error)      { return c.out.Write(p) }
func (c *tape) Close() error                     { return nil }
func (c *tape) SetDeadline(time.Time) error      { return nil }
func (c *tape) SetReadDeadline(time.Time) error  { return nil }
func (c *tape) SetWriteDeadline(time.Time) error { return nil }

// converse sends bytes to a server and returns what comes back until it ends.
func converse(t *testing.T, s *Server, data []byte) []byte {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	on := &tape{in: bytes.NewReader(data)}
	c := &conn{server: s, stream: on, raw: on, number: 51, size: firstPacket, cancel: cancel, attention: make(chan struct{}, 1)}
	_ = c.serve(ctx) // whatever came of it, it ends
	return on.out.Bytes()
}

// TestConversation: what the fuzzer begins with is a conversation that goes well.
func TestConversation(t *testing.T) {
	s := fuzzedServer(t)
	back := converse(t, s, conversation())
	if n := s.Counts(); n.Logins != 1 || n.Begun != 1 || n.RolledBack != 1 || n.Attentions != 1 || n.Selects < 1 || n.Selects > 3 || n.NotUnderstood != 0 {
		t.Errorf("%+v\n%x", n, back)
	}
}

// FuzzConversation: whatever is sent, the server ends what it began, commits nothing,
// and what it sends is packets.
func FuzzConversation(f *testing.F) {
	whole := conversation()
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{18, 1, 0, 9, 0, 0, 0, 0, 0xFF})
	f.Fuzz(func(t *testing.T, data []byte) {
		s := fuzzedServer(t)
		back := bytes.NewReader(converse(t, s, data))
		for back.Len() > 0 {
			if _, _, _, err := readPacket(back, mostPacket); err != nil && back.Len() > 0 {
				t.Fatal(err)
			}
		}
		if n := s.Counts(); n.Begun < n.RolledBack+n.Committed || n.Begun != n.RolledBack+n.Committed && n.Logins == 1 {
			t.Errorf("%+v", n)
		}
	})
}

// FuzzMessages reads the parts of messages that carry lengths and offsets.
func FuzzMessages(f *testing.F) {
	f.Add(prelogin(encryptAll))
	f.Add(loginMessage("user", "password", "database"))
	f.Add([]byte{0xFF, 0xFF, 10, 0, 0, 0, 0, 0, typeNVarChar, 0xFF, 0xFF, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 'a', 0, 'b', 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := readPrelogin(data); err != nil && e != 0 {
			t.Error("an answer with an error")
		}
		if l, err := readLogin(data); (l == nil) == (err == nil) {
			t.Error(l, err)
		}
		if rest, err := body(data); err == nil && len(rest) > len(data)-4 {
			t.Error("more than there was")
		}
		c, err := readCall(data)
		if (c == nil) == (err == nil) {
			t.Fatal(c, err)
		}
		if err == nil {
			if text, _, p := c.sql(); p == nil && text == "" {
				t.Error("a call without a statement")
			}
		}
	})
}

func TestLoginMessage(t *testing.T) {
	l, err := readLogin(loginMessage("Zoë", "p@ss wörd", "CMDB"))
	if err != nil || l.user != "Zoë" || l.password != "p@ss wörd" || l.database != "CMDB" || l.integrated || l.version != version74 {
		t.Errorf("%+v %v", l, err)
	}
}

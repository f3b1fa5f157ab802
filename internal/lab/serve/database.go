package serve

import (
	"context"
	"encoding/base64"
	"slices"

	"pslan/internal/estate"
	"pslan/internal/lab/tds"
)

// DatabaseName is what the lab's database is called: as the platform's usually is.
const DatabaseName = "Symantec_CMDB"

var tableKinds = map[columnKind]tds.Kind{columnText: tds.Text, columnGUID: tds.GUID, columnLong: tds.BigInt, columnTime: tds.DateTime2, columnBool: tds.Bit}

// Database has a table dbo.NAME for each report, with the same rows. Its times carry
// no zone: they are in that of the dialect's time_offset, or UTC.
func (s *Server) Database() tds.Database {
	d := tds.Database{Name: DatabaseName}
	for i := range reportShapes {
		r := &reportShapes[i]
		t := tds.Table{Schema: "dbo", Name: r.name}
		for _, c := range columns(r.columns) {
			t.Columns = append(t.Columns, tds.Column{Name: c.name, Kind: tableKinds[c.kind]})
		}
		t.Rows = func(ctx context.Context) ([][]any, error) { return s.tableRows(ctx, i) }
		d.Tables = append(d.Tables, t)
	}
	return d
}

func (s *Server) tableRows(ctx context.Context, i int) ([][]any, error) {
	if err := s.pace.pass(); err != nil {
		s.tell(err)
	}
	if err := s.pace.notice(ctx, "table "+reportShapes[i].name, false); err != nil {
		return nil, err
	}
	t, err := s.reported(ctx, i)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, len(t.rows))
	for k, row := range t.rows {
		rows[k] = make([]any, len(row))
		for j, v := range row {
			rows[k][j] = s.stored(v)
		}
	}
	return rows, nil
}

// stored is a value of a report as a table has it.
func (s *Server) stored(v any) any {
	switch v := v.(type) {
	case estate.GUID:
		return [16]byte(v)
	case estate.Time:
		return v.Time().Add(s.offset)
	case int:
		return int64(v)
	}
	return v
}

// Logins are those of the web services: by password where they take Basic, by tokens
// where they take NTLM. nil: nobody needs to log in.
func (s *Server) Logins() tds.Logins {
	if len(s.dialect.Logins) == 0 {
		return nil
	}
	return databaseLogins{s}
}

type databaseLogins struct{ server *Server }

// Known returns the user with a name and a password.
func (l databaseLogins) Known(user, password string) string {
	if !slices.Contains(l.server.dialect.Logins, "Basic") {
		return ""
	}
	return l.server.known(user, password)
}

// Negotiate begins a login by NTLM, plain or in SPNEGO.
func (l databaseLogins) Negotiate() func(token []byte) (user string, answer []byte) {
	if !slices.Contains(l.server.dialect.Logins, "NTLM") && !slices.Contains(l.server.dialect.Logins, "Negotiate") {
		return nil
	}
	state := &loginState{elsewhere: true}
	return func(token []byte) (string, []byte) {
		user, text := l.server.ntlm(state, base64.StdEncoding.EncodeToString(token))
		answer, err := base64.StdEncoding.DecodeString(text)
		if err != nil || user != "" {
			answer = nil
		}
		return user, answer
	}
}

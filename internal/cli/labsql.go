package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"pslan/internal/lab/serve"
	"pslan/internal/lab/tds"
	"pslan/internal/wording"
)

// serveSQL answers as a SQL Server over a served lab until the function that it returns
// is called. secure is nil where nothing is encrypted.
func (a *app) serveSQL(f *serveFlags, s *serve.Server, o *serve.Options, listener net.Listener, secure *tls.Config) (stop func(), err error) {
	options := tds.Options{Database: s.Database(), Logins: s.Logins(), TLS: secure}
	options.Report = func(err error) { o.Report(fmt.Errorf("a connection to the database: %w", err)) }
	if f.verbose {
		options.Log = func(s tds.Statement) { fmt.Fprintln(a.stderr, statementLine(&s)) }
	}
	server, err := tds.New(options)
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, tds.ErrClosed) {
			o.Report(err)
		}
	}()
	return func() {
		server.Close()
		<-ended
	}, nil
}

// statementLine is a statement on one line.
func statementLine(s *tds.Statement) string {
	line := "sql " + strings.Join(strings.Fields(s.Text), " ")
	if s.Session.User != "" {
		line += " by " + s.Session.User
	}
	if s.Problem != nil {
		return line + ": " + s.Problem.Error()
	}
	return line + ": " + wording.Count(s.Rows, "row", "rows")
}

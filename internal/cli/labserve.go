package cli

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pslan/internal/atomicfile"
	"pslan/internal/credential"
	"pslan/internal/diag"
	"pslan/internal/lab/serve"
)

// serveFlags are those of lab serve.
type serveFlags struct {
	labFlags
	addr, caOut, speed string
	sqlAddr            string // "": no database is served
	beyond, verbose    bool
	users, dialect     []string
	trouble            []string
	passwordFile       string
	seed               uint64
}

func (a *app) labServeCommand() *cobra.Command {
	var f serveFlags
	c := f.register(&cobra.Command{
		Use:   "serve [DIR]",
		Short: "Answers as the platform's web services do, over the lab",
		Long: "Answers as the platform's web services do, over the lab in DIR or the one that the\n" +
			"configuration connects to, until it is interrupted. It prints a connection block for\n" +
			"a configuration that is to use it. Time in the lab runs while it is served. With\n" +
			"-sql-addr it answers as a SQL Server, too, whose tables hold the rows of the reports.",
		Args: takes(0, 1, "one folder"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) {
			if len(args) > 0 {
				if f.path != "" && f.path != args[0] {
					return outcome{}, problem("Two labs named", "-path names %s and the argument %s; name one.", f.path, args[0])
				}
				f.path = args[0]
			}
			return outcome{}, a.serveLab(ctx, &f)
		}),
	})
	flags := c.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8443", "listen on `HOST:PORT`; port 0 takes a free one")
	flags.StringVar(&f.sqlAddr, "sql-addr", "", "answer as a SQL Server as well, on `HOST:PORT`; port 0 takes a free one")
	flags.BoolVar(&f.beyond, "beyond-this-machine", false, "allow an address that other machines can reach")
	flags.StringVar(&f.caOut, "ca-out", "", "speak https, and write the certificate of the own CA to `FILE`; otherwise http")
	flags.StringVar(&f.speed, "speed", "60", "seconds of the lab for each real one, or `jump`: to the next event when the same is read again")
	flags.StringArrayVar(&f.users, "user", nil, "let `DOMAIN\\NAME` log in, with the password in PSLAN_LAB_PASSWORD or -password-file")
	flags.StringVar(&f.passwordFile, "password-file", "", "read the password from `FILE`")
	flags.StringArrayVar(&f.dialect, "dialect", nil, "answer differently: `NAME=VALUE`, or a JSON file of settings")
	flags.StringArrayVar(&f.trouble, "trouble", nil, "let calls go wrong: `METHOD:KIND` and perhaps :COUNT or :CHANCE%, and :DURATION")
	flags.Uint64Var(&f.seed, "seed", 1, "the seed of every random choice, `N`")
	flags.BoolVar(&f.verbose, "verbose", false, "write a line for each call")
	return c
}

// serveLab serves until ctx ends or pslan is asked to stop.
func (a *app) serveLab(ctx context.Context, f *serveFlags) error {
	options, err := a.serveOptions(f)
	if err != nil {
		return err
	}
	for _, addr := range []string{f.addr, f.sqlAddr} {
		if addr != "" && !f.beyond && !serve.Loopback(addr) {
			return problem("Cannot serve the lab", "%s can be reached from other machines, and everybody there could change or read the lab.\n\nListen on 127.0.0.1, or say -beyond-this-machine.", addr)
		}
	}
	if options.Lab, err = a.theLab(&f.labFlags); err != nil {
		return err
	}
	if err := a.serveAt(ctx, f, options); err != nil {
		return problem("Cannot serve the lab", "%s", sentence(err.Error(), ""))
	}
	return nil
}

// serveAt listens where the flags say, tells how to connect, and serves.
func (a *app) serveAt(ctx context.Context, f *serveFlags, options serve.Options) error {
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	addrs := []string{listener.Addr().String()}
	var database net.Listener
	if f.sqlAddr != "" {
		if database, err = net.Listen("tcp", f.sqlAddr); err != nil {
			return err
		}
		defer database.Close()
		addrs = append(addrs, database.Addr().String())
	}
	secure, err := a.secured(f, addrs)
	if err != nil {
		return err
	}
	url := "http://" + addrs[0]
	if secure != nil {
		url = "https://" + addrs[0]
		options.Certificate = secure.Certificates[0].Certificate[0]
	}
	s, err := serve.New(options)
	if err != nil {
		return err
	}
	server := s.HTTP()
	server.TLSConfig = secure
	connection := a.connectionTo(url, f, &options)
	if database != nil {
		stop, err := a.serveSQL(f, s, &options, database, secure)
		if err != nil {
			return err
		}
		defer stop()
		connection.SQL = &serve.SQL{Server: addrs[1], Encrypted: secure != nil, TimeZone: options.Dialect.TimeOffset}
	}
	fmt.Fprintf(a.stdout, "Serving the lab at %s. Interrupt to end it.\n%s\n\nTo connect to it:\n\n%s\n%s\n", url, whoMayLogIn(options.Users),
		connection.Block(), serve.ContentBlock(options.Lab.Dir()))
	return a.serveUntilStopped(ctx, s, server, listener)
}

// whoMayLogIn says what pslan needs to be let in.
func whoMayLogIn(users []serve.User) string {
	if len(users) == 0 {
		return "It lets everybody in. pslan wants to be somebody: set PSLAN_SMP_USER and\nPSLAN_SMP_PASSWORD to whatever you like."
	}
	return "It lets in who has the password. Where pslan runs, set PSLAN_SMP_PASSWORD to it."
}

// secured makes a CA with a certificate for addresses, and writes the CA's own where
// -ca-out says; nil without that flag.
func (a *app) secured(f *serveFlags, addrs []string) (*tls.Config, error) {
	if f.caOut == "" {
		return nil, nil
	}
	authority, err := serve.NewAuthority(time.Now()) // certificates are checked against the wall clock
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate()})
	if err := atomicfile.Write(a.path(f.caOut), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}); err != nil {
		return nil, err
	}
	return authority.Config(addrs...)
}

// connectionTo is what a configuration needs to use the lab at a URL.
func (a *app) connectionTo(url string, f *serveFlags, o *serve.Options) serve.Connection {
	c := serve.Connection{URL: url, CAFile: f.caOut, Logins: o.Dialect.Logins, Do: []string{"pslan", "lab", "do", "-json", "-path=" + o.Lab.Dir()}}
	if f.caOut != "" {
		c.CAFile = a.path(f.caOut)
	}
	if len(o.Users) > 0 {
		c.User = o.Users[0].String()
	}
	return c
}

func (a *app) serveUntilStopped(ctx context.Context, s *serve.Server, server *http.Server, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.graceful.Store(true)
	go s.Run(ctx)
	ended := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(listener, "", "")
		} else {
			ended <- server.Serve(listener)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-a.stop:
	case <-ctx.Done():
	}
	leave, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	if err := server.Shutdown(leave); err != nil {
		server.Close()
	}
	if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serveOptions reads the flags; everything that is wrong in them is told at once.
func (a *app) serveOptions(f *serveFlags) (serve.Options, error) {
	o := serve.Options{Seed: f.seed}
	var ds diag.Diagnostics
	wrong := func(flag string, err error) {
		all := []error{err}
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			all = several.Unwrap()
		}
		for _, err := range all {
			text := err.Error()
			if !strings.HasSuffix(text, "?") && !strings.HasSuffix(text, ".") {
				text += "."
			}
			ds = ds.Errorf(diag.Range{}, "Invalid value for a flag", "-%s: %s", flag, text)
		}
	}
	var err error
	if o.Dialect, err = serve.ParseDialect(f.dialect, func(name string) ([]byte, error) { return os.ReadFile(a.path(name)) }); err != nil {
		wrong("dialect", err)
	}
	for _, word := range f.trouble {
		t, err := serve.ParseTrouble(word)
		if err != nil {
			wrong("trouble", err)
		}
		o.Dialect.Troubles = append(o.Dialect.Troubles, t)
	}
	if f.speed == "jump" {
		o.Pace.Jump, o.Pace.Most = true, maxServedJump
	} else if o.Pace.Speed, err = strconv.ParseFloat(f.speed, 64); err != nil || !(o.Pace.Speed >= 0 && o.Pace.Speed <= 1e6) {
		wrong("speed", fmt.Errorf("%q is no number from 0 to 1000000, and not jump", f.speed))
	}
	if len(f.users) > 0 {
		password, err := a.labPassword(f.passwordFile)
		if err != nil {
			wrong("user", err)
		}
		for _, name := range f.users {
			o.Users = append(o.Users, serve.NewUser(name, password))
		}
		if len(o.Dialect.Logins) == 0 {
			o.Dialect.Logins = []string{"Negotiate", "NTLM", "Basic"}
		}
	}
	if f.verbose {
		o.Log = func(c serve.Call) { fmt.Fprintln(a.stderr, c.String()) }
	}
	o.Report = func(err error) { fmt.Fprintf(a.stderr, "Warning: %s\n", sentence(err.Error(), "")) }
	return o, ds.Err()
}

// maxServedJump keeps a jump below the limits of waits: what is read right after one is
// judged by the new time.
const maxServedJump = time.Minute

const labPasswordVariable = "PSLAN_LAB_PASSWORD"

func (a *app) labPassword(file string) (string, error) {
	if p := a.env.get(labPasswordVariable); p != "" {
		return p, nil
	}
	if file == "" {
		return "", fmt.Errorf("whoever logs in needs a password: set %s, or name a file with -password-file", labPasswordVariable)
	}
	return credential.PasswordFile(a.path(file))
}

package smp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"pslan/internal/credential"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/trust"
	"pslan/internal/smp/wire"
	"pslan/internal/wording"
)

// Verdict is what came of a check.
type Verdict string

// The verdicts. Untried: something that it needs is missing, or was not asked for.
const (
	Works   Verdict = "works"
	Fails   Verdict = "fails"
	Untried Verdict = "untried"
)

// Check is one thing that was tried.
type Check struct {
	Area    string  `json:"area"` // connection, services, rows, estate, lists, calls, fall-backs, commands, shares, writing
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found,omitempty"` // what was seen, or why it fails
	Help    string  `json:"help,omitempty"`  // what setting or right would help
}

// DoctorOptions say what to try.
type DoctorOptions struct {
	Image string        // name of the image that calls are tried on; "": the first one with a package
	Write bool          // write its assignment back as it is; needs Image
	Tasks bool          // run the task that has package servers print what they have
	Eyes  platform.Eyes // nil: no copy is looked at
	Told  func(Check)   // told of each check when it is over; nil: nobody
	Wall  func() time.Time
}

// Doctor tries the connection, from its name to the last call. Nothing is changed,
// unless Write says so: then one assignment is written as it stands.
func (p *Platform) Doctor(ctx context.Context, o DoctorOptions) *Diagnosis {
	d := &Diagnosis{p: p, o: o, samples: map[string]string{}}
	if d.o.Wall == nil {
		d.o.Wall = p.o.Now
	}
	d.connection(ctx)
	d.servicesAnswer(ctx)
	d.rows(ctx)
	d.estate(ctx)
	d.printed(ctx)
	d.calls(ctx)
	d.fallbacks(ctx)
	d.commands()
	d.shares(ctx)
	d.writing(ctx)
	return d
}

// Diagnosis is what the doctor found.
type Diagnosis struct {
	Checks  []Check
	p       *Platform
	o       DoctorOptions
	read    *estate.Estate // nil: it could not be read
	image   *estate.Image  // that calls are tried on; nil: there is none
	samples map[string]string
	locked  bool // nobody could log in: the rest would say the same
}

// Count returns how many checks have a verdict.
func (d *Diagnosis) Count(v Verdict) (n int) {
	for i := range d.Checks {
		if d.Checks[i].Verdict == v {
			n++
		}
	}
	return n
}

func (d *Diagnosis) add(c Check) {
	d.Checks = append(d.Checks, c)
	if d.o.Told != nil {
		d.o.Told(c)
	}
}

func (d *Diagnosis) works(area, name, found string, args ...any) {
	d.add(Check{Area: area, Name: name, Verdict: Works, Found: fmt.Sprintf(found, args...)})
}

func (d *Diagnosis) untried(area, name, why, help string) {
	d.add(Check{Area: area, Name: name, Verdict: Untried, Found: why, Help: help})
}

// failed adds a check that failed, with the hint of its error.
func (d *Diagnosis) failed(area, name string, err error) {
	c := Check{Area: area, Name: name, Verdict: Fails, Found: err.Error()}
	var own *platform.Error
	var w *wire.Error
	switch {
	case errors.As(err, &own) && own.Hint != "":
		c.Help = own.Hint
	case errors.As(err, &w):
		c.Help = capital(w.Hint())
	}
	d.add(c)
}

// try adds a check by its error.
func (d *Diagnosis) try(area, name string, err error, found string, args ...any) bool {
	if err != nil {
		d.failed(area, name, err)
		return false
	}
	d.works(area, name, found, args...)
	return true
}

const areaConnection = "connection"

// connection looks up the name, shakes hands, and logs in.
func (d *Diagnosis) connection(ctx context.Context) {
	u, err := url.Parse(d.p.set.URL)
	if err != nil {
		d.failed(areaConnection, "address", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
	if err != nil {
		d.add(Check{Area: areaConnection, Name: "name resolution", Verdict: Fails, Found: err.Error(),
			Help: "Check the host in url, and that this machine asks the name server that knows it."})
		d.locked = true
		return
	}
	d.works(areaConnection, "name resolution", "%s is %s", u.Hostname(), strings.Join(addresses, ", "))
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	if u.Scheme == "http" {
		d.untried(areaConnection, "TLS", "the url is http: everything can be read and changed on the way", "Use https.")
	} else {
		found, err := d.p.handshake(ctx, address, u.Hostname())
		if err != nil {
			d.add(Check{Area: areaConnection, Name: "TLS", Verdict: Fails, Found: err.Error(),
				Help: handshakeHelp(err)})
			d.locked = true
			return
		}
		d.works(areaConnection, "TLS", "%s", found)
	}
	d.login(ctx)
}

// handshakeHelp says what helps where no connection by TLS comes about.
func handshakeHelp(err error) string {
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return "Certificates of an SMP are often private: name the authority's certificate with ca_file, and use the host name that stands in the certificate."
	}
	return "Check host and port in url, that the SMP is up, and that IIS listens there with https."
}

func (p *Platform) handshake(ctx context.Context, address, name string) (string, error) {
	config := &tls.Config{ServerName: name}
	if p.set.CAFile != "" {
		var err error
		if config.RootCAs, err = trust.Roots(p.o.Path(p.set.CAFile)); err != nil {
			return "", err
		}
	}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState() // what a tls.Dialer makes
	leaf := state.PeerCertificates[0]
	return fmt.Sprintf("%s, certificate of %s until %s", tls.VersionName(state.Version), leaf.Subject.CommonName, leaf.NotAfter.UTC().Format("2006-01-02")), nil
}

// login tries the harmless call that every account may make.
func (d *Diagnosis) login(ctx context.Context) {
	who := "nobody"
	if c, err := credential.Read(credential.Source{Login: d.p.set.Login, Prefix: "PSLAN_SMP", Env: d.p.o.Env, Path: d.p.o.Path}); err == nil {
		who = c.String()
	}
	const administrators = "2e1f478a-4986-4223-9d1e-b5920a63ab41" // role Symantec Administrators (C)
	node, err := d.p.services.Call(ctx, wire.Call{Service: itemService, Method: "ItemExists", Params: []wire.Param{{Name: "itemGuid", Value: administrators}}})
	k, _ := kindOf(err)
	switch {
	case err != nil && k == wire.KindLogin:
		d.failed(areaConnection, "login as "+who, err)
		d.locked = true
		return
	case err != nil:
		d.works(areaConnection, "login as "+who, "let in")
		d.failed(areaConnection, "a first call", err)
	default:
		sees := "it does not see"
		if there, _ := node.Bool(); there {
			sees = "it sees"
		}
		d.works(areaConnection, "login as "+who, "let in; %s the role Symantec Administrators", sees)
	}
	if now, ok := d.p.services.ServerTime(); ok {
		off := now.Sub(d.o.Wall()).Round(time.Second)
		c := Check{Area: areaConnection, Name: "clock", Verdict: Works, Found: fmt.Sprintf("the SMP says %s, %s from this machine", now.UTC().Format("2006-01-02 15:04:05Z"), off)}
		if off.Abs() > kerberosSkew {
			c.Help = "Kerberos refuses clocks that differ by more than five minutes. pslan itself goes by the SMP's clock alone."
		}
		d.add(c)
	}
}

// kerberosSkew is what clocks may differ by, usually.
const kerberosSkew = 5 * time.Minute

// servicesAnswer asks each service to describe itself.
func (d *Diagnosis) servicesAnswer(ctx context.Context) {
	for _, s := range []struct{ name, what string }{
		{softwareManagement, "assignments, locations"}, {softwareDelivery, "assignments, where the first does not take image packages"},
		{deploymentService, "images, PCT packages, preboot configurations"}, {itemService, "schedules, links from images to packages"},
		{reports, "rows by report"}, {taskService, "refreshing package servers"}, {resourceService, "membership updates of single targets, fall-backs for images and links"},
	} {
		if d.locked {
			d.untried("services", s.name, "nobody could log in", "")
			continue
		}
		told, err := d.p.services.Discover(ctx, s.name)
		var e *wire.Error
		if wire.Undescribed(err) && errors.As(err, &e) {
			d.untried("services", s.name, "for "+s.what+": "+err.Error(), capital(e.Hint()))
			continue
		}
		if err != nil {
			d.failed("services", s.name, err)
			continue
		}
		bindings := make([]string, len(told.Bindings))
		for i, b := range told.Bindings {
			bindings[i] = string(b)
		}
		d.works("services", s.name, "for %s: namespace %s, by %s, %s", s.what, told.Namespace, strings.Join(bindings, ", "), wording.Count(len(told.Operations), "operation", "operations"))
		var b strings.Builder
		for i := range told.Operations {
			op := &told.Operations[i]
			fmt.Fprintf(&b, "%s\t%s\t%s", op.Name, op.Method, op.Action)
			for _, p := range op.Parameters {
				fmt.Fprintf(&b, "\t%s:%s", p.Name, p.Type)
			}
			b.WriteByte('\n')
		}
		d.samples["service "+s.name+".txt"] = b.String()
	}
}

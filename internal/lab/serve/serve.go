package serve

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/world"
)

// Options say what is served, and how.
type Options struct {
	Lab     *lab.Lab
	Dialect Dialect
	// Users are who may log in, where the dialect asks for a login.
	Users []User
	Pace  Pace
	Seed  uint64 // of every random choice
	// Certificate is the server's own, in DER: what channel binding is held against. nil:
	// it speaks http.
	Certificate []byte
	// Log is told of every call when it ends; nil: none.
	Log func(Call)
	// Report is told what went wrong in the lab itself, and with connections; nil: none.
	Report func(error)
}

// User is somebody who may log in.
type User struct {
	Domain, Name string // a login with another domain is refused, if there is one here
	password     string
}

// NewUser makes a user from DOMAIN\NAME or NAME and a password.
func NewUser(name, password string) User {
	u := User{Name: name, password: password}
	if domain, rest, ok := strings.Cut(name, `\`); ok {
		u.Domain, u.Name = domain, rest
	}
	return u
}

// String names the user, never the password.
func (u User) String() string {
	if u.Domain == "" {
		return u.Name
	}
	return u.Domain + `\` + u.Name
}

// GoString is String.
func (u User) GoString() string { return u.String() }

// Server answers calls. It is an http.Handler; for logins by NTLM it must know
// connections, which the servers made by HTTP do.
type Server struct {
	lab     *lab.Lab
	dialect Dialect
	offset  time.Duration // of the times it writes
	users   []User
	pace    *pacer
	seed    uint64
	// certificate is what channel binding is held against.
	certificate []byte
	log         func(Call)
	report      func(error)
	services    map[string]*endpoint // by path in lower case
	ids         identities

	mu      sync.Mutex
	met     []int // by trouble: how many calls it would have met
	counts  map[string]uint64
	journal []Call
	calls   int
	told    map[string]kept // by report: what it told, where it lags behind
}

// endpoint is a service with its methods as this dialect calls them.
type endpoint struct {
	*service
	variants []variant
	byName   map[string]*variant
	off      map[string]bool
}

// New makes a server.
func New(o Options) (*Server, error) {
	if o.Lab == nil {
		return nil, errors.New("there is no lab to serve")
	}
	s := &Server{
		lab: o.Lab, dialect: o.Dialect, users: o.Users, pace: newPacer(o.Lab, o.Pace), seed: o.Seed,
		certificate: o.Certificate, log: o.Log, report: o.Report, services: map[string]*endpoint{}, counts: map[string]uint64{},
	}
	var err error
	if s.offset, err = s.dialect.settle(); err != nil {
		return nil, err
	}
	if len(s.dialect.Logins) > 0 && len(s.users) == 0 {
		return nil, errors.New("a login is asked for, and nobody can log in: name a user")
	}
	s.met = make([]int, len(s.dialect.Troubles))
	for _, svc := range allServices() {
		s.services["/altiris/"+strings.ToLower(svc.path)] = s.open(svc)
	}
	err = s.lab.Inspect(context.Background(), "read the lab", func(w *world.World) error {
		s.ids = newIdentities(w, s.dialect.ComputerGUIDs == "own")
		return nil
	})
	return s, err
}

// open has a service follow the dialect.
func (s *Server) open(svc *service) *endpoint {
	if ns, ok := s.dialect.Namespaces[svc.name]; ok {
		svc.namespace = ns
	} else if ns, ok := s.dialect.Namespaces["*"]; ok {
		svc.namespace = ns
	}
	p := &endpoint{service: svc, variants: svc.variants(of(s.dialect.Overloads, svc.name)), byName: map[string]*variant{}, off: map[string]bool{}}
	p.variants = slices.DeleteFunc(p.variants, func(v variant) bool { return slices.Contains(s.dialect.MissingMethods, v.method.name) })
	for i := range p.variants {
		p.byName[p.variants[i].name] = &p.variants[i]
	}
	for _, protocol := range of(s.dialect.Off, svc.name) {
		p.off[protocol] = true
	}
	if svc.soapOnly {
		p.off["get"], p.off["post"] = true, true
	}
	return p
}

func allServices() []*service {
	return []*service{
		softwarePackages(), softwareDelivery(), deployment(), items(), resources(), reports(),
		collections(), scoping(), tasks(), resourceModel(),
	}
}

func serviceNames() []string {
	var names []string
	for _, s := range allServices() {
		names = append(names, s.name)
	}
	return names
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.pace.pass(); err != nil {
		s.tell(err)
	}
	h := w.Header()
	h.Set("Date", s.lab.Now().UTC().Format(http.TimeFormat))
	h.Set("Server", "pslan lab")
	h.Set("Cache-Control", "private, max-age=0")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	r, ok := s.admit(w, r)
	if !ok {
		return
	}
	if strings.EqualFold(r.URL.Path, itemPagePath) {
		s.itemPage(w, r)
		return
	}
	service, rest := cutService(r.URL.Path)
	p := s.services[strings.ToLower(service)]
	switch {
	case p == nil:
		page(w, http.StatusNotFound, "<html><body><h2>404 - File or directory not found.</h2></body></html>\n")
	case strings.HasPrefix(rest, "/") && len(rest) > 1:
		s.form(w, r, p, rest[1:])
	case rest != "" && rest != "/":
		page(w, http.StatusNotFound, "<html><body><h2>404 - File or directory not found.</h2></body></html>\n")
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.describe(w, r, p)
	case r.Method == http.MethodPost:
		s.soap(w, r, p)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// cutService cuts the path of a service, written in any case, off what stands behind it.
// Lower case may be longer or shorter, so places in it are none in the path.
func cutService(path string) (service, rest string) {
	const end = ".asmx"
	for i := range len(path) - len(end) + 1 {
		if strings.EqualFold(path[i:i+len(end)], end) {
			return path[:i+len(end)], path[i+len(end):]
		}
	}
	return "", path
}

// describe answers GET on a service itself: its WSDL, or a page for people.
func (s *Server) describe(w http.ResponseWriter, r *http.Request, p *endpoint) {
	query := strings.ToLower(r.URL.RawQuery)
	switch {
	case p.off["wsdl"]:
		status := http.StatusMethodNotAllowed // SOAP is there, and takes no GET (C)
		if p.off["soap11"] && p.off["soap12"] {
			status = http.StatusInternalServerError
		}
		page(w, status, errorPage("Request format is unrecognized."))
	case query == "wsdl":
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = w.Write(s.wsdl(p, address(r, p))) // whoever asked may be gone
	default:
		var b writer
		b.WriteString("<html><head><title>" + p.name + "</title></head><body><h1>" + p.name + "</h1><p><a href=\"?WSDL\">Service Description</a></p><ul>")
		for i := range p.variants {
			b.leaf("li", p.variants[i].name)
		}
		b.WriteString("</ul></body></html>\n")
		page(w, http.StatusOK, b.String())
	}
}

// address is where a caller reaches a service: as the caller spelled the host.
func address(r *http.Request, p *endpoint) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/Altiris/" + p.path
}

func (s *Server) tell(err error) {
	if s.report != nil && err != nil {
		s.report(err)
	}
}

// complaints takes the lines that the library logs.
type complaints struct{ server *Server }

func (c complaints) Write(line []byte) (int, error) {
	c.server.tell(errors.New(strings.TrimSpace(string(line))))
	return len(line), nil
}

// HTTP makes a server of the library for this one: it knows its connections, ends
// slow and endless requests, and speaks HTTP/1.1 only, which NTLM needs.
func (s *Server) HTTP() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, Protocols: protocols, ErrorLog: log.New(complaints{s}, "", 0),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, connection{}, &loginState{})
		},
	}
}

// identities are GUIDs of what the lab's seed gives none.
type identities struct {
	smp       estate.GUID
	servers   []estate.GUID // by index in the world
	computers []estate.GUID // the same servers as computers: for tasks
	sites     map[string]estate.GUID
	names     map[estate.GUID]string // of sites
}

func newIdentities(w *world.World, own bool) identities {
	ids := identities{smp: w.SMP.GUID, sites: map[string]estate.GUID{}, names: map[estate.GUID]string{}}
	if ids.smp.IsZero() {
		ids.smp = derived("smp", w.SMP.Name)
	}
	for i := range w.Servers {
		g := w.Servers[i].GUID
		if g.IsZero() {
			g = derived("package server", fmt.Sprint(w.Servers[i].Name, i))
		}
		ids.servers = append(ids.servers, g)
		if own {
			g = derived("computer", fmt.Sprint(w.Servers[i].Name, i))
		}
		ids.computers = append(ids.computers, g)
	}
	for _, site := range w.Sites {
		g := derived("site", estate.Fold(site))
		ids.sites[estate.Fold(site)], ids.names[g] = g, site
	}
	return ids
}

// derived makes a GUID from what a thing is and how it is called.
func derived(what, name string) (g estate.GUID) {
	sum := sha256.Sum256([]byte("pslan lab\x00" + what + "\x00" + name))
	copy(g[:], sum[:])
	g[6], g[8] = g[6]&0x0f|0x40, g[8]&0x3f|0x80
	return g
}

// server returns the number of the package server with a GUID, -1 if there is none.
func (ids *identities) server(g estate.GUID) int32 { return int32(slices.Index(ids.servers, g)) }

// computer returns the number of the package server that is a computer, -1 if none is.
func (ids *identities) computer(g estate.GUID) int32 { return int32(slices.Index(ids.computers, g)) }

package smp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"pslan/internal/credential"
	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/rows"
	"pslan/internal/smp/wire"
)

// Options of Open.
type Options struct {
	Settings *declared.SMP
	// OperatorPresent: somebody does the operator's steps while apply watches.
	OperatorPresent bool
	// Env is the environment, Environ all of it for the commands of actions.
	Env     func(name string) string
	Environ []string
	// Path makes the name of a file in the configuration absolute; Dir is the folder of
	// the configuration, in which actions run.
	Path func(name string) string
	Dir  string
	Log  func(wire.Exchange) // nil: none
	Now  func() time.Time    // the wall clock; nil: time.Now
	// Services takes the place of the web services, for tests; nil: those of the URL.
	Services Services
}

// Services are the platform's web services. *wire.Client is.
type Services interface {
	Call(context.Context, wire.Call) (*wire.Node, error)
	Discover(ctx context.Context, service string) (*wire.Description, error)
	Page(context.Context, wire.Page) (*wire.Node, error)
	ServerTime() (time.Time, bool)
	Close()
}

// Platform is one installation, reached over the network. All methods may be called
// at once.
type Platform struct {
	o        Options
	set      *declared.SMP
	services Services
	database *rows.Database // nil: none is named
	zone     *time.Location // nil: times without a zone are left out
	actions  map[string]*action

	mu sync.Mutex
	// last is how servers and sites were called in the newest reading: requests name
	// them by GUID.
	last *directory
	// images are those of the newest reading in which each stood: a reading of a few
	// asks for them by name.
	images map[estate.GUID]seen
	// links are the packages that images were found to have. They never change.
	links map[estate.GUID]estate.GUID
	// owned are the owners of packages in the newest reading of each.
	owned map[estate.GUID]string
	// taking are takes of ownership that were asked for, here or by an earlier run (Resume),
	// by package.
	taking   map[estate.GUID]transfer
	readings int             // that have begun
	runs     map[string]*run // refresh tasks by folded server name
	notes    diag.Diagnostics
	latest   time.Time // that Now has told

	secondhand secondhand
	recent     recent
	lists      lists // guarded by its own turn

	byModel       bool // the resource model lists images in place of the deployment service
	lookups       map[string]lookup
	lookupsProven bool // an assignment names a server by a GUID that was looked up
}

// seen is how an image was listed.
type seen struct {
	name string
	pct  bool
}

// transfer is an ownership that moves. It is under way for every reading that began
// before one in which all sources named the new owner: readings overlap, and an older
// one may have asked some of its sources before the take and others after it.
type transfer struct {
	from, to string
	settled  int // readings that had begun when the sources agreed; 0: they do not yet
}

// concerns reports whether the move may show in a reading.
func (t *transfer) concerns(reading int) bool { return t.settled == 0 || reading <= t.settled }

var _ platform.Platform = (*Platform)(nil)

const (
	defaultPoll     = 10 * time.Second
	defaultParallel = 4
)

// Open prepares a connection. Nothing is dialled: what cannot be reached is told by
// the first reading. The error tells all that is wrong with the settings.
func Open(o Options) (*Platform, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Platform{
		o: o, set: o.Settings, services: o.Services, images: map[estate.GUID]seen{}, links: map[estate.GUID]estate.GUID{},
		owned: map[estate.GUID]string{}, taking: map[estate.GUID]transfer{}, runs: map[string]*run{}, actions: map[string]*action{},
		lists: lists{turn: make(chan struct{}, 1), known: map[estate.GUID]*packageList{}},
	}
	var err error
	if p.zone, err = zoneOf(p.set.TimeZone); err != nil {
		return nil, p.wrong(err)
	}
	if p.services == nil {
		if p.services, err = o.dial(); err != nil {
			return nil, p.wrong(err)
		}
	}
	if sql := p.set.SQL; sql != nil {
		if p.database, err = o.connect(sql); err != nil {
			p.services.Close()
			return nil, p.wrong(err)
		}
	}
	for i := range p.set.Actions {
		a := &p.set.Actions[i]
		p.actions[a.Op] = newAction(a, &p.o)
	}
	return p, nil
}

// wrong is a connection that cannot be opened, with its place.
func (p *Platform) wrong(err error) error {
	return &platform.Error{Op: "open the connection", Kind: platform.KindBadInput, Err: err, Diagnostics: diag.Diagnostics{{
		Severity: diag.Error, Summary: "The connection cannot be used", Subject: p.set.Range, In: `connection "smp"`,
		Detail: capital(err.Error()),
	}}}
}

func (o *Options) dial() (Services, error) {
	base, err := url.Parse(o.Settings.URL)
	if err != nil {
		return nil, fmt.Errorf("the url cannot be used: %w", err)
	}
	who, err := credential.Read(credential.Source{Login: o.Settings.Login, Prefix: "PSLAN_SMP", Env: o.Env, Path: o.Path})
	if err != nil {
		return nil, fmt.Errorf("the login to the SMP: %w", err)
	}
	w := wire.Options{
		Base: base, Credential: who, PlainHTTP: o.Settings.AllowHTTP, Parallel: o.Settings.Parallel, Log: o.Log, Now: o.Now,
		Timeouts: wire.Timeouts(o.Settings.Timeouts), Services: map[string]wire.Override{},
	}
	if o.Settings.CAFile != "" {
		w.CAFile = o.Path(o.Settings.CAFile)
	}
	for _, s := range o.Settings.Services {
		w.Services[s.Name] = wire.Override{Path: s.Path, Namespace: s.Namespace, Binding: wire.Binding(s.Binding), Methods: s.Methods}
	}
	return wire.New(w)
}

func (o *Options) connect(s *declared.SMPSQL) (*rows.Database, error) {
	who, err := credential.Read(credential.Source{Login: s.Login, Prefix: "PSLAN_SQL", Env: o.Env, Path: o.Path})
	if err != nil {
		return nil, fmt.Errorf("the login to the database: %w", err)
	}
	c := rows.Connection{Server: s.Server, Database: s.Database, Encrypt: s.Encrypt, Credential: who}
	if s.CAFile != "" {
		c.CAFile = o.Path(s.CAFile)
	}
	return rows.Connect(c)
}

func zoneOf(name string) (*time.Location, error) {
	switch name {
	case "":
		return nil, nil
	case "UTC":
		return time.UTC, nil
	case "local":
		return time.Local, nil
	}
	t, err := time.Parse("-07:00", name)
	if err != nil {
		return nil, fmt.Errorf("time_zone %q: %w", name, err)
	}
	_, offset := t.Zone()
	return time.FixedZone(name, offset), nil
}

// Close ends all connections.
func (p *Platform) Close() error {
	p.services.Close()
	if p.database == nil {
		return nil
	}
	return p.database.Close()
}

// Describe says what can be done here: what is not configured is an operator's.
func (p *Platform) Describe() platform.Description {
	d := platform.Description{
		Type: "smp", Source: "smp", OperatorPresent: p.o.OperatorPresent, Poll: p.set.Poll,
		OwnershipByOperator: p.actions[string(platform.OpTakeOwnership)] == nil,
		SyncByOperator:      !p.canRefresh() || !p.canUpdate(),
		Secondhand:          p.believesRows(),
	}
	if d.Poll <= 0 {
		d.Poll = defaultPoll
	}
	for i := range p.set.Actions {
		switch op := platform.OperatorOp(p.set.Actions[i].Op); op {
		case opUpdateMembership, platform.OpRefresh: // they belong together: SyncByOperator
		default:
			d.Acts = append(d.Acts, op)
		}
	}
	return d
}

func (p *Platform) canRefresh() bool {
	return !p.set.Refresh.IsZero() || p.actions[string(platform.OpRefresh)] != nil
}

func (p *Platform) canUpdate() bool {
	m := &p.set.Membership
	return !m.Schedule.IsZero() || len(m.Targets) > 0 || p.actions[opUpdateMembership] != nil
}

// backwards is how far the platform's clock may have gone back before it is believed:
// its answers tell whole seconds.
const backwards = time.Minute

// Now is the platform's time: that of its newest answer and what has passed since;
// the wall clock before the first one.
func (p *Platform) Now() time.Time {
	now, ok := p.services.ServerTime()
	if !ok {
		now = p.o.Now()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.latest) && p.latest.Sub(now) < backwards {
		return p.latest
	}
	p.latest = now
	return now
}

// Pause waits for tick, and not beyond until.
func (p *Platform) Pause(ctx context.Context, tick time.Duration, until time.Time) error {
	return platform.Wait(ctx, p, tick, until)
}

// Notes are what the newest reading could not tell or understand, and which decisions
// that keeps from being made. Implements platform.Noter.
func (p *Platform) Notes() diag.Diagnostics {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notes
}

var errNoDatabase = errors.New("no sql block says where the database is")

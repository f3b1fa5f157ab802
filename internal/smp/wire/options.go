package wire

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"pslan/internal/credential"
)

// Options of a Client. Base is the only one that must be there.
type Options struct {
	Base       *url.URL               // https://smp01.contoso.com; "/Altiris/…" is appended
	Credential *credential.Credential // as whom; nil: nobody
	CAFile     string                 // more roots to trust, PEM; "": the system's alone
	// PlainHTTP allows a Base with http; BasicOverHTTP allows the password to travel
	// over it. Both are for tests and for servers reached through a tunnel.
	PlainHTTP, BasicOverHTTP bool
	Services                 map[string]Override // by the service's name
	Parallel                 int                 // calls at once; 0: 4
	Timeouts                 Timeouts
	Retries                  int // of a read, after the first try; 0: 2; negative: none
	Limits                   Limits
	Log                      func(Exchange) // called from several goroutines; nil: none
	Now                      func() time.Time
}

// Override says what an installation does differently from what is described or known
// of a service. Empty fields leave it at that.
type Override struct {
	Path      string // below the host: /Altiris/ASDK.NS/ItemManagementService.asmx
	Namespace string // of the service's XML
	Binding   Binding
	Methods   map[string]string // our name -> theirs
}

// Binding is a way to carry a call.
type Binding string

// The bindings. "" means: as the service's description says, form first.
const (
	Form   Binding = "form"   // form POST; replies are plain XML
	SOAP11 Binding = "soap11" // routed by the header SOAPAction
	SOAP12 Binding = "soap12"
)

// Timeouts for one try of a call, by its class. Zero: the default. The vendor's own
// proxies wait 100 s (D, H Creating and Using Proxy Classes); the longer one is I.
type Timeouts struct {
	Read  time.Duration // 0: 100 s
	Slow  time.Duration // reports and the deployment service; 0: 300 s
	Write time.Duration // 0: 100 s
}

// Limits of a reply. Zero: the default, which has room for a report about 10,000
// images with 20 copies each.
type Limits struct {
	Bytes     int64 // 0: 128 MiB
	Depth     int   // of elements in each other; 0: 64
	Elements  int   // 0: 4,000,000
	Attribute int   // bytes of one attribute's value; 0: 64 KiB
}

const (
	defaultParallel = 4 // 2-4 calls at once are suggested (I, part 1.9 of the reference)
	maxParallel     = 64
	defaultRetries  = 2
)

func (l Limits) filled() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 128 << 20
	}
	if l.Depth <= 0 {
		l.Depth = 64
	}
	if l.Elements <= 0 {
		l.Elements = 4_000_000
	}
	if l.Attribute <= 0 {
		l.Attribute = 64 << 10
	}
	return l
}

func (t Timeouts) filled() Timeouts {
	if t.Read <= 0 {
		t.Read = 100 * time.Second
	}
	if t.Slow <= 0 {
		t.Slow = 300 * time.Second
	}
	if t.Write <= 0 {
		t.Write = 100 * time.Second
	}
	return t
}

// filled returns the options with their defaults, or all that is wrong with them.
func (o Options) filled() (Options, error) {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	switch {
	case o.Base == nil || o.Base.Host == "":
		say("the address of the platform is missing: it is like https://smp01.contoso.com")
	case o.Base.Scheme == "http" && !o.PlainHTTP:
		say("the address %s is not https: calls would travel in the clear; use https, or allow http by its setting", o.Base.Redacted())
	case o.Base.Scheme != "https" && o.Base.Scheme != "http":
		say("the address %s is neither https nor http", o.Base.Redacted())
	}
	if o.Base != nil {
		if o.Base.User != nil {
			say("the address holds a user: set the user in the login, and the password in the environment or in a file")
		}
		if o.Base.RawQuery != "" || o.Base.Fragment != "" {
			say("the address %s has more than a host and a path", o.Base.Redacted())
		}
		if c := o.Credential; c != nil && c.Method == credential.Basic && o.Base.Scheme == "http" && !o.BasicOverHTTP {
			say("basic login over http would show the password to everybody on the way: use https, or another method")
		}
	}
	names := make([]string, 0, len(o.Services))
	for name := range o.Services {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		wrong = append(wrong, o.Services[name].check(name)...)
	}
	if o.Parallel > maxParallel {
		say("%d calls at once are more than the limit of %d", o.Parallel, maxParallel)
	}
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	switch {
	case o.Retries == 0:
		o.Retries = defaultRetries
	case o.Retries < 0:
		o.Retries = 0
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Limits, o.Timeouts = o.Limits.filled(), o.Timeouts.filled()
	return o, errors.Join(wrong...)
}

func (o Override) check(name string) []error {
	var wrong []error
	if _, ok := serviceNamed(name); !ok && o.Path == "" {
		wrong = append(wrong, fmt.Errorf("service %q is not known: the services are %s; another one needs its path", name, strings.Join(ServiceNames(), ", ")))
	}
	switch o.Binding {
	case "", Form, SOAP11, SOAP12:
	default:
		wrong = append(wrong, fmt.Errorf("service %s: binding %q is none of form, soap11, soap12", name, o.Binding))
	}
	if o.Path != "" && (!strings.HasPrefix(o.Path, "/") || strings.ContainsAny(o.Path, "?#\\")) {
		wrong = append(wrong, fmt.Errorf("service %s: path %q must begin with / and hold no ?, # or \\", name, o.Path))
	}
	return wrong
}
